"""D-30: harm is not called a conflict, and nobody is sent to mediation.

Reason: words for a quarrel between equals hide who does what to whom, and joint counselling can put her in
danger (A-40; 002).
Cure: "the person who hurts you", "what is done to you".
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text with such a word."""
    message = "{} makes the harm a matter between two. Name it as what one does to another."
    return spoken_with(draft, "D-30", lambda lists: lists.mutualising, message)
