"""She says nothing: one soft question inside her window, later a quiet close (B-099).

Only while the last word is the volunteer's; a silence of the volunteer has deadlines of its own
(`unanswered`). A page before her eyes keeps the chat open, but is no answer.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from bot.model import DueKind, Stage
from bot.services import held, idleness, speech
from bot.services.entries import Purpose
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.moments import from_moment, to_moment
from channels.message import DeliveryState
from handoff.deadlines import IDLE_CLOSE_AFTER, DeadlineKind, Facts, deadlines
from handoff.model import HandoffState, Urgency

CLOSES_AFTER: Final = IDLE_CLOSE_AFTER // timedelta(microseconds=1)
LOOK_AGAIN: Final = timedelta(minutes=10) // timedelta(microseconds=1)
A_MOMENT: Final = timedelta(minutes=1) // timedelta(microseconds=1)
_NOT_THERE: Final = (
    DeliveryState.PENDING.value,
    DeliveryState.FAILED_FOR_NOW.value,
    DeliveryState.HELD.value,
)


def look(talk: Talk) -> None:
    """What her silence asks for now, and when to look again."""
    opened, state = talk.opened, talk.opened.state
    if opened.stage is not Stage.LIVE or state.hers_since or state.unanswered:
        return  # the volunteer's next word has it looked at anew
    closes_at = max(state.acted_at, state.said_at, opened.last_act_at) + CLOSES_AFTER
    if talk.now >= closes_at and not _kept_from_her(talk):
        idleness.close(talk)
        talk.count("live.silent")
        return
    due = {one.kind: to_moment(one.at) for one in deadlines(_facts(talk))}
    check_at = due.get(DeadlineKind.SOFT_CHECK)
    if check_at is not None and check_at <= talk.now:
        state.soft_checked = True
        speech.tell(talk, "word.idle_check", purpose=Purpose.NEWS)
        talk.count("live.soft_check")
        check_at = None
    at = max(closes_at, talk.now + LOOK_AGAIN) if check_at is None else check_at
    identifier = talk.house.identifiers.new_id()
    talk.writes.set_due(identifier, DueKind.SILENCE.value, opened.id, max(at, talk.now + A_MOMENT))


def _kept_from_her(talk: Talk) -> bool:
    """Whether the network refused what the volunteer wrote last: who could not read it is not silent."""
    row = t.outbox.c
    found = select(row.id).where(
        row.conversation == talk.opened.id,
        row.purpose == Purpose.RELAY.value,
        row.state.in_(_NOT_THERE),
        row.attempts > 0,
    )
    return talk.connection.execute(found.limit(1)).first() is not None


def _facts(talk: Talk) -> Facts:
    """Her window is open for a new line only outside quiet mode, and after the safe check (PR4)."""
    opened, state = talk.opened, talk.opened.state
    window = None if held.keeps_back(talk) else from_moment(opened.new_until)
    silent_since = from_moment(max(state.acted_at, state.said_at))
    return Facts(
        state=HandoffState.ACTIVE,
        urgency=Urgency(state.urgency),
        since=silent_since,
        volunteer_spoke=True,
        her_last_act_at=silent_since,
        window_ends_at=window,
        done=frozenset({DeadlineKind.SOFT_CHECK}) if state.soft_checked else frozenset(),
    )
