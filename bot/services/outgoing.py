"""What leaves the house: claimed in order, checked against her window and the claim (PR3, PR4, PR8)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, Update, and_, bindparam, case, func, or_, select, update

from bot.model import Stage
from bot.services.departures import Departure
from bot.services.entries import Body, Purpose, open_body, remote_place
from bot.services.epochs import refuse_other_ring
from bot.services.house import House
from bot.services.opening import address_place
from bot.services.recalling import OF_THE_SCRIPT, ask_again
from bot.services.receipts import record
from bot.services.revisions import RevisionState
from bot.services.stepped_clock import keep_step
from bot.store import tables as t
from bot.store.moments import from_moment, month_of
from bot.store.writes import Writes
from bot.vault.envelope import DataKey, open_sealed
from bot.vault.errors import KeyGone, Unopenable
from bot.vault.vault import WrappedKey
from channels.message import Address, Choice, DeliveryState, OutboundKind, OutboundMessage, Receipt, Speaker
from handoff.model import HandoffState

MOST_AT_ONCE = 500
_AIMED = (OutboundKind.EDIT, OutboundKind.DELETE)
WAITING = (DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value)


def record_and_claim(
    connection: Connection,
    house: House,
    channel: str,
    results: Iterable[tuple[Departure, Receipt | None]],
    now: int,
) -> list[Departure]:
    """Write down what became of departures and claim what may go next, in one commit."""
    record(connection, house, results, now)
    return claim(connection, house, channel, now)


def claim(connection: Connection, house: House, channel: str, now: int) -> list[Departure]:
    """Claim due entries of a channel, in order per conversation; past their window they are held.

    A conversation with an entry in flight, or with an earlier one waiting for its next try, is left alone.
    """
    keep_step(connection, house, now)
    asked = {"b_channel": channel, "b_now": now}
    connection.execute(_LATE, asked)
    _withdraw_unsayable(connection, house, channel, now)
    ready: list[Departure] = []
    void: list[str] = []
    opener = _Opener(connection, house)
    if house.member and house.channels[channel].many_listen:
        due = connection.execute(_DUE_HERE, {**asked, "b_member": house.member}).all()
    else:
        due = connection.execute(_DUE, asked).all()
    for row in due:
        departure = opener.open(row)
        if departure is None:
            void.append(row.id)
        else:
            ready.append(departure)
    ready = _aimed(connection, house, channel, ready, void)
    if void:
        connection.execute(_VOID, {"b_ids": void})
    if not ready:
        return []
    # Another process may have claimed or withdrawn some of them meanwhile: only what is ours now goes out.
    taken = connection.execute(_CLAIMED, {"b_ids": [departure.entry for departure in ready]})
    mine = set(taken.scalars())
    return [departure for departure in ready if departure.entry in mine]


def _aimed(
    connection: Connection, house: House, channel: str, ready: list[Departure], void: list[str]
) -> list[Departure]:
    """Edits and deletions learn the network's id of what they mean; those that mean nothing are void.

    What means a message that is only now on its way waits for the next claim, with all that follows it.
    """
    caps = house.channels.get(channel)
    by_own_name = caps is not None and caps.wipes  # a page knows its lines by our entry ids
    blind = [d for d in ready if d.message.kind in _AIMED and not d.message.target_remote_id]
    if by_own_name or not blind:
        return ready
    found = _remotes(connection, blind)
    leaving = {departure.entry for departure in ready}
    stopped: set[str] = set()
    aimed: list[Departure] = []
    for departure in ready:
        if departure.conversation in stopped:
            continue
        message = departure.message
        if message.kind not in _AIMED or message.target_remote_id:
            aimed.append(departure)
        elif message.target in leaving:
            stopped.add(departure.conversation)
        elif (remote := found.get(message.target or "")) is not None:
            aimed.append(replace(departure, message=replace(message, target_remote_id=remote)))
        else:
            void.append(departure.entry)
    return aimed


def _remotes(connection: Connection, blind: list[Departure]) -> dict[str, str]:
    """The network's ids of our entries that edits and deletions mean, where they are known."""
    keys = {departure.message.target: departure.key for departure in blind if departure.message.target}
    rows = connection.execute(_REMOTES, {"b_ids": sorted(keys)})
    return {
        row.id: open_sealed(keys[row.id], remote_place(row.id), row.remote_sealed).decode() for row in rows
    }


def _late() -> Update:
    row = t.outbox.c
    is_ping = row.purpose == Purpose.PING.value
    return (
        update(t.outbox)
        .where(
            row.channel == bindparam("b_channel"),
            row.state.in_(WAITING),
            row.not_after <= bindparam("b_now"),
        )
        .values(
            # A callback's line that did not go out in its hours is never sent, nor shown later (PR4).
            state=case((is_ping, DeliveryState.CANCELLED.value), else_=DeliveryState.HELD.value),
            body_sealed=case((is_ping, None), else_=row.body_sealed),
        )
    )


