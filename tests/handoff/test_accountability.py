"""Who answers for the line: what is read, and every fault told with its place."""

from datetime import date

import pytest

from handoff.accountability import Accountability, read_accountability

TODAY = date(2026, 11, 18)
WRITTEN = """\
spec: 1
controller:
  name: Women's House North
  contact: privacy@north.example
impact_assessment:
  done_on: 2026-09-01
legal_requests:
  decided_by: two of the board
  told:
    en: We answer nothing without a court order.
    ro: Nu răspundem fără un ordin judecătoresc.
"""


def complaints(text: str) -> list[str]:
    value, found = read_accountability(text, "accountability.yaml", TODAY)
    assert value is None
    return [str(one) for one in found]


def test_a_whole_document_is_read() -> None:
    value, found = read_accountability(WRITTEN, "accountability.yaml", TODAY)
    assert found == ()
    assert value == Accountability(
        "Women's House North",
        "privacy@north.example",
        date(2026, 9, 1),
        "two of the board",
        {
            "en": "We answer nothing without a court order.",
            "ro": "Nu răspundem fără un ordin judecătoresc.",
        },
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("spec: 1", "spec: 2", "this release reads spec: 1"),
        ("  name: Women's House North\n", "", "'name' is missing"),
        ("contact: privacy@north.example", "contact: ''", "expected a word"),
        ("done_on: 2026-09-01", "done_on: 2026-12-01", "has not come yet"),
        ("done_on: 2026-09-01", "done_on: soon", "expected a day"),
        ("decided_by: two of the board\n", "decides: x\n", "unknown key 'decides'"),
        ("    en: We", "    English: We", "not a language tag"),
        ("without a court order.", "x" * 1_001, "longer than 1000 characters"),
        ("controller:", "controler:", "did you mean 'controller'"),
    ],
)
def test_each_fault_is_told_with_its_place(old: str, new: str, told: str) -> None:
    assert old in WRITTEN
    found = complaints(WRITTEN.replace(old, new))
    assert any(told in one for one in found), found
    assert all(one.startswith("accountability.yaml:") for one in found)


@pytest.mark.parametrize("text", ["", "[", "- a", "spec: 1", "spec: 1\ncontroller: x"])
def test_what_is_no_such_document_is_told(text: str) -> None:
    assert complaints(text)
