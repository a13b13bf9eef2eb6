"""Coverage and gaps: who is needed, who is there, to the second and without tolerance (rota.md §3.11).

A person counts once, in the one tier she is on in. Overlapping demand windows ask for the highest of what
each asks; outside all of them nothing is needed. Attributes are counted apart by default: one person may
speak Arabic and be certified. `exclusive` lets each person stand for one attribute only.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from handoff.languages import matching
from handoff.model import Duty, Offered, Tier
from handoff.rota.changes import active, closed
from handoff.rota.demand import DemandWindow, Need
from handoff.rota.matching import unmatched
from handoff.rota.pattern import Rota
from handoff.rota.resolve import NOBODY_ELSE, final_duty
from handoff.rota.shifts import spans_of
from handoff.rota.spans import Span, cut, outside, utc
from handoff.rota.zones import zone_named

LEAST_COVER: Final[Mapping[Tier, int]] = {Tier.PRIMARY: 1, Tier.SUPERVISOR: 1}
"""What is needed at all hours where a rota has no demand windows (D-58)."""

Stands = Callable[[Duty], Iterable[Span]]
"""The parts of a duty in which whoever has it may really stand there."""

_BEYOND: Final = timedelta(days=2)  # longer than a shift: what is judged by its end is seen to its end


def everybody_stands(duty: Duty) -> Iterable[Span]:
    """Nobody's training is asked about."""
    return ((duty.start, duty.end),)


