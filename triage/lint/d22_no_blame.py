"""D-22: no "why", and nothing that lays the harm on her.

Reason: "why" asks her to justify herself; blame is what the person who hurts her says (ENDGBVF, WHO-H).
Cure: ask what would help now; speak of fault only where she did.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text with such a word."""
    message = "{} asks her to justify herself, or lays the harm on her. Say it otherwise."
    return spoken_with(draft, "D-22", lambda lists: (*lists.why_forms, *lists.blame_forms), message)
