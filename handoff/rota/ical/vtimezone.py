"""A zone that a calendar brings along: its VTIMEZONE as rules for a clock (RFC 5545 §3.6.5)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from handoff.rota.brought_along import BroughtAlong, ClockChange
from handoff.rota.expansion import TooMany, recurring
from handoff.rota.ical.lines import Component, Property
from handoff.rota.ical.values import BadValue, offset, wall_of
from handoff.rota.recurrence import Frequency, Rule, read_rule
from handoff.rota.zones import Zone

FIRST: Final = datetime(1900, 1, 1)  # noqa: DTZ001  a wall; programs let their zones begin in the year 1
LAST: Final = datetime(2200, 1, 1)  # noqa: DTZ001  a wall; no rota looks further
MOST_CHANGES: Final = 3_000


def zone_brought(component: Component) -> Zone:
    """The zone a VTIMEZONE describes. Raises BadValue, BadRule."""
    name = _text(component, "TZID")
    changes: dict[datetime, ClockChange] = {}
    for part in component.parts:
        if part.name in {"STANDARD", "DAYLIGHT"}:
            for change in _changes(part):
                changes[change.at] = change
                if len(changes) > MOST_CHANGES:
                    raise BadValue(f"the zone {name} changes its clock more than {MOST_CHANGES} times")
    if not changes:
        raise BadValue(f"the zone {name} has neither STANDARD nor DAYLIGHT")
    return Zone(name, BroughtAlong(name, [changes[at] for at in sorted(changes)]))


def _changes(part: Component) -> Iterator[ClockChange]:
    before, after = offset(_text(part, "TZOFFSETFROM")), offset(_text(part, "TZOFFSETTO"))
    start, _ = wall_of(_text(part, "DTSTART"), first_year=1)
    walls = {max(start, FIRST)}
    for one in part.every("RDATE"):
        walls.update(_wall(word, before) for word in one.value.split(","))
    try:
        for one in part.every("RRULE"):
            walls.update(_ruled(read_rule(one.value), start, before))
    except TooMany as fault:
        raise BadValue(str(fault)) from None
    for wall in walls:
        yield ClockChange(wall - before, before, after)


def _ruled(rule: Rule, start: datetime, before: timedelta) -> Iterator[datetime]:
    if rule.frequency > Frequency.DAILY:
        raise BadValue("a zone does not change its clock by the hour")
    for number, wall in enumerate(recurring(rule, start, LAST, FIRST)):
        if number > MOST_CHANGES:
            raise BadValue(f"a zone changes its clock more than {MOST_CHANGES} times")
        if rule.until is not None and _is_past(wall, rule, before):
            return
        yield wall


def _is_past(wall: datetime, rule: Rule, before: timedelta) -> bool:
    until = rule.until
    if not isinstance(until, datetime):
        return until is not None and wall.date() > until
    if until.tzinfo is None:
        return wall > until
    return (wall - before).replace(tzinfo=UTC) > until


def _wall(text: str, before: timedelta) -> datetime:
    wall, is_utc = wall_of(text.strip().partition("/")[0])
    return wall + before if is_utc else wall


def _text(component: Component, name: str) -> str:
    found: Property | None = component.first(name)
    if found is None:
        raise BadValue(f"{component.name} has no {name}")
    return found.text.strip()
