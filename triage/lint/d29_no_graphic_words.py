"""D-29: no graphic detail, no method, no wording about suicide that blames or glorifies.

Reason: detail of method and of violence does harm to people in a crisis, and guilt closes the way to help
(B-042; 003).
Cure: name what she can do now instead of what could happen.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text with such a word."""
    message = "{} can do harm to who reads it. Say it without the detail."
    return spoken_with(draft, "D-29", lambda lists: (*lists.self_harm_wording, *lists.graphic), message)
