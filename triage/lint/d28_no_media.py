"""D-28: nobody is asked for pictures, files, her place or her contacts.

Reason: what is sent stays on both phones and in galleries, and images of harm are themselves a danger
(B-054, B-128).
Cure: leave it out; the region is chosen from a list.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text with such a word."""
    message = "{} asks for a picture, a file, a place or a contact. Leave it out."
    return spoken_with(draft, "D-28", lambda lists: lists.media_requests, message)
