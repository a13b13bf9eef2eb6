"""The one reader of the time. Everything else takes `now` as an argument."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

IN_STEP: Final = timedelta(milliseconds=250)
"""How far a shared clock may be from the database's before it is put right; less is the way to and fro."""


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class SharedClock:
    """The database's clock, as this process last heard it, carried on by a clock that nobody can set.

    Processes on several machines go by one clock, so that none takes the other's time for a clock that was
    set back. Until the database was heard it is the machine's own.
    """

    def __init__(self) -> None:
        self._at_zero = datetime.now(UTC) - steady()

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self._at_zero + steady()

    def heard(self, now: datetime, at: timedelta) -> timedelta:
        """The database said `now` when `steady` said `at`; returns by how much this clock was wrong."""
        wrong = now - at - self._at_zero
        if abs(wrong) > IN_STEP:
            self._at_zero += wrong
        return wrong


def steady() -> timedelta:
    """A clock that only goes forward, also while this machine sleeps or this process stands still."""
    return timedelta(seconds=time.clock_gettime(_STEADY))


_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
