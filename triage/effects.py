"""What a turn may ask the host for, as plain values. The engine performs nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from triage.model import Urgency


@dataclass(frozen=True, slots=True)
class OfferedChoice:
    """A choice as it is offered: what comes back, the text key of its label, and its digit.

    `label` is set instead of `key` when the label is data (a country's name, a grid word).
    """

    token: str
    digit: str
    key: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Speak:
    """Say the text `key` in the run's language, with choices.

    `step` names the step that speaks, whose tags tell the host how careful the text must be.
    `values` fill placeholders the engine knows; the host adds its own. `language` is "" for the run's own.
    """

    step: str
    key: str
    choices: tuple[OfferedChoice, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    language: str = ""


@dataclass(frozen=True, slots=True)
class ShareResources:
    """Send at most three resources for `need` in `region` (None: network-wide), PR13."""

    step: str
    need: str
    region: str | None


@dataclass(frozen=True, slots=True)
class RequestHandoff:
    """She said yes: queue her. `shares` is "all" or "topic" (free text from before is withheld)."""

    step: str
    need: str
    urgency: Urgency
    shares: str


@dataclass(frozen=True, slots=True)
class LineClosed:
    """She wants a person and nobody can come: what she writes from here on is a note (B-096)."""


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """She no longer waits, or sends the person away (`person off`)."""


@dataclass(frozen=True, slots=True)
class WaitHere:
    """She opts in to wait news and the first words of a volunteer for at most 30 min."""


@dataclass(frozen=True, slots=True)
class ShowHeld:
    """Quiet mode: bring what is kept back, once."""


@dataclass(frozen=True, slots=True)
class RaiseUrgency:
    """A tile or flag raises her order in the queue; `reason` is a code shown to the volunteer."""

    urgency: Urgency
    reason: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """A coded answer, for the contact record ("region", "age_band", "role", "want", "topic")."""

    key: str
    code: str


@dataclass(frozen=True, slots=True)
class SafetyAnswer:
    """Her answer at the safe check: "alone", "seen" or "unsure" ("unsure" for skip).

    Sets the window and quiet mode (design §4).
    """

    answer: str


@dataclass(frozen=True, slots=True)
class TextKept:
    """Her free text was kept and acknowledged; the host passes it to signals."""


@dataclass(frozen=True, slots=True)
class PhraseChosen:
    """She set this phrase; the host stores its hash."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhraseTried:
    """She gave this phrase; the host resumes with `PhraseOutcome`."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestCallback:
    """She agreed to one later ping, or wants none: then an earlier agreement ends.

    `window` is "" for none, else the code of the hours she picked (`Surroundings.callbacks`); `answers` are
    codes that begin with "callback": `callback_ping` names the neutral line she picked.
    """

    window: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HideAll:
    """Do what `hide` does (PR5)."""


@dataclass(frozen=True, slots=True)
class EraseAll:
    """Do what `stop` does: hide, and erase the contact record."""


@dataclass(frozen=True, slots=True)
class EndRun:
    """The conversation is over by the script's end."""


Effect = (
    Speak
    | ShareResources
    | RequestHandoff
    | LineClosed
    | LeaveQueue
    | WaitHere
    | ShowHeld
    | RaiseUrgency
    | Remembered
    | SafetyAnswer
    | TextKept
    | PhraseChosen
    | PhraseTried
    | RequestCallback
    | HideAll
    | EraseAll
    | EndRun
)
