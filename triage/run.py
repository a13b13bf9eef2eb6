"""One contact's progress through a script, and what she and the host can bring to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from triage.effects import Effect
from triage.global_words import NO_GLOBAL_WORDS, GlobalWords
from triage.model import GlobalAction


class Aside(StrEnum):
    """What is offered for the moment instead of the step's own choices."""

    NONE = ""
    MORE = "more"  # the list of global actions
    LANGUAGE = "language"  # the list of languages
    LOST = "lost"  # a person or the menu, after the second unknown reply
    MEDIA = "media"  # a person, after something that is not text
    QUEUE = "queue"  # what can be done while waiting, under an answer to her words


@dataclass(frozen=True, slots=True)
class Run:
    """Where she is. Plain data in and out, sealed by the host; holds codes, never her words.

    Attributes:
        script: script id.
        step: the step she waits at.
        language: tag of the language she reads.
        answers: remembered codes ("region": "RO").
        passed: gate tags she has passed since the page or chat was last opened
            ("safe_check", "notice", "consent").
        trail: steps she waited at before this one, newest last, for `back`; at most 20.
        misses: unknown replies in a row at this step (the third is never asked again).
        goal: a global action waiting for missing gates (`person`), else None.
        return_to: the step to come back to after the safe check is repeated, else None.
        aside: what is offered for the moment instead of the step's own choices.
        page: page of a list of regions or languages.
        grid: digits of the words tapped so far in a phrase step; all of them while the outcome is awaited.
        said: number of messages since the words `hide` was last shown.
        over: True once the run has ended.
        media: number of things she sent that are not text; the second asks for a person (B-028).
        handoff: the handoff step whose outcome is awaited, or whose person is here; else None. The run
            itself may be elsewhere: reading does not lose her place (B-094).
        live: True while a person has her.
        told_languages: True once she was told which languages the guide knows.
    """

    script: str
    step: str
    language: str
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    passed: frozenset[str] = frozenset()
    trail: tuple[str, ...] = ()
    misses: int = 0
    goal: GlobalAction | None = None
    return_to: str | None = None
    aside: Aside = Aside.NONE
    page: int = 0
    grid: tuple[str, ...] = ()
    said: int = 0
    over: bool = False
    media: int = 0
    handoff: str | None = None
    live: bool = False
    told_languages: bool = False

    @property
    def menu(self) -> bool:
        """True while the `more` list is shown instead of the step's own choices."""
        return self.aside is Aside.MORE

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready form; `from_plain` is its inverse."""
        return {
            "script": self.script,
            "step": self.step,
            "language": self.language,
            "answers": dict(self.answers),
            "passed": sorted(self.passed),
            "trail": list(self.trail),
            "misses": self.misses,
            "goal": self.goal.value if self.goal else None,
            "return_to": self.return_to,
            "aside": self.aside.value,
            "page": self.page,
            "grid": list(self.grid),
            "said": self.said,
            "over": self.over,
            "media": self.media,
            "handoff": self.handoff,
            "live": self.live,
            "told_languages": self.told_languages,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Run":
        """Rebuild a run; unknown keys of a newer program are refused by the constructor."""
        values: dict[str, Any] = {**plain}
        values["passed"] = frozenset(plain["passed"])
        values["trail"] = tuple(plain["trail"])
        values["grid"] = tuple(plain["grid"])
        values["aside"] = Aside(plain["aside"])
        values["goal"] = GlobalAction(plain["goal"]) if plain["goal"] else None
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one reply led to: where she is now, and what the host is asked to do, in order."""

    run: Run
    effects: tuple[Effect, ...]


class HandoffNews(StrEnum):
    """What became of a requested handoff; keys of a `handoff` step."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    NOBODY = "nobody"
    OUT_OF_HOURS = "out_of_hours"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Tapped:
    """She tapped a choice.

    `token` is "<step>.<choice>", "!<global action>", "region.<code>", "language.<tag>" or "grid.<digit>".
    """

    token: str


@dataclass(frozen=True, slots=True)
class Typed:
    """She wrote `text`: a digit, a label, a global word, or free text."""

    text: str


@dataclass(frozen=True, slots=True)
class SentMedia:
    """She sent something that is not text; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Opened:
    """She opened the page or chat afresh: the safe check comes first again, nothing old is shown."""


@dataclass(frozen=True, slots=True)
class HandoffOutcome:
    """The host tells what became of the handoff the run waits for."""

    news: HandoffNews


@dataclass(frozen=True, slots=True)
class PhraseOutcome:
    """The host has compared the phrase. False for wrong, for locked and for nobody's alike."""

    found: bool


Reply = Tapped | Typed | SentMedia | Opened | HandoffOutcome | PhraseOutcome


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Facts of the moment that conditions may read and texts may differ by.

    Attributes:
        channel: "web", "telegram", "matrix".
        regions: region codes the directory holds, in the order to offer them.
        region_names: language → code → name.
        open_now: True while the desk's hours are open.
        on_duty: codes of what is on duty now ("volunteer", "supervisor", "minors", …).
        client_language: tag the client told, for the first message and for global words.
        grid: the GRID_ROUNDS × GRID_WORDS words offered, by language.
        words: the words that work everywhere when typed whole.
        callbacks: (code, label) of hours in which somebody will be there to write to her once; () where
            none can be promised.
    """

    channel: str
    regions: tuple[str, ...] = ()
    region_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    open_now: bool = False
    on_duty: frozenset[str] = frozenset()
    client_language: str | None = None
    grid: Mapping[str, tuple[tuple[str, ...], ...]] = field(
        default_factory=dict[str, tuple[tuple[str, ...], ...]]
    )
    words: GlobalWords = NO_GLOBAL_WORDS
    callbacks: Sequence[tuple[str, str]] = ()
