"""Who wrote: the contact behind an address, found by blind index or made new, set-wise (PR6).

Only intake looks anybody up by address.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot.model import DueKind, Stage
from bot.services import old_lines
from bot.services.epochs import refuse_other_ring
from bot.services.house import House
from bot.services.locking import lock_addresses
from bot.services.opening import Opened, address_place, keep, open_conversations, record_place, state_place
from bot.services.presence import windows
from bot.services.state import ContactRecord, ConversationState
from bot.store import tables as t
from bot.store.moments import hour_down, hour_up
from bot.store.writes import Writes
from bot.vault.envelope import DataKey, seal
from bot.vault.errors import KeyGone, Unopenable
from bot.vault.vault import WrappedKey
from channels.message import Address

log = logging.getLogger(__name__)

CONTACT_LIVES = timedelta(days=7) // timedelta(microseconds=1)
CONTACT_LIVES_WITH_PHRASE = timedelta(days=90) // timedelta(microseconds=1)
IDLE = timedelta(minutes=30) // timedelta(microseconds=1)
IDLE_WEB = timedelta(minutes=15) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address's acts go: contact, open conversation and its key."""

    contact: str
    conversation: str
    key: DataKey
    view_sequence: int = 0
    last_act_at: int = 0  # microseconds; 0 for a place made just now
    holder: str | None = None  # the member that has her page


def find_or_make(
    connection: Connection,
    house: House,
    writes: Writes,
    addresses: Iterable[Address],
    signs: Iterable[Address],
    now: int,
) -> dict[Address, Place]:
    """The place of each address; those in `addresses` are made if missing, those in `signs` are not."""
    wanted = set(addresses)
    every = wanted | set(signs)
    if not every:
        return {}
    found = _find(connection, house, every)
    if house.member:
        found = _alone(connection, house, wanted, found)
    places: dict[Address, Place] = {}
    for address in sorted(every, key=lambda a: (a.channel, a.handle)):
        known = found.get(address)
        key = _key_of(connection, house, known)
        if known is not None and key is not None:
            places[address] = Place(
                known.contact,
                known.conversation,
                key,
                known.view_sequence,
                known.last_act_at or 0,
                known.holder,
            )
        elif address in wanted:
            state = ConversationState(returning=known is not None)
            contact = known.contact if known is not None else _make_contact(house, writes, address, now)
            places[address] = _begin(house, writes, contact, state, address.channel, now)
    return places


def _alone(
    connection: Connection,
    house: House,
    wanted: set[Address],
    found: dict[Address, "Row[*tuple[Any, ...]]"],
) -> dict[Address, "Row[*tuple[Any, ...]]"]:
    """Who is new is looked for once more, with others kept out: her page may have been at another process."""
    new = {a for a in wanted if a not in found or found[a].conversation is None}
    if not new:
        return found
    lock_addresses(connection, [house.vault.address_indexes(a.channel, a.handle)[0][1] for a in new])
    return {**found, **_find(connection, house, new)}


def _key_of(connection: Connection, house: House, known: "Row[*tuple[Any, ...]] | None") -> DataKey | None:
    """The key of her open conversation. What nothing opens any more must not hold up everybody."""
    if known is None or known.conversation is None:
        return None
    try:
        return house.vault.unwrap(WrappedKey(known.data_key, known.epoch, known.wrapped))
    except (KeyGone, Unopenable):
        refuse_other_ring(connection, house.vault)
        log.warning("a conversation cannot be opened any more")
        lost = t.conversation.c.id == known.conversation
        connection.execute(
            update(t.conversation)
            .where(lost)
            .values(
                contact=None,
                data_key=None,
                state_sealed=None,
                stage=Stage.CLOSED.value,
                closed_at=hour_down(known.last_act_at or 0),
            )
        )
        return None


