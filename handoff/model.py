"""The vocabulary of a hand-off, on one page (design §5). Plain values, no store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Urgency(StrEnum):
    """Order in the queue, never a risk score (B-033, B-091). Its own copy: packages do not meet."""

    U0 = "U0"
    U1 = "U1"
    U2 = "U2"
    U3 = "U3"


HIGH_RISK: Final = frozenset({Urgency.U0, Urgency.U1})
"""Urgencies of a chat that takes all of a volunteer, and after which she rests (domain E)."""


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


class LoadClass(StrEnum):
    """How much is asked of a volunteer at once."""

    TRAINEE = "trainee"  # one chat, and only while a supervisor is on duty
    STANDARD = "standard"
    SENIOR = "senior"


class Refusal(StrEnum):
    """Why a volunteer is not offered or may not take a chat or a shift: explain-why codes (rota.md §3.6)."""

    # of a chat
    NOT_ON_DUTY = "NOT_ON_DUTY"
    NOT_PRESENT = "NOT_PRESENT"
    ON_BREAK = "ON_BREAK"
    CAPACITY = "CAPACITY"
    LANGUAGE = "LANGUAGE"
    SKILL = "SKILL"
    GENDER_REQUIRED = "GENDER_REQUIRED"
    REGION = "REGION"
    BLOCKED_PAIR = "BLOCKED_PAIR"  # coordinators only ever see this one: see `told`
    CONFLICT_TAG = "CONFLICT_TAG"  # same
    ALREADY_DECLINED = "ALREADY_DECLINED"
    ALREADY_TAKEN = "ALREADY_TAKEN"
    ENDING_SOON = "ENDING_SOON"
    COOLDOWN = "COOLDOWN"
    SUPERVISOR_MISSING = "SUPERVISOR_MISSING"
    # of a chat or a shift
    CERT_EXPIRED = "CERT_EXPIRED"
    MODULE_MISSING = "MODULE_MISSING"
    LEFT = "LEFT"
    SUSPENDED = "SUSPENDED"
    # of a shift
    REST = "REST"
    SHIFT_CAP = "SHIFT_CAP"
    DAY_CAP = "DAY_CAP"
    WEEK_CAP = "WEEK_CAP"
    NIGHT_CAP = "NIGHT_CAP"
    SHIFT_FULL = "SHIFT_FULL"
    COLLIDES = "COLLIDES"
    NOT_YET_OPEN = "NOT_YET_OPEN"
    TOO_LATE = "TOO_LATE"
    # of an act on a chat somebody holds
    NOT_YOURS = "NOT_YOURS"  # somebody else has this chat
    NOT_OPEN = "NOT_OPEN"  # closed, or not in a state where this can be done
    NOT_ALLOWED = "NOT_ALLOWED"  # this move belongs to another party


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hand-off in the queue, as dispatch sees it.

    Attributes:
        handoff, desk, urgency, queued_at: which one, where, how urgent, since when.
        language: tag she reads; "" is served by everyone.
        need: need code.
        country: the region she chose, None for none.
        from_web: she came by a web page, which anybody can open many of.
        passed_on: she has talked with somebody already: at the head of her urgency.
        crowded: a flagged web page beyond the places that flagged web pages have (`queue.is_crowded`).
        declined_by: people who passed on her; never offered her again.
        required_skills: hard, never relaxed: "minors" for an under-18 (B-053).
        since: when this search for a volunteer began; None: `queued_at`.
        gender: "a woman, please": whom she asked for, "" for anybody.
        gender_required: hard for the whole search; else a preference that is relaxed.
        never_with: people kept apart from her, whoever asked for it.
        tags: what she told of where she lives or works, against volunteers' conflict tags.
    """

    handoff: str
    desk: str
    urgency: Urgency
    queued_at: datetime
    language: str
    need: str
    country: str | None
    from_web: bool
    passed_on: bool = False
    crowded: bool = False
    declined_by: frozenset[str] = frozenset()
    required_skills: frozenset[str] = frozenset()
    since: datetime | None = None
    gender: str = ""
    gender_required: bool = False
    never_with: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()

    @property
    def search_began_at(self) -> datetime:
        """When the ladder of this search started: a passed-on chat starts a new one."""
        return self.queued_at if self.since is None else self.since

    @property
    def high_risk(self) -> bool:
        """Whether it takes all of a volunteer."""
        return self.urgency in HIGH_RISK


@dataclass(frozen=True, slots=True)
class Volunteer:
    """One person who may be offered chats now.

    Attributes:
        person, alias, tier: who, and for what she is on duty.
        duty_ends: when this duty ends.
        languages: tag → level, 1 a little to 5 as a first language.
        skills: code → level, as they hold now.
        present: she said that she is ready.
        holding: urgencies of the chats she has open or is being offered.
        max_chats: load units she can hold, the smallest explicit limit.
        idle_since: since when she holds nothing, None for not yet.
        suspended: shut out, or not admitted yet.
        resting_chats: how many of `holding` she waits in, while the other side has long been silent.
        load_class: see `LoadClass`.
        gender: code, "" where she does not wish it known.
        regions: countries she answers for where that is bound; empty: all.
        conflicts: tags of places and people she must not meet in a chat.
        lapsed_skills: skills whose certificate is over.
        on_break: she has a break.
        cooling_until: she rests from a heavy chat until then.
        cooling_is_hard: nobody asks her before, not even at last.
        one_more: she asked for one chat beyond her limit, once.
        unfit: what keeps her from this duty, whatever the chat: training that lapsed, having left.
        recent_high_risk: heavy chats of the last seven days.
        credit: what the fairness ledger says; 0 until there is one.
    """

    person: str
    alias: str
    tier: Tier
    duty_ends: datetime
    languages: Mapping[str, int]
    skills: Mapping[str, int]
    present: bool
    holding: tuple[Urgency, ...]
    max_chats: int = 1
    idle_since: datetime | None = None
    suspended: bool = False
    resting_chats: int = 0
    load_class: LoadClass = LoadClass.STANDARD
    gender: str = ""
    regions: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()
    lapsed_skills: frozenset[str] = frozenset()
    on_break: bool = False
    cooling_until: datetime | None = None
    cooling_is_hard: bool = False
    one_more: bool = False
    unfit: frozenset[Refusal] = frozenset()
    recent_high_risk: int = 0
    credit: float = 0.0


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
