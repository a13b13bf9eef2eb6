"""D-26: no promises, no absolutes, no reassurance.

Reason: a broken promise costs the trust that help depends on, and "you are safe" can cost more; nobody here
can know (B-033; ENDGBVF, BOT4).
Cure: say what is done and what is not: "we delete this after a day", not "completely anonymous".
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text with such a word."""
    message = "{} promises what nobody here can keep. Say what you really do."
    return spoken_with(draft, "D-26", lambda lists: lists.promises, message)
