"""She leaves a queue or a live chat: the volunteer is told, a flagged place is held (design §4, B-039).

| she was      | and                                   | the hand-off becomes | her place                 |
| ---          | ---                                   | ---                  | ---                       |
| in the queue | flagged, and hides                    | parked               | held 30 min               |
| in the queue | not flagged, or is gone of her will   | closed               | withdrawn                 |
| in a chat    | flagged, and hides                    | left                 | held 30 min               |
| in a chat    | not flagged, or is gone of her will   | left                 | withdrawn                 |

"Left" stays until the volunteer has seen it, at most half an hour; a place that is held outlasts that look.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, select, update

from bot.model import DueKind
from bot.services.aftercare import chat_over
from bot.services.opening import keep_contact, open_contacts
from bot.services.talk import Talk
from bot.services.unanswered import DUE
from bot.store import tables as t
from bot.store.moments import HOUR
from handoff.eligibility import FLAGGED
from handoff.model import HandoffState, Urgency

PLACE_HELD = timedelta(minutes=30) // timedelta(microseconds=1)
OPEN = (HandoffState.WAITING.value, HandoffState.ACTIVE.value)


def closed_values() -> dict[str, Any]:
    """What remains of a closed hand-off: no urgency, no person, no facts, its time to the hour (PR6)."""
    queued: ColumnElement[int] = t.handoff.c.queued_at - t.handoff.c.queued_at % HOUR
    return {
        "state": HandoffState.CLOSED.value,
        "urgency": None,
        "facts_sealed": None,
        "person": None,
        "guest": None,
        "resumed_by": None,
        "front": False,
        "crowded": None,
        "queued_at": queued,
    }


def end_place(connection: Connection, handoff: str) -> None:
    """A held place, or a chat she had to leave, ends by itself."""
    connection.execute(
        update(t.handoff)
        .where(
            t.handoff.c.id == handoff,
            t.handoff.c.state.in_([HandoffState.PARKED.value, HandoffState.LEFT.value]),
        )
        .values(**closed_values())
    )


def seen_values() -> dict[str, Any]:
    """What remains once the volunteer has seen that she left: a held place without any person, or nothing."""
    row, closed = t.handoff.c, closed_values()
    kept = {"state": HandoffState.PARKED.value, "urgency": row.urgency, "queued_at": row.queued_at}
    both = {name: case((row.front, value), else_=closed[name]) for name, value in kept.items()}
    return {**closed, **both, "front": row.front}


def leave_handoff(talk: Talk, *, keep_place: bool) -> bool:
    """Take her out of queue or chat, whichever it is; whether there was one.

    `keep_place` says that she did not mean to be gone: a flagged place is then held.
    """
    connection, opened, state = talk.connection, talk.opened, talk.opened.state
    talk.writes.flush(connection)
    row = connection.execute(
        select(t.handoff).where(t.handoff.c.conversation == opened.id, t.handoff.c.state.in_(OPEN))
    ).one_or_none()
    spoke = not state.unanswered
    state.handoff, state.alias, state.hers_since, state.unanswered = "", "", 0, False
    state.wait_until = None
    for kind in (DueKind.WAIT_NEWS, DueKind.HOLDER_GONE, *DUE.values()):
        talk.writes.drop_due(kind.value, opened.id)
    if row is None:
        return False
    chat_over(talk, row, spoke=spoke)
    connection.execute(delete(t.offer).where(t.offer.c.handoff == row.id))
    talk.writes.drop_due(DueKind.QUEUE_STEP.value, row.id)
    held = keep_place and row.urgency is not None and Urgency(row.urgency) in FLAGGED
    talking = row.state == HandoffState.ACTIVE.value
    values: dict[str, Any] = {"facts_sealed": None, "claim_version": row.claim_version + 1}
    if talking:
        values |= {"state": HandoffState.LEFT.value, "front": held}  # a held place stands at the head
    elif held:
        values["state"] = HandoffState.PARKED.value
    else:
        values |= closed_values()
    connection.execute(update(t.handoff).where(t.handoff.c.id == row.id).values(values))
    if talking or held:
        identifier = talk.house.identifiers.new_id()
        at = talk.now + PLACE_HELD
        talk.writes.set_due(identifier, DueKind.PLACE_HELD_ENDS.value, row.id, at)
    if held:
        _remember_place(talk, row.id)
    return True


def _remember_place(talk: Talk, handoff: str) -> None:
    if talk.opened.contact is None:
        return
    contact = open_contacts(talk.connection, talk.house, [talk.opened.contact])[talk.opened.contact]
    contact.record.held_place = handoff
    keep_contact(talk.connection, contact)
