"""How hard a text is to read: Flesch and Kincaid's grade for English, Björnsson's LIX for all others.

A colon and a semicolon end a sentence as a full stop does: Flesch counts thoughts, not stops, and LIX says so
itself. Placeholders count as a word.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from triage.lint.matching import sentences
from triage.lint.wording import PLACEHOLDER

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+")
_HALVES: Final = re.compile(r"(?<=[:;])\s+")
_SILENT: Final = re.compile(r"(?:[^laeiouy]es|[^laeiouytd]ed|[^laeiouy]e)\Z")
_VOWELS: Final = re.compile(r"[aeiouy]{1,2}")

# Letters from which a word is long. English prose has six letters or fewer in four words of five, and LIX was
# made for languages like it. The same texts in Romanian, whose endings and articles hang on the word, have as
# many words of eight and more as the English ones of seven and more.
_LONG: Final = {"ro": 8, "lt": 8, "cs": 7, "uk": 8, "ru": 8}
LONG_ELSEWHERE: Final = 7


@dataclass(frozen=True, slots=True)
class Reading:
    """What was counted in one text.

    Attributes:
        words: how many there are.
        longest: words of the longest sentence.
        mean: words of a sentence on average.
        grade: Flesch and Kincaid's grade, of English texts only; else None.
        lix: Björnsson's index.
    """

    words: int
    longest: int
    mean: float
    grade: float | None
    lix: float


@lru_cache(maxsize=50_000)
def read(text: str, language: str) -> Reading:
    """Count one text."""
    parts = [half for one in sentences(PLACEHOLDER.sub("x", text)) for half in _HALVES.split(one)]
    counted = [found for part in parts if (found := _WORD.findall(part))]
    words = [word for part in counted for word in part]
    if not words:
        return Reading(0, 0, 0.0, None, 0.0)
    primary = language.partition("-")[0]
    long = _LONG.get(primary, LONG_ELSEWHERE)
    mean = len(words) / len(counted)
    lix = mean + 100 * sum(len(word) >= long for word in words) / len(words)
    grade = 0.39 * mean + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59 if primary == "en" else None
    return Reading(len(words), max(map(len, counted)), mean, grade, lix)


def _syllables(word: str) -> int:
    """Groups of vowels, silent endings left out: right for nine English words of ten."""
    bare = "".join(letter for letter in word.lower() if "a" <= letter <= "z")
    if len(bare) <= 3:
        return 1
    kept = _SILENT.sub(lambda found: found.group()[0], bare).removeprefix("y")
    return max(1, len(_VOWELS.findall(kept)))
