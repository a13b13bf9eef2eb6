"""D-36: no words of the trade in what she reads.

Reason: who must look up a word at such a moment stops reading (plain language, B-136).
Cure: say what it means: "someone who follows you by your phone", not the term.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text with such a word."""
    message = "{} is a word of the trade. Say it in her words."
    return spoken_with(draft, "D-36", lambda lists: lists.jargon, message)
