"""A moment as somebody reads it on her own clock; an hour that comes twice is told apart."""

from datetime import datetime
from zoneinfo import ZoneInfo


def clock_face(moment: datetime, zone: ZoneInfo) -> str:
    """`18:00`; in the hour that comes twice `02:30a`, then `02:30b`."""
    local = moment.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M}" + (("b" if local.fold else "a") if twice else "")


def day_and_clock(moment: datetime, zone: ZoneInfo) -> str:
    """The same with its day: `2026-10-25 02:30b`. Figures alone: the same in every language."""
    return f"{moment.astimezone(zone):%Y-%m-%d} {clock_face(moment, zone)}"


def stretch_told(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """From when to when, the second day only where it is another one."""
    same_day = start.astimezone(zone).date() == end.astimezone(zone).date()
    until = clock_face(end, zone) if same_day else day_and_clock(end, zone)
    return f"{day_and_clock(start, zone)} – {until}"
