"""Capacity became free, somebody came: whoever waits is looked at in this very moment, before newcomers."""

from sqlalchemy import Connection, select, update

from bot.model import DueKind
from bot.store import tables as t
from handoff.model import HandoffState


def look_again(connection: Connection, now: int, desk: str | None = None) -> None:
    """Have the queue of a desk, or of all, decided anew now: the whole queue in its order, oldest first."""
    waiting = select(t.handoff.c.id).where(t.handoff.c.state == HandoffState.WAITING.value)
    if desk is not None:
        waiting = waiting.where(t.handoff.c.desk == desk)
    connection.execute(
        update(t.due)
        .where(t.due.c.kind == DueKind.QUEUE_STEP.value, t.due.c.at > now, t.due.c.subject.in_(waiting))
        .values(at=now)
    )
