"""An editor's mistake is an issue with its line, and a row with one is left out."""

from datetime import date
from typing import Any

import pytest

from triage.directory import Confidence, Kind
from triage.directory_lint import lint
from triage.directory_reading import Reading, read_country
from triage.issue import Issue, Severity

TODAY = date(2026, 7, 1)


def a_row(**changed: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": "ro.domestic_violence.line",
        "kind": "domestic_violence",
        "scope": "national",
        "name": "The line",
        "phone": "0700 000 001",
        "hours": "24/7",
        "languages": ["ro"],
        "groups": ["women"],
        "confidence": "high",
        "sources": [{"where": "https://line.example", "quote": "0700 000 001"}],
    }
    return {key: value for key, value in (row | changed).items() if value is not None}


def read(*rows: Any, **top: Any) -> Reading:
    document = {"spec": 1, "country": "RO", "zone": "Europe/Bucharest", "resources": list(rows)} | top
    lines: dict[tuple[str | int, ...], int] = {("country",): 2, ("resources",): 4}
    for index, row in enumerate(rows):
        lines[("resources", index)] = 10 * (index + 1)
        if isinstance(row, dict):
            for place, key in enumerate(row):
                lines[("resources", index, key)] = 10 * (index + 1) + place
    return read_country(document, file="RO.yaml", lines=lines)


def linted(*rows: dict[str, Any], to_ring: bool = False, **top: Any) -> list[Issue]:
    reading = read(*rows, **top)
    assert reading.issues == ()
    retired = {"RO": ["0700 999 999", "251 511 313"]}
    return list(lint(reading.rows, today=TODAY, retired=retired, to_ring=to_ring))


def test_a_sound_row_is_read_and_clean() -> None:
    reading = read(a_row())

    assert reading.issues == ()
    resource = reading.rows[0].resource
    assert (resource.kind, resource.confidence, resource.zone) == (
        Kind.DOMESTIC_VIOLENCE,
        Confidence.HIGH,
        "Europe/Bucharest",
    )
    assert linted(a_row()) == []


@pytest.mark.parametrize(
    ("changed", "path", "part"),
    [
        ({"phone": 700000001}, "resources[0].phone", "quotes"),
        ({"phne": "1"}, "resources[0].phne", "did you mean `phone`"),
        ({"kind": "domestic_violance"}, "resources[0].kind", "did you mean `domestic_violence`"),
        ({"groups": ["womn"]}, "resources[0].groups[0]", "did you mean `women`"),
        ({"groups": "women"}, "resources[0].groups", "list"),
        ({"free": "yes"}, "resources[0].free", "true or false"),
        ({"valid_until": "summer"}, "resources[0].valid_until", "2026-03-31"),
        ({"sources": [{"quote": "x"}]}, "resources[0].sources[0]", "`where` is missing"),
        ({"sources": ["https://line.example"]}, "resources[0].sources[0]", "name: value"),
        ({"name": ["a"]}, "resources[0].name", "text"),
        ({"confidence": None}, "resources[0]", "`confidence` is missing"),
        ({"sources": []}, "resources[0]", "`sources` is missing"),
    ],
)
def test_a_fault_of_form_is_told_and_the_row_left_out(changed: dict[str, Any], path: str, part: str) -> None:
    reading = read(a_row(**changed), a_row(id="ro.domestic_violence.other"))

    assert [row.resource.id for row in reading.rows] == ["ro.domestic_violence.other"]
    issue = next(issue for issue in reading.issues if issue.path == path)
    assert part in issue.message
    assert issue.file == "RO.yaml"
    assert 10 <= issue.line < 25


@pytest.mark.parametrize(
    ("top", "path"),
    [
        ({"spec": 2}, "spec"),
        ({"country": "Romania"}, "country"),
        ({"resources": "none"}, "resources"),
        ({"zon": ""}, "zon"),
    ],
)
def test_a_fault_of_the_file_is_told(top: dict[str, Any], path: str) -> None:
    assert path in [issue.path for issue in read(a_row(), **top).issues]


@pytest.mark.parametrize("document", [None, [], "text", 3, {"resources": [None, 3, "x"]}])
def test_no_document_makes_reading_fail(document: object) -> None:
    reading = read_country(document, file="RO.yaml", lines={})

    assert reading.rows == ()
    assert reading.issues


def test_verification_in_a_file_is_not_believed() -> None:
    reading = read(a_row(verified_on=date(2026, 6, 1), verified_by="cleo"))

    assert reading.rows[0].resource.verified_on is None
    assert [issue.severity for issue in reading.issues] == [Severity.WARNING] * 2


@pytest.mark.parametrize(
    ("changed", "rule", "part"),
    [
        ({"id": "ro.child.line"}, "spec", "ro.domestic_violence.<name>"),
        ({"id": "ro.domestic_violence.Line"}, "spec", "a-z"),
        ({"id": "ro.domestic_violence." + "x" * 80}, "spec", "80"),
        ({"confidence": "low"}, "PR13", "to-ring.yaml"),
        ({"phone": None}, "PR13", "no way to reach"),
        ({"phone": "0700 999 999"}, "PR13", "retired"),
        ({"phone": "+420 251 511 313"}, "PR13", "retired"),
        ({"phone": "call 112"}, "spec", "cannot be dialled"),
        ({"website": "line.example"}, "spec", "https://"),
        ({"region": "SK-BL", "scope": "local"}, "B-128", "RO-"),
        ({"region": "RO-CJ"}, "B-128", "`local`"),
        ({"scope": "eu"}, "B-128", "`national`"),
        ({"hours": "sometimes"}, "B-131", "not understood"),
        ({"hours": "Mon 08:00-12:00 & 11:00-13:00"}, "B-131", "overlaps"),
        ({"hours": "Sun 03:30-08:00"}, "B-131", "clocks change"),
        ({"zone": "Europe/Bucuresti"}, "B-131", "no time zone"),
        ({"valid_until": date(2026, 6, 30)}, "D-53", "end has passed"),
        ({"service": "all"}, "spec", "only an emergency"),
        ({"languages": []}, "B-125", "language"),
        ({"cost": "yes (0800)"}, "spec", "set it"),
        ({"second_to": "ro.child.gone"}, "spec", "there is no"),
        ({"sms": "113", "notes": "only after registration"}, "PR13", "registration"),
    ],
)
def test_what_could_send_her_to_the_wrong_place_is_found(
    changed: dict[str, Any], rule: str, part: str
) -> None:
    issues = linted(a_row(**changed))

    assert [(issue.rule, issue.line) for issue in issues if part in issue.message] != []
    assert {issue.rule for issue in issues} == {rule}
    assert all(issue.line == 10 for issue in issues)


def test_hours_without_a_zone_are_no_use() -> None:
    assert "zone" in linted(a_row(hours="daily 08:00-12:00"), zone="")[0].path


def test_an_emergency_row_says_who_answers() -> None:
    assert "who answers" in linted(a_row(id="ro.emergency.line", kind="emergency"))[0].message


def test_an_id_or_number_used_twice_is_found() -> None:
    messages = [issue.message for issue in linted(a_row(), a_row(phone="0700000001"))]

    assert messages == ["is used before, in RO.yaml:10", "is listed before, in RO.yaml:10"]


def test_the_list_to_ring_holds_low_confidence_only() -> None:
    assert linted(a_row(confidence="low"), to_ring=True) == []
    assert "country's file" in linted(a_row(), to_ring=True)[0].message
