"""Stretches of time as (start, end) pairs: half-open, nothing is nearly the same (P1)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

Span = tuple[datetime, datetime]

ALWAYS: Span = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class NaiveMoment(ValueError):
    """A moment without an offset was given; nobody can say when that is."""


def utc(moment: datetime) -> datetime:
    """The moment in UTC. Raises NaiveMoment."""
    if moment.tzinfo is None:
        raise NaiveMoment(f"{moment.isoformat()} has no offset")
    return moment.astimezone(UTC)


def joined(spans: Iterable[Span]) -> Iterator[Span]:
    """The same time in as few spans as possible, in order; empty ones are left out."""
    begun: datetime | None = None
    over: datetime | None = None
    for start, end in sorted(spans):
        if end <= start:
            continue
        if begun is None or over is None:
            begun, over = start, end
        elif start <= over:
            over = max(over, end)
        else:
            yield begun, over
            begun, over = start, end
    if begun is not None and over is not None:
        yield begun, over


def cut(span: Span, window: Span) -> Span | None:
    """What of a span lies in the window, None for nothing."""
    start, end = max(span[0], window[0]), min(span[1], window[1])
    return (start, end) if start < end else None


def inside(span: Span, windows: Sequence[Span]) -> Iterator[Span]:
    """What of a span lies in any of the windows, which are disjoint and in order."""
    for window in windows:
        common = cut(span, window)
        if common is not None:
            yield common


def outside(span: Span, windows: Sequence[Span]) -> Iterator[Span]:
    """What of a span lies in none of the windows, which are disjoint and in order."""
    at, over = span
    for start, end in windows:
        if end <= at:
            continue
        if start >= over:
            break
        if at < start:
            yield at, start
        at = end
    if at < over:
        yield at, over
