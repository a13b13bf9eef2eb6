"""A clock by a plain list of its changes: one that a calendar brings along, or one as it was known before."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple


class ClockChange(NamedTuple):
    """From this moment (naive UTC) on the clock is so far from UTC; before it, so far."""

    at: datetime
    before: timedelta
    after: timedelta


class BroughtAlong(tzinfo):
    """What a clock shows by a list of its changes, at least one, in order.

    A wall that comes twice or never is read with the offset before the change (fold 0) or after it.
    """

    def __init__(self, name: str, changes: Sequence[ClockChange]) -> None:
        self._name = name
        self._changes = changes
        self._moments = [change.at for change in changes]
        # The wall from which on only the new offset is right.
        self._walls = [change.at + max(change.before, change.after) for change in changes]

    def utcoffset(self, dt: datetime | None) -> timedelta | None:  # pyright: ignore[reportImplicitOverride] -- typing.override came with 3.12
        """The offset at a wall."""
        if dt is None:
            return None
        wall = dt.replace(tzinfo=None, fold=0)
        place = bisect_right(self._walls, wall)
        if dt.fold and place < len(self._changes):
            change = self._changes[place]
            if wall >= change.at + min(change.before, change.after):
                return change.after
        return self._after(place)

    def dst(self, dt: datetime | None) -> timedelta | None:  # noqa: ARG002  # pyright: ignore[reportImplicitOverride] -- same
        """Not told: a rota never asks."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:  # noqa: ARG002  # pyright: ignore[reportImplicitOverride] -- same
        """The name it was given."""
        return self._name

    def fromutc(self, dt: datetime) -> datetime:  # pyright: ignore[reportImplicitOverride] -- same
        """The wall at a moment; `fold` tells the second of two."""
        moment = dt.replace(tzinfo=None, fold=0)
        place = bisect_right(self._moments, moment)
        wall = (moment + self._after(place)).replace(tzinfo=self)
        if place:
            change = self._changes[place - 1]
            return wall.replace(fold=int(moment < change.at + (change.before - change.after)))
        return wall

    def _after(self, place: int) -> timedelta:
        return self._changes[place - 1].after if place else self._changes[0].before
