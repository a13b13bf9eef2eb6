"""docs/requirements.md names every requirement, and tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

B_NUMBERS = [
    *range(1, 11), *range(11, 29), *range(30, 45), *range(50, 57), *range(60, 79), *range(80, 83),
    *range(85, 103), *range(105, 124), *range(125, 132), *range(133, 138), *range(140, 143), *range(145, 151),
]  # fmt: skip
D_NUMBERS = [*range(1, 19), *range(20, 45), *range(50, 60)]
ROW = re.compile(r"^\| (?P<number>[BD]-\d+) \| (?P<short>[^|]+) \| (?P<kept>.+) \|$", re.MULTILINE)
TEST = re.compile(r"`(?P<file>tests/[\w/]+\.py)::(?P<name>test_\w+)(?:\[(?P<case>[^\]]+)\])?`")
PAGE = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
ROWS = [(found["number"], found["kept"]) for found in ROW.finditer(PAGE)]
NAMED = sorted({(found["file"], found["name"], found["case"] or "") for found in TEST.finditer(PAGE)})


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def test_every_number_has_its_row_once_and_in_order() -> None:
    wanted = [*(f"B-{number:03}" for number in B_NUMBERS), *(f"D-{number:02}" for number in D_NUMBERS)]
    assert [number for number, _ in ROWS] == wanted


@pytest.mark.parametrize(("number", "kept"), ROWS, ids=[number for number, _ in ROWS])
def test_a_row_names_a_test_or_says_why_there_is_none(number: str, kept: str) -> None:
    named = [found.group() for found in TEST.finditer(kept)]
    if named:
        assert kept == "<br>".join(named)
    else:
        assert kept.startswith("not yet, because "), kept
        assert number.startswith("B-"), "every rule of the linter is there"


@pytest.mark.parametrize(("file", "name", "case"), NAMED)
def test_a_named_test_and_its_case_are_there(file: str, name: str, case: str) -> None:
    assert name in names_in(file)
    if not case:
        return
    folder = Path(ROOT / file).parent
    cases = {
        "tests/triage/test_lint_faults.py": lambda: list((ROOT / "tests/broken_scripts").glob(f"{case}.*")),
        "tests/transcripts/test_transcripts.py": lambda: list(folder.glob(f"{case}.replies")),
        "tests/config/test_cards.py": lambda: [case.split("-")[1]] if _is_card(case) else [],
    }
    assert cases[file](), f"{file} has no case {case}"


def _is_card(case: str) -> bool:
    language, _, step = case.partition("-")
    source = (ROOT / "tests/config/test_cards.py").read_text(encoding="utf-8")
    return language in {"en", "ro"} and f'"{step}": {{' in source
