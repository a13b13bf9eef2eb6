"""What became of a send is written down, also when hide or a close went past it meanwhile (PR2, PR5, PR7)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, LargeBinary, Row, bindparam, func, select, update

from bot.model import DueKind, Stage
from bot.services.departures import REPEATED, Departure
from bot.services.entries import Purpose, open_body, remote_place, seal_body
from bot.services.house import House
from bot.store import tables as t
from bot.store.moments import month_of
from bot.store.writes import Writes
from bot.vault.envelope import DataKey, seal
from bot.vault.vault import WrappedKey
from channels.message import DeliveryState, OutboundKind, Receipt

FIRST_RETRY = timedelta(seconds=1) // timedelta(microseconds=1)
LONGEST_RETRY = timedelta(seconds=60) // timedelta(microseconds=1)
UNSENT = (DeliveryState.PENDING.value, DeliveryState.SENDING.value, DeliveryState.FAILED_FOR_NOW.value)

Result = tuple[Departure, Receipt | None]


@dataclass(frozen=True, slots=True)
class _Home:
    """The conversation of a departure as it is now: its key may be a new one, its stage closed."""

    desk: str
    stage: str
    key: DataKey


def record(connection: Connection, house: House, results: Iterable[Result], now: int) -> None:
    """Write down what became of departures; None means never tried (its window closed, or hide overtook).

    A failure for now is tried again inside her window; what hide overtook stays cancelled, and if it
    reached her screen all the same its deletion now knows what to delete.
    """
    results = list(results)
    if not results:
        return
    homes = _homes(connection, house, results)
    rows: list[dict[str, object]] = []
    again: list[Departure] = []
    for departure, receipt in results:
        state, due = _outcome(departure, receipt, now)
        home = homes.get(departure.conversation)
        remote = receipt.remote_id if receipt else None
        sealed = seal(home.key, remote_place(departure.entry), remote.encode()) if home and remote else None
        repeats = receipt is not None and is_repeated(departure, receipt)
        if repeats:
            again.append(departure)
        rows.append(
            {
                "b_id": departure.entry,
                "b_attempts": departure.attempts + 1,
                "b_state": state.value,
                "b_due": due,
                "b_remote": sealed,
                "b_more": REPEATED if repeats else 0,
            }
        )
    connection.execute(_RECORD, rows)
    _count_repeats(connection, homes, again, now)
    _count_refused(connection, homes, results, now)
    closed = {talk: home for talk, home in homes.items() if home.stage == Stage.CLOSED.value}
    if closed:
        _tell_deletions(connection, house, results, closed, now)


_RECORD = (
    update(t.outbox)
    # DELIVERED may overtake our own record of SENT; hide may have cancelled it: neither is undone.
    # Claimed again meanwhile, by another process: what becomes of that is for it to say.
    .where(
        t.outbox.c.id == bindparam("b_id"),
        t.outbox.c.state == DeliveryState.SENDING.value,
        t.outbox.c.attempts == bindparam("b_attempts"),
    )
    .values(
        state=bindparam("b_state"),
        due_at=bindparam("b_due"),
        attempts=t.outbox.c.attempts + bindparam("b_more"),
        # An entry sent once more keeps the id of its first way out unless it got a new one.
        remote_sealed=func.coalesce(bindparam("b_remote", type_=LargeBinary), t.outbox.c.remote_sealed),
    )
)

_HOMES = (
    select(
        t.conversation.c.id, t.conversation.c.desk, t.conversation.c.stage, t.conversation.c.data_key,
        t.data_key.c.epoch, t.data_key.c.wrapped,
    )
    .join(t.data_key, t.data_key.c.id == t.conversation.c.data_key)
    .where(t.conversation.c.id.in_(bindparam("b_ids", expanding=True)))
)  # fmt: skip


def _homes(connection: Connection, house: House, results: Iterable[Result]) -> dict[str, _Home]:
    keys = {departure.conversation: departure.key for departure, _ in results}
    found = connection.execute(_HOMES, {"b_ids": sorted(keys)})
    return {row.id: _Home(row.desk, row.stage, _key(house, row, keys[row.id])) for row in found}


def _key(house: House, row: Row[*tuple[Any, ...]], known: DataKey) -> DataKey:
    if row.data_key == known.id:
        return known
    return house.vault.unwrap(WrappedKey(row.data_key, row.epoch, row.wrapped))


def _outcome(departure: Departure, receipt: Receipt | None, now: int) -> tuple[DeliveryState, int]:
    if receipt is None:
        late = departure.not_after is not None and departure.not_after <= now
        return (DeliveryState.HELD if late else DeliveryState.PENDING), now
    if is_repeated(departure, receipt):
        return DeliveryState.FAILED_FOR_NOW, now + FIRST_RETRY
    # An edit or a deletion may be done twice without anybody noticing: it goes on until it is known.
    harmless = receipt.state is DeliveryState.UNKNOWN and departure.message.kind is not OutboundKind.NEW
    if receipt.state is not DeliveryState.FAILED_FOR_NOW and not harmless:
        return receipt.state, now
    if receipt.retry_after is not None:
        wait = receipt.retry_after // timedelta(microseconds=1)
    else:
        wait = min(FIRST_RETRY * 2 ** min(departure.attempts, 6), LONGEST_RETRY)
    return DeliveryState.FAILED_FOR_NOW, now + wait


def is_repeated(departure: Departure, receipt: Receipt) -> bool:
    """Nobody knows whether a message arrived: it goes out once more, because silence would be worse (PR2)."""
    unknown = receipt.state is DeliveryState.UNKNOWN and departure.message.kind is OutboundKind.NEW
    return unknown and not departure.repeated


def _count_repeats(
    connection: Connection, homes: Mapping[str, _Home], again: list[Departure], now: int
) -> None:
    writes = Writes()
    for departure in again:
        if (home := homes.get(departure.conversation)) is not None:
            name = f"outbox.repeated.{departure.message.address.channel}"
            writes.count(home.desk, month_of(now), name)
    writes.flush(connection)


def _count_refused(
    connection: Connection, homes: Mapping[str, _Home], results: Iterable[Result], now: int
) -> None:
    writes = Writes()
    for departure, receipt in results:
        refused = receipt is not None and receipt.state is DeliveryState.FAILED_FOR_GOOD
        home = homes.get(departure.conversation)
        if refused and home is not None and departure.message.kind is OutboundKind.DELETE:
            writes.count(home.desk, month_of(now), "deletion.failed")
    writes.flush(connection)


def _tell_deletions(
    connection: Connection, house: House, results: list[Result], closed: Mapping[str, _Home], now: int
) -> None:
    """For what is closed but not yet gone: what was in flight is deleted too, then the rest goes."""
    writes = Writes()
    late = {
        departure.entry: receipt.remote_id if receipt else None
        for departure, receipt in results
        if departure.conversation in closed and departure.message.kind is OutboundKind.NEW
    }
    if late:
        _aim(connection, closed, late)
    row = t.outbox.c
    waiting = select(row.conversation).where(row.conversation.in_(list(closed)), row.state.in_(UNSENT))
    busy = set(connection.execute(waiting).scalars())
    for conversation in sorted(set(closed) - busy):
        due = house.identifiers.new_id()
        writes.set_due(due, DueKind.ERASE_CONVERSATION.value, conversation, now)
    writes.flush(connection)


def _aim(connection: Connection, closed: Mapping[str, _Home], late: Mapping[str, str | None]) -> None:
    """Tell deletions of messages that were in flight the remote id, or drop them: nothing went out."""
    row = t.outbox.c
    pending = connection.execute(
        select(row.id, row.conversation, row.body_sealed).where(
            row.conversation.in_(list(closed)),
            row.purpose == Purpose.DELETION.value,
            row.state == DeliveryState.PENDING.value,
            row.body_sealed.is_not(None),
        )
    ).all()
    for found in pending:
        key = closed[found.conversation].key
        body = open_body(key, found.id, found.body_sealed)
        if body.target is None or body.target not in late or body.target_remote:
            continue
        remote = late[body.target]
        if remote is None:
            change: dict[str, object] = {"state": DeliveryState.CANCELLED.value, "body_sealed": None}
        else:
            change = {"body_sealed": seal_body(key, found.id, body.aimed_at(remote))}
        connection.execute(update(t.outbox).where(row.id == found.id).values(change))
