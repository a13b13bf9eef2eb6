"""An honest word about the wait: measured, rounded up, never better than the median (B-093, B-095)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

ENOUGH_WAITS: Final = 5  # below this a median says nothing
LONG_AFTER_MINUTES: Final = 15
STEP_MINUTES: Final = 5


class WaitKind(StrEnum):
    """What can be said."""

    MINUTES = "minutes"  # about so many
    LONG = "long"  # more than the limit: say so, with other lines and a time to come back
    UNKNOWN = "unknown"  # "we cannot say"


@dataclass(frozen=True, slots=True)
class Wait:
    """What is said of a wait; `minutes` is a multiple of five, None when unknown."""

    kind: WaitKind
    minutes: int | None


def estimate(recent_waits_seconds: Sequence[float], ahead: int, on_duty: int) -> Wait:
    """How long she will probably wait.

    The median of recent waits stands for a turn of one person per volunteer on duty; whoever has more
    people ahead waits that many turns. Unknown with fewer than five waits measured or nobody on duty.
    """
    if len(recent_waits_seconds) < ENOUGH_WAITS or on_duty < 1:
        return Wait(WaitKind.UNKNOWN, None)
    turns = max(1.0, (ahead + 1) / on_duty)
    expected_minutes = median(recent_waits_seconds) * turns / 60
    minutes = max(STEP_MINUTES, math.ceil(expected_minutes / STEP_MINUTES) * STEP_MINUTES)
    return Wait(WaitKind.LONG if minutes > LONG_AFTER_MINUTES else WaitKind.MINUTES, minutes)
