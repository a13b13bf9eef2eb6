"""Who is on duty: one function for routing, pages, feeds, reports and bot alike (PR11).

All moments are aware; answers are UTC and half-open. Elapsed time everywhere: a night of 23 or 25
hours is as long as it is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from handoff.model import Duty, Tier
from handoff.rota.pattern import Occurrence, Offered, Rota, occurrences

LOOK_AROUND = timedelta(days=14)
LOOK_AHEAD = timedelta(days=400)
_WINDOWS = (timedelta(days=2), timedelta(days=16), timedelta(days=64), LOOK_AHEAD)
# A shift lasts at most a day of 25 hours: one that began two local dates earlier has ended.
_BEFORE = timedelta(days=2)
_TIER_ORDER = {tier: place for place, tier in enumerate(Tier)}
MINIMUM_COVER: Mapping[Tier, int] = {Tier.PRIMARY: 1, Tier.SUPERVISOR: 1}


class NaiveMoment(ValueError):
    """A moment without an offset was given; nobody can say when that is."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A longest stretch of time in which the same people are missing, by tier."""

    start: datetime
    end: datetime
    missing: tuple[tuple[Tier, int], ...]


def final_duty(rota: Rota, start: datetime, end: datetime) -> tuple[Duty, ...]:
    """Who is on duty from `start` to `end`, clipped to it (PR11).

    One person is at most once in a tier at any moment: her shifts that overlap or meet are one duty.
    Sorted by start, tier, volunteer. Empty when `end` is not after `start`.
    """
    since, until = _utc(start), _utc(end)
    spans: dict[tuple[Tier, str], list[tuple[datetime, datetime]]] = {}
    for occurrence in _touching(rota, since, until):
        pattern = occurrence.pattern
        clipped = (max(occurrence.start, since), min(occurrence.end, until))
        spans.setdefault((pattern.tier, pattern.who), []).append(clipped)
    duties = [
        Duty(volunteer=who, tier=tier, start=begun, end=over)
        for (tier, who), pieces in spans.items()
        for begun, over in _joined(pieces)
    ]
    return tuple(sorted(duties, key=_place))


def on_duty(rota: Rota, at: datetime) -> tuple[Duty, ...]:
    """Who is on duty at `at`, with the whole of each duty.

    A duty that has no end in sight is cut 400 days either way.
    """
    moment = _utc(at)
    now: tuple[Duty, ...] = ()
    for window in (LOOK_AROUND, LOOK_AHEAD):
        around = final_duty(rota, moment - window, moment + window)
        now = tuple(duty for duty in around if duty.start <= moment < duty.end)
        if all(moment - window < duty.start and duty.end < moment + window for duty in now):
            break
    return now


def offered(rota: Rota, who: str, tier: Tier, at: datetime) -> Offered:
    """What a volunteer brings in the shifts she has in this tier at `at`.

    A shift's own languages and skills stand before the volunteer's; of several shifts, all that they
    say together. Empty where the rota is silent: then her profile decides.
    """
    moment = _utc(at)
    own = rota.volunteers.get(who, Offered())
    languages: set[str] = set()
    skills: set[str] = set()
    for occurrence in _touching(rota, moment, moment + timedelta.resolution):
        pattern = occurrence.pattern
        if (pattern.who, pattern.tier) == (who, tier):
            languages |= pattern.offers.languages or own.languages
            skills |= pattern.offers.skills or own.skills
    return Offered(frozenset(languages), frozenset(skills))


def next_change(rota: Rota, at: datetime) -> datetime | None:
    """The first moment after `at` when someone comes or goes; None within 400 days."""
    moment = _utc(at)
    for window in _WINDOWS:
        horizon = moment + window
        duties = final_duty(rota, moment, horizon)
        edges = {edge for duty in duties for edge in (duty.start, duty.end)} - {moment, horizon}
        if edges:
            return min(edges)
    return None


def open_at(rota: Rota, at: datetime) -> bool:
    """Hours are open when at least one primary volunteer is on duty."""
    moment = _utc(at)
    return any(duty.tier is Tier.PRIMARY for duty in final_duty(rota, moment, moment + timedelta.resolution))


def next_opening(rota: Rota, at: datetime) -> datetime | None:
    """The first moment from `at` on when the desk is open (`at` itself when it is); None within 400 days."""
    moment = _utc(at)
    for window in _WINDOWS:
        duties = final_duty(rota, moment, moment + window)
        openings = [duty.start for duty in duties if duty.tier is Tier.PRIMARY]
        if openings:
            return min(openings)
    return None


def gaps(
    rota: Rota, start: datetime, end: datetime, required: Mapping[Tier, int] = MINIMUM_COVER
) -> tuple[Gap, ...]:
    """Where fewer people than `required` are on duty, to the second, without tolerance."""
    since, until = _utc(start), _utc(end)
    turns: dict[datetime, Counter[Tier]] = {since: Counter(), until: Counter()}
    for duty in final_duty(rota, since, until):
        turns.setdefault(duty.start, Counter())[duty.tier] += 1
        turns.setdefault(duty.end, Counter())[duty.tier] -= 1
    found: list[Gap] = []
    there: Counter[Tier] = Counter()
    for begun, over in pairwise(sorted(turns)):
        there.update(turns[begun])
        missing = tuple(
            (tier, required[tier] - there[tier]) for tier in required if required[tier] > there[tier]
        )
        if missing and found and found[-1].end == begun and found[-1].missing == missing:
            found[-1] = Gap(found[-1].start, over, missing)
        elif missing:
            found.append(Gap(begun, over, missing))
    return tuple(found)


def _touching(rota: Rota, since: datetime, until: datetime) -> Iterator[Occurrence]:
    if until <= since:
        return
    zone = ZoneInfo(rota.zone)
    first = since.astimezone(zone).date() - _BEFORE
    last = until.astimezone(zone).date()
    for occurrence in occurrences(rota, first, last):
        if not occurrence.is_empty and occurrence.start < until and occurrence.end > since:
            yield occurrence


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    begun: datetime | None = None
    over: datetime | None = None
    for start, end in sorted(spans):
        if begun is None or over is None:
            begun, over = start, end
        elif start <= over:
            over = max(over, end)
        else:
            yield begun, over
            begun, over = start, end
    if begun is not None and over is not None:
        yield begun, over


def _place(duty: Duty) -> tuple[datetime, int, str]:
    return duty.start, _TIER_ORDER[duty.tier], duty.volunteer


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise NaiveMoment(f"{moment.isoformat()} has no offset")
    return moment.astimezone(UTC)
