"""Breaks: when one is due, whether it can be had now, when it must be had (rota.md §3.9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from handoff.capacity import has_room
from handoff.limits import Force
from handoff.model import Urgency, Volunteer


@dataclass(frozen=True, slots=True)
class Break:
    """So long a break is due after so much work at a stretch."""

    after: timedelta
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class BreakPolicy:
    """When breaks are due, and after how much work one is taken whether asked for or not.

    `force`: hard, she is asked nothing more until it was taken; soft, it is offered and left to her; off.
    """

    breaks: tuple[Break, ...] = (
        Break(timedelta(hours=2), timedelta(minutes=15)),
        Break(timedelta(hours=4, minutes=30), timedelta(minutes=30)),
    )
    forced_after: timedelta = timedelta(hours=5)
    force: Force = Force.HARD


DEFAULT_BREAKS: Final = BreakPolicy()


def due(worked: timedelta, policy: BreakPolicy = DEFAULT_BREAKS) -> timedelta | None:
    """How long a break is due after so much work without one; None as long as none is."""
    lengths = [one.lasts for one in policy.breaks if worked >= one.after]
    return max(lengths, default=None)


def forced(worked: timedelta, policy: BreakPolicy = DEFAULT_BREAKS) -> bool:
    """Whether the break begins now, whether asked for or not."""
    return policy.force is Force.HARD and worked >= policy.forced_after


def can_go(asker: str, on_duty: Iterable[Volunteer], waiting: int) -> bool:
    """Whether what remains of the others' capacity covers what is asked of the desk now.

    At least one of the others must be free for a chat, and one for each who waits.
    """
    others = {one.person: one for one in on_duty if one.person != asker}
    free = [one for one in others.values() if _takes_chats(one)]
    return len(free) >= max(waiting, 1)


def _takes_chats(volunteer: Volunteer) -> bool:
    gone = volunteer.suspended or volunteer.unfit or not volunteer.present or volunteer.on_break
    return not gone and has_room(volunteer, Urgency.U2)
