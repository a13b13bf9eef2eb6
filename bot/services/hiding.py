"""`hide`, `stop` and leaving: one commit that overtakes everything else (design §4, PR5)."""

from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, delete, select, update

from bot.model import DueKind, InboxState
from bot.services import callback_rows, closing, erasure, old_lines
from bot.services.acts import open_act
from bot.services.entries import Body, Purpose, post, remote_place
from bot.services.erased_address import tell_erased
from bot.services.house import House
from bot.services.leaving import leave_handoff
from bot.services.opening import address_of, keep as keep_conversation
from bot.services.talk import Talk
from bot.store import own_rows, tables as t
from bot.store.notices import Word
from bot.store.writes import Writes
from bot.vault.envelope import open_sealed
from channels.message import Address, DeliveryState, OutboundKind


def hide(talk: Talk, *, erase_contact: bool, for_good: bool = True) -> None:
    """Cancel what is unsent and unread, leave queue or chat, delete both sides, end, say nothing.

    With `erase_contact` (`stop`) the contact record and every older, locked one of this address go too.
    Without `for_good` she is only away: on the web her browser may come back to the same record.
    What the network must still delete is left as deletion entries under a key of their own.
    """
    opened, connection, writes = talk.opened, talk.connection, talk.writes
    writes.flush(connection)
    writes.after.append(("hidden", opened.id, ""))
    writes.elsewhere.append((Word.HIDDEN, opened.id))
    _cancel(talk)
    leave_handoff(talk, keep_place=not erase_contact)
    contact = opened.contact
    address = address_of(connection, talk.house, opened)
    erasure.erase_conversation(talk, address, leaves=for_good)
    if contact is not None and address is not None:
        if erase_contact:
            erase_contacts_of(connection, talk.house, writes, address)
        writes.after.append(("forget" if for_good else "leave", address.channel, address.handle))
        writes.elsewhere.append((Word.FORGET if for_good else Word.LEAVE, opened.id))
    talk.count("conversation.stopped" if erase_contact else "conversation.hidden")


def cover(talk: Talk) -> None:
    """Someone else holds the phone: earlier lines go, ordinary words stand there, no further send (B-022)."""
    opened, connection = talk.opened, talk.connection
    talk.writes.flush(connection)
    talk.writes.after.append(("hidden", opened.id, ""))
    talk.writes.elsewhere.append((Word.HIDDEN, opened.id))
    lines = _lines_on_screen(talk)
    _cancel(talk)
    erasure.drop_buffer(talk)
    for whose, name, remote in lines:
        body = Body(speaker=whose, target=name, target_remote=remote)
        post(talk, body, Purpose.DELETION, kind=OutboundKind.DELETE)
    words = talk.house.library.words(talk.language)
    post(talk, Body(text=words("word.cover"), language=talk.language), Purpose.NEWS)
    state = opened.state
    state.handoff, state.alias, state.hers_since = "", "", 0
    if state.run is not None:
        state.run = replace(state.run, over=True)
    closing.end(talk)
    keep_conversation(talk.writes, opened)


def _lines_on_screen(talk: Talk) -> list[tuple[str, str, str | None]]:
    opened = talk.opened
    lines: list[tuple[str, str, str | None]] = [
        (copy.whose, copy.name, copy.remote) for copy in old_lines.on_their_way(talk)
    ]
    for row in talk.connection.execute(
        select(t.outbox.c.id, t.outbox.c.remote_sealed).where(
            t.outbox.c.conversation == opened.id,
            t.outbox.c.kind == OutboundKind.NEW.value,
            t.outbox.c.sequence >= opened.view_sequence,
            t.outbox.c.state.in_(
                [DeliveryState.SENT.value, DeliveryState.DELIVERED.value, DeliveryState.SENDING.value]
            ),
        )
    ):
        remote = (
            open_sealed(opened.key, remote_place(row.id), row.remote_sealed) if row.remote_sealed else None
        )
        lines.append(("guide", row.id, remote.decode() if remote else None))
    for row in talk.connection.execute(
        select(t.inbox.c.external_index, t.inbox.c.body_sealed).where(
            t.inbox.c.conversation == opened.id, t.inbox.c.body_sealed.is_not(None)
        )
    ):
        act = open_act(opened.key, bytes(row.external_index), row.body_sealed)
        lines.append(("her", act.external_id, act.remote_id))
    return lines


def _cancel(talk: Talk) -> None:
    """Unsent entries are withdrawn, unread acts of hers are let go (the one exception to PR1).

    Deletions among them are not forgotten: what they mean is deleted with the rest.
    """
    row = t.outbox.c
    talk.opened.state.bodies += [list(copy) for copy in old_lines.on_their_way(talk)]
    talk.connection.execute(
        update(t.outbox)
        .where(
            row.conversation == talk.opened.id,
            row.state.in_(
                [DeliveryState.PENDING.value, DeliveryState.HELD.value, DeliveryState.FAILED_FOR_NOW.value]
            ),
        )
        .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
    )
    unread = (t.inbox.c.conversation == talk.opened.id) & (t.inbox.c.state == InboxState.NEW.value)
    for row in talk.connection.execute(
        select(t.inbox.c.external_index, t.inbox.c.body_sealed).where(
            unread, t.inbox.c.body_sealed.is_not(None)
        )
    ):
        act = open_act(talk.opened.key, bytes(row.external_index), row.body_sealed)
        if act.remote_id is not None:  # nobody reads it, but it stands on her screen
            talk.opened.state.bodies.append(["her", act.external_id, act.remote_id])
    talk.connection.execute(
        update(t.inbox).where(unread).values(state=InboxState.WITHDRAWN.value, body_sealed=None)
    )


def erase_contacts_of(connection: Connection, house: House, writes: Writes, address: Address) -> None:
    """Erase every contact record of an address, locked ones too (`stop`, B-114)."""
    digests = [digest for _, digest in house.vault.address_indexes(address.channel, address.handle)]
    _erase_contacts(connection, writes, t.contact.c.address_index.in_(digests))
    own_rows.erase(connection, house.vault, address.channel, address.handle)
    tell_erased(house, writes, address)


def erase_newcomer(
    connection: Connection, house: House, writes: Writes, contact: str, address: Address
) -> None:
    """Erase the one record that was made only because somebody unknown typed `hide`."""
    writes.flush(connection)
    _erase_contacts(connection, writes, t.contact.c.id == contact)
    own_rows.erase(connection, house.vault, address.channel, address.handle)
    tell_erased(house, writes, address)


def _erase_contacts(connection: Connection, writes: Writes, which: ColumnElement[bool]) -> None:
    rows = connection.execute(select(t.contact.c.id, t.contact.c.data_key).where(which)).all()
    if not rows:
        return
    callback_rows.drop(connection, writes, [row.id for row in rows])
    connection.execute(delete(t.contact).where(t.contact.c.id.in_([row.id for row in rows])))
    writes.dead_keys.extend(row.data_key for row in rows)
    for row in rows:
        writes.drop_due(DueKind.ERASE_CONTACT.value, row.id)
