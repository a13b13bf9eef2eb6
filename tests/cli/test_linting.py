"""`hotline scripts lint` and `hotline schema` as an author meets them."""

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.architecture.tree import ROOT
from tests.cli.house import hotline


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The shipped configuration, to be spoilt."""
    folder = tmp_path / "config"
    for part in ("scripts", "words", "signals", "sheets", "network"):
        shutil.copytree(ROOT / "config" / part, folder / part)
    return folder


def lint(config: Path, *words: str) -> tuple[int, str]:
    told = hotline(config.parent, "scripts", "lint", str(config), *words)
    assert "Traceback" not in told.stderr, told.stderr
    return told.returncode, told.stdout + told.stderr


def change(file: Path, good: str, bad: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert good in text
    file.write_text(text.replace(good, bad, 1), encoding="utf-8")


def test_the_shipped_configuration_is_clean(config: Path) -> None:
    code, said = lint(config)
    assert code == 0
    assert said.endswith("0 errors, 0 warnings\n")
    assert "canned.en" in said


def test_a_finding_is_told_with_place_rule_reason_and_cure(config: Path) -> None:
    change(config / "scripts/default.en.yaml", "There is no hurry", "Why is there no hurry? There is none")
    code, said = lint(config, "--reasons")
    assert code == 1
    line = next(one for one in said.splitlines() if "D-22 error" in one)
    file, row, column, _ = line.split(":", 3)
    assert (file, column) == ("default.en.yaml", "1")
    assert int(row) > 100
    assert "\nD-22: no" in said
    assert "  Reason: " in said
    assert "  Cure: " in said


def test_findings_as_json_bring_reason_source_and_cure(config: Path) -> None:
    change(config / "sheets/canned.en.yaml", "There is no hurry", "Why is there no hurry? There is none")
    code, said = lint(config, "--format", "json")
    assert code == 1
    (issue,) = json.loads(said)
    assert (issue["file"], issue["rule"], issue["path"]) == ("canned.en.yaml", "D-55", "texts.here")
    assert issue["message"].startswith("D-22: ")
    assert issue["reason"]
    assert "B-102" in issue["source"]
    assert issue["cure"]


def test_a_script_alone_is_linted_without_the_sheets_beside_it(config: Path) -> None:
    change(config / "sheets/canned.en.yaml", "There is no hurry", "Why is there no hurry? There is none")
    assert lint(config / "scripts")[0] == 0


@pytest.mark.parametrize(
    ("spoilt", "part"),
    [
        (b"spec: 1\nid: caf\xe9\n", "not UTF-8"),
        ("spec: 1\nid: x\n".encode("utf-16"), "not UTF-8"),
        (b"a: &a [*a]\nspec: 1\n", "anchor"),
        (b"spec: [1, 2]\nid: {}\nstart: 3\nlanguages: en\nsteps: []\n", "source language first"),
        (b"#" * 10_000_000, "longer than"),
        (b"a: " + b"[" * 100_000, "Nested deeper"),
        (b"\x00\x01\x02", "cannot stand"),
    ],
    ids=["latin-1", "utf-16", "cyclic", "wrong types", "ten megabytes", "a hundred thousand deep", "bytes"],
)
def test_a_file_that_is_no_script_is_refused_with_its_place(config: Path, spoilt: bytes, part: str) -> None:
    (config / "scripts/default.yaml").write_bytes(spoilt)
    code, said = lint(config)
    assert code == 1
    assert part in said


def test_danger_words_that_were_never_tried_are_told(config: Path) -> None:
    (config / "signals/sentences/ro.yaml").unlink()
    code, said = lint(config)
    assert code == 1
    assert "D-54 error: Danger words of ro" in said


@pytest.mark.parametrize("document", ["script", "texts", "sheet"])
def test_a_schema_is_written_for_an_editor(document: str, tmp_path: Path) -> None:
    told = hotline(tmp_path, "schema", document)
    assert told.returncode == 0
    Draft202012Validator.check_schema(json.loads(told.stdout))
    assert hotline(tmp_path, "schema", "song").returncode == 2
