"""The rota in sentences, on its own clock: duties, changes, gaps, what an edit changes for whom."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from handoff.model import Duty, Refusal
from handoff.rota.changes import (
    Act,
    Add,
    CancelInstance,
    Close,
    MoveInstance,
    Remove,
    Replace,
    Stretch,
    Swap,
)
from handoff.rota.coverage import Gap
from handoff.rota.demand import Need
from handoff.rota.preview import Difference
from handoff.rota.zones import Zone
from handoff.shifts import Objection

TIER: Final = {
    "primary": "volunteer",
    "backup": "backup",
    "supervisor": "supervisor",
    "shadow": "listening in",
}
"""What a shift is for, as people say it."""

OBJECTION: Final = {
    Refusal.NOT_ON_DUTY: "is on leave then",
    Refusal.COLLIDES: "has another shift at the same time",
    Refusal.REST: "would have too little rest",
    Refusal.SHIFT_CAP: "would have too long a shift",
    Refusal.DAY_CAP: "would have too many hours in a day",
    Refusal.WEEK_CAP: "would be over her hours in a week",
    Refusal.NIGHT_CAP: "would have too many nights in a row",
    Refusal.CERT_EXPIRED: "has a certificate that ends before the shift does",
    Refusal.MODULE_MISSING: "lacks training that this shift needs",
    Refusal.SUPERVISOR_MISSING: "is a trainee, and no supervisor is there all the time",
    Refusal.LANGUAGE: "does not speak the language well enough",
    Refusal.SKILL: "lacks a skill",
    Refusal.GENDER_REQUIRED: "is not who is asked for",
    Refusal.SHIFT_FULL: "finds no place free in it",
    Refusal.NOT_YET_OPEN: "cannot put herself down yet",
    Refusal.TOO_LATE: "is too late: it is over",
    Refusal.LEFT: "has left",
    Refusal.SUSPENDED: "is shut out, or not admitted yet",
}
"""What speaks against somebody having a shift; a code that is not here is told as it is."""


def when(start: datetime, end: datetime, zone: Zone) -> str:
    """`Fri 20 Nov 20:00 to 02:00 (6 h)`; with the second day where it is not the night that follows."""
    begun, over = zone.wall(start), zone.wall(end)
    day = f" {over:%a} {over.day} {over:%b}" if over - begun > timedelta(days=1) else ""
    return f"{begun:%a} {begun.day} {begun:%b} {begun:%H:%M} to{day} {over:%H:%M} ({lasts(end - start)})"


def moment(at: datetime, zone: Zone) -> str:
    """`Fri 20 Nov 20:00`."""
    wall = zone.wall(at)
    return f"{wall:%a} {wall.day} {wall:%b} {wall:%H:%M}"


def lasts(span: timedelta) -> str:
    """Elapsed time: `6 h`, `1 h 30 min`."""
    minutes = span // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)


def duty_told(duty: Duty, zone: Zone) -> str:
    """When and as what."""
    return f"{when(duty.start, duty.end, zone)}, {TIER[duty.tier.value]}"


def difference_told(difference: Difference, zone: Zone) -> Iterator[str]:
    """A line for each thing that changes for one person."""
    for duty in difference.added:
        yield f"is given {duty_told(duty, zone)}"
    for duty in difference.removed:
        yield f"no longer has {duty_told(duty, zone)}"
    for moved in difference.moved:
        yield f"has {duty_told(moved.after, zone)}, instead of {duty_told(moved.before, zone)}"


def need_told(need: Need, count: int = 1) -> str:
    """`2 volunteers`, `1 volunteer who speaks ar`, `1 volunteer with the skill minors`."""
    who = TIER[need.tier.value]
    many = who if count == 1 or who == "listening in" else f"{who}s"
    told = {
        "": "",
        "language": f" who speak{'s' if count == 1 else ''} {need.value}",
        "skill": f" with the skill {need.value}",
    }
    return f"{count} {many}" + told.get(need.attribute, f" with {need.attribute} {need.value}")


def gap_told(gap: Gap, zone: Zone) -> str:
    """When, what is missing, and the weakest of it."""
    missing = ", ".join(need_told(need, count) for need, count in gap.missing)
    weakest = f"; weakest: {need_told(gap.weakest).removeprefix('1 ')}" if len(gap.missing) > 1 else ""
    return f"{when(gap.start, gap.end, zone)}: {missing} missing{weakest}"


def objection_told(one: Objection, zone: Zone) -> str:
    """Why somebody should not have a shift, and whether that forbids it."""
    what = OBJECTION.get(one.code, one.code.value)
    more = f" ({one.module})" if one.module else ""
    later = f"; possible from {moment(one.next_start, zone)}" if one.next_start is not None else ""
    force = (
        " (a coordinator has allowed it)" if one.overridden else "" if one.stands_in_the_way else " (a hint)"
    )
    return f"{what}{more}{later}{force}"


def act_told(act: Act, zone: Zone) -> str:
    """One change, in a sentence."""
    match act:
        case Replace(stretch, to):
            return f"{to} instead of {_stretch_told(stretch, zone)}"
        case Remove(stretch):
            return f"without {_stretch_told(stretch, zone)}"
        case Add():
            joins = f" in shift {act.instance}" if act.instance else ""
            return f"{act.who} besides, {when(act.start, act.end, zone)}, {TIER[act.tier.value]}{joins}"
        case Swap(a, b):
            return f"{_stretch_told(a, zone)} and {_stretch_told(b, zone)} change places"
        case CancelInstance(instance):
            return f"shift {instance} does not take place"
        case MoveInstance(instance, start, end):
            return f"shift {instance} is {when(start, end, zone)}"
        case Close(start, end):
            return f"closed, {when(start, end, zone)}"
        case _:
            return f"change {act.seq} is undone"


def _stretch_told(stretch: Stretch, zone: Zone) -> str:
    parts: list[str] = [stretch.who]
    if stretch.instance is not None:
        parts.append(f"in shift {stretch.instance}")
    if stretch.start is not None and stretch.end is not None:
        parts.append(f"from {when(stretch.start, stretch.end, zone)}")
    return " ".join(parts)
