"""Words between her and a volunteer: plain text both ways, nothing that acts on a screen.

What is done to a text, in this order:

1. NFC; all kinds of line ends become one; more than one empty line in a row becomes one.
2. Control and format characters go: bidi overrides, zero-width, soft hyphen, tags, private use. Zero-width
   joiners stay between two letters outside ASCII, where Persian or an emoji needs them.
3. Links can neither be tapped nor bring a preview: a scheme goes and the dots of a host are set apart.
   `https://example.org/help` → `example . org/help`; `a@example.org` → `a@example . org`.
   A word that begins with a slash, which some messengers make a command of, becomes `/ word`.

Nothing else is changed: phone numbers, sums, lines that begin with = + - @ arrive as written.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PREVIEW: Final = 80  # characters a lock screen shows (D-20)
NOTE_LENGTH: Final = 280  # characters (B-108)

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_EMPTY_LINES = re.compile(r"\n(?:[^\S\n]*\n){2,}")
_TRAILING = re.compile(r"[^\S\n]+(?=\n|$)")
_JOINERS = "\u200c\u200d"
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cs"})
# Signs no screen draws although their category says letter, mark or nothing yet.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2065\u3164\uffa0\ufff0-\ufff8\ufffe\uffff\U000e0000-\U000e0fff]"
)
_BLANK_START = re.compile("[\\s\ufe00-\ufe0f]*")  # white space, and variation selectors of nothing
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{0,31}://")
_BARE_SCHEME = re.compile(
    r"\b(javascript|vbscript|data|mailto|tel|sms|tg|matrix|file|intent|xmpp|sip):(?=\S)", re.IGNORECASE
)
# A host is broken by setting apart each dot that two letters (or xn--) follow, the last one included.
_HOST_DOT = re.compile(r"(?<=[^\s.．。｡…])[.．。｡](?=[^\W\d_]{2}|xn--)", re.IGNORECASE)
_NUMBER_HOST = re.compile(r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3,}(?!\d)")
_SLASH_WORD = re.compile(r"(?<!\S)/(?=\w)")
_COMMAND_MARKS = ("/", ".", "!", "／", "．", "！")
_SENTENCE_END = re.compile(r"[.!?…。？！](?=\s)|\n")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a volunteer writes to her."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a volunteer writes for her colleagues. No function of this package relays one."""

    jotted: str


class RelayRefusal(StrEnum):
    """Why a text is not relayed."""

    EMPTY = "empty"  # nothing is left that can be read
    LOOKS_LIKE_COMMAND = "looks_like_command"  # a line begins with / . or !
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class NotRelayed:
    """The text went to nobody; the one who wrote it is told, and why.

    `line` is the 1-based line at fault, 0 when it is the whole.
    """

    reason: RelayRefusal
    line: int = 0


@dataclass(frozen=True, slots=True)
class Relayed:
    """A text ready to be shown.

    Attributes:
        parts: in order, none longer than the limit.
        flagged: topic words that a lock screen would show, for the volunteer to reword (D-20).
        altered: more than line ends and outer spaces was changed.
    """

    parts: tuple[str, ...]
    flagged: tuple[str, ...] = ()
    altered: bool = False


def to_her(reply: Reply, max_length: int, topics: Iterable[str] = ()) -> Relayed | NotRelayed:
    """A volunteer's words on their way to her.

    A line that begins with / . or ! was meant for us, not for her: then nothing at all is relayed.
    `topics` are word beginnings of her language that must not stand in the first 80 characters.
    """
    # Looked at before links are set apart, so that cleaning cannot hide a command.
    for number, line in enumerate(_plain(reply.text).split("\n"), start=1):
        if _BLANK_START.sub("", line, count=1).startswith(_COMMAND_MARKS):
            return NotRelayed(RelayRefusal.LOOKS_LIKE_COMMAND, number)
    return _relayed(reply.text, max_length, topics)


def to_volunteer(text: str, max_length: int) -> Relayed | NotRelayed:
    """Her words on their way to the volunteer: all of them, however she writes."""
    return _relayed(text, max_length, ())


