"""Resource files: faults are told with file and line, and what is written can be read again."""

from datetime import date
from pathlib import Path

import pytest

from bot.services.resources import country_file, export, names, read_folder
from triage.directory import Confidence, Group, Kind, Resource, Scope, Source
from triage.issue import Issue

TODAY = date(2026, 7, 1)
SOUND = """\
spec: 1
country: "RO"
zone: Europe/Bucharest
resources:
  - id: ro.domestic_violence.line
    kind: domestic_violence
    scope: national
    name: The line
    phone: "0700000001"
    hours: daily 10:00-22:00
    languages: [ro]
    groups: [women]
    confidence: high
    sources:
      - where: https://line.example
        quote: 0700 000 001
"""


def issues(folder: Path, **texts: str) -> list[Issue]:
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text, encoding="utf-8")
    return list(read_folder(folder, TODAY).issues)


def test_a_sound_folder_is_clean(tmp_path: Path) -> None:
    assert issues(tmp_path, RO=SOUND) == []
    assert [row.resource.id for row in read_folder(tmp_path, TODAY).rows] == ["ro.domestic_violence.line"]


def test_a_number_that_lost_its_zero_is_found_on_its_line(tmp_path: Path) -> None:
    found = issues(tmp_path, RO=SOUND.replace('"0700000001"', "0700000001"))

    assert [(issue.file, issue.line) for issue in found] == [("RO.yaml", 9)]
    assert "quotes" in found[0].message


def test_hours_that_nobody_understands_are_found_at_their_row(tmp_path: Path) -> None:
    found = issues(tmp_path, RO=SOUND.replace("daily 10:00-22:00", "in the evening"))

    assert [(issue.rule, issue.file, issue.line) for issue in found] == [("B-131", "RO.yaml", 5)]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [("spec: 1", "spec: [", 3), ("    kind:", "   kind:", 5), ("    name:", "    kind:", 8)],
)
def test_what_is_not_yaml_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    found = issues(tmp_path, RO=SOUND.replace(old, new, 1))

    assert [issue.file for issue in found] == ["RO.yaml"]
    assert abs(found[0].line - line) <= 1
    assert "YAML" in found[0].message


def test_what_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "RO.yaml").write_bytes(b"\xff\xfe\x00")

    assert [issue.file for issue in read_folder(tmp_path, TODAY).issues] == ["RO.yaml"]


def test_a_file_is_named_for_its_country(tmp_path: Path) -> None:
    assert "named RO.yaml" in issues(tmp_path, SK=SOUND)[0].message


def test_retired_numbers_are_refused(tmp_path: Path) -> None:
    found = issues(tmp_path, RO=SOUND, retired='RO:\n  - {number: "0700 000 001", why: closed}\n')

    assert [issue.rule for issue in found] == ["PR13"]


@pytest.mark.parametrize("text", ["- a\n", "RO: 3\n", "RO:\n  - {why: closed}\n", "RO:\n  - 141\n"])
def test_a_list_of_retired_numbers_that_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    assert [issue.file for issue in issues(tmp_path, RO=SOUND, retired=text)] == ["retired.yaml"]


def test_the_list_to_ring_is_read_with_its_own_lines(tmp_path: Path) -> None:
    row = SOUND.partition("resources:\n")[2].replace("line\n", "ring\n", 1)
    text = 'spec: 1\ncountries:\n  - country: "RO"\n    zone: Europe/Bucharest\n    resources:\n'
    indented = "".join(f"    {line}\n" for line in row.splitlines())

    found = issues(tmp_path, to_ring=text + indented)

    assert [(issue.file, issue.line, issue.rule) for issue in found] == [("to-ring.yaml", 6, "PR13")]
    assert issues(tmp_path, to_ring=text + indented.replace(": high", ": low")) == []
    assert read_folder(tmp_path, TODAY).rows == ()
    assert "countries" in issues(tmp_path, to_ring="spec: 1\n")[0].message


def test_what_is_exported_can_be_read_again(tmp_path: Path) -> None:
    row = Resource(
        id="no.child.line",
        country="NO",
        kind=Kind.CHILD,
        scope=Scope.LOCAL,
        name='A "line": with signs # and 123',
        name_local="Ålarm – ță",
        confidence=Confidence.MEDIUM,
        region="NO-03",
        phone="0012",
        display="00 12",
        sms="2020",
        hours="daily 10:00-22:00",
        zone="Europe/Oslo",
        languages=("nb", "en"),
        groups=frozenset({Group.MINORS, Group.WOMEN}),
        free=False,
        valid_until=date(2027, 1, 1),
        sources=(Source("https://line.example", "2020", "yes"),),
        notes="line one\nline two: 3",
    )
    for zone in ("Europe/Oslo", ""):
        files = export([row], {"NO": zone})
        assert list(files) == ["NO.yaml"]
        (tmp_path / "NO.yaml").write_text(files["NO.yaml"], encoding="utf-8")
        read = read_folder(tmp_path, TODAY)
        assert read.issues == ()
        assert read.resources == (row,)
        assert country_file("NO", zone, read.resources) == files["NO.yaml"]


def test_names_come_in_the_language_or_else_in_english() -> None:
    assert names("ro")["RO"] == "România"
    assert names("ro")["language.ro"] == "română"
    assert names("xx")["RO"] == "Romania"
    assert names("en")["NO"] == "Norway"
