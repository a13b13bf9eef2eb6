"""A shift from the day before it to its end: reminders, coming, and not coming (rota.md §3.3, §3.13).

All times are elapsed time before and after the moment the shift begins, whatever the clocks do that night.
Each stage comes once; one whose time has gone by while a later one has come too is skipped, not told late.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from handoff.model import Tier


class Presence(StrEnum):
    """Where somebody stands with a shift of hers."""

    EXPECTED = "expected"
    LATE = "late"  # she has said so
    THERE = "there"  # she has checked in
    MISSING = "missing"  # the time is over, and nobody has heard of her


class Stage(IntEnum):
    """What happens on the way to a shift and in it, in this order."""

    NOTHING_YET = 0
    DAY_BEFORE = 1
    HOUR_BEFORE = 2
    MINUTES_BEFORE = 3
    NOT_THERE = 4
    OVER = 5


BEFORE: Final = {
    Stage.DAY_BEFORE: timedelta(hours=24),
    Stage.HOUR_BEFORE: timedelta(hours=1),
    Stage.MINUTES_BEFORE: timedelta(minutes=10),
}
CHECKS_IN_FROM: Final = timedelta(minutes=15)
"""So long before it begins she can check in."""
WAITED_FOR: Final = timedelta(minutes=5)
"""So long after it begins, or after she said she would come, nobody is alarmed."""
LATE_AT_MOST: Final = timedelta(hours=3)
SICK_NOW: Final = timedelta(hours=24)
"""Whoever is ill this long before a shift or less is free of it at once; earlier she has it until covered."""
ALARMING: Final = frozenset({Tier.PRIMARY, Tier.SUPERVISOR})
"""Tiers in which somebody is missed at once; a backup is at home until she is called."""


@dataclass(frozen=True, slots=True)
class Course:
    """One shift of one person, and how far it has got.

    Attributes:
        start, end: moments, half-open.
        done: the last stage that is over, told or skipped.
        presence: see `Presence`.
        expected_at: when she is expected: its beginning, later where she said so or got it later.
    """

    start: datetime
    end: datetime
    done: Stage = Stage.NOTHING_YET
    presence: Presence = Presence.EXPECTED
    expected_at: datetime | None = None

    def at(self, stage: Stage) -> datetime:
        """When a stage comes."""
        if stage is Stage.OVER:
            return self.end
        if stage is Stage.NOT_THERE:
            return min(max(self.start, self.expected_at or self.start) + WAITED_FOR, self.end)
        return self.start - BEFORE.get(stage, timedelta(0))


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do now (None: nothing), which stage is over then, and when to look again (None: never)."""

    stage: Stage | None
    done: Stage
    next_at: datetime | None


def turn(course: Course, now: datetime) -> Turn:
    """The latest stage that has come and is not over yet; what was missed before it is skipped.

    Reminders are not told once she has come. Whoever is there is not missed.
    """
    done = course.done
    come = [stage for stage in Stage if stage > done and course.at(stage) <= now]
    latest = max(come, default=None)
    done = done if latest is None else latest
    later = [course.at(stage) for stage in Stage if stage > done]
    if latest is not None and latest is not Stage.OVER and course.presence is Presence.THERE:
        latest = None
    return Turn(latest, done, min(later, default=None))


def begun(start: datetime, end: datetime, now: datetime) -> Course:
    """A shift that somebody has from now on: what lies behind is over without a word.

    Where it runs already she is expected from now.
    """
    course = Course(start, end, expected_at=now if now > start else None)
    return _without_the_past(course, now)


def moved(course: Course, start: datetime, end: datetime, now: datetime) -> Course:
    """The same shift at other times: it is reminded of at the new ones, and of none that is past."""
    expected = course.expected_at
    if expected is not None and expected <= course.start:
        expected = None
    if course.presence is Presence.LATE and expected is not None:
        expected = start + (expected - course.start)
    presence = course.presence
    if start - CHECKS_IN_FROM > now:  # whoever had come has to come again
        presence, expected = Presence.EXPECTED, None
    return _without_the_past(Course(start, end, Stage.NOTHING_YET, presence, expected), now)


def comes_late(course: Course, lasts: timedelta, now: datetime) -> Course:
    """She says that she comes so much later than it begins, or than now once it has begun."""
    lasts = min(max(lasts, timedelta(0)), LATE_AT_MOST)
    expected = max(course.start, now) + lasts
    done = min(course.done, Stage.MINUTES_BEFORE)
    return Course(course.start, course.end, done, Presence.LATE, expected)


def _without_the_past(course: Course, now: datetime) -> Course:
    past = [stage for stage in Stage if stage is not Stage.OVER and course.at(stage) <= now]
    return Course(
        course.start, course.end, max(past, default=Stage.NOTHING_YET), course.presence, course.expected_at
    )
