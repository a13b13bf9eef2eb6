"""Moments in the database: integer microseconds since 1970 UTC, exact on every backend."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR = 3_600_000_000


def to_moment(at: datetime) -> int:
    """Aware datetime to microseconds since 1970 UTC; a naive one raises TypeError."""
    return (at - EPOCH) // MICROSECOND


def from_moment(moment: int) -> datetime:
    """The inverse of `to_moment`, always UTC."""
    return EPOCH + timedelta(microseconds=moment)


def hour_down(moment: int) -> int:
    """Rounded down to the hour: what is kept of an exact time after close (PR6)."""
    return moment - moment % HOUR


def hour_up(moment: int) -> int:
    """Rounded up to the hour, for expiries that must not come early."""
    return moment + -moment % HOUR


def month_of(moment: int) -> str:
    """The month events are counted in: "2026-11" (F-2)."""
    return from_moment(moment).strftime("%Y-%m")
