"""The vocabulary of a rota: what recurs, who takes turns in it, and what changed it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from handoff.model import Offered, Tier
from handoff.rota.absence import Absence
from handoff.rota.changes import Change
from handoff.rota.demand import DemandWindow
from handoff.rota.series import Series
from handoff.rota.spill import Spill
from handoff.rota.timing import MONDAY_FIRST, Planned, Timing

__all__ = [
    "MONDAY_FIRST",
    "CalendarPattern",
    "Offered",
    "Rota",
    "Rotation",
    "ShiftPattern",
    "Timing",
]

NOTHING_SAID: Final = Offered()


@dataclass(frozen=True, slots=True)
class Rotation:
    """Groups of people who take turns, shift by shift.

    Attributes:
        groups: in the order of their turns; everybody of a group is on together.
        anchor: the local date from which turns are counted.
        index: how many shifts had been counted at the anchor already, where a line is continued.
        turn: how many shifts in a row one group has: 7 for a daily shift that changes hands weekly.
    """

    groups: tuple[tuple[str, ...], ...]
    anchor: date
    index: int = 0
    turn: int = 1

    def on(self, timing: Timing, planned: Planned) -> tuple[str, ...]:
        """Whose turn it is: the number of shifts since the anchor decides, on allowed days only."""
        return self.groups[self.at(timing, planned) // self.turn % len(self.groups)]

    def at(self, timing: Timing, planned: Planned) -> int:
        """The rotation index of a shift."""
        return self.index + timing.before(planned, self.anchor)


@dataclass(frozen=True, slots=True)
class ShiftPattern:
    """One line of the rota: on these days, from then to then, these people.

    Attributes:
        id: stays the same when the times are edited; what later refers to a shift refers to this.
        who: aliases of the volunteers; empty where they take turns.
        tier: what the shift is for.
        timing: when it is, on the wall clock of the rota.
        offers: languages and skills in this shift; what is empty comes from the volunteer.
        role: a code for what is done in it, "" where the rota does not say.
        rotation: who takes turns, None where `who` are always on.
    """

    id: str
    who: tuple[str, ...]
    tier: Tier
    timing: Timing
    offers: Offered = NOTHING_SAID
    role: str = ""
    rotation: Rotation | None = None

    @property
    def everyone(self) -> frozenset[str]:
        """All who are ever on by it."""
        groups = () if self.rotation is None else self.rotation.groups
        return frozenset(self.who).union(*groups)

    def on(self, planned: Planned) -> tuple[str, ...]:
        """Who is on at one time of it."""
        return self.who if self.rotation is None else self.rotation.on(self.timing, planned)


@dataclass(frozen=True, slots=True)
class CalendarPattern:
    """Shifts that an imported calendar holds.

    Attributes:
        id: the calendar's name.
        tier: what its shifts are for.
        series: what it holds.
        offers, role: as of a `ShiftPattern`.
    """

    id: str
    tier: Tier
    series: tuple[Series, ...]
    offers: Offered = NOTHING_SAID
    role: str = ""

    @property
    def everyone(self) -> frozenset[str]:
        """All who are ever on by it."""
        return frozenset(who for one in self.series for event in one.events for who in event.people)


@dataclass(frozen=True, slots=True)
class Rota:
    """A desk's rota.

    Attributes:
        zone: IANA name of the zone whose wall clock the patterns follow.
        patterns: in document order.
        volunteers: what each alias brings, where the rota says so.
        calendars: imported calendars.
        changes: what changed single shifts; applied in order of their numbers.
        absences: leave, and people who are blocked; they come after every change.
        demand: who is needed when; empty: the least cover, at all hours.
        spill: which desks help out, and when.
        publish_days: how far ahead volunteers see their shifts, None for as far as anyone looks.
        shared_feed: whether a calendar link with everybody's shifts may be given out.
        since: when this edition came into force, None for always.
        earlier: the edition before it, which still says who was on until `since`.
        answering: casefolded aliases of those who can answer, None for everybody.
    """

    zone: str
    patterns: tuple[ShiftPattern, ...] = ()
    volunteers: Mapping[str, Offered] = field(default_factory=dict[str, Offered])
    calendars: tuple[CalendarPattern, ...] = ()
    changes: tuple[Change, ...] = ()
    absences: tuple[Absence, ...] = ()
    demand: tuple[DemandWindow, ...] = ()
    spill: tuple[Spill, ...] = ()
    publish_days: int | None = None
    shared_feed: bool = False
    since: datetime | None = None
    earlier: "Rota | None" = None
    answering: frozenset[str] | None = None

    @property
    def planned(self) -> frozenset[str]:
        """Aliases of everybody this edition plans with, before any change."""
        return frozenset[str]().union(*(line.everyone for line in (*self.patterns, *self.calendars)))