def _withdraw_unsayable(connection: Connection, house: House, channel: str, now: int) -> None:
    """Withdraw what must not be said any more; who was to hear a recalled script is answered anew."""
    withdrawn = connection.execute(_UNSAYABLE, {"b_channel": channel}).all()
    unanswered = [row.conversation for row in withdrawn if row.purpose != Purpose.RELAY.value]
    if unanswered:
        ask_again(connection, house, unanswered, now)


def _unsayable() -> Update:
    """A volunteer's words written under an older claim (PR8); a script's that was recalled (PR10)."""
    row, chat = t.outbox.c, t.handoff.c
    current = (
        select(chat.id)
        .where(
            chat.conversation == row.conversation,
            chat.state == HandoffState.ACTIVE.value,
            chat.claim_version == row.claim_version,
        )
        .exists()
    )
    said = t.script_revision.c
    recalled = (
        select(said.id)
        .join(t.conversation, t.conversation.c.revision == said.id)
        .where(
            t.conversation.c.id == row.conversation,
            t.conversation.c.stage.in_([Stage.TRIAGE.value, Stage.WAITING.value, Stage.LIVE.value]),
            said.state == RevisionState.RECALLED.value,
        )
        .exists()
    )
    return (
        update(t.outbox)
        .where(
            row.channel == bindparam("b_channel"),
            row.state.in_(WAITING),
            or_(
                and_(row.purpose == Purpose.RELAY.value, row.claim_version.is_not(None), ~current),
                and_(row.purpose.in_(OF_THE_SCRIPT), recalled),
            ),
        )
        .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
        .returning(row.conversation, row.purpose)
    )


def _due() -> Select[*tuple[Any, ...]]:
    row, talk, her = t.outbox.c, t.conversation.c, t.contact.c
    talk_key, her_key = t.data_key.alias("talk_key"), t.data_key.alias("her_key")
    flying = t.outbox.alias("flying")
    in_flight = (
        select(flying.c.id)
        .where(
            flying.c.conversation == row.conversation,
            flying.c.state == DeliveryState.SENDING.value,
            # Always so; with it SQLite looks among those of the conversation, not among all in flight.
            flying.c.sequence >= 0,
        )
        .exists()
    )
    earlier = t.outbox.alias("earlier")
    # Order: nothing overtakes an entry of the same conversation that waits for its next try.
    overtakes = (
        select(earlier.c.id)
        .where(
            earlier.c.conversation == row.conversation,
            earlier.c.sequence < row.sequence,
            earlier.c.state.in_(WAITING),
            earlier.c.due_at > bindparam("b_now"),
        )
        .exists()
    )
    return (
        select(
            t.outbox, talk.contact, talk.stage,
            talk_key.c.id.label("talk_key"), talk_key.c.epoch.label("talk_epoch"),
            talk_key.c.wrapped.label("talk_wrapped"),
            her.address_sealed, her_key.c.id.label("her_key"), her_key.c.epoch.label("her_epoch"),
            her_key.c.wrapped.label("her_wrapped"),
        )
        .join(t.conversation, talk.id == row.conversation)
        .join(talk_key, talk_key.c.id == talk.data_key)
        .outerjoin(t.contact, her.id == talk.contact)
        .outerjoin(her_key, her_key.c.id == her.data_key)
        .where(
            row.channel == bindparam("b_channel"),
            row.state.in_(WAITING),
            row.due_at <= bindparam("b_now"),
            ~in_flight,
            ~overtakes,
        )
        # What must go from the screen of someone who hid or left goes first, after a restart above all; then
        # first in, first out over conversations, however many wait, and within one in its order.
        .order_by(
            case((talk.stage == Stage.CLOSED.value, 0), else_=1),
            func.min(row.due_at).over(partition_by=row.conversation),
            row.conversation,
            row.sequence,
        )
        .limit(MOST_AT_ONCE)
    )  # fmt: skip


_LATE, _UNSAYABLE, _DUE = _late(), _unsayable(), _due()
_DUE_HERE = _DUE.where(t.conversation.c.holder == bindparam("b_member"))
_CLAIMED = (
    update(t.outbox)
    .where(t.outbox.c.id.in_(bindparam("b_ids", expanding=True)), t.outbox.c.state.in_(WAITING))
    .values(state=DeliveryState.SENDING.value, attempts=t.outbox.c.attempts + 1)
    .returning(t.outbox.c.id)
)


_VOID = (
    update(t.outbox)
    .where(t.outbox.c.id.in_(bindparam("b_ids", expanding=True)))
    .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
)
_REMOTES = select(t.outbox.c.id, t.outbox.c.remote_sealed).where(
    t.outbox.c.id.in_(bindparam("b_ids", expanding=True)), t.outbox.c.remote_sealed.is_not(None)
)


