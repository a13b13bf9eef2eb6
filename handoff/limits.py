"""Hours, rest and nights: how much anybody may be planned for (rota.md §3.9). All times are elapsed time.

Each limit is hard (refused, unless a coordinator overrides it with a reason), soft (allowed, and told) or
off. Calendar days and nights are those of the volunteer's zone; weeks are ISO weeks of the desk's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from handoff.model import Refusal

Span = tuple[datetime, datetime]
"""From when to when somebody is on duty: UTC, half-open."""

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
NIGHT_FROM, NIGHT_TO = time(23), time(6)
NIGHT_AT_LEAST: Final = timedelta(hours=3)
SEARCHED_AHEAD: Final = timedelta(days=21)


class Force(StrEnum):
    """What a limit does."""

    HARD = "hard"
    SOFT = "soft"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is too much. Hours unless said otherwise.

    Attributes:
        shift, night_shift: of one duty without a pause; a night shift may be longer.
        day: within a calendar day, and within any 24 hours.
        week: within an ISO week, and within any 7 days.
        rest: between two duties.
        nights: in a row, a number.
        free: at a stretch, once in any 7 days.
        forces: how hard each is; hard where nothing is said.
    """

    shift: float = 6
    night_shift: float = 8
    day: float = 8
    week: float = 20
    rest: float = 11
    nights: int = 3
    free: float = 36
    forces: Mapping[Refusal, Force] = field(default_factory=dict[Refusal, Force])

    def force(self, code: Refusal) -> Force:
        """How hard the limit behind a code is."""
        return self.forces.get(code, Force.HARD)


DEFAULT_LIMITS = Limits()
OF_LIMITS: Final = (Refusal.SHIFT_CAP, Refusal.DAY_CAP, Refusal.WEEK_CAP, Refusal.NIGHT_CAP, Refusal.REST)


@dataclass(frozen=True, slots=True)
class Zones:
    """Whose clocks count: the volunteer's for days and nights, the desk's for weeks."""

    volunteer: ZoneInfo
    desk: ZoneInfo


@dataclass(frozen=True, slots=True)
class Finding:
    """One limit a shift would break; `next_start` is when one as long could begin, None for weeks."""

    code: Refusal
    force: Force
    next_start: datetime | None = None


def broken(
    duties: Iterable[Span], shift: Span, zones: Zones, limits: Limits = DEFAULT_LIMITS
) -> tuple[Finding, ...]:
    """Every limit that `shift` would break beside the duties somebody has already.

    For the hard ones it tells when a shift as long could begin without breaking any hard limit.
    """
    # Two moments of one zone are subtracted by their wall clocks: everything is elapsed time here.
    others, shift = joined(duties), (shift[0].astimezone(UTC), shift[1].astimezone(UTC))
    found = [(code, limits.force(code)) for code in _codes(others, shift, zones, limits)]
    hard = any(force is Force.HARD for _, force in found)
    earliest = next_start(others, shift, zones, limits) if hard else None
    return tuple(
        Finding(code, force, earliest if force is Force.HARD else None)
        for code, force in found
        if force is not Force.OFF
    )


def next_start(
    duties: Sequence[Span], shift: Span, zones: Zones, limits: Limits = DEFAULT_LIMITS
) -> datetime | None:
    """The first moment after its start at which a shift as long breaks no hard limit; None within 21 days."""
    start, length = shift[0], shift[1] - shift[0]
    rest, free = timedelta(hours=limits.rest), timedelta(hours=limits.free)
    moments = {end + pause for _, end in duties for pause in (timedelta(0), rest, free)}
    moments |= {begin + window for begin, _ in duties for window in (DAY, WEEK)}
    moments |= {end + window - length for _, end in duties for window in (DAY, WEEK)}
    day = start.astimezone(zones.volunteer).date()
    moments |= {
        _midnight(day + timedelta(days=n), zones.volunteer) for n in range(1, SEARCHED_AHEAD.days + 1)
    }
    for moment in sorted(m for m in moments if start < m <= start + SEARCHED_AHEAD):
        codes = _codes(duties, (moment, moment + length), zones, limits)
        if not any(limits.force(code) is Force.HARD for code in codes):
            return moment
    return None


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in disjoint spans that do not meet, in order; empty ones are left out."""
    found: list[Span] = []
    elapsed = ((start.astimezone(UTC), end.astimezone(UTC)) for start, end in spans)
    for start, end in sorted((start, end) for start, end in elapsed if end > start):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def hours(spans: Iterable[Span], since: datetime, until: datetime) -> float:
    """Elapsed hours of these spans that lie between two moments; time in two spans counts once."""
    return _within(joined(spans), since, until) / timedelta(hours=1)


def week_of(moment: datetime, zone: ZoneInfo) -> Span:
    """The ISO week of a moment on this clock, from Monday's midnight to the next."""
    day = moment.astimezone(zone).date()
    monday = day - timedelta(days=day.weekday())
    return _midnight(monday, zone), _midnight(monday + WEEK, zone)


def is_night(span: Span, zone: ZoneInfo) -> bool:
    """Whether at least three hours of a duty lie between 23:00 and 06:00 on this clock."""
    return any(True for _ in nights((span,), zone))


