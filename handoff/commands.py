"""The volunteers' command table: one for every surface (design §5).

A messenger with buttons shows them as buttons; elsewhere they are numbered lines, and what is typed begins
with a mark: `!3`, `/pass`, `.close`. A line that begins with a mark is a command or a mistake, never words
to her.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handoff.model import Outcome

MARKS: Final = ("/", "!", ".", "／", "！", "．")
_TYPED = re.compile(r"(?P<word>\S+)(?:\s+(?P<rest>.*))?", re.DOTALL)
_TOKEN = re.compile(r"(?P<verb>[a-z_]+)(?:\.(?P<argument>[a-z_]+))?(?::(?P<subject>[a-z0-9]+))?")


class Verb(StrEnum):
    """Everything a volunteer can ask for from a messenger."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CHECK = "check"  # check it is her
    SOMEONE_ELSE = "someone_else"
    COVER = "cover"  # the yes to "someone else"
    PASS_ON = "pass_on"  # noqa: S105  no password
    CLOSE = "close"  # asks how it ended; with an outcome it closes
    NOTE = "note"
    SUPERVISOR = "supervisor"
    SEND_ANYWAY = "send_anyway"
    READY = "ready"
    PAUSE = "pause"
    MENU = "menu"


class Where(StrEnum):
    """Where a command is offered."""

    LOBBY = "lobby"  # on no chat in particular
    OFFER = "offer"
    CHAT = "chat"
    ENDING = "ending"  # how did it end
    COVERING = "covering"  # are you sure
    DRAFT = "draft"  # words that were not sent


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    Attributes:
        verb: what it does.
        where: where it is offered.
        word: key of its label in the staff's words, and of the word that is typed for it.
        argument: what goes with the verb, "" for nothing.
        takes_text: the rest of a typed line goes with it.
    """

    verb: Verb
    where: Where
    word: str
    argument: str = ""
    takes_text: bool = False

    def token(self, subject: str = "") -> str:
        """What a tap brings back: verb, argument and which offer or chat is meant; at most 60 bytes."""
        argument = f".{self.argument}" if self.argument else ""
        return f"{self.verb.value}{argument}" + (f":{subject}" if subject else "")


TABLE: Final = (
    Command(Verb.ACCEPT, Where.OFFER, "accept"),
    Command(Verb.DECLINE, Where.OFFER, "decline"),
    Command(Verb.CHECK, Where.CHAT, "check"),
    Command(Verb.SOMEONE_ELSE, Where.CHAT, "someone_else"),
    Command(Verb.PASS_ON, Where.CHAT, "pass_on"),
    Command(Verb.SUPERVISOR, Where.CHAT, "supervisor"),
    Command(Verb.CLOSE, Where.CHAT, "close"),
    Command(Verb.NOTE, Where.CHAT, "note", takes_text=True),
    *(Command(Verb.CLOSE, Where.ENDING, f"outcome_{outcome.value}", outcome.value) for outcome in Outcome),
    Command(Verb.MENU, Where.ENDING, "back"),
    Command(Verb.COVER, Where.COVERING, "cover"),
    Command(Verb.MENU, Where.COVERING, "back"),
    Command(Verb.SEND_ANYWAY, Where.DRAFT, "send_anyway"),
    Command(Verb.READY, Where.LOBBY, "ready"),
    Command(Verb.PAUSE, Where.LOBBY, "pause"),
    Command(Verb.MENU, Where.LOBBY, "menu"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command somebody gave.

    Attributes:
        verb: what is asked.
        argument: goes with the verb, "" for nothing.
        subject: id of the offer or chat a tap named, "" where the place it was typed in must tell.
        text: the rest of a typed line.
    """

    verb: Verb
    argument: str = ""
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One command as a person sees it: what a tap brings back, its label, and what is typed for it."""

    token: str
    label: str
    digit: str


def offered(where: Where) -> tuple[Command, ...]:
    """The commands of a list, in the order shown; those that need a text are typed only."""
    return tuple(command for command in TABLE if command.where is where and not command.takes_text)


def shown(where: Where, words: Callable[[str], str], subject: str = "") -> tuple[Shown, ...]:
    """The list for a surface; `words` gives the label of `staff.<word>`."""
    return tuple(
        Shown(command.token(subject), words(f"staff.{command.word}"), f"!{place}")
        for place, command in enumerate(offered(where), start=1)
    )


def is_command(text: str) -> bool:
    """Whether a text is meant for us: it begins with a mark."""
    return text.lstrip().startswith(MARKS)


def tapped(token: str) -> Asked | None:
    """The command of a tap, None for a token that is none of ours."""
    found = _TOKEN.fullmatch(token)
    if found is None or found["verb"] not in _VERBS:
        return None
    return Asked(Verb(found["verb"]), found["argument"] or "", found["subject"] or "")


def typed(text: str, lists: Iterable[Where], words: Mapping[str, Iterable[str]]) -> Asked | None:
    """The command of a typed line: `!3` of the list shown last, or its word; None if it is neither.

    `lists` are where the person stands, the most particular first; `words` are the words that are typed
    for each command key, of every language.
    """
    line = unicodedata.normalize("NFKC", text).strip()
    if not line.startswith(MARKS):
        return None
    found = _TYPED.fullmatch(line[1:].lstrip())
    if found is None:
        return None
    word, rest = _folded(found["word"]), (found["rest"] or "").strip()
    places = tuple(lists)
    if word.isdigit():
        return _numbered(int(word), places)
    for where in places:
        for command in TABLE:
            if command.where is not where:
                continue
            if word in map(_folded, (*words.get(command.word, ()), command.word)):
                return Asked(command.verb, command.argument, text=rest if command.takes_text else "")
    return None


def _numbered(number: int, places: tuple[Where, ...]) -> Asked | None:
    commands = offered(places[0]) if places else ()
    if not 1 <= number <= len(commands):
        return None
    command = commands[number - 1]
    return Asked(command.verb, command.argument)


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return kept.replace("-", "_")


_VERBS: Final = frozenset(verb.value for verb in Verb)
