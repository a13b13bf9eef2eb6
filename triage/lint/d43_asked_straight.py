"""D-43: questions are asked straight, not by a negation.

Reason: under stress "don't you want to …?" is read wrong, and both yes and no can mean either
(own judgement: domain D).
Cure: ask for the thing itself: "Would you like …?".
"""

from collections.abc import Iterable

from triage.issue import Issue, Severity
from triage.lint.d21_one_question import MARKS
from triage.lint.draft import Draft
from triage.lint.matching import find, fold, sentences


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one warning per question asked the wrong way round."""
    for wording in draft.spoken():
        entries = draft.lists(wording.language).negative_questions
        if not find(entries, wording.folded):
            continue
        for sentence in sentences(wording.text):
            found = find(entries, fold(sentence))
            if found and any(mark in sentence for mark in MARKS):
                message = f"“{found.group()}” asks the wrong way round. Ask for the thing itself."
                yield draft.at_text("D-43", wording, message, severity=Severity.WARNING)
