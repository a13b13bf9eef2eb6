"""Which language she reads, how typed words are compared, and how a time is told.

Her words pass through here: nothing in this module keeps what it is given.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

MAX_MATCHED = 200  # characters; a longer text is never a word, a label or a digit
_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ro": ("luni", "marți", "miercuri", "joi", "vineri", "sâmbătă", "duminică"),
}
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´"))
_BARE_ASCII = {number: chr(number).lower() if chr(number).isalnum() else " " for number in range(128)} | {
    ord("'"): None,
    ord("`"): None,
}


def choose_language(published: Sequence[str], *wanted: str | None) -> str:
    """The first wanted tag that is published, else the first published one. Nothing is forced (B-006).

    "ro-RO" falls back to "ro". Case is ignored, "_" counts as "-".
    """
    known = {tag.casefold(): tag for tag in published}
    for tag in wanted:
        parts = (tag or "").replace("_", "-").casefold().split("-")
        while parts:
            if (found := known.get("-".join(parts))) is not None:
                return found
            parts.pop()
    return published[0]


def local_time(at: datetime, zone: str, language: str) -> str:
    """A moment of the coming days as she would say it, "Monday 09:00", in `zone`.

    A language whose days are not known here gets the date: "02.03. 09:00". `at` is aware.
    """
    local = at.astimezone(ZoneInfo(zone))
    days = _DAYS.get(language.partition("-")[0])
    return f"{days[local.weekday()]} {local:%H:%M}" if days else f"{local:%d.%m. %H:%M}"


def fold(text: str) -> str:
    """`text` as it is compared: casefolded, without diacritics and punctuation, single spaces.

    Digits of any script become 0-9. "" if no letter or digit is left, or if the text is longer than
    MAX_MATCHED: a long text is never compared.
    """
    if len(text) > MAX_MATCHED:
        return ""
    if text.isascii():
        return " ".join(text.translate(_BARE_ASCII).split())
    bare = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES)).casefold()
    kept = [_plain(letter) for letter in bare if unicodedata.category(letter)[0] != "M"]
    return " ".join("".join(kept).split())


def _plain(letter: str) -> str:
    if letter.isalnum():
        return str(unicodedata.decimal(letter, letter))
    return " "


@lru_cache(maxsize=4096)
def fold_label(label: str) -> str:
    """`fold` for the authors' labels and words, remembered. Never for what she writes."""
    return fold(label)
