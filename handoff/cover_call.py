"""Asking around for somebody who steps in: in waves, the least loaded first, until one says yes (§3.10)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class CoverState(StrEnum):
    """Where a call for cover stands."""

    OPEN = "open"
    COVERED = "covered"
    UNCOVERED = "uncovered"  # its time is over and nobody came
    WITHDRAWN = "withdrawn"


class Answer(StrEnum):
    """What somebody who was asked has said."""

    NONE = "none"
    YES = "yes"
    NO = "no"


SOON: Final = timedelta(hours=2)
WAVE: Final = timedelta(minutes=10)
LONGEST_WAVE: Final = timedelta(hours=2)
SHARE: Final = 8
"""A wave of a shift that is far off lasts this part of the time that is left."""
ALARMS: Final = (timedelta(hours=4), timedelta(hours=1))
"""So long before the beginning whoever plans is told that nobody has been found."""
_SIZES: Final = (2, 3)


def wave_size(wave: int) -> int | None:
    """How many are asked in a wave (the first is 0); None: everybody who is left."""
    return _SIZES[wave] if wave < len(_SIZES) else None


def wave_lasts(start: datetime, now: datetime) -> timedelta:
    """How long a wave has to answer: ten minutes when it is soon, longer when there is time."""
    left = start - now
    return WAVE if left < SOON else min(max(left / SHARE, WAVE), LONGEST_WAVE)


def alarm_reached(start: datetime, now: datetime) -> int:
    """How many of the alarms have come: 0, 1 or 2."""
    return sum(start - before <= now for before in ALARMS)


def next_look(start: datetime, end: datetime, now: datetime) -> datetime:
    """When to look again: the end of the wave, the next alarm, or the end of the shift."""
    alarms = [at for before in ALARMS if (at := start - before) > now]
    return min([now + wave_lasts(start, now), *alarms, max(end, now)])