@dataclass(slots=True)
class _Opener:
    """Opens the entries of one claim: each key and each address once, however many lines she is sent."""

    connection: Connection
    house: House
    keys: dict[str, DataKey] = field(default_factory=dict[str, DataKey])
    handles: dict[str, str] = field(default_factory=dict[str, str])

    def open(self, row: "Row[tuple[str, ...]]") -> Departure | None:
        """The entry ready for the wire; None if it holds nothing any more, or can no longer be opened."""
        if row.body_sealed is None:
            return None
        try:
            return self._opened(row)
        except (KeyGone, Unopenable):  # one entry that cannot be opened must not hold up a whole channel
            refuse_other_ring(self.connection, self.house.vault)
            return None

    def _opened(self, row: "Row[tuple[str, ...]]") -> Departure | None:
        key = self._key(row.talk_key, row.talk_epoch, row.talk_wrapped)
        body = open_body(key, row.id, row.body_sealed)
        handle = body.handle
        if handle is None:
            if row.contact is None or row.stage == Stage.CLOSED.value or row.her_key is None:
                return None
            handle = self.handles.get(row.contact) or self._handle(row)
        message = _message(row, body, Address(row.channel, handle))
        return Departure(row.id, row.conversation, message, row.not_after, key, row.attempts)

    def _handle(self, row: "Row[tuple[str, ...]]") -> str:
        key = self._key(row.her_key, row.her_epoch, row.her_wrapped)
        handle = open_sealed(key, address_place(row.contact), row.address_sealed).decode()
        self.handles[row.contact] = handle
        return handle

    def _key(self, name: str, epoch: str, wrapped: bytes) -> DataKey:
        key = self.keys.get(name)
        if key is None:
            key = self.keys[name] = self.house.vault.unwrap(WrappedKey(name, epoch, wrapped))
        return key


def _message(row: "Row[tuple[Any, ...]]", body: Body, address: Address) -> OutboundMessage:
    return OutboundMessage(
        entry_id=row.id,
        address=address,
        kind=OutboundKind(row.kind),
        sequence=row.sequence,
        text=body.text,
        choices=tuple(Choice(*choice) for choice in body.choices),
        speaker=Speaker(body.speaker),
        speaker_name=body.name,
        language=body.language,
        target=body.target,
        target_remote_id=body.target_remote,
        silent=True,
        protect=body.protect,
        not_after=None if row.not_after is None else from_moment(row.not_after),
        aside=body.aside,
        aloud=body.aloud,
        tried_before=row.attempts > 0,
        written_at=from_moment(body.written_at) if body.written_at else None,
    )


def recover(connection: Connection, house: House, now: int, channel: str | None = None) -> None:
    """Entries in flight when the process that sent them died are sent again, inside her window (PR1, PR2).

    At start-up, for every channel; where several processes serve, by the one that takes a `channel` over.
    Channels that dedupe show them once. Elsewhere one may be repeated rather than lost; it is counted.
    """
    writes = Writes()
    for name in house.channels if channel is None else (channel,):
        again = connection.execute(
            update(t.outbox)
            .where(t.outbox.c.channel == name, t.outbox.c.state == DeliveryState.SENDING.value)
            .values(state=DeliveryState.PENDING.value)
        ).rowcount
        if again and not house.channels[name].replays:
            writes.count(house.desk, month_of(now), f"outbox.may_repeat.{name}", again)
    writes.flush(connection)


def recover_of_the_gone(connection: Connection, house: House) -> None:
    """Entries in flight to a page whose process is gone wait for her, or for the end of her window."""
    gone = select(t.conversation.c.id).where(
        t.conversation.c.holder.is_not(None), t.conversation.c.holder.not_in(select(t.member.c.id))
    )
    shared = [name for name, capabilities in house.channels.items() if capabilities.many_listen]
    connection.execute(
        update(t.outbox)
        .where(
            t.outbox.c.channel.in_(shared),
            t.outbox.c.state == DeliveryState.SENDING.value,
            t.outbox.c.conversation.in_(gone),
        )
        .values(state=DeliveryState.PENDING.value)
    )


def recover_unclaimed(connection: Connection, house: House, channel: str, flying: Collection[str]) -> None:
    """After a claim whose answer was lost: what is marked as in flight and is not was never sent.

    `flying` are the entries this process is sending on the channel, or has just sent.
    """
    row = t.outbox.c
    mine = (row.channel == channel) & (row.state == DeliveryState.SENDING.value) & row.id.not_in(flying)
    if house.member and house.channels[channel].many_listen:
        here = select(t.conversation.c.id).where(t.conversation.c.holder == house.member)
        mine &= row.conversation.in_(here)
    connection.execute(update(t.outbox).where(mine).values(state=DeliveryState.PENDING.value))


def next_due(connection: Connection, channel: str) -> int | None:
    """When the next entry of a channel is due, None if none waits."""
    row = t.outbox.c
    return connection.execute(
        select(row.due_at)
        .where(
            row.channel == channel,
            row.state.in_([DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value]),
        )
        .order_by(row.due_at)
        .limit(1)
    ).scalar_one_or_none()
