"""Each rule's own file says what holds, why, from which source, and what to do about it."""

import pytest

from tests.broken_scripts import loading
from tests.golden import RULES_PAGE, rules_page
from triage.lint.notes import Note, notes

ALL = list(notes().values())


@pytest.mark.parametrize("note", ALL, ids=[note.rule for note in ALL])
def test_a_rule_says_what_holds_why_whence_and_what_to_do(note: Note) -> None:
    assert note.says.endswith(".")
    assert note.reason
    assert note.source, "the reason names no source in brackets"
    assert note.cure


def test_every_issue_of_every_broken_script_has_a_note() -> None:
    rules = {issue.rule for fault in loading.faults() for issue in loading.issues(fault)}
    assert rules == notes().keys()


def test_a_note_is_read_from_its_file() -> None:
    note = notes()["D-58"]
    assert note.says == "no hour of the next 14 days is promised without a volunteer and a supervisor."
    assert note.source == ("RAINN", "B-096")
    assert note.cure == "plan somebody, or promise fewer hours."


def test_the_page_of_rules_is_what_the_rules_say() -> None:
    assert RULES_PAGE.read_text(encoding="utf-8") == rules_page(), "run ./dev golden"
