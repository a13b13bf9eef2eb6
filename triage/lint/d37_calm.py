"""D-37: no exclamation marks, no words in capitals, at most one emoji.

Reason: loud signs frighten, and a screen reader spells capitals and names each emoji (CHAYN, B-135).
Cure: say it quietly. Abbreviations of up to four letters may stay.
"""

import re
import unicodedata
from collections.abc import Iterable

from triage.issue import Issue, Severity
from triage.lint.draft import Draft

_CAPITALS = re.compile(r"(?<!\w)[^\W\d_]{5,}(?!\w)")
EMOJI = 1


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one warning per text and fault."""
    for wording in draft.wordings:
        faults: list[str] = []
        if any(mark in wording.text for mark in "!¡！"):
            faults.append("An exclamation mark.")
        if loud := next((word for word in _CAPITALS.findall(wording.text) if word.isupper()), ""):
            faults.append(f"“{loud}” in capitals.")
        if _emoji(wording.text) > EMOJI:
            faults.append("More than one emoji.")
        for fault in faults:
            yield draft.at_text("D-37", wording, f"{fault} Say it quietly.", severity=Severity.WARNING)


def _emoji(text: str) -> int:
    return sum(unicodedata.category(letter) == "So" for letter in text)
