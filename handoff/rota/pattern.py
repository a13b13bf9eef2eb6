"""The vocabulary of a rota: weekly patterns on a zone's wall clock, and their occurrences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handoff.model import Tier

MONDAY_FIRST = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Offered:
    """What a volunteer brings: languages (BCP 47) and skills (codes). Empty: the rota does not say."""

    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ShiftPattern:
    """One line of the rota: on these weekdays, from then to then, on the wall clock.

    Attributes:
        id: stays the same when the times are edited; what later refers to a shift refers to this.
        who: alias of the volunteer.
        tier: what the shift is for.
        days: weekdays on which it begins, Monday 0.
        starts: wall-clock start.
        ends: wall-clock end; at or before `starts` it lies on the next day.
        offers: languages and skills in this shift; what is empty comes from the volunteer.
        valid_from: first local date it begins on, None for always.
        valid_to: last local date it begins on, inclusive, None for always.
    """

    id: str
    who: str
    tier: Tier
    days: frozenset[int]
    starts: time
    ends: time
    offers: Offered = Offered()
    valid_from: date | None = None
    valid_to: date | None = None

    def begins_on(self, day: date) -> bool:
        """Whether an occurrence begins on this local date."""
        return (
            day.weekday() in self.days
            and (self.valid_from is None or day >= self.valid_from)
            and (self.valid_to is None or day <= self.valid_to)
        )


@dataclass(frozen=True, slots=True)
class Rota:
    """A desk's rota.

    Attributes:
        zone: IANA name of the zone whose wall clock the patterns follow.
        patterns: in document order.
        volunteers: what each alias brings, where the rota says so.
    """

    zone: str
    patterns: tuple[ShiftPattern, ...]
    volunteers: Mapping[str, Offered] = field(default_factory=dict[str, Offered])


@dataclass(frozen=True, slots=True, order=True)
class OccurrenceId:
    """Which shift is meant, whatever its times are: never contains the start time.

    `ordinal` counts the occurrences of one pattern on one local date from 1; a weekly pattern has one.
    """

    pattern: str
    local_date: date
    ordinal: int = 1


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One shift on one date as UTC moments, half-open."""

    id: OccurrenceId
    pattern: ShiftPattern
    start: datetime
    end: datetime

    @property
    def is_empty(self) -> bool:
        """True where the clock change leaves nothing of it: 02:30 to 03:30 on the short night."""
        return self.end <= self.start


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The UTC moment of a wall-clock time.

    A time that comes twice means its first occurrence; one that never comes is read with the offset
    before the gap. Starts and ends follow the same rule, so that shifts that meet on the wall clock
    meet in time. That is what fold=0 means in PEP 495.
    """
    return datetime.combine(day, wall, tzinfo=zone).replace(fold=0).astimezone(UTC)


def occurrences(rota: Rota, first: date, last: date) -> Iterator[Occurrence]:
    """Every occurrence that begins on a local date from `first` to `last`, empty ones included."""
    zone = ZoneInfo(rota.zone)
    day = first
    while day <= last:
        for pattern in rota.patterns:
            if pattern.begins_on(day):
                end_day = day if pattern.ends > pattern.starts else day + _DAY
                yield Occurrence(
                    id=OccurrenceId(pattern.id, day),
                    pattern=pattern,
                    start=instant(day, pattern.starts, zone),
                    end=instant(end_day, pattern.ends, zone),
                )
        day += _DAY
