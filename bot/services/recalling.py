"""A recalled revision is left at her next turn, and nothing more of it is said (PR10).

What of it still waits to be sent is withdrawn just before the wire, and she is answered once more, from the
live revision; whatever a volunteer wrote goes out as always. Closing words stay: after them nothing is said.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, select, update

from bot.model import DueKind, Stage
from bot.services.effects import apply
from bot.services.entries import Purpose
from bot.services.held import Kept
from bot.services.house import House
from bot.services.revisions import RevisionState
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.writes import Writes
from channels.message import DeliveryState
from triage import engine
from triage.model import Script
from triage.run import Aside, HandoffNews, HandoffOutcome, Tapped

OF_THE_SCRIPT: Final = (Purpose.ANSWER.value, Purpose.NEWS.value, Purpose.OUTCOME.value)
"""Purposes of entries that say what a script says."""
NOWHERE: Final = ""
"""No step is called this: the engine leads whoever stands there to the menu."""
_UNSENT: Final = (
    DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value, DeliveryState.HELD.value,
)  # fmt: skip
_LOOK_AGAIN: Final = timedelta(seconds=1) // timedelta(microseconds=1)


def script_of(talk: Talk) -> Script:
    """The script of this conversation; one whose revision is gone stands in the live one from here on."""
    opened = talk.opened
    revision, script = talk.house.library.script(opened.desk, opened.revision)
    if opened.revision is not None and revision != opened.revision:
        _leave(talk)
    opened.revision = revision
    return script


def still_said(talk: Talk, before: int | None, waiting: tuple[Kept, ...]) -> tuple[Kept, ...]:
    """What held entries may still be shown, if the conversation stood in revision `before` until now."""
    if before is None or before == talk.opened.revision:
        return waiting
    return tuple(kept for kept in waiting if kept.purpose not in OF_THE_SCRIPT)


def left_a_revision(talk: Talk, before: int | None) -> bool:
    """Whether the conversation stood in another revision until now."""
    return before is not None and before != talk.opened.revision


def _leave(talk: Talk) -> None:
    state = talk.opened.state
    talk.writes.flush(talk.connection)
    row = t.outbox.c
    talk.connection.execute(
        update(t.outbox)
        .where(row.conversation == talk.opened.id, row.purpose.in_(OF_THE_SCRIPT), row.state.in_(_UNSENT))
        .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
    )
    state.offered = []
    if state.run is not None:
        state.run = replace(
            state.run, step=NOWHERE, aside=Aside.NONE, trail=(), grid=(), return_to=None, misses=0
        )
    talk.count("script.left")


def ask_again(connection: Connection, house: House, conversations: Iterable[str], now: int) -> None:
    """What these were to be told was withdrawn: each gets an answer from the live revision."""
    writes = Writes()
    for conversation in sorted(set(conversations)):
        identifier = house.identifiers.new_id()
        writes.set_due(identifier, DueKind.ANSWER_AGAIN.value, conversation, now)
    writes.flush(connection)


def answer_again(talk: Talk) -> None:
    """Answer her from the live revision, inside the window of the act whose answer was withdrawn (PR4)."""
    opened = talk.opened
    if opened.stage not in {Stage.TRIAGE, Stage.WAITING, Stage.LIVE} or not _is_recalled(talk):
        return  # it ended, or she has acted since and was answered
    if opened.revision not in talk.house.library.recalled:
        # This process has not read of the recall yet; it does within seconds.
        identifier = talk.house.identifiers.new_id()
        talk.writes.set_due(identifier, DueKind.ANSWER_AGAIN.value, opened.id, talk.now + _LOOK_AGAIN)
        return
    script = script_of(talk)
    run = opened.state.run
    if run is None:
        return
    surroundings = talk.house.library.surroundings(opened.desk, opened.channel, talk.at)
    here = opened.stage is Stage.LIVE
    reply = HandoffOutcome(HandoffNews.ACCEPTED) if here else Tapped("!menu")
    purpose = Purpose.ANSWER if opened.stage is Stage.TRIAGE else Purpose.NEWS
    apply(talk, script, engine.resume(script, run, reply, surroundings), purpose)


def _is_recalled(talk: Talk) -> bool:
    query = select(t.script_revision.c.state).where(t.script_revision.c.id == talk.opened.revision)
    return talk.connection.execute(query).scalar() == RevisionState.RECALLED.value
