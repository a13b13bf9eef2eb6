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
NOW: Final = "now"
DONE: Final = "done"
NO: Final = "no"
PLACES: Final = "abcdefghijklmnop"
"""Places in a list of picks, as they stand in a token: the first is "a"."""
_TYPED = re.compile(r"(?P<word>\S+)(?:\s+(?P<rest>.*))?", re.DOTALL)
_TOKEN = re.compile(r"(?P<verb>[a-z_]+)(?:\.(?P<argument>[a-z_]+))?(?::(?P<subject>[a-z0-9]+))?")


class Verb(StrEnum):
    """Everything a volunteer can ask for, from a messenger or the console."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CHECK = "check"  # check it is her
    SOMEONE_ELSE = "someone_else"
    COVER = "cover"  # the yes to "someone else"
    PASS_ON = "pass_on"  # noqa: S105  no password; asks how; "now" passes on at once
    ASK_OVER = "ask_over"  # asks her whether another person may take over
    ASK_STOP = "ask_stop"  # asks her whether it is a good place to stop
    MORE = "more"
    NUMBERS = "numbers"  # looks for numbers and places; with a place in the list one is sent
    ANSWERS = "answers"  # shows the ready answers; with a place in the list one is sent
    CLOSE = "close"  # asks how it ended; with an outcome it closes
    BLOCK = "block"  # closes as misuse and asks for a block
    NOTE = "note"
    SUPERVISOR = "supervisor"
    JOIN = "join"
    PART = "part"  # a guest leaves
    SEND_ANYWAY = "send_anyway"
    READY = "ready"
    PAUSE = "pause"
    MENU = "menu"
    DAY = "day"  # everything about her own shifts
    SHIFTS = "shifts"
    CHECK_IN = "check_in"  # with the code of her app, or her PIN
    LATE = "late"  # so many minutes
    ILL = "ill"  # asks; "now" means it
    BREAK = "break"
    BREAK_OVER = "break_over"
    OFFER = "offer"  # shows her shifts; the one that is picked is offered for a swap
    SWAPS = "swaps"  # shows what she may take, and what waits of hers; picks
    ONE_MORE = "one_more"
    NEXT = "next"  # takes whoever waits longest and may be hers
    CALL_BACK = "call_back"  # shows the callbacks that are due; the one that is picked is written
    DEBRIEF = "debrief"  # asks; "done" and "no" answer
    CALENDAR = "calendar"  # a new link; the one before ends
    LANGUAGE = "language"
    ZONE = "zone"
    STEP_IN = "step_in"
    STAY_OUT = "stay_out"
    HELP = "help"  # every command, with the words that are typed for it


class Where(StrEnum):
    """Where a command is offered."""

    LOBBY = "lobby"  # on no chat in particular
    OFFER = "offer"
    CHAT = "chat"
    MORE = "more"  # what is needed less often
    PASSING = "passing"  # ask her, or at once
    GUEST = "guest"  # a chat one has joined
    CALL = "call"  # a call to a supervisor, about one chat
    PICKS = "picks"  # numbered entries of a list shown just now
    ENDING = "ending"  # how did it end
    COVERING = "covering"  # are you sure
    DRAFT = "draft"  # words that were not sent
    DAY = "day"  # her own shifts
    ROTA = "rota"  # below a notice that something about shifts is new
    REMINDER = "reminder"  # below a reminder of a shift
    STEPPING_IN = "stepping_in"  # below the question whether she can step in
    ILLNESS = "illness"  # are you sure that you cannot
    TALKING = "talking"  # has somebody talked with you


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    Attributes:
        verb: what it does.
        where: where it is offered.
        word: key of its label in the staff's words, and of the word that is typed for it.
        argument: what goes with the verb, "" for nothing.
        takes_text: the rest of a typed line goes with it; such a command is typed only,
            unless `tapped_too`.
    """

    verb: Verb
    where: Where
    word: str
    argument: str = ""
    takes_text: bool = False
    tapped_too: bool = False

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
    Command(Verb.MORE, Where.CHAT, "more"),
    Command(Verb.NOTE, Where.CHAT, "note", takes_text=True),
    Command(Verb.ASK_STOP, Where.MORE, "ask_stop"),
    Command(Verb.NUMBERS, Where.MORE, "numbers", takes_text=True, tapped_too=True),
    Command(Verb.ANSWERS, Where.MORE, "answers"),
    Command(Verb.MENU, Where.MORE, "back"),
    Command(Verb.ASK_OVER, Where.PASSING, "ask_over"),
    Command(Verb.PASS_ON, Where.PASSING, "pass_on_now", NOW),
    Command(Verb.MENU, Where.PASSING, "back"),
    Command(Verb.PART, Where.GUEST, "part"),
    Command(Verb.NUMBERS, Where.GUEST, "numbers", takes_text=True, tapped_too=True),
    Command(Verb.ANSWERS, Where.GUEST, "answers"),
    Command(Verb.JOIN, Where.CALL, "join"),
    *(Command(Verb.CLOSE, Where.ENDING, f"outcome_{outcome.value}", outcome.value) for outcome in Outcome),
    Command(Verb.BLOCK, Where.ENDING, "block"),
    Command(Verb.MENU, Where.ENDING, "back"),
    Command(Verb.COVER, Where.COVERING, "cover"),
    Command(Verb.MENU, Where.COVERING, "back"),
    Command(Verb.SEND_ANYWAY, Where.DRAFT, "send_anyway"),
    Command(Verb.JOIN, Where.LOBBY, "join", takes_text=True),
    Command(Verb.READY, Where.LOBBY, "ready"),
    Command(Verb.PAUSE, Where.LOBBY, "pause"),
    Command(Verb.DAY, Where.LOBBY, "day"),
    Command(Verb.HELP, Where.LOBBY, "help"),
    Command(Verb.MENU, Where.LOBBY, "menu"),
    Command(Verb.SHIFTS, Where.DAY, "shifts"),
    Command(Verb.CHECK_IN, Where.DAY, "check_in", takes_text=True, tapped_too=True),
    Command(Verb.LATE, Where.DAY, "late", takes_text=True, tapped_too=True),
    Command(Verb.ILL, Where.DAY, "ill"),
    Command(Verb.BREAK, Where.DAY, "break"),
    Command(Verb.BREAK_OVER, Where.DAY, "break_over"),
    Command(Verb.OFFER, Where.DAY, "offer_swap", takes_text=True, tapped_too=True),
    Command(Verb.SWAPS, Where.DAY, "swaps"),
    Command(Verb.ONE_MORE, Where.DAY, "one_more"),
    Command(Verb.NEXT, Where.DAY, "next"),
    Command(Verb.DEBRIEF, Where.DAY, "debrief"),
    Command(Verb.CALENDAR, Where.DAY, "calendar"),
    Command(Verb.LANGUAGE, Where.DAY, "language", takes_text=True, tapped_too=True),
    Command(Verb.ZONE, Where.DAY, "zone", takes_text=True, tapped_too=True),
    Command(Verb.CALL_BACK, Where.DAY, "call_back"),
    Command(Verb.MENU, Where.DAY, "back"),
    Command(Verb.SWAPS, Where.ROTA, "swaps"),
    Command(Verb.SHIFTS, Where.ROTA, "shifts"),
    Command(Verb.CHECK_IN, Where.REMINDER, "check_in"),
    Command(Verb.LATE, Where.REMINDER, "late"),
    Command(Verb.ILL, Where.REMINDER, "ill"),
    Command(Verb.SHIFTS, Where.REMINDER, "shifts"),
    Command(Verb.STEP_IN, Where.STEPPING_IN, "step_in"),
    Command(Verb.STAY_OUT, Where.STEPPING_IN, "stay_out"),
    Command(Verb.ILL, Where.ILLNESS, "ill_sure", NOW),
    Command(Verb.DAY, Where.ILLNESS, "back"),
    Command(Verb.DEBRIEF, Where.TALKING, "talked", DONE),
    Command(Verb.DEBRIEF, Where.TALKING, "no_talk", NO),
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
    tappable = (one for one in TABLE if one.where is where)
    return tuple(one for one in tappable if one.tapped_too or not one.takes_text)


