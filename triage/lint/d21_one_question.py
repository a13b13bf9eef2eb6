"""D-21: at most one question in a message.

Reason: under stress two questions are one too many, and a tap answers only one of them (NESM: brief and
direct). Question marks are counted, and sentences that begin like a question and end without a mark; these
only warn, because "What you write stays here." begins like one too.
Cure: ask the second question in a step of its own.
"""

from collections.abc import Iterable

from triage.issue import Issue, Severity
from triage.lint.draft import Draft
from triage.lint.matching import begins_with, fold, sentences
from triage.lint.wording import Wording

MARKS = "?\u061f\uff1f\u2047\u037e"  # Latin, Arabic, full width, doubled, Greek
GREEK_MARK = ";"  # Greek keyboards write the semicolon


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text with more than one question."""
    for wording in draft.spoken():
        marked = count_marks(wording)
        if marked > 1:
            yield draft.at_text(
                "D-21", wording, f"{marked} questions in one message. Ask one, and the next later."
            )
        elif marked + (unmarked := _unmarked(draft, wording)) > 1 and unmarked:
            message = "Seems to ask more than one thing. Ask one, and the next later."
            yield draft.at_text("D-21", wording, message, severity=Severity.WARNING)


def count_marks(wording: Wording) -> int:
    """Question marks in the text; a row of them counts once."""
    marks = MARKS + (GREEK_MARK if wording.language.partition("-")[0] == "el" else "")
    text = wording.text
    return sum(
        letter in marks and text[place - 1 : place] not in tuple(marks) for place, letter in enumerate(text)
    )


def _unmarked(draft: Draft, wording: Wording) -> int:
    starts = draft.lists(wording.language).interrogatives
    return sum(
        begins_with(starts, fold(sentence))
        for sentence in sentences(wording.text)
        # With a comma it is most often a clause: "When you are ready, write."
        if not any(mark in sentence for mark in (*MARKS, ","))
    )