def nights(spans: Iterable[Span], zone: ZoneInfo) -> Iterator[date]:
    """The nights somebody works, each by the local date of its evening."""
    worked: dict[date, timedelta] = {}
    for start, end in spans:
        evening = start.astimezone(zone).date() - DAY
        last = end.astimezone(zone).date()
        while evening <= last:
            since = _at(evening, NIGHT_FROM, zone)
            until = _at(evening + DAY, NIGHT_TO, zone)
            worked[evening] = worked.get(evening, timedelta(0)) + max(
                min(end, until) - max(start, since), timedelta(0)
            )
            evening += DAY
    yield from sorted(night for night, time_worked in worked.items() if time_worked >= NIGHT_AT_LEAST)


def _codes(duties: Sequence[Span], shift: Span, zones: Zones, limits: Limits) -> tuple[Refusal, ...]:
    together = joined([*duties, shift])
    whole = next(span for span in together if span[0] <= shift[0] and shift[1] <= span[1])
    checks: tuple[tuple[Refusal, Callable[[], bool]], ...] = (
        (Refusal.SHIFT_CAP, lambda: _too_long(whole, zones, limits)),
        (Refusal.DAY_CAP, lambda: _over(together, shift, limits.day, DAY, _days(shift, zones.volunteer))),
        (Refusal.WEEK_CAP, lambda: _over(together, shift, limits.week, WEEK, _weeks(shift, zones.desk))),
        (Refusal.NIGHT_CAP, lambda: _nights_in_a_row(together, shift, zones.volunteer) > limits.nights),
        (Refusal.REST, lambda: _too_little_rest(together, whole, limits)),
    )
    return tuple(code for code, holds in checks if limits.force(code) is not Force.OFF and holds())


def _too_long(whole: Span, zones: Zones, limits: Limits) -> bool:
    most = limits.night_shift if is_night(whole, zones.volunteer) else limits.shift
    return whole[1] - whole[0] > timedelta(hours=most)


def _over(
    together: Sequence[Span], shift: Span, most: float, window: timedelta, calendar: Iterable[Span]
) -> bool:
    """Whether any calendar window, or any window of that length around the shift, holds too much."""
    near = [span for span in together if span[1] > shift[0] - window and span[0] < shift[1] + window]
    # The fullest window of a length begins where a duty begins, or ends where one ends.
    rolling = [(start, start + window) for start, _ in near] + [(end - window, end) for _, end in near]
    touching = [
        (since, until) for since, until in (*calendar, *rolling) if since < shift[1] and until > shift[0]
    ]
    return any(_within(together, since, until) > timedelta(hours=most) for since, until in touching)


def _nights_in_a_row(together: Sequence[Span], shift: Span, zone: ZoneInfo) -> int:
    """The longest run of nights that one of the shift's own nights belongs to; 0 when it has none."""
    near = [span for span in together if span[1] > shift[0] - 2 * WEEK and span[0] < shift[1] + 2 * WEEK]
    worked = set(nights(near, zone))
    longest = 0
    for night in nights((shift,), zone):
        first = last = night
        while first - DAY in worked:
            first -= DAY
        while last + DAY in worked:
            last += DAY
        longest = max(longest, (last - first).days + 1)
    return longest


def _too_little_rest(together: Sequence[Span], whole: Span, limits: Limits) -> bool:
    place = together.index(whole)
    rest = timedelta(hours=limits.rest)
    if place > 0 and whole[0] - together[place - 1][1] < rest:
        return True
    if place + 1 < len(together) and together[place + 1][0] - whole[1] < rest:
        return True
    return not _has_free_time(together, whole, timedelta(hours=limits.free))


def _has_free_time(together: Sequence[Span], whole: Span, free: timedelta) -> bool:
    """Whether every seven days around a duty hold one stretch of free time long enough."""
    near = [span for span in together if span[1] > whole[0] - WEEK and span[0] < whole[1] + WEEK]
    windows = [(start, start + WEEK) for start, _ in near] + [(end - WEEK, end) for _, end in near]
    return all(
        _longest_gap(near, since, until) >= free
        for since, until in windows
        if since < whole[1] and until > whole[0]
    )


def _longest_gap(spans: Sequence[Span], since: datetime, until: datetime) -> timedelta:
    longest, free_from = timedelta(0), since
    for start, end in spans:
        if end <= since or start >= until:
            continue
        longest = max(longest, start - free_from)
        free_from = max(free_from, end)
    return max(longest, until - free_from)


def _within(spans: Iterable[Span], since: datetime, until: datetime) -> timedelta:
    pieces = (min(end, until) - max(start, since) for start, end in spans)
    return sum((piece for piece in pieces if piece > timedelta(0)), timedelta(0))


def _days(shift: Span, zone: ZoneInfo) -> Iterator[Span]:
    day = shift[0].astimezone(zone).date()
    while (since := _midnight(day, zone)) < shift[1]:
        yield since, _midnight(day + DAY, zone)
        day += DAY


def _weeks(shift: Span, zone: ZoneInfo) -> Iterator[Span]:
    week = week_of(shift[0], zone)
    while week[0] < shift[1]:
        yield week
        week = week_of(week[1], zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return _at(day, time(0), zone)


def _at(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)
