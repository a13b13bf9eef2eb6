"""The public vectors, and a hundred of our own, answered by the product and by a second implementation."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.handoff.rota.oracle import answer
from tests.rota_vectors import VectorFault, evaluate

DATA = Path(__file__).resolve().parents[2] / "data"
HIDDEN = ("expected", "why", "trap", "library", "strict_rfc5545_differs", "hand_checked", "tags", "title")


def vectors(name: str) -> list[Any]:
    document = json.loads((DATA / f"rota_vectors_{name}.json").read_text(encoding="utf-8"))
    assert document["count"] == len(document["vectors"])
    return [pytest.param(each, id=each["id"]) for each in document["vectors"]]


def question(vector: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in vector.items() if key not in HIDDEN}


@pytest.mark.parametrize("vector", vectors("public") + vectors("own"))
def test_a_vector_is_answered_as_expected(vector: dict[str, Any]) -> None:
    got = evaluate(question(vector))
    assert {key: got.get(key) for key in vector["expected"]} == vector["expected"]
    assert json.loads(json.dumps(got)) == got  # plain JSON values and nothing else
    if "report" in vector:
        assert sorted(got) == sorted(vector["report"])


@pytest.mark.parametrize("vector", vectors("public") + vectors("own"))
def test_a_second_implementation_expects_the_same(vector: dict[str, Any]) -> None:
    told = answer(question(vector))
    expected = {key: value for key, value in vector["expected"].items() if key in told}
    assert {key: told[key] for key in expected} == expected


def test_there_are_as_many_vectors_as_were_promised() -> None:
    assert len(vectors("public")) == 32
    assert len(vectors("own")) >= 60


def a_vector(**changed: Any) -> dict[str, Any]:
    event = (
        "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260601T080000Z\r\nDTEND:20260601T100000Z\r\n"
        "ATTENDEE:mailto:alice@rota.test\r\nEND:VEVENT\r\n"
    )
    vector = {
        "rota_zone": "Europe/Berlin",
        "ical": f"BEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n",
        "demand": None,
        "query": {"start": "2026-06-01T00:00:00Z", "end": "2026-06-02T00:00:00Z"},
    }
    return {**vector, **changed}


def test_report_asks_for_exactly_these_keys() -> None:
    assert evaluate(a_vector(report=["total_minutes"])) == {"total_minutes": {"alice": 120}}
    asked = evaluate(a_vector(report=["gaps", "on_duty"], demand={"required": 1}))
    assert set(asked) == {"gaps", "on_duty"}


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"rota_zone": "Europe/Berlyn"}, "is not a time zone"),
        ({"rota_zone": None}, "rota_zone is missing"),
        ({"ical": "hello"}, "not written NAME:value"),
        ({"ical": None}, "ical is missing"),
        ({"query": {"start": "2026-06-01T00:00:00Z"}}, "query.end is missing"),
        ({"query": {"start": "2026-06-01T00:00:00", "end": "2026-06-02T00:00:00Z"}}, "no offset"),
        ({"query": {"start": "2026-06-02T00:00:00Z", "end": "2026-06-01T00:00:00Z"}}, "not lie after"),
        ({"demand": {}}, "ical is missing"),
        ({"demand": {"required": "1"}}, "required is missing, or not of type int"),
        ({"demand": {"ical": a_vector()["ical"]}}, "no X-REQUIRED"),
        ({"changes": [{"seq": 1, "kind": "replace", "status": "approved"}]}, "from is missing"),
        ({"changes": [{"seq": 1, "kind": "shrink", "status": "approved"}]}, "'shrink' is none of"),
        ({"changes": [{"seq": 1, "kind": "add"}]}, "status is missing"),
        (
            {"changes": [{"seq": "1", "kind": "undo", "status": "approved", "undo_of": 1}]},
            "seq is a whole number",
        ),
        ({"fatigue": {"zone": "Europe/Berlin"}}, "min_rest_minutes is missing"),
        ({"volunteers": {"alice": {"zones": [{"from": "2026-01-01", "zone": "UTC"}]}}}, "no offset"),
        ({"report": ["hours"]}, "nothing to tell 'hours' from"),
    ],
)
def test_a_malformed_vector_is_a_clear_error(changed: dict[str, Any], part: str) -> None:
    with pytest.raises(VectorFault, match=part):
        evaluate(a_vector(**changed))


def test_a_change_that_is_not_approved_is_not_even_read() -> None:
    odd = {"seq": 1, "kind": "replace", "status": "taken"}
    assert evaluate(a_vector(changes=[odd]))["on_duty"] == evaluate(a_vector())["on_duty"]
