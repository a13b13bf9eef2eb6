"""A day in cells of half an hour: needed, there, missing, and what is weakest (rota.md §3.11).

A day with a change of the clocks has as many cells as it has half hours: 46 or 50, in some zones 47 or 49.
A time that comes twice is labelled 02:00a and 02:00b.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from handoff.rota.coverage import (
    Demand,
    Stands,
    Stretch,
    demand_of,
    everybody_stands,
    standing_duty,
    stretches,
)
from handoff.rota.demand import Need
from handoff.rota.pattern import Rota
from handoff.rota.resolve import NOBODY_ELSE
from handoff.rota.zones import Oddity, Zone, zone_named

CELL: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Cell:
    """Half an hour, told by its worst moment.

    Attributes:
        label: what the clock shows at its start: 02:00, or 02:00a and 02:00b.
        start, end: moments.
        required: how many people are needed, in all tiers together.
        confirmed: how many of those there are, at the least, in shifts that are published.
        tentative: how many more, in shifts that are not published yet.
        missing: what is missing, and how many at the worst moment.
        weakest: the need with the smallest margin, None where nothing is needed.
    """

    label: str
    start: datetime
    end: datetime
    required: int
    confirmed: int
    tentative: int
    missing: tuple[tuple[Need, int], ...]
    weakest: Need | None


def heatmap(
    rota: Rota,
    day: date,
    others: Mapping[str, Rota] = NOBODY_ELSE,
    *,
    published_until: datetime | None = None,
    exclusive: bool = False,
    stands: Stands = everybody_stands,
) -> tuple[Cell, ...]:
    """The cells of one local day of the rota; `stands` as for `gaps`."""
    zone = zone_named(rota.zone)
    since, until = zone.midnight(day), zone.midnight(day + timedelta(days=1))
    demand = demand_of(rota, since, until)
    duties = standing_duty(rota, since, until, others, stands)
    firm = [duty for duty in duties if published_until is None or duty.start < published_until]
    every = list(stretches(duties, demand, since, until, exclusive=exclusive))
    sure = every if len(firm) == len(duties) else list(stretches(firm, demand, since, until))
    return tuple(
        _cell(zone, start, min(start + CELL, until), demand, (every, sure)) for start in _starts(since, until)
    )


def _starts(since: datetime, until: datetime) -> list[datetime]:
    return [since + CELL * number for number in range(-(-(until - since) // CELL))]


def _cell(
    zone: Zone,
    start: datetime,
    end: datetime,
    demand: Demand,
    found: tuple[Sequence[Stretch], Sequence[Stretch]],
) -> Cell:
    every, sure = ([one for one in cut if one.start < end and one.end > start] for cut in found)
    heads = [at for at, need in enumerate(demand.needs) if not need.attribute]
    required = max((sum(one.needed.get(demand.needs[at], 0) for at in heads) for one in every), default=0)
    there = min((sum(one.there[at] for at in heads) for one in every), default=0)
    confirmed = min((sum(one.there[at] for at in heads) for one in sure), default=0)
    worst: dict[Need, int] = {}
    margins: dict[Need, int] = {}
    for one in every:
        for need, short in one.missing:
            worst[need] = max(worst.get(need, 0), short)
        for at, need in enumerate(demand.needs):
            if need in one.needed:
                margin = one.there[at] - one.needed[need]
                margins[need] = min(margins.get(need, margin), margin)
    return Cell(
        label=_label(zone, start),
        start=start,
        end=end,
        required=required,
        confirmed=confirmed,
        tentative=max(there - confirmed, 0),
        missing=tuple((need, worst[need]) for need in demand.needs if need in worst),
        weakest=min(margins, key=lambda need: margins[need]) if margins else None,
    )


def _label(zone: Zone, moment: datetime) -> str:
    wall = zone.wall(moment)
    if zone.oddity(wall) is not Oddity.FOLD:
        return f"{wall:%H:%M}"
    return f"{wall:%H:%M}{'a' if zone.moment(wall) == moment else 'b'}"
