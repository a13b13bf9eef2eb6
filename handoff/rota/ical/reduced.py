"""What is kept of an imported calendar: when, who and what changed; never a title, a note or an address."""

import re
from collections.abc import Iterator
from typing import Final

from handoff.rota.ical.lines import Component, Property, components
from handoff.rota.ical.writing import written

NOWHERE: Final = "rota.invalid"
"""Domain of the addresses that stand for volunteers in what is kept."""

_KEPT: Final[dict[str, frozenset[str]]] = {
    "VCALENDAR": frozenset({"METHOD"}),
    "VEVENT": frozenset(
        {"UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"}
        | {"SEQUENCE", "STATUS", "X-REQUIRED"}
    ),
    "VTIMEZONE": frozenset({"TZID"}),
    "STANDARD": frozenset({"DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"}),
    "DAYLIGHT": frozenset({"DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"}),
}
_PARAMS: Final = ("TZID", "VALUE", "RANGE", "PARTSTAT", "CUTYPE")
_MAILTO: Final = re.compile(r"mailto:([^@]+)(?:@.*)?", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[^\"\x00-\x1f\x7f]*")


def reduced(text: str) -> str:
    """The same calendar with only what the rota reads. Raises NotACalendar."""
    return written(line for calendar in components(text) for line in _lines(calendar))


def _lines(component: Component) -> Iterator[str]:
    kept = _KEPT.get(component.name)
    if kept is None:
        return
    yield f"BEGIN:{component.name}"
    if component.name == "VCALENDAR":
        yield "VERSION:2.0"
        yield "PRODID:-//rota//EN"
    for one in component.properties:
        if one.name in kept:
            yield _line(one, one.value)
        elif one.name == "ATTENDEE" and component.name == "VEVENT":
            match = _MAILTO.fullmatch(one.value.strip())
            # What is no address keeps its place, so that somebody is seen to be missing.
            yield _line(one, f"mailto:{match[1]}@{NOWHERE}" if match else "urn:unknown")
    for part in component.parts:
        yield from _lines(part)
    yield f"END:{component.name}"


def _line(one: Property, value: str) -> str:
    params = "".join(
        f';{name}="{one.param(name)}"' if not one.param(name).isalnum() else f";{name}={one.param(name)}"
        for name in _PARAMS
        if one.param(name) and _PLAIN.fullmatch(one.param(name))
    )
    return f"{one.name}{params}:{value}"
