"""Finding listed words in a text, however it is spelt: without case, without diacritics.

The notation of every list: an entry is one word or a phrase, its words stand next to each other in this
order; `*` at the end of a word stands for any ending (cs, lt and ro inflect heavily). Words match whole,
because "de ce" (why) must not be found in "de cele".
"""

import re
import unicodedata
from functools import lru_cache

_NEVER = re.compile(r"(?!)")
_BEFORE_A_SENTENCE = " ¿¡(-–•\"'“”„«»"
_SENTENCE_END = re.compile(r"(?<=[.!?…؟。？！])[\"'”»)]*\s+|\n+")


def fold(text: str) -> str:
    """Bare letters of `text`: casefolded, no diacritics, straight apostrophes; words and order stay."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _pattern(entry: str) -> str:
    words = fold(entry).split()
    bare = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words]
    return r"\s+".join(bare) + r"(?!\w)" if words else ""


@lru_cache(maxsize=512)
def _compiled(entries: tuple[str, ...]) -> re.Pattern[str]:
    patterns = sorted({pattern for entry in entries if (pattern := _pattern(entry))}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})") if patterns else _NEVER


def find(entries: tuple[str, ...], folded: str) -> re.Match[str] | None:
    """The first words in `folded` (see `fold`) that an entry stands for; None if there are none."""
    return _compiled(entries).search(folded)


def begins_with(entries: tuple[str, ...], folded: str) -> bool:
    """True if `folded` begins with an entry, quotes, dashes and inverted marks aside."""
    return _compiled(entries).match(folded.lstrip(_BEFORE_A_SENTENCE)) is not None


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text` with their marks; a line break ends one, a dot inside a word does not."""
    parts = (part.strip() for part in _SENTENCE_END.split(text))
    return tuple(part for part in parts if any(letter.isalnum() for letter in part))
