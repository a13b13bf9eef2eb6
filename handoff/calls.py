"""A call for a supervisor is itself a ladder: stored, it climbs until somebody says "I am on it".

It reserves nobody and nothing waits for it: a chat is offered and taken meanwhile as if there were no call.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from handoff.model import HIGH_RISK, Urgency


class CallReason(StrEnum):
    """Why a supervisor is called."""

    DANGER_NOW = "danger_now"  # a U0 chat waits: supervisors know at once (B-097)
    UNACCEPTED = "unaccepted"  # nobody has accepted it
    UNANSWERED = "unanswered"  # its volunteer is silent
    ASKED = "asked"  # its volunteer asks for help
    CALLBACK = "callback"  # promised, and nobody has written to her: it would be missed
    CALLBACK_UNSTAFFED = "unstaffed"  # promised, and the rota plans nobody for it any more
    UNCOVERED = "uncovered"  # a break had to begin and nobody is left
    NOT_THERE = "not_there"  # somebody's shift has begun and she has not come
    UNCOVERED_SHIFT = "uncovered_shift"  # nobody has been found for a shift


class CallState(StrEnum):
    """Where a call stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    OVER = "over"


class Called(StrEnum):
    """Who is called at a rung."""

    SUPERVISOR = "supervisor"  # supervisors on duty
    COORDINATOR = "coordinator"  # and whoever is coordinator of the desk
    SECOND_NUMBER = "second_number"  # and outside the program: the organisation's second number


@dataclass(frozen=True, slots=True)
class CallRung:
    """From `after` on, counted from the call, these are called too."""

    after: timedelta
    who: Called


LADDER: Final = (
    CallRung(timedelta(0), Called.SUPERVISOR),
    CallRung(timedelta(seconds=90), Called.COORDINATOR),
    CallRung(timedelta(seconds=180), Called.SECOND_NUMBER),
)
LOOKED_AT_AGAIN: Final = timedelta(minutes=3)
"""How long an acknowledgement holds while what it was about has not changed."""

_DIVISOR: Final = 3


@dataclass(frozen=True, slots=True)
class Climb:
    """What to do now: call these, and look again then (None: nothing more to climb)."""

    call: tuple[Called, ...]
    rung: int
    next_at: datetime | None


def climb(began_at: datetime, rung: int, now: datetime, urgency: Urgency) -> Climb:
    """The rungs whose time has come since rung number `rung` (-1 for none yet); each comes once.

    In a chat of high risk they come at a third of their times.
    """
    share = _DIVISOR if urgency in HIGH_RISK else 1
    began = min(began_at, now)
    reached = max(rung, sum(began + one.after / share <= now for one in LADDER) - 1)
    later = [began + one.after / share for one in LADDER[reached + 1 :]]
    return Climb(tuple(one.who for one in LADDER[rung + 1 : reached + 1]), reached, min(later, default=None))


def looked_at_again(acknowledged_at: datetime, urgency: Urgency) -> datetime:
    """When an acknowledged call is looked at: if nothing has changed it opens again."""
    return acknowledged_at + LOOKED_AT_AGAIN / (_DIVISOR if urgency in HIGH_RISK else 1)
