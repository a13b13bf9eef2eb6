"""D-31: neither she nor the other person is given a sex, but in variants marked `.f` or `.m`.

Reason: women are hurt by women, men are hurt, and who reads "he" or "husband" and is not meant goes away
(B-064; 003, DA).
Cure: "the person who hurts you"; where the language cannot avoid it, write the `.f` and `.m` variants.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with
from triage.lint.wording import Wording

MARKED = frozenset({"f", "m"})


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per unmarked text with such a word."""
    message = "{} is for one sex only. Say it for everyone, or in the variants `.f` and `.m`."
    return spoken_with(draft, "D-31", lambda lists: lists.gendered, message, exempt=_is_marked)


def _is_marked(wording: Wording) -> bool:
    return not MARKED.isdisjoint(wording.suffixes)