def shown(where: Where, words: Callable[[str], str], subject: str = "") -> tuple[Shown, ...]:
    """The list for a surface; `words` gives the label of `staff.<word>`."""
    return tuple(
        Shown(command.token(subject), words(f"staff.{command.word}"), f"!{place}")
        for place, command in enumerate(offered(where), start=1)
    )


def picks(verb: Verb, labels: Iterable[str], subject: str) -> tuple[Shown, ...]:
    """A list to pick from: what is picked comes back as `verb` with its place (`PLACES`)."""
    return tuple(
        Shown(Command(verb, Where.PICKS, verb.value, place).token(subject), label, f"!{number}")
        for number, (place, label) in enumerate(zip(PLACES, labels, strict=False), start=1)
    )


def is_command(text: str) -> bool:
    """Whether a text is meant for us: it begins with a mark."""
    return text.lstrip().startswith(MARKS)


def numbered(text: str) -> str | None:
    """The number of a typed line such as `!3`, as a list shows it ("!3"); None where no number is typed."""
    line = unicodedata.normalize("NFKC", text).strip()
    number = line[1:].strip() if line.startswith(MARKS) else ""
    return f"!{int(number)}" if number.isdigit() and len(number) < 4 else None


def tapped(token: str) -> Asked | None:
    """The command of a tap, None for a token that is none of ours."""
    found = _TOKEN.fullmatch(token)
    if found is None or found["verb"] not in _VERBS:
        return None
    return Asked(Verb(found["verb"]), found["argument"] or "", found["subject"] or "")


def typed(text: str, lists: Iterable[Where], words: Mapping[str, Iterable[str]]) -> Asked | None:
    """The command of a typed line by its word; None if it is none of these. A number is told by `numbered`.

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
    whole, places = _folded(" ".join(found[0].split())), tuple(lists)
    for where in places:
        for command in TABLE:
            if command.where is not where:
                continue
            known = [_folded(one) for one in (*words.get(command.word, ()), command.word)]
            if whole in known:  # a label of several words
                return Asked(command.verb, command.argument)
            if word in known:
                return Asked(command.verb, command.argument, text=rest if command.takes_text else "")
    return None


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return kept.replace("-", "_")


_VERBS: Final = frozenset(verb.value for verb in Verb)