def take_note(text: str) -> Note | NotRelayed:
    """A volunteer's note, cleaned, at most 280 characters."""
    cleaned = clean(text)
    if not cleaned:
        return NotRelayed(RelayRefusal.EMPTY)
    return Note(cleaned) if len(cleaned) <= NOTE_LENGTH else NotRelayed(RelayRefusal.TOO_LONG)


def clean(text: str) -> str:
    """Plain text that acts on nothing; see the head of this file. Cleaning twice changes nothing more."""
    return _tidy(_defanged(_plain(text)))


def flagged_topics(text: str, topics: Iterable[str]) -> tuple[str, ...]:
    """The topics that begin a word within the first 80 characters, without regard to case and marks."""
    folded = _folded(text[:PREVIEW]), _folded(text[: PREVIEW * 2])
    return tuple(
        topic
        for topic in topics
        if (stem := _folded(topic).strip())
        and any(
            match.start() < len(folded[0]) for match in re.finditer(rf"(?<!\w){re.escape(stem)}", folded[1])
        )
    )


def split(text: str, max_length: int) -> tuple[str, ...]:
    """The text in parts of at most `max_length` characters, at sentence ends where there are any.

    Only white space is lost between two parts. Raises `ValueError` when `max_length` is below 1.
    """
    if max_length < 1:
        raise ValueError("max_length must be at least 1")
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > max_length:
        cut = _cut(rest, max_length)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return tuple(part for part in (*parts, rest) if part)


def _relayed(text: str, max_length: int, topics: Iterable[str]) -> Relayed | NotRelayed:
    cleaned = clean(text)
    if not cleaned:
        return NotRelayed(RelayRefusal.EMPTY)
    parts = split(cleaned, max_length)
    # Each part is a message of its own, and a lock screen shows the beginning of each.
    flagged = tuple(t for t in topics if any(flagged_topics(part, (t,)) for part in parts))
    return Relayed(
        parts=parts,
        flagged=flagged,
        altered=cleaned != _tidy(unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text))),
    )


def _plain(text: str) -> str:
    lines = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " "))
    lines = unicodedata.normalize("NFC", lines)
    kept = [sign for place, sign in enumerate(lines) if _is_kept(lines, place, sign)]
    return unicodedata.normalize("NFC", "".join(kept))


def _is_kept(text: str, place: int, sign: str) -> bool:
    if sign in _JOINERS:
        around = text[place - 1 : place] + text[place + 1 : place + 2]
        return len(around) == 2 and all(
            ord(s) > 0x7F and unicodedata.category(s) not in _DROPPED for s in around
        )
    return sign == "\n" or unicodedata.category(sign) not in _DROPPED


def _defanged(text: str) -> str:
    earlier = None
    while earlier != text:  # taking one scheme out may join the halves of another
        earlier, text = text, _SCHEME.sub("", text)
    text = text.replace("://", ": / /")
    text = _BARE_SCHEME.sub(r"\1: ", text)
    text = _NUMBER_HOST.sub(lambda host: host[0].replace(".", " . "), text)
    return _SLASH_WORD.sub("/ ", _HOST_DOT.sub(" . ", text))


def _tidy(text: str) -> str:
    return _EMPTY_LINES.sub("\n\n", _TRAILING.sub("", text)).strip()


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def _cut(text: str, max_length: int) -> int:
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, max_length + 1)]
    fitting = [end for end in ends if end <= max_length]
    # A first sentence of two words would leave a scrap of a part: then a space further on is better.
    if fitting and fitting[-1] * 3 >= max_length:
        return fitting[-1]
    space = max(text.rfind(" ", 0, max_length + 1), text.rfind("\n", 0, max_length + 1))
    if space > 0:
        return space
    cut = max_length
    while cut > 1 and _joins(text[cut - 1], text[cut]):
        cut -= 1
    return cut if cut > 1 else max_length


def _joins(before: str, sign: str) -> bool:
    return before == "\u200d" or sign == "\u200d" or unicodedata.category(sign).startswith("M")
