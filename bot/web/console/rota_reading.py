"""What is typed into forms about the rota: days, hours and moments on the desk's own clock."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from handoff.model import Tier
from handoff.rota.spans import Span
from handoff.rota.zones import Zone

MOST_WEEKS: Final = 26


class NotTyped(ValueError):
    """A field that is not what it must be; the text says what to do."""


def day_in(form: Mapping[str, str], name: str) -> date:
    """A day. Raises `NotTyped`."""
    typed = form.get(name, "")
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise NotTyped(f"{typed!r} is not a day such as 2026-12-24.") from None


def span_in(form: Mapping[str, str], zone: Zone, day: date) -> Span:
    """From then to then on a day, or over midnight where the end is not after that. Raises `NotTyped`."""
    start, end = _hour_in(form, "from"), _hour_in(form, "to")
    later = timedelta(days=1) if end <= start else timedelta(0)
    span = zone.moment(datetime.combine(day, start)), zone.moment(datetime.combine(day, end) + later)
    if span[1] <= span[0]:
        raise NotTyped(f"On {day} the clocks change, and nothing is left of this time.")
    return span


def moment_in(form: Mapping[str, str], name: str, zone: Zone) -> datetime:
    """Day and time on the desk's clock, as a browser sends them. Raises `NotTyped`."""
    typed = form.get(name, "")
    try:
        wall = datetime.fromisoformat(typed)
    except ValueError:
        raise NotTyped(f"{typed!r} is not a day and a time such as 2026-12-24T08:00.") from None
    if wall.tzinfo is not None:
        raise NotTyped("Day and time are those of the desk's clock: leave out the offset.")
    return zone.moment(wall)


def tier_in(form: Mapping[str, str]) -> Tier:
    """What a shift is for. Raises `NotTyped`."""
    try:
        return Tier(form.get("tier", ""))
    except ValueError:
        raise NotTyped("Choose what the shift is for.") from None


def weeks_in(form: Mapping[str, str]) -> int:
    """For how many weeks. Raises `NotTyped`."""
    typed = form.get("weeks", "1") or "1"
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= MOST_WEEKS):
        raise NotTyped(f"For how many weeks is a number from 1 to {MOST_WEEKS}.")
    return int(typed)


def _hour_in(form: Mapping[str, str], name: str) -> time:
    typed = form.get(name, "")
    try:
        hour = time.fromisoformat(typed)
    except ValueError:
        raise NotTyped(f"{typed!r} is not a time such as 20:00.") from None
    if hour.tzinfo is not None:
        raise NotTyped("Times are those of the desk's clock: leave out the offset.")
    return hour
