"""Calendars for tests, written as other programs write them."""

from datetime import UTC, datetime

from handoff.issue import Complaint
from handoff.rota.ical.reading import read_calendar
from handoff.rota.series import Series
from handoff.rota.zones import zone_named

BERLIN = zone_named("Europe/Berlin")


def calendar(*lines: str, before: tuple[str, ...] = ()) -> str:
    """A calendar with one event per blank-separated block of lines."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//rota//EN")
    return "\r\n".join([*head, *before, *lines, "END:VCALENDAR", ""])


def event(*lines: str, uid: str = "a") -> str:
    """One VEVENT."""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def read(text: str) -> tuple[tuple[Series, ...] | None, tuple[Complaint, ...]]:
    """What the reader makes of it, in a rota of Berlin."""
    return read_calendar(text, "nights.ics", BERLIN)


def series_of(text: str) -> tuple[Series, ...]:
    """The series of a calendar that has no fault."""
    series, complaints = read(text)
    assert series is not None, complaints
    return series


def faults(text: str) -> list[str]:
    """What is wrong with a calendar that cannot be used."""
    series, complaints = read(text)
    assert series is None
    return [str(one) for one in complaints]


def spans(text: str, since: str, until: str) -> list[tuple[str, str]]:
    """From when to when something is, in UTC."""
    window = (
        datetime.fromisoformat(since).replace(tzinfo=UTC),
        datetime.fromisoformat(until).replace(tzinfo=UTC),
    )
    found = [(one.start, one.end) for series in series_of(text) for one in series.between(*window)]
    return [(f"{start:%d %H:%M}", f"{end:%d %H:%M}") for start, end in sorted(found)]
