"""Opening sealed conversations for a transaction, and sealing them again, set-wise."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from bot.model import Stage
from bot.services.epochs import refuse_other_ring
from bot.services.house import House
from bot.services.locking import lock_conversations
from bot.services.state import ContactRecord, ConversationState
from bot.store import tables as t
from bot.store.writes import Writes
from bot.vault.envelope import DataKey, Place, open_sealed, seal
from bot.vault.errors import KeyGone, Unopenable
from bot.vault.vault import WrappedKey
from channels.message import Address


@dataclass(slots=True)
class Opened:
    """One conversation opened for this transaction; `keep` seals it again.

    Attributes mirror the columns of `conversation`; `key` opens its rows; `state` is what was sealed.
    """

    id: str
    contact: str | None
    desk: str
    channel: str
    key: DataKey
    stage: Stage
    revision: int | None
    state: ConversationState
    new_until: int
    edit_until: int
    next_sequence: int
    view_sequence: int
    version: int
    opened_at: int
    last_act_at: int
    closed_at: int | None = None

    def take_sequence(self) -> int:
        """The next number in this conversation's order of messages."""
        sequence = self.next_sequence
        self.next_sequence += 1
        return sequence


def open_conversations(connection: Connection, house: House, ids: Iterable[str]) -> dict[str, Opened]:
    """Load, lock and open the conversations in `ids`; those without a key (erased) are left out."""
    asked = {"b_ids": list(ids)}
    # Another process may be giving one a new key: joined in the statement that waits for the lock, its
    # row would be gone. Locked first, the second statement reads what stands now.
    lock_conversations(connection, asked["b_ids"])
    rows = connection.execute(_CONVERSATIONS, asked).all()
    try:
        keys = house.vault.unwrap_all(WrappedKey(row.data_key, row.epoch, row.wrapped) for row in rows)
    except KeyGone:
        refuse_other_ring(connection, house.vault)
        raise
    return {row.id: _opened(keys[row.data_key], row) for row in rows}


_CONVERSATIONS = (
    select(t.conversation, t.data_key.c.epoch, t.data_key.c.wrapped)
    .join(t.data_key, t.data_key.c.id == t.conversation.c.data_key)
    .where(t.conversation.c.id.in_(bindparam("b_ids", expanding=True)))
    .order_by(t.conversation.c.id)
)


def open_those_that_open(connection: Connection, house: House, ids: Iterable[str]) -> dict[str, Opened]:
    """As `open_conversations`, leaving out what is torn instead of failing for all."""
    wanted = list(ids)
    try:
        return open_conversations(connection, house, wanted)
    except (Unopenable, KeyGone):
        if len(wanted) <= 1:
            return {}
    half = len(wanted) // 2
    return {
        **open_those_that_open(connection, house, wanted[:half]),
        **open_those_that_open(connection, house, wanted[half:]),
    }


def open_conversation(connection: Connection, house: House, conversation: str) -> Opened | None:
    """One conversation, None when it is erased or unknown."""
    return open_conversations(connection, house, [conversation]).get(conversation)


def _opened(key: DataKey, row: Row[Any]) -> Opened:
    state = ConversationState()
    if row.state_sealed is not None:
        state = ConversationState.from_bytes(open_sealed(key, state_place(row.id), row.state_sealed))
    return Opened(
        id=row.id, contact=row.contact, desk=row.desk, channel=row.channel, key=key, stage=Stage(row.stage),
        revision=row.revision, state=state, new_until=row.new_until or 0, edit_until=row.edit_until or 0,
        next_sequence=row.next_sequence, view_sequence=row.view_sequence, version=row.version,
        opened_at=row.opened_at, last_act_at=row.last_act_at or 0, closed_at=row.closed_at,
    )  # fmt: skip


def state_place(conversation: str) -> Place:
    """Where a conversation's state is sealed."""
    return Place("conversation", "state_sealed", conversation)


def keep(writes: Writes, opened: Opened) -> None:
    """Seal the conversation's state again and have its row written at flush."""
    opened.version += 1
    writes.conversations[opened.id] = {
        "b_id": opened.id,
        "b_contact": opened.contact,
        "b_data_key": opened.key.id,
        "b_stage": opened.stage.value,
        "b_revision": opened.revision,
        "b_state_sealed": seal(opened.key, state_place(opened.id), opened.state.to_bytes()),
        "b_new_until": opened.new_until,
        "b_edit_until": opened.edit_until,
        "b_next_sequence": opened.next_sequence,
        "b_view_sequence": opened.view_sequence,
        "b_version": opened.version,
        "b_opened_at": opened.opened_at,
        "b_last_act_at": opened.last_act_at,
        "b_closed_at": opened.closed_at,
    }


@dataclass(slots=True)
class OpenedContact:
    """One contact record opened for this transaction."""

    id: str
    desk: str
    address: Address
    key: DataKey
    record: ContactRecord
    locked: bool
    created_at: int
    expires_at: int


def address_place(contact: str) -> Place:
    """Where a contact's address is sealed."""
    return Place("contact", "address_sealed", contact)


def record_place(contact: str) -> Place:
    """Where a contact's record is sealed."""
    return Place("contact", "record_sealed", contact)


def open_contacts(connection: Connection, house: House, ids: Iterable[str]) -> dict[str, OpenedContact]:
    """Load and open the contacts in `ids`."""
    query = (
        select(t.contact, t.data_key.c.epoch, t.data_key.c.wrapped)
        .join(t.data_key, t.data_key.c.id == t.contact.c.data_key)
        .where(t.contact.c.id.in_(list(ids)))
        .order_by(t.contact.c.id)
        .with_for_update(of=t.contact)
    )
    return {row.id: opened_contact(house, row) for row in connection.execute(query)}


def opened_contact(house: House, row: Row[Any]) -> OpenedContact:
    """Open one row of `contact` joined with its data key."""
    key = house.vault.unwrap(WrappedKey(row.data_key, row.epoch, row.wrapped))
    return OpenedContact(
        id=row.id,
        desk=row.desk,
        address=Address(row.channel, open_sealed(key, address_place(row.id), row.address_sealed).decode()),
        key=key,
        record=ContactRecord.from_bytes(open_sealed(key, record_place(row.id), row.record_sealed)),
        locked=row.locked,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def keep_contact(connection: Connection, opened: OpenedContact) -> None:
    """Write a contact's record, lock and expiry back."""
    connection.execute(
        t.contact.update()
        .where(t.contact.c.id == opened.id)
        .values(
            record_sealed=seal(opened.key, record_place(opened.id), opened.record.to_bytes()),
            locked=opened.locked,
            expires_at=opened.expires_at,
        )
    )


def address_of(connection: Connection, house: House, opened: Opened) -> Address | None:
    """Where she writes from; None once the conversation is closed."""
    if opened.contact is None:
        return None
    contact = open_contacts(connection, house, [opened.contact]).get(opened.contact)
    return contact.address if contact else None
