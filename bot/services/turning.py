"""Turning the keys: live data keys are wrapped anew, older epochs are retired, then shredded (PR7).

Also the index keys of past weeks, with everything else that only time makes old. Each step may be repeated,
and be cut short anywhere: what is left is done by the next turn.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.model import InboxState
from bot.services import blocking, epochs
from bot.services.house import House
from bot.store import tables as t
from bot.store.moments import to_moment
from bot.vault.vault import WrappedKey

AT_ONCE = 2_000
REPEATS_REFUSED_FOR = timedelta(days=8)  # longer than any channel offers an act again
INDEX_KEYS_LIVE = timedelta(days=97)  # the longest contact record, and the week it was indexed in


def begin(house: House, now: datetime) -> str:
    """A new epoch key, on disk before anything is wrapped by it."""
    return house.vault.begin_epoch(now)


def rewrap_some(connection: Connection, house: House) -> int:
    """Wrap up to AT_ONCE data keys of older epochs by the current one; 0 when none is left.

    A key that another process is erasing just now is left to it.
    """
    current = house.vault.current_epoch
    older = select(t.data_key).where(t.data_key.c.epoch != current).limit(AT_ONCE)
    rows = connection.execute(older.with_for_update(skip_locked=True)).all()
    if rows:
        fresh = [house.vault.rewrap(WrappedKey(row.id, row.epoch, row.wrapped)) for row in rows]
        connection.execute(
            update(t.data_key)
            .where(t.data_key.c.id == bindparam("b_id"))
            .values(epoch=bindparam("b_epoch"), wrapped=bindparam("b_wrapped")),
            [{"b_id": key.id, "b_epoch": key.epoch, "b_wrapped": key.wrapped} for key in fresh],
        )
    return len(rows)


def retire(connection: Connection, house: House, now: datetime) -> frozenset[str]:
    """Retire the epochs no row names any more; returns what is to be shredded once this is committed."""
    return epochs.retire(connection, house, to_moment(now))


def shred(house: House, retired: AbstractSet[str]) -> tuple[str, ...]:
    """Remove retired epoch keys from the ring; backups of before open nothing from here on."""
    return house.vault.shred_epochs(retired)


def forget_old(connection: Connection, house: House, now: datetime) -> None:
    """Rows that only refused repeats, tombstones, spent offers and visits, and old index keys."""
    before = to_moment(now - REPEATS_REFUSED_FOR)
    connection.execute(
        delete(t.inbox).where(t.inbox.c.received_at < before, t.inbox.c.state != InboxState.NEW.value)
    )
    connection.execute(
        delete(t.conversation).where(t.conversation.c.closed_at < before, t.conversation.c.data_key.is_(None))
    )
    connection.execute(delete(t.offer).where(t.offer.c.handoff.in_(_old_handoffs(before))))
    connection.execute(delete(t.handoff).where(t.handoff.c.id.in_(_old_handoffs(before))))
    moment = to_moment(now)
    connection.execute(delete(t.sign_in).where(t.sign_in.c.expires_at < moment))
    connection.execute(delete(t.console_visit).where(t.console_visit.c.expires_at < moment))
    connection.execute(delete(t.request).where(t.request.c.asked_at < before))
    epochs.forget(connection, to_moment(now - INDEX_KEYS_LIVE))
    blocking.forget_expired(connection, moment)
    house.vault.drop_old_block_keys(now)
    house.vault.turn_index_week(now)
    house.vault.drop_index_keys(now - INDEX_KEYS_LIVE)


def _old_handoffs(before: int):
    return select(t.handoff.c.id).where(t.handoff.c.state == "closed", t.handoff.c.queued_at < before)
