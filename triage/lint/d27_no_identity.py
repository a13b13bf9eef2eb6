"""D-27: nobody is asked who she is, where she lives or works, or who the other person is.

Reason: what is not asked cannot be found, taken or demanded (N-RET, AWHL, B-106). A sentence that is no
question and holds a negation ("nobody here sees your name") says what is not asked, and is let through.
Cure: leave the question out; ask for coarse answers (a region from a list, an age band) and only if help
depends on them.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.d21_one_question import MARKS
from triage.lint.draft import Draft
from triage.lint.matching import find, fold, sentences
from triage.lint.wording import PLACEHOLDER, Wording


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text that asks for what identifies."""
    for wording in draft.spoken():
        if asked := _asked(draft, wording):
            message = f"“{asked}” asks for what identifies. Leave the question out."
            yield draft.at_text("D-27", wording, message)


def _asked(draft: Draft, wording: Wording) -> str | None:
    lists = draft.lists(wording.language)
    if not find(lists.identifying, wording.folded):
        return None
    for sentence in sentences(PLACEHOLDER.sub("{}", wording.text)):
        folded = fold(sentence)
        is_question = any(mark in sentence for mark in MARKS)
        found = find(lists.identifying, folded)
        if found and (is_question or not find(lists.negations, folded)):
            return found.group()
    return None
