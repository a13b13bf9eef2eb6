"""What a volunteer is asked about before her words go out or a note is kept: nothing is forbidden.

Three things: words a locked screen could show (D-20), links (they stay in a history and bring a preview,
B-024), and numbers that are not those of the directory (a wrong one at the worst moment, PR13). What is found
is shown to her; one tap sends the text as it is.

A note for colleagues is asked about for what tells who or where she is (B-108): numbers, web and mail
addresses, streets. Names cannot be told from other words, so nothing here claims to find them.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_LINK = re.compile(
    r"""
    [a-z][a-z0-9+.\-]{1,31}://\S+                        # anything with a scheme
    | \bwww\.\S+
    | [^\s@]+@[^\s@.]+\.[^\s@]+                          # an address for mail
    | (?<![\w@.])(?:[\w\-]+\.)+(?:[a-z]{2}|com|org|net|info|edu|gov|int|app|help|chat)\b(?:/\S*)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER = re.compile(r"(?<![\w.,:])[+*]?\(?\d(?:[\d().\-/–\u00a0 ]*\d)?(?![\w:])")
_NEITHER = re.compile(
    r"""
    (?:19|20)\d\d(?:\s?[-–/]\s?(?:19|20)\d\d)?           # a year, or from one to another
    | \d{1,2}[./\-]\d{1,2}[./\-](?:\d\d|\d{4})           # a day
    | \d{4}-\d\d-\d\d
    | \d{1,2}[.\-–/ ]\d{1,2}                             # a time, or from one hour to another
    """,
    re.VERBOSE,
)
_UNIT = re.compile(r"\s?(?:%|€|\$|£|lei|ron|eur|euro|km|kg|mg|min|m|h|am|pm)\b|\s?[%€$£]", re.IGNORECASE)
_LETTER = r"[^\W\d_]"
_ADDRESS = re.compile(
    rf"""
    \b(?:str|strada|bd|bulevardul|aleea|calea|sos|[sș]oseaua|intrarea|pia[tț]a|rue|via|calle|ulica|ul)\b
        \.?\s+{_LETTER}[\w.\-' ]{{1,40}}?,?\s*(?:(?:nr|no|n°)\.?\s*)?\d{{1,4}}\b
    | \b\d{{1,4}}[a-z]?\s+(?:{_LETTER}[\w.\-']*\s+){{1,4}}
        (?:street|st|road|rd|avenue|ave|lane|square|drive|boulevard|blvd)\b
    | \b{_LETTER}+(?:stra(?:ß|ss)e|str\.|gasse|weg|platz)\s+\d{{1,4}}\b
    | \b(?:bl|bloc|sc|scara|ap|apt|apartment|apartament|apartamentul)\b\.?\s*(?:nr\.?\s*)?\d{{1,4}}\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
TELLS_WHO: Final = 6
"""Digits from which on a number is somebody's: shorter ones are those of services, ages, doors."""
SHORT: Final = range(3, 5)
"""Digits of numbers such as 112 or 1414; a shorter row of digits is none, a longer one always may be."""


@dataclass(frozen=True, slots=True)
class Flags:
    """What to look at before sending; each as it stands in the text, in its order, once.

    Attributes:
        topics: words that a locked screen would show and that say what this is about.
        links: web and mail addresses.
        numbers: what can be rung and is not in the directory of her region as it may be sent now.
        addresses: streets with a number, and doors of a house; asked about in notes alone.
    """

    topics: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.topics or self.links or self.numbers or self.addresses)


def links_in(text: str) -> tuple[str, ...]:
    """Web and mail addresses, as they are written."""
    return tuple(dict.fromkeys(found[0].rstrip(".,;:!?)") for found in _LINK.finditer(text)))


def numbers_in(text: str) -> tuple[str, ...]:
    """What looks like something to ring, as it is written; years, days, hours and amounts do not."""
    found: list[str] = []
    without_links = _LINK.sub(lambda link: " " * len(link[0]), text)
    for one in _NUMBER.finditer(without_links):
        written = one[0].strip(" \u00a0.-–/(")
        digits = digits_of(written)
        if _NEITHER.fullmatch(written) or len(digits) < SHORT.start:
            continue
        if len(digits) in SHORT and (
            len(digits) != len(written.lstrip("+*")) or _UNIT.match(text, one.end())
        ):
            continue
        found.append(written)
    return tuple(dict.fromkeys(found))


def digits_of(number: str) -> str:
    """Its digits alone, a leading 00 taken for +; two ways of writing one number give the same."""
    plain = "".join(str(unicodedata.digit(sign)) for sign in number if sign.isdigit())
    if number.lstrip(" (").startswith("+"):
        return f"+{plain}"
    return f"+{plain[2:]}" if plain.startswith("00") and len(plain) > 6 else plain


def flags(text: str, topics: tuple[str, ...], knows: Callable[[str], bool]) -> Flags:
    """Everything to look at in a text; `topics` is what the relay found, `knows` asks the directory.

    `knows` is given `digits_of` a number.
    """
    unknown = tuple(number for number in numbers_in(text) if not knows(digits_of(number)))
    return Flags(topics, links_in(text), unknown)


def addresses_in(text: str) -> tuple[str, ...]:
    """Streets with a number and doors of a house, as they are written."""
    return tuple(dict.fromkeys(" ".join(found[0].split()) for found in _ADDRESS.finditer(text)))


def tells_who(note: str) -> Flags:
    """What in a note could tell who or where she is (B-108): to be taken out, or kept knowingly."""
    numbers = tuple(one for one in numbers_in(note) if len(digits_of(one).lstrip("+")) >= TELLS_WHO)
    return Flags(links=links_in(note), numbers=numbers, addresses=addresses_in(note))