class Stretch(NamedTuple):
    """A time in which demand and people stay the same: for each need how many are needed, and are there.

    `there` follows the order of the demand's needs.
    """

    start: datetime
    end: datetime
    needed: Mapping[Need, int]
    there: tuple[int, ...]
    missing: tuple[tuple[Need, int], ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A longest stretch of time in which the same is missing: what, and how many."""

    start: datetime
    end: datetime
    missing: tuple[tuple[Need, int], ...]

    @property
    def weakest(self) -> Need:
        """What is missing most; of equals the first in the order of the demand."""
        return max(self.missing, key=lambda each: each[1])[0]


@dataclass(frozen=True, slots=True)
class Demand:
    """So many of each need, in each of these spans; the highest counts where they overlap."""

    needs: tuple[Need, ...]
    asked: tuple[tuple[Span, tuple[tuple[Need, int], ...]], ...]


def gaps(
    rota: Rota,
    start: datetime,
    end: datetime,
    required: Mapping[Tier, int] | None = None,
    others: Mapping[str, Rota] = NOBODY_ELSE,
    *,
    exclusive: bool = False,
    stands: Stands = everybody_stands,
) -> tuple[Gap, ...]:
    """Where somebody is missing from `start` to `end`.

    `required` asks for so many of each tier at all hours; without it the rota's demand windows decide, and
    the least cover where it has none. `stands` takes out whose training does not hold to the end of a
    shift (domain E). Raises NaiveMoment.
    """
    since, until = utc(start), utc(end)
    demand = demand_of(rota, since, until)
    if required is not None:
        demand = while_open(rota, at_all_hours(required, since, until))
    duties = standing_duty(rota, since, until, others, stands)
    return gaps_in(stretches(duties, demand, since, until, exclusive=exclusive))


def standing_duty(
    rota: Rota, since: datetime, until: datetime, others: Mapping[str, Rota], stands: Stands
) -> Sequence[Duty]:
    """`final_duty` from `since` to `until`, only where whoever has a duty stands."""
    if stands is everybody_stands:
        return final_duty(rota, since, until, others)
    found: list[Duty] = []
    for duty in final_duty(rota, since - _BEYOND, until + _BEYOND, others):
        if duty.start < until and duty.end > since:
            for part in stands(duty):
                span = cut(part, (since, until))
                if span == (duty.start, duty.end):
                    found.append(duty)
                elif span is not None:
                    found.append(replace(duty, start=span[0], end=span[1]))
    return found


def gaps_in(found: Iterable[Stretch]) -> tuple[Gap, ...]:
    """Stretches with something missing, joined where they meet and the same is missing."""
    made: list[Gap] = []
    for stretch in found:
        if not stretch.missing:
            continue
        if made and made[-1].end == stretch.start and made[-1].missing == stretch.missing:
            made[-1] = Gap(made[-1].start, stretch.end, stretch.missing)
        else:
            made.append(Gap(stretch.start, stretch.end, stretch.missing))
    return tuple(made)


def at_all_hours(required: Mapping[Tier, int], since: datetime, until: datetime) -> Demand:
    """A demand that never changes."""
    asked = tuple((Need(tier), count) for tier, count in required.items())
    return Demand(tuple(need for need, _ in asked), (((since, until), asked),))


def demand_of(rota: Rota, since: datetime, until: datetime) -> Demand:
    """What the rota's demand windows ask for, or the least cover at all hours where it has none.

    Nothing is asked for while the desk is closed by a change.
    """
    if not rota.demand:
        return while_open(rota, at_all_hours(LEAST_COVER, since, until))
    needs: dict[Need, None] = {}
    asked: list[tuple[Span, tuple[tuple[Need, int], ...]]] = []
    for window in rota.demand:
        for span, total in _windows(window, rota, since, until):
            wanted = (
                (Need(window.tier), total),
                *((Need(window.tier, attribute, value), n) for attribute, value, n in window.needs),
            )
            needs.update(dict.fromkeys(need for need, _ in wanted))
            common = cut(span, (since, until))
            if common is not None:
                asked.append((common, wanted))
    return while_open(rota, Demand(tuple(needs), tuple(asked)))


def while_open(rota: Rota, demand: Demand) -> Demand:
    """The same demand without the time in which the desk is closed by a change."""
    shut = closed(active(rota.changes))
    if not shut:
        return demand
    asked = ((rest, wanted) for span, wanted in demand.asked for rest in outside(span, shut))
    return Demand(demand.needs, tuple(asked))


def _windows(
    window: DemandWindow, rota: Rota, since: datetime, until: datetime
) -> Iterator[tuple[Span, int]]:
    if window.timing is not None:
        for span in spans_of(window.timing, zone_named(rota.zone), since, until):
            yield span, window.total
    if window.series is not None:
        for one in window.series.between(since, until):
            yield (one.start, one.end), window.total if one.event.required is None else one.event.required


def stretches(
    duties: Sequence[Duty], demand: Demand, since: datetime, until: datetime, *, exclusive: bool = False
) -> Iterator[Stretch]:
    """The time from `since` to `until`, cut wherever demand or people change."""
    needs = demand.needs
    counts = _Counts(needs)
    turns: dict[datetime, list[tuple[Sequence[int], int]]] = {since: [], until: []}
    for duty in duties:
        places = counts.places(duty)
        if places:
            turns.setdefault(duty.start, []).append((places, 1))
            turns.setdefault(duty.end, []).append((places, -1))
    asking = _asking(needs, demand)
    for at in asking:
        turns.setdefault(at, [])
    needed: Mapping[Need, int] = {}
    there = [0] * len(needs)
    crowd: Counter[Sequence[int]] = Counter()
    for begun, over in pairwise(sorted(turns)):
        for places, step in turns[begun]:
            for place in places:
                there[place] += step
            if exclusive:
                crowd[places] += step
        needed = asking.get(begun, needed)
        if exclusive:
            missing = _exclusively(needs, needed, crowd, there)
        else:
            missing = tuple(
                (n, k - there[p]) for p, n in enumerate(needs) if (k := needed.get(n, 0)) > there[p]
            )
        yield Stretch(begun, over, needed, tuple(there), missing)


class _Counts:
    """Which of the needs each duty counts for; people with the same attributes are looked at once."""

    def __init__(self, needs: Sequence[Need]) -> None:
        self._needs = needs
        self._known: dict[tuple[Tier, int], tuple[Offered, tuple[int, ...]]] = {}

    def places(self, duty: Duty) -> tuple[int, ...]:
        key = (duty.tier, id(duty.offers))  # kept beside the answer, so that the id stays its own
        found = self._known.get(key)
        if found is None:
            found = duty.offers, tuple(at for at, need in enumerate(self._needs) if meets(duty, need))
            self._known[key] = found
        return found[1]


def meets(duty: Duty, need: Need) -> bool:
    """Whether a duty counts for a need."""
    if duty.tier is not need.tier:
        return False
    if not need.attribute:
        return True
    if need.attribute == "language":
        return bool(matching(duty.offers.languages, need.value))
    return need.attribute == "skill" and need.value in duty.offers.skills


def _asking(needs: Sequence[Need], demand: Demand) -> Mapping[datetime, Mapping[Need, int]]:
    """What is needed from each moment on at which that may change: the highest that any window asks."""
    turns: dict[datetime, list[tuple[int, int, int]]] = {}
    place = {need: at for at, need in enumerate(needs)}
    for (start, end), wanted in demand.asked:
        for need, count in wanted:
            turns.setdefault(start, []).append((place[need], count, 1))
            turns.setdefault(end, []).append((place[need], count, -1))
    standing: list[Counter[int]] = [Counter() for _ in needs]
    found: dict[datetime, Mapping[Need, int]] = {}
    for at in sorted(turns):
        for index, count, step in turns[at]:
            standing[index][count] += step
            if not standing[index][count]:
                del standing[index][count]
        found[at] = {need: max(counts) for need, counts in zip(needs, standing, strict=True) if counts}
    return found


def _exclusively(
    needs: Sequence[Need], needed: Mapping[Need, int], crowd: Counter[Sequence[int]], there: Sequence[int]
) -> tuple[tuple[Need, int], ...]:
    """The same where each person stands for one attribute: what a best matching leaves open."""
    people = [places for places, count in crowd.items() for _ in range(count)]
    slots = [at for at, need in enumerate(needs) if need.attribute for _ in range(needed.get(need, 0))]
    left = Counter(slots[slot] for slot in unmatched(slots, people))
    missing: list[tuple[Need, int]] = []
    for at, need in enumerate(needs):
        short = left[at] if need.attribute else needed.get(need, 0) - there[at]
        if short > 0:
            missing.append((need, short))
    return tuple(missing)
