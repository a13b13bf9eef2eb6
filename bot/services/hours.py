"""Hours of people: what is planned for whom at all desks, and the report of it (rota.md §3.9)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.services import attendance, people
from bot.services.attendance import NOT_YET
from bot.services.house import House
from handoff import limits
from handoff.limits import Span, joined
from handoff.rota.pattern import Rota
from handoff.rota.resolve import final_duty

AROUND = timedelta(days=22)
"""How far before and after a shift other duties matter to its limits."""
NIGHT_GOES_ON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """One person in a time: elapsed hours on duty, nights, and chats of high risk of the last seven days."""

    person: str
    alias: str
    hours: float
    nights: int
    heavy: int


def planned(house: House, since: datetime, until: datetime) -> dict[str, list[Span]]:
    """Casefolded alias → when she is planned at any desk, leave taken out, as disjoint UTC spans."""
    return planned_in({desk: board.rota for desk, board in house.library.boards.items()}, since, until)


def planned_in(rotas: Mapping[str, Rota], since: datetime, until: datetime) -> dict[str, list[Span]]:
    """As `planned`, of these rotas: of one that is about to be published beside the others that hold."""
    found: dict[str, list[Span]] = {}
    for rota in rotas.values():
        for duty in final_duty(rota, since, until):
            found.setdefault(duty.volunteer.casefold(), []).append((duty.start, duty.end))
    return {alias: joined(spans) for alias, spans in found.items()}


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of spans once others are taken out."""
    left = joined(spans)
    for start, end in joined(taken):
        left = [
            piece
            for begun, over in left
            for piece in ((begun, min(over, start)), (max(begun, end), over))
            if piece[0] < piece[1]
        ]
    return left


def report(
    connection: Connection, house: House, since: datetime, until: datetime, now: int
) -> tuple[Hours, ...]:
    """Everybody who is active, by alias: hours planned from then to then, and nights that begin in this time.

    A night begins on the day of its evening, and counts whole in the time that day lies in: nights of weeks
    that follow each other add up.
    """
    spans = planned(house, since.astimezone(UTC), until.astimezone(UTC) + NIGHT_GOES_ON)
    zone = desk_zone(house)
    first, after = since.astimezone(zone).date(), until.astimezone(zone).date()
    active = [one for one in people.everyone(connection, house) if one.state == "active"]
    there = attendance.load(connection, house, [one.id for one in active])
    rows: list[Hours] = []
    for one in active:
        own = spans.get(one.profile.alias.casefold(), [])
        evenings = limits.nights(own, one.profile.zone_on(first, zone))
        heavy = there.get(one.id, NOT_YET).heavy_lately(now)
        worked = round(limits.hours(own, since, until), 2)
        rows.append(
            Hours(
                one.id,
                one.profile.alias,
                worked,
                sum(first <= evening < after for evening in evenings),
                heavy,
            )
        )
    return tuple(rows)


def desk_zone(house: House, desk: str | None = None) -> ZoneInfo:
    """The zone of a desk's wall clock; of the settings' desk where none is named."""
    known = house.library.desks.get(desk or house.desk)
    return ZoneInfo(known.zone if known else "UTC")