def _find(
    connection: Connection, house: House, addresses: set[Address]
) -> dict[Address, "Row[*tuple[Any, ...]]"]:
    by_digest: dict[bytes, tuple[Address, str, bool]] = {}
    for address in addresses:
        for position, (key_id, digest) in enumerate(
            house.vault.address_indexes(address.channel, address.handle)
        ):
            by_digest[digest] = (address, key_id, position == 0)
    conversation, contact, key = t.conversation.c, t.contact.c, t.data_key.c
    rows = connection.execute(
        select(
            contact.id.label("contact"), contact.address_index, conversation.id.label("conversation"),
            conversation.data_key, conversation.view_sequence, conversation.last_act_at, conversation.holder,
            key.epoch, key.wrapped,
        )
        .select_from(t.contact)
        .outerjoin(
            t.conversation, (conversation.contact == contact.id) & (conversation.stage != Stage.CLOSED.value)
        )
        .outerjoin(t.data_key, key.id == conversation.data_key)
        .where(contact.address_index.in_(list(by_digest)), contact.locked.is_(False))
        .order_by(contact.created_at, contact.id)
    )  # fmt: skip
    found: dict[Address, Row[*tuple[Any, ...]]] = {}
    stale: list[tuple[str, Address]] = []
    for row in rows:
        address, _, current = by_digest[bytes(row.address_index)]
        found[address] = row  # the newest wins
        if not current:
            stale.append((row.contact, address))
    for contact_id, address in stale:
        key_id, digest = house.vault.address_indexes(address.channel, address.handle)[0]
        connection.execute(
            update(t.contact)
            .where(t.contact.c.id == contact_id)
            .values(index_key=key_id, address_index=digest)
        )
    return found


def _make_contact(house: House, writes: Writes, address: Address, now: int) -> str:
    contact = house.identifiers.new_id()
    key, wrapped = house.vault.new_data_key(house.identifiers.new_id())
    index_key, digest = house.vault.address_indexes(address.channel, address.handle)[0]
    writes.data_keys.append({"id": key.id, "epoch": wrapped.epoch, "wrapped": wrapped.wrapped})
    writes.contacts.append(
        {
            "id": contact,
            "desk": house.desk,
            "channel": address.channel,
            "data_key": key.id,
            "index_key": index_key,
            "address_index": digest,
            "address_sealed": seal(key, address_place(contact), address.handle.encode()),
            "record_sealed": seal(key, record_place(contact), ContactRecord().to_bytes()),
            "locked": False,
            "created_at": hour_down(now),
            "expires_at": hour_up(now + CONTACT_LIVES),
        }
    )
    return contact


def _begin(
    house: House, writes: Writes, contact: str, state: ConversationState, channel: str, now: int
) -> Place:
    conversation = house.identifiers.new_id()
    key, wrapped = house.vault.new_data_key(house.identifiers.new_id())
    writes.data_keys.append({"id": key.id, "epoch": wrapped.epoch, "wrapped": wrapped.wrapped})
    writes.new_conversations.append(
        {
            "id": conversation,
            "contact": contact,
            "desk": house.desk,
            "channel": channel,
            "data_key": key.id,
            "stage": Stage.TRIAGE.value,
            "revision": house.library.revision_for(house.desk),
            "state_sealed": seal(key, state_place(conversation), state.to_bytes()),
            "new_until": None,
            "edit_until": None,
            # A page that stays open while one conversation ends and the next begins goes on in order.
            "next_sequence": now,
            "view_sequence": now,
            "version": 0,
            "opened_at": now,
            "last_act_at": now,
            "closed_at": None,
            "holder": house.member or None,
        }
    )
    idle = IDLE_WEB if channel == "web" else IDLE
    writes.set_due(house.identifiers.new_id(), DueKind.IDLE_CLOSE.value, conversation, now + idle)
    if old_lines.grow_old(house.channels.get(channel)):
        old_lines.set_deadline(house, writes, conversation, now + old_lines.STAND)
    return Place(contact, conversation, key, holder=house.member or None)


def renew_windows(connection: Connection, house: House, writes: Writes, ids: Iterable[str], now: int) -> None:
    """Move the presence windows of open conversations: their page is before her eyes."""
    for opened in open_conversations(connection, house, ids).values():
        # Before the safe check of a freshly opened page is answered nothing may be renewed on her behalf.
        if not opened.state.checked:
            opened.last_act_at = now
        else:
            move_windows(opened, now)
        keep(writes, opened)


def move_windows(opened: Opened, now: int) -> None:
    """Her act at `now` renews both windows; one that comes late does not take back what a later one gave."""
    opened.last_act_at = now = max(now, opened.last_act_at)
    # What she said before the chat was last opened says nothing of who looks now.
    window = windows(now, opened.state.safety if opened.state.checked else "", opened.stage)
    opened.new_until = window.new_until
    opened.edit_until = window.edit_until
