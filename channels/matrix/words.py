"""The few lines the adapter says by itself, where no chat can be held: neutral, and true in the clear.

Everything else is said by the guide. Here too stand the words a person can answer the adapter with.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Lines:
    """What is told in one language, and the words that are understood in it."""

    lock: str  # the room is not encrypted, and only she can change it
    alone: str  # more people are in the room than the two
    mine: tuple[str, ...]  # the new device is hers
    new_room: tuple[str, ...]  # yes, make a room


LINES: Final[Mapping[str, Lines]] = {
    "en": Lines(
        lock="Hello. I only write in rooms with a lock (encryption). Please start a new chat with it.",
        alone="Hello. I only write with one person at a time. Please start a new chat for the two of us.",
        mine=("mine", "it is mine", "its mine"),
        new_room=("new room", "newroom"),
    ),
    "ro": Lines(
        lock="Bună. Scriu doar în camere cu lacăt (criptate). Te rog, începe o conversație nouă, cu lacăt.",
        alone="Bună. Scriu doar în doi. Te rog, începe o conversație nouă, numai pentru noi doi.",
        mine=("al meu", "e al meu", "este al meu"),
        new_room=("camera noua", "o camera noua"),
    ),
}


def told(which: str, languages: Iterable[str]) -> str:
    """A fixed line in each of the languages that has it, English where none has."""
    spoken = [tag.partition("-")[0] for tag in languages]
    known = dict.fromkeys(tag for tag in spoken if tag in LINES) or {"en": None}
    return "\n".join(str(getattr(LINES[tag], which)) for tag in known)


def says_mine(typed: str) -> bool:
    """Whether a message says, as a whole and in any language, that the new device is hers."""
    return any(folded(typed) in lines.mine for lines in LINES.values())


def says_new_room(typed: str) -> bool:
    """Whether a message asks, as a whole and in any language, for a room of the line's own."""
    return any(folded(typed) in lines.new_room for lines in LINES.values())


def folded(typed: str) -> str:
    """Small letters without marks, punctuation and spare spaces."""
    plain = unicodedata.normalize("NFKD", typed[:200]).casefold()
    kept = "".join(c if c.isalnum() or c.isspace() else "" for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())
