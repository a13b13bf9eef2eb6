"""The vocabulary of a hand-off, on one page (design §5). Plain values, no store."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Urgency(StrEnum):
    """Order in the queue, never a risk score (B-033, B-091). Its own copy: packages do not meet."""

    U0 = "U0"
    U1 = "U1"
    U2 = "U2"
    U3 = "U3"


class HandoffState(StrEnum):
    """Where a hand-off stands."""

    WAITING = "waiting"  # in the queue, offered or not
    ACTIVE = "active"  # one volunteer has it
    PASSING = "passing"  # passed on: back in the queue ahead of others of its urgency
    LEFT = "left"  # she had to leave a live chat; the volunteer has not acknowledged it yet
    PARKED = "parked"  # she left with a flag: place held 30 min, not offered
    CLOSED = "closed"


class OfferState(StrEnum):
    """Where an offer to one volunteer stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    RESCINDED = "rescinded"


class Tier(StrEnum):
    """What a shift is for."""

    PRIMARY = "primary"
    BACKUP = "backup"
    SUPERVISOR = "supervisor"
    SHADOW = "shadow"


class Outcome(StrEnum):
    """Coded outcome of a closed chat; the only thing kept of it, as a counter (F-2)."""

    TALKED = "talked"
    RESOURCES = "resources"
    PLANNED = "planned"
    REFERRED = "referred"
    SHE_LEFT = "she_left"
    NOT_HER = "not_her"
    MISUSE = "misuse"
    OTHER = "other"


class Refusal(StrEnum):
    """Why a volunteer is not offered or may not take a chat: explain-why codes (rota.md §3.6)."""

    NOT_ON_DUTY = "NOT_ON_DUTY"
    NOT_PRESENT = "NOT_PRESENT"
    CAPACITY = "CAPACITY"
    LANGUAGE = "LANGUAGE"
    SKILL = "SKILL"
    ALREADY_DECLINED = "ALREADY_DECLINED"
    ALREADY_TAKEN = "ALREADY_TAKEN"
    ENDING_SOON = "ENDING_SOON"
    SUSPENDED = "SUSPENDED"
    NOT_YOURS = "NOT_YOURS"  # somebody else has this chat
    NOT_OPEN = "NOT_OPEN"  # closed, or not in a state where this can be done
    NOT_ALLOWED = "NOT_ALLOWED"  # this move belongs to another party


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hand-off in the queue, as dispatch sees it."""

    handoff: str
    desk: str
    urgency: Urgency
    queued_at: datetime
    language: str
    need: str
    country: str | None
    from_web: bool
    passed_on: bool = False
    declined_by: frozenset[str] = frozenset()
    required_skills: frozenset[str] = frozenset()  # hard, never relaxed: "minors" for an under-18 (B-053)
    since: datetime | None = None  # when this search for a volunteer began; None: queued_at

    @property
    def search_began_at(self) -> datetime:
        """When the ladder of this search started: a passed-on chat starts a new one."""
        return self.queued_at if self.since is None else self.since


@dataclass(frozen=True, slots=True)
class Volunteer:
    """One person who may be offered chats now."""

    person: str
    alias: str
    tier: Tier
    duty_ends: datetime
    languages: frozenset[str]
    skills: frozenset[str]
    present: bool
    holding: tuple[Urgency, ...]  # urgencies of the chats she has open or is being offered
    max_chats: int = 1
    idle_since: datetime | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """One hand-off offered to one volunteer; until it lapses it counts as a chat she holds."""

    id: str
    handoff: str
    person: str
    state: OfferState
    offered_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Offered:
    """What a volunteer brings: languages (BCP 47) and skills (codes). Empty: the rota does not say."""

    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Duty:
    """One piece of the final rota: who is on, in what tier, from when to when (UTC, half-open).

    Attributes:
        volunteer: alias.
        tier: what she is on for.
        start, end: moments.
        role: a code for what is done in it, "" where the rota does not say.
        instance: id of the shift it is a piece of.
        change: number of the change that put it there, None for the plan.
        offers: what she brings to it; empty where the rota is silent.
        desk: the desk she helps out from, "" for one of the desk's own.
    """

    volunteer: str
    tier: Tier
    start: datetime
    end: datetime
    role: str = ""
    instance: str = ""
    change: int | None = None
    offers: Offered = Offered()
    desk: str = ""
