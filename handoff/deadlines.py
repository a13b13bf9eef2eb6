"""Nobody waits without a stored deadline (PR9): from the facts of a hand-off, what is due and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from handoff.model import HandoffState, Urgency


class DeadlineKind(StrEnum):
    """What falls due."""

    QUEUE_STEP = "queue_step"  # decide again about offers
    NUDGE = "nudge"  # live chat, last word hers: remind the volunteer
    ALERT_SUPERVISOR = "alert_supervisor"  # still no answer: tell a supervisor
    TAKE_BACK = "take_back"  # back to the head of her urgency, with an honest line
    SOFT_CHECK = "soft_check"  # she is silent: ask once whether she is still there, in her window only
    IDLE_CLOSE = "idle_close"  # she stays silent: end quietly; if flagged her place is held (B-099)
    PLACE_HELD_ENDS = "place_held_ends"  # she left with a flag and did not come back


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """One due moment."""

    at: datetime
    kind: DeadlineKind


@dataclass(frozen=True, slots=True)
class Facts:
    """What deadlines depend on. Moments are aware.

    Attributes:
        state: of the hand-off.
        urgency: of the hand-off.
        since: when the present state began: queued, accepted or parked.
        next_step_at: while waiting, what `decide` said; None before it was asked.
        volunteer_spoke: whether the one who has it has written to her since accepting.
        unanswered_since: while live, when she wrote the *first* of the words nobody has answered yet;
            None when the last word is the volunteer's. A further word of hers must not move it.
        her_last_act_at: her last message or tap.
        window_ends_at: end of her presence window; None when it is unknown.
        done: kinds carried out since the last word from either side, or since the state began.
    """

    state: HandoffState
    urgency: Urgency
    since: datetime
    next_step_at: datetime | None = None
    volunteer_spoke: bool = False
    unanswered_since: datetime | None = None
    her_last_act_at: datetime | None = None
    window_ends_at: datetime | None = None
    done: frozenset[DeadlineKind] = frozenset()


_PATIENCE: Final[Mapping[DeadlineKind, timedelta]] = {
    DeadlineKind.NUDGE: timedelta(minutes=3),
    DeadlineKind.ALERT_SUPERVISOR: timedelta(minutes=6),
    DeadlineKind.TAKE_BACK: timedelta(minutes=10),
}
_PATIENCE_IN_DANGER: Final[Mapping[DeadlineKind, timedelta]] = {
    DeadlineKind.NUDGE: timedelta(minutes=1),
    DeadlineKind.ALERT_SUPERVISOR: timedelta(minutes=2),
    DeadlineKind.TAKE_BACK: timedelta(minutes=3),
}
_PATIENCE_FOR_A_FIRST_WORD: Final[Mapping[DeadlineKind, timedelta]] = _PATIENCE_IN_DANGER
"""Whoever accepted and says nothing is not there: the accept expires after three minutes."""

SOFT_CHECK_AFTER: Final = timedelta(minutes=10)
IDLE_CLOSE_AFTER: Final = timedelta(minutes=30)
PLACE_HELD_FOR: Final = timedelta(minutes=30)


def deadlines(facts: Facts) -> tuple[Deadline, ...]:
    """Everything that is due for this hand-off, soonest first; empty only when it is closed.

    A moment may lie in the past: then it is due now. The last deadline of a state is given whatever
    `done` says, since only leaving the state settles it.
    """
    match facts.state:
        case HandoffState.WAITING | HandoffState.PASSING:
            due = (Deadline(facts.next_step_at or facts.since, DeadlineKind.QUEUE_STEP),)
        case HandoffState.ACTIVE:
            due = _live(facts)
        case HandoffState.PARKED | HandoffState.LEFT:
            due = (Deadline(facts.since + PLACE_HELD_FOR, DeadlineKind.PLACE_HELD_ENDS),)
        case HandoffState.CLOSED:
            due = ()
        case _:
            assert_never(facts.state)
    return tuple(sorted(due))


def _live(facts: Facts) -> tuple[Deadline, ...]:
    if facts.unanswered_since is not None or not facts.volunteer_spoke:
        return _she_waits_for_a_word(facts)
    return _she_is_silent(facts)


def _she_waits_for_a_word(facts: Facts) -> tuple[Deadline, ...]:
    # What she wrote before the volunteer came counts from the moment the volunteer came.
    asked_at = facts.unanswered_since or facts.since
    begun = max(asked_at, facts.since)
    patience = _PATIENCE_IN_DANGER if facts.urgency is Urgency.U0 else _PATIENCE
    if not facts.volunteer_spoke:
        patience = _PATIENCE_FOR_A_FIRST_WORD
    return tuple(
        Deadline(begun + after, kind)
        for kind, after in patience.items()
        if kind is DeadlineKind.TAKE_BACK or kind not in facts.done
    )


def _she_is_silent(facts: Facts) -> tuple[Deadline, ...]:
    silent_since = max(facts.her_last_act_at or facts.since, facts.since)
    check_at = silent_since + SOFT_CHECK_AFTER
    closing = Deadline(silent_since + IDLE_CLOSE_AFTER, DeadlineKind.IDLE_CLOSE)
    may_check = facts.window_ends_at is not None and check_at < facts.window_ends_at
    if may_check and DeadlineKind.SOFT_CHECK not in facts.done:
        return Deadline(check_at, DeadlineKind.SOFT_CHECK), closing
    return (closing,)
