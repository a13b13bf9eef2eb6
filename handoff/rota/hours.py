"""Hours of duty in elapsed time, never wall time: how long, how much rest, how much a week (P9).

Limits are set elsewhere; these are the figures they are held against, and a credit ledger would be, too.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from handoff.model import Duty
from handoff.rota.spans import Span, joined
from handoff.rota.zones import Zone


class Rest(NamedTuple):
    """Time between two duties of one person."""

    start: datetime
    end: datetime

    @property
    def lasts(self) -> timedelta:
        """How long it really is: 11 hours on the clock are 10 in the short night."""
        return self.end - self.start


def times(duties: Iterable[Duty]) -> Mapping[str, tuple[Span, ...]]:
    """Alias → when she is on, in any tier: disjoint spans in order, as few as can be (P1)."""
    spans: dict[str, list[Span]] = {}
    for duty in duties:
        spans.setdefault(duty.volunteer, []).append((duty.start, duty.end))
    return {who: tuple(joined(spans[who])) for who in sorted(spans)}


def total(spans: Iterable[Span]) -> timedelta:
    """How long they are together."""
    return sum((end - start for start, end in spans), timedelta())


def rests(spans: Iterable[Span]) -> tuple[Rest, ...]:
    """The time between one duty and the next."""
    return tuple(Rest(one[1], other[0]) for one, other in pairwise(spans))


def by_week(spans: Iterable[Span], zone: Zone) -> Mapping[str, timedelta]:
    """ISO week of the zone, such as 2026-W13, → time on duty in it; split at local Monday 00:00."""
    weeks: dict[str, timedelta] = {}
    for start, end in spans:
        at = start
        while at < end:
            monday = _next_monday(zone.wall(at).date())
            over = min(end, zone.midnight(monday))
            year, week, _ = (monday - timedelta(days=1)).isocalendar()
            name = f"{year}-W{week:02}"
            weeks[name] = weeks.get(name, timedelta()) + (over - at)
            at = over
    return weeks


def _next_monday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def minutes(lasts: timedelta) -> int:
    """Whole minutes."""
    return lasts // timedelta(minutes=1)
