"""Who works on what, where several processes share one PostgreSQL (PR1, PR2, PR3).

Two rules keep them from waiting for each other in a circle. Who claims work takes only what nobody else has
(SKIP LOCKED) and leaves the rest for its next look. Who must wait, because a person waits for the answer,
locks her conversation before anything that hangs on it. On SQLite one transaction excludes all others, and
none of this costs a statement.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select, text

from bot.store import tables as t
from handoff.model import HandoffState

EVERY_SHIFT: Final = "*"
A_MOMENT: Final = 50_000
"""Microseconds after which one looks again at what another process had."""


def is_alone(connection: Connection) -> bool:
    """Whether this transaction excludes all others anyway."""
    return connection.dialect.name == "sqlite"


def lock_conversations(connection: Connection, conversations: Iterable[str]) -> None:
    """Wait until these conversations are ours; in one order, for every process."""
    if not is_alone(connection):
        connection.execute(_WAIT, {"b_ids": list(conversations)}).all()


def lock_what_is_free(connection: Connection, conversations: Sequence[str], most: int) -> set[str]:
    """Lock `most` of these conversations, or some more, that nobody else works on, the first ones first.

    Returns those that may be worked on. One that has no row any more holds up nobody: it is among them.
    """
    if is_alone(connection):
        return set(conversations)
    mine: set[str] = set()
    for begin in range(0, len(conversations), most):
        some = {"b_ids": conversations[begin : begin + most]}
        free = set(connection.execute(_SKIP, some).scalars())
        if len(free) < len(some["b_ids"]):
            free |= set(some["b_ids"]) - set(connection.execute(_THERE, some).scalars())
        mine |= free
        if len(mine) >= most:
            break
    return mine


def lock_queue(connection: Connection, desk: str) -> bool:
    """Lock a desk's queue for dispatch; False while another process decides, or answers one who waits."""
    if is_alone(connection):
        return True
    if not connection.execute(_DISPATCH).scalar_one():
        return False
    waiting = list(connection.execute(_WAITING, {"b_desk": desk}).scalars())
    return lock_what_is_free(connection, waiting, max(1, len(waiting))) == set(waiting)


def lock_addresses(connection: Connection, digests: Iterable[bytes]) -> None:
    """Wait until nobody else makes a record for one of these addresses (their blind indexes)."""
    if not is_alone(connection):
        numbers = sorted(int.from_bytes(digest[:8], "big", signed=True) for digest in digests)
        connection.execute(_ADDRESSES, {"b_numbers": numbers}).all()


def lock_messenger(connection: Connection, channel: str) -> None:
    """Wait until nobody else decides what stands on this messenger of the volunteers.

    Taken before any conversation, and by nobody who has one.
    """
    if not is_alone(connection):
        connection.execute(_MESSENGER, {"b_channel": channel}).all()


def lock_rota(connection: Connection, desk: str) -> None:
    """Wait until nobody else decides about the shifts of this desk: changes are numbered in a row.

    Taken before people, and before any row of a swap or a cover. `EVERY_SHIFT` stands for what is looked
    after at all desks, and comes before any one desk.
    """
    if not is_alone(connection):
        connection.execute(_ROTA, {"b_desk": desk}).all()


_talk = t.conversation.c
_ours = select(_talk.id).where(_talk.id.in_(bindparam("b_ids", expanding=True))).order_by(_talk.id)
_THERE = select(_talk.id).where(_talk.id.in_(bindparam("b_ids", expanding=True)))
_WAIT = _ours.with_for_update()
_SKIP = _ours.with_for_update(skip_locked=True)
_WAITING = select(t.handoff.c.conversation).where(
    t.handoff.c.desk == bindparam("b_desk"), t.handoff.c.state == HandoffState.WAITING.value
)
_DISPATCH = text("SELECT pg_try_advisory_xact_lock(hashtextextended('hearthline dispatch', 0))")
_MESSENGER = text("SELECT pg_advisory_xact_lock(hashtextextended('hearthline messenger ' || :b_channel, 0))")
_ROTA = text("SELECT pg_advisory_xact_lock(hashtextextended('hearthline rota ' || :b_desk, 0))")
_ADDRESSES = text(
    "SELECT pg_advisory_xact_lock(one) "
    "FROM unnest(CAST(:b_numbers AS bigint[])) WITH ORDINALITY AS all_of(one, at) ORDER BY at"
)
