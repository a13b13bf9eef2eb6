"""The vocabulary of a script, on one page (design §7). Frozen, built by `triage.reading` only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SPEC = 1
MAX_STEPS = 1_000
MAX_CHOICES = 8  # 9 is always `hide` and 0 always `more`, so that digits alone suffice
MAX_CASES = 30  # of one branch
MAX_LANGUAGES = 40
MAX_FEARS = 100
MAX_TEXT = 4_000  # characters of one text; what she may be sent is far shorter (D-23)
MAX_STEPS_PER_TURN = 50
GRID_ROUNDS = 4
GRID_WORDS = 8


class Urgency(StrEnum):
    """Order in the queue, never a risk score (B-033, B-091)."""

    U0 = "U0"  # imminent: danger now, suicide now, neck or breath, under 18 in danger
    U1 = "U1"  # a flag
    U2 = "U2"  # normal
    U3 = "U3"  # information


class Tag(StrEnum):
    """What a step is, for gates and for the linter. Cards are tagged `card.<need>` besides."""

    SAFE_CHECK = "safe_check"
    NOTICE = "notice"
    LIMIT = "limit"
    AGE = "age"
    CONSENT = "consent"
    EMERGENCY = "emergency"
    PRE_NOTICE = "pre_notice"
    EXIT = "exit"
    MENU = "menu"
    PERSON = "person"  # where the word `person` leads; without it the first consent question
    QUEUE = "queue"  # shown while she waits for a person
    LEAVES_QUEUE = "leaves_queue"  # who comes here waits for a person no longer
    FREE_TEXT = "free_text"  # invites her to write in her own words


class GlobalAction(StrEnum):
    """Words that work everywhere, typed whole or tapped (design §4)."""

    HIDE = "hide"
    HELP_NOW = "help_now"
    PERSON = "person"
    MENU = "menu"
    BACK = "back"
    LANGUAGE = "language"
    STOP = "stop"
    MORE = "more"  # "0": lists the other global actions as numbered choices
    PERSON_OFF = "person_off"  # live chat only: back to the guide
    SHOW = "show"  # quiet mode: bring what is kept back
    WAIT = "wait"  # queue: opt in to news for 30 min


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to an ask; its label is the text `<step>.<id>`."""

    id: str
    to: str
    remember: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Say:
    """Says the text `<step>.text` and goes on."""

    to: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Says `<step>.text`, offers choices, waits."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class PickRegion:
    """Says `<step>.text`, offers the directory's regions page by page, waits; remembers `region`."""

    to: str
    skip: str


@dataclass(frozen=True, slots=True)
class Share:
    """Gives at most three resources for a need and the remembered region, local to global; goes on."""

    need: str
    to: str


@dataclass(frozen=True, slots=True)
class Remember:
    """Stores coded answers, never free text; goes on."""

    values: Mapping[str, str]
    to: str


@dataclass(frozen=True, slots=True)
class Branch:
    """First case whose condition holds, else `otherwise`. Conditions: `triage.conditions`."""

    cases: tuple[tuple[str, str], ...]  # (when, to)
    otherwise: str


@dataclass(frozen=True, slots=True)
class Handoff:
    """Asks the host for a person and waits; each outcome leads to a step."""

    accepted: str
    declined: str
    nobody: str
    out_of_hours: str
    closed: str


@dataclass(frozen=True, slots=True)
class Callback:
    """Offers one later neutral ping, in hours the host names; `agreed` or `refused` follows.

    Where the host names no hours (nobody will be there, or the channel cannot be rung) it is not offered:
    `refused` follows at once.
    """

    agreed: str
    refused: str


@dataclass(frozen=True, slots=True)
class SetPhrase:
    """She picks a phrase on the word grid (GRID_ROUNDS rounds of GRID_WORDS words)."""

    to: str


@dataclass(frozen=True, slots=True)
class CheckPhrase:
    """She taps her phrase; the host compares. A wrong phrase and a stranger take the same way."""

    found: str
    unknown: str


@dataclass(frozen=True, slots=True)
class Hide:
    """Does what the word `hide` does."""


@dataclass(frozen=True, slots=True)
class End:
    """Says `<step>.text` if there is one, and the conversation is over."""


StepKind = (
    Say
    | Ask
    | PickRegion
    | Share
    | Remember
    | Branch
    | Handoff
    | Callback
    | SetPhrase
    | CheckPhrase
    | Hide
    | End
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a script.

    Attributes:
        id: the word the author gave it.
        kind: what it does.
        tags: `Tag` values and `card.<need>`.
        urgency: raises the urgency of a later handoff when reached, None leaves it.
        need: need code a later handoff carries, None leaves it.
        warns: required warnings the card's text holds ("keep_proof", "leaving_danger", …).
        line: 1-based line in its file, for issues.
        column: 1-based column there.
    """

    id: str
    kind: StepKind
    tags: frozenset[str] = frozenset()
    urgency: Urgency | None = None
    need: str | None = None
    warns: tuple[str, ...] = ()
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class TextEntry:
    """One text of one language with its place in its file."""

    text: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script with its texts: what one published revision holds.

    Attributes:
        id: name of the script.
        start: first step.
        languages: published language tags, the source language first.
        steps: by id, in document order.
        texts: language → key → entry. Keys: `<step>.text`, `<step>.<choice>`, optionally followed by
            `.<channel>`, `.easy`, `.f` or `.m`; and `word.*` keys of the guide's own words.
        file: file name, for issues.
        text_files: language → file name, for issues.
        fears: what people may be afraid of → keys of the texts that answer it (D-59).
        by_tag: tag → steps that carry it, in document order; derived.
        memo: what the engine worked out from this script and need not work out again; derived, no
            part of its value.
    """

    id: str
    start: str
    languages: tuple[str, ...]
    steps: Mapping[str, Step]
    texts: Mapping[str, Mapping[str, TextEntry]]
    file: str = ""
    text_files: Mapping[str, str] = field(default_factory=dict[str, str])
    fears: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    by_tag: Mapping[str, tuple[Step, ...]] = field(init=False, repr=False, compare=False)
    memo: dict[str, Any] = field(
        init=False, repr=False, compare=False, default_factory=dict[str, Any]
    )  # Any: each entry has one writer, which knows its type

    def __post_init__(self) -> None:
        """Sort the steps by tag, once."""
        by_tag: dict[str, list[Step]] = {}
        for step in self.steps.values():
            for tag in step.tags:
                by_tag.setdefault(tag, []).append(step)
        object.__setattr__(self, "by_tag", {tag: tuple(steps) for tag, steps in by_tag.items()})

    def tagged(self, tag: str) -> tuple[Step, ...]:
        """Steps that carry `tag`, in document order."""
        return self.by_tag.get(tag, ())
