"""What leaves for the volunteers' messengers: claimed in order per address, recorded, aimed (PR2, PR3).

As her outbox does it (`bot.services.outgoing`), without windows: a volunteer on shift may be rung. What is
late is dropped, not sent late.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from bot.model import AddressState
from bot.services.departures import Departure
from bot.services.house import House
from bot.services.locking import lock_messenger
from bot.services.messenger import addresses
from bot.services.messenger.posts import (
    UNSENT,
    PostBody,
    open_body,
    open_remote,
    seal_remote,
)
from bot.services.staff.chats import OPENING, PLACE, REPLY, open_place, seal_place
from bot.services.staff.mirror import mirror
from bot.store import staff_tables as s, tables as t
from bot.store.moments import from_moment
from bot.vault.envelope import DataKey
from bot.vault.errors import KeyGone, Unopenable
from bot.vault.vault import WrappedKey
from channels.message import Address, Choice, DeliveryState, OutboundKind, OutboundMessage, Receipt

MOST_AT_ONCE: Final = 200
FIRST_RETRY: Final = timedelta(seconds=1) // timedelta(microseconds=1)
LONGEST_RETRY: Final = timedelta(seconds=60) // timedelta(microseconds=1)
Result = tuple[Departure, Receipt | None]
Found = Row[*tuple[Any, ...]]


def record_and_claim(
    connection: Connection, house: House, channel: str, results: Iterable[Result], now: int
) -> list[Departure]:
    """Write down what became of departures, bring the messengers up to date, claim what may go next."""
    lock_messenger(connection, channel)
    record(connection, house, results, now)
    mirror(connection, house, channel, now)
    return claim(connection, house, channel, now)


def claim(connection: Connection, house: House, channel: str, now: int) -> list[Departure]:
    """Claim what may go now; not past what is on its way to an address, or waits for its next try."""
    connection.execute(_LATE, {"b_channel": channel, "b_now": now})
    rows = connection.execute(_DUE, {"b_channel": channel, "b_now": now}).all()
    ready: list[Departure] = []
    void: list[str] = []
    stopped: set[str] = set()
    leaving: set[str] = set()
    for row in rows:
        if row.address in stopped:
            continue
        body = _opened(house, row)
        if body is None:
            void.append(row.id)
            continue
        if body.target in leaving:  # what it means is only now on its way
            stopped.add(row.address)
            continue
        message = _message(connection, house, row, body)
        if message is None:
            void.append(row.id)
            continue
        ready.append(
            Departure(row.id, row.address, message, row.not_after, house.vault.organisation, row.attempts)
        )
        leaving.add(row.id)
        if row.kind == OutboundKind.OPEN.value:
            stopped.add(row.address)  # what goes into the place waits for its name
    if void:
        connection.execute(_VOID, {"b_ids": void})
    if not ready:
        return []
    mine = set(connection.execute(_CLAIMED, {"b_ids": [one.entry for one in ready]}).scalars())
    return [one for one in ready if one.entry in mine]


def record(connection: Connection, house: House, results: Iterable[Result], now: int) -> None:
    """Write down what became of departures: remote ids, places, retries, and who has blocked the bot."""
    blocked: list[str] = []
    for departure, receipt in results:
        state, due = _outcome(departure, receipt, now)
        values: dict[str, Any] = {"state": state.value, "due_at": due}
        kind = departure.message.kind
        if receipt is not None and receipt.remote_id is not None and kind is OutboundKind.NEW:
            values["remote_sealed"] = seal_remote(house, departure.entry, receipt.remote_id)
        connection.execute(
            update(s.staff_post)
            .where(s.staff_post.c.id == departure.entry, s.staff_post.c.state == DeliveryState.SENDING.value)
            .values(values)
        )
        if kind is OutboundKind.OPEN and receipt is not None:
            _note_place(connection, house, departure, receipt)
        if receipt is not None and receipt.reason == "blocked":
            blocked.append(departure.conversation)
    if blocked:
        addresses.note_blocked(connection, blocked)


def recover(connection: Connection, house: House, now: int, channel: str) -> None:
    """What was on its way when the process that sent it died is sent again; it may be there twice (PR2).

    At start-up; where several processes serve, by the one that takes the channel over.
    """
    del now
    recover_unclaimed(connection, house, channel, ())


def recover_unclaimed(connection: Connection, house: House, channel: str, flying: Collection[str]) -> None:
    """After a claim whose answer was lost: what is marked as on its way and is not was never sent.

    `flying` are the rows this process is sending on the channel, or has just sent.
    """
    del house
    row = s.staff_post.c
    connection.execute(
        update(s.staff_post)
        .where(row.channel == channel, row.state == DeliveryState.SENDING.value, row.id.not_in(flying))
        .values(state=DeliveryState.PENDING.value)
    )


def _note_place(connection: Connection, house: House, departure: Departure, receipt: Receipt) -> None:
    """The topic or room is there, or the network refused: then its lines are answered one by one."""
    chat = select(s.staff_post.c.chat).where(s.staff_post.c.id == departure.entry).scalar_subquery()
    mine = (s.staff_chat.c.id == chat) & (s.staff_chat.c.mode == OPENING)
    if receipt.remote_id is not None:
        identifier = connection.execute(select(s.staff_chat.c.id).where(mine)).scalar_one_or_none()
        if identifier is not None:
            sealed = seal_place(house, identifier, receipt.remote_id)
            connection.execute(
                update(s.staff_chat)
                .where(s.staff_chat.c.id == identifier)
                .values(mode=PLACE, place_sealed=sealed)
            )
    elif receipt.state is DeliveryState.FAILED_FOR_GOOD:
        connection.execute(update(s.staff_chat).where(mine).values(mode=REPLY))


def _outcome(departure: Departure, receipt: Receipt | None, now: int) -> tuple[DeliveryState, int]:
    if receipt is None:
        return DeliveryState.PENDING, now
    if receipt.state is not DeliveryState.FAILED_FOR_NOW:
        return receipt.state, now
    if receipt.retry_after is not None:
        return receipt.state, now + receipt.retry_after // timedelta(microseconds=1)
    return receipt.state, now + min(FIRST_RETRY * 2 ** min(departure.attempts, 6), LONGEST_RETRY)


def _opened(house: House, row: Found) -> PostBody | None:
    if row.body_sealed is None:
        return None
    key: DataKey = house.vault.organisation
    try:
        if row.data_key is not None:
            if row.epoch is None:
                return None  # her conversation is erased: its words go to nobody
            key = house.vault.unwrap(WrappedKey(row.data_key, row.epoch, row.wrapped))
        return open_body(key, row.id, row.body_sealed)
    except (KeyGone, Unopenable):
        return None


def _message(connection: Connection, house: House, row: Found, body: PostBody) -> OutboundMessage | None:
    """The row for the wire; None when it means a message that is not there."""
    kind = OutboundKind(row.kind)
    target = body.target_remote
    if kind in {OutboundKind.EDIT, OutboundKind.DELETE} and target is None:
        target = _remote_of(connection, house, body.target)
        if target is None:
            return None
    place = None
    if row.place_sealed is not None and row.mode == PLACE:
        place = open_place(house, row.chat, row.place_sealed)
    if kind is OutboundKind.CLOSE and place is None:
        return None
    return OutboundMessage(
        entry_id=row.id,
        address=Address(row.channel, addresses.handle_of(house, row.address, row.address_sealed)),
        kind=kind,
        sequence=row.sequence,
        text=body.text,
        choices=tuple(Choice(*choice) for choice in body.choices),
        target=body.target,
        target_remote_id=target,
        silent=not row.sounding,
        protect=body.protect,
        not_after=None if row.not_after is None else from_moment(row.not_after),
        place=place,
        reply_to=body.reply_to,
        asks_reply=body.asks_reply,
        link=(body.link[0], body.link[1]) if body.link else None,
    )


def _remote_of(connection: Connection, house: House, target: str | None) -> str | None:
    row = s.staff_post.c
    found = connection.execute(
        select(row.id, row.remote_sealed).where(row.id == target, row.remote_sealed.is_not(None))
    ).one_or_none()
    return open_remote(house, found) if found is not None else None


def _due() -> Select[*tuple[Any, ...]]:
    row, earlier, flying = s.staff_post.c, s.staff_post.alias("earlier"), s.staff_post.alias("flying")
    in_flight = select(flying.c.id).where(
        flying.c.address == row.address, flying.c.state == DeliveryState.SENDING.value
    )
    overtakes = select(earlier.c.id).where(
        earlier.c.address == row.address,
        earlier.c.sequence < row.sequence,
        earlier.c.state.in_(UNSENT),
        earlier.c.due_at > bindparam("b_now"),
    )
    return (
        select(
            s.staff_post, s.staff_address.c.address_sealed, s.staff_chat.c.place_sealed, s.staff_chat.c.mode,
            t.data_key.c.epoch, t.data_key.c.wrapped,
        )
        .join(s.staff_address, s.staff_address.c.id == row.address)
        .outerjoin(s.staff_chat, s.staff_chat.c.id == row.chat)
        .outerjoin(t.data_key, t.data_key.c.id == row.data_key)
        .where(
            row.channel == bindparam("b_channel"),
            row.state.in_(UNSENT),
            row.due_at <= bindparam("b_now"),
            s.staff_address.c.state.in_([AddressState.LINKED.value, AddressState.UNLINKED.value]),
            ~in_flight.exists(),
            ~overtakes.exists(),
        )
        .order_by(row.address, row.sequence)
        .limit(MOST_AT_ONCE)
    )  # fmt: skip


_DUE = _due()
_LATE = (
    update(s.staff_post)
    .where(
        s.staff_post.c.channel == bindparam("b_channel"),
        s.staff_post.c.state.in_(UNSENT),
        s.staff_post.c.not_after <= bindparam("b_now"),
    )
    .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
)
_CLAIMED = (
    update(s.staff_post)
    .where(s.staff_post.c.id.in_(bindparam("b_ids", expanding=True)), s.staff_post.c.state.in_(UNSENT))
    .values(state=DeliveryState.SENDING.value, attempts=s.staff_post.c.attempts + 1)
    .returning(s.staff_post.c.id)
)
_VOID = (
    update(s.staff_post)
    .where(s.staff_post.c.id.in_(bindparam("b_ids", expanding=True)))
    .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
)
