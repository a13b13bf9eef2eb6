"""D-39: no digits that look like a phone number; numbers come from the directory, through a placeholder.

Reason: a number in a text goes stale and nobody notices; a wrong number in an emergency costs what cannot
be given back (B-126, PR13). Three digits in a row look like one ("112"), and so do groups of digits that
belong together.
Cure: write `{emergency}` or `{number}`.
"""

import re
from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.wording import PLACEHOLDER

_ROW = re.compile(r"\+?\d{3,}")
_GROUPS = re.compile(r"\+?\(?\d+\)?(?:[\s./–-]{1,2}\(?\d+\)?)+")
GROUPED_DIGITS = 5
GROUPS = 3


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text or label with such digits."""
    for wording in draft.wordings:
        if number := phone_like(PLACEHOLDER.sub("{}", wording.text)):
            message = (
                f"“{number}” looks like a phone number. Use a placeholder: `{{emergency}}`, `{{number}}`."
            )
            yield draft.at_text("D-39", wording, message)


def phone_like(text: str) -> str | None:
    """The first run of digits in `text` that could be a phone number; "24/7", "18-30" and "72" are none."""
    for found in _GROUPS.finditer(text):
        groups = re.findall(r"\d+", found.group())
        if len(groups) >= GROUPS or sum(map(len, groups)) >= GROUPED_DIGITS:
            return found.group()
    row = _ROW.search(text)
    return row.group() if row else None
