"""Words of the pages about the rota, and the moments they offer."""

from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from handoff.rota.zones import Zone

DONE: Final = {
    "prepared": "Prepared. It binds nobody until you publish the plan.",
    "discarded": "Taken out of the plan.",
    "published": "Published. It holds from now on.",
    "undone": "Undone, from now on. What has been stays as it was.",
    "closed": "The desk is closed. Women are told when it opens again.",
    "reopened": "The desk is open again for whoever is on duty.",
    "leave": "Her leave is noted. Her shifts in that time count as missing.",
    "back": "Her leave has ended.",
    "asked": "Others are being asked, in waves. You are told 4 hours and 1 hour before if nobody was found.",
    "withdrawn": "Nobody is asked any more. She has her shift.",
    "approved": "Approved. It holds from now on.",
    "rejected": "Not approved. The rota stays as it was.",
}

TIER: Final = {
    "primary": "Volunteers",
    "backup": "Backup",
    "supervisor": "Supervisor",
    "shadow": "Listening in",
}

MORNING: Final = 8


class Opening(NamedTuple):
    """One moment to close until: what the button says, and the moment as a form sends it."""

    label: str
    value: str


def openings(zone: Zone, now: datetime) -> tuple[Opening, ...]:
    """Moments a coordinator may want to close until: this evening, tomorrow, Monday."""
    wall = zone.wall(now)
    today = wall.date()
    days = [
        ("today 18:00", datetime.combine(today, time(18))),
        (f"tomorrow {MORNING:02}:00", datetime.combine(today + timedelta(days=1), time(MORNING))),
        (
            f"Monday {MORNING:02}:00",
            datetime.combine(today + timedelta(days=7 - today.weekday()), time(MORNING)),
        ),
    ]
    return tuple(
        Opening(label, at.isoformat(timespec="minutes")) for label, at in days if zone.moment(at) > now
    )
