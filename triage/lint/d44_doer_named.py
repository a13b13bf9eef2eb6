"""D-44: no passive voice that hides who did the harm.

Reason: "you were hurt" has nobody who hurt; said again and again it makes the harm something that happens by
itself (wording, own judgement: domain D).
Cure: "someone hurt you", "what is done to you by another".
"""

from collections.abc import Iterable

from triage.issue import Issue, Severity
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one warning per text with such a form."""
    message = "{} hides who did it. Say that someone did."
    return spoken_with(draft, "D-44", lambda lists: lists.hidden_doers, message, severity=Severity.WARNING)
