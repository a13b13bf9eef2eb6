"""What the members of a crew tell each other at once: one word and, for some, the id of a conversation.

A notice rides on the commit of what it is about (NOTIFY), so nobody hears of what was rolled back. It is a
wake-up and no message: whoever misses it finds the same in the database a little later. It holds no address.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, text

from bot.store.engine import NAMED

LISTEN: Final = f"LISTEN {NAMED}"


class Word(StrEnum):
    """What a notice says."""

    OUTBOX = "outbox"  # something is to be sent
    CHANGED = "changed"  # something was published or granted, or asked for by a command
    HIDDEN = "hidden"  # nothing more of this conversation goes out
    FORGET = "forget"  # and her page is told to leave, for good
    ERASED = "erased"  # all about the address sealed in the notice is gone
    LEAVE = "leave"  # and her page is told to leave
    MOVED = "moved"  # she opened a newer page elsewhere: yours says so
    ELSEWHERE = "elsewhere"  # her page came back elsewhere: yours is given up without a word
    CREW = "crew"  # somebody was admitted, or gave up a lead
    END = "end"  # the keys are destroyed: end at once


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice as it was heard; `member` is "" when a command sent it.

    `conversation` is what it is about; of an erased address the address, sealed.
    """

    member: str
    word: Word
    conversation: str


def tell(connection: Connection, word: Word, conversation: str = "") -> None:
    """Tell the others once this transaction is committed; does nothing on SQLite, where nobody else is."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TELL, {"said": f"{word.value} {conversation}"})


def read(payload: str) -> Notice | None:
    """The notice in a payload, None for what nobody here sent."""
    sender, _, said = payload.partition("|")
    name, _, member = sender.partition(" ")
    word, _, conversation = said.partition(" ")
    if name != NAMED or word not in _WORDS:
        return None
    return Notice(member, Word(word), conversation)


_WORDS = frozenset(word.value for word in Word)
# The session's own name says who tells: `bot.store.engine.session_name`.
_TELL = text(f"SELECT pg_notify('{NAMED}', current_setting('application_name') || '|' || :said)")
