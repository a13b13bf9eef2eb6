"""Erasing by key: a conversation's words are gone with its data key (PR7, B-107)."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, case, delete, or_, select, update

from bot.model import DueKind, InboxState, Stage
from bot.services import callback_rows, notes_left, old_lines
from bot.services.acts import open_act, seal_act
from bot.services.entries import Body, Purpose, open_body, post, remote_place, seal_body
from bot.services.erased_address import tell_erased
from bot.services.house import House
from bot.services.old_lines import Copy
from bot.services.opening import keep as keep_conversation, keep_contact, open_contacts
from bot.services.state import ConversationState
from bot.services.talk import Talk
from bot.store import own_rows, tables as t
from bot.store.moments import HOUR, hour_down, hour_up
from bot.store.writes import Writes
from bot.vault.envelope import DataKey, open_sealed, seal
from channels.message import Address, Capabilities, DeliveryState, Lives, OutboundKind

CONTACT_LIVES = timedelta(days=7) // timedelta(microseconds=1)
CONTACT_LIVES_LONGER = timedelta(days=90) // timedelta(microseconds=1)
# What belongs to one talk only and must not colour the next.
OF_ONE_TALK = frozenset(
    {
        "safety", "shares", "urgency", "reasons", "need", "list", "danger", "flagged",
        "outcome", "numbers", "helped", "phrase",
    }
)  # fmt: skip
DELETIONS_ALARM = timedelta(hours=36) // timedelta(microseconds=1)  # where no age is too old to delete
DELETIONS_LIVE = timedelta(hours=48) // timedelta(microseconds=1)
DELETIONS_LIVE_LONG = timedelta(days=14) // timedelta(microseconds=1)
# A volunteer's words she may not have read: what is in flight may still fail.
UNSEEN = (
    DeliveryState.HELD.value, DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value,
    DeliveryState.SENDING.value,
)  # fmt: skip
_UNSENT = (DeliveryState.PENDING.value, DeliveryState.HELD.value, DeliveryState.FAILED_FOR_NOW.value)


def erase_conversation(
    talk: Talk, address: Address | None, *, cards_stay: bool = False, leaves: bool = False
) -> None:
    """Destroy the conversation's key and words; leave a tombstone with times rounded to the hour (PR6).

    If the network keeps copies it can delete, deletion entries are written under a fresh key; the
    conversation is erased for good when they are done. `leaves`: where a chat is a place, it is left last.
    """
    opened = talk.opened
    deletions = copies_to_delete(talk, cards_stay=cards_stay) if address is not None else []
    caps = talk.house.channels.get(opened.channel)
    leaves = leaves and caps is not None and caps.leaves
    if address is not None:
        own_rows.erase(talk.connection, talk.house.vault, address.channel, address.handle, (Lives.TALK,))
    _drop_words(talk)
    settle_contact(talk)
    opened.stage = Stage.CLOSED
    opened.closed_at = hour_down(talk.now)
    opened.opened_at = hour_down(opened.opened_at)
    opened.contact = None
    opened.new_until = opened.edit_until = opened.last_act_at = 0
    opened.state = ConversationState()
    for kind in (
        DueKind.IDLE_CLOSE, DueKind.WAIT_NEWS, DueKind.COVER_SHOWN_TEXT, DueKind.COMPARE_PHRASE,
        DueKind.CLOSE_ANYWAY, DueKind.NUDGE, DueKind.ALERT_SUPERVISOR, DueKind.TAKE_BACK, DueKind.HOLDER_GONE,
        DueKind.ANSWER_AGAIN,
        DueKind.TAKEOVER_UNANSWERED, DueKind.SHIFT_ENDS, DueKind.SILENCE, DueKind.DELETE_OLD_LINES,
    ):  # fmt: skip
        talk.writes.drop_due(kind.value, opened.id)
    if address is not None and (deletions or leaves):
        _new_key(talk)
        _write_deletions(talk, address, deletions)
        if leaves:
            post(talk, Body(handle=address.handle), Purpose.DELETION, kind=OutboundKind.LEAVE)
        at = talk.now + _alarm_after(caps)
        talk.writes.set_due(talk.house.identifiers.new_id(), DueKind.ERASE_CONVERSATION.value, opened.id, at)
    else:
        finish_erasing(talk)


def finish_if_deleted(talk: Talk) -> None:
    """The last of a conversation once the network deleted its copies; an alarm if that takes long.

    Where a messenger refuses to delete what is older than two days the oldest line was a day old at the end:
    an alarm after half a day more, the end after 48 h. Where it does not, 36 h and two weeks.
    """
    caps = talk.house.channels.get(talk.opened.channel)
    live = DELETIONS_LIVE_LONG if caps is not None and caps.delete_within is None else DELETIONS_LIVE
    row = t.outbox.c
    waits = talk.connection.execute(
        select(row.id).where(
            row.conversation == talk.opened.id, row.state.in_([*_UNSENT, DeliveryState.SENDING.value])
        )
    ).first()
    closed_at = talk.opened.closed_at or 0
    if waits is None or talk.now >= closed_at + live:
        finish_erasing(talk)
        return
    alarm = closed_at + _alarm_after(caps)
    late = talk.now >= alarm
    if late:
        talk.count("deletion.late")
        talk.writes.after.append(("alert", "deletion", ""))
    identifier = talk.house.identifiers.new_id()
    # The hour of closing is rounded down: one more makes the two days whole.
    at = (closed_at + live if late else alarm) + HOUR
    mark = old_lines.LATE_MARK if late else 0
    talk.writes.set_due(identifier, DueKind.ERASE_CONVERSATION.value, talk.opened.id, at, mark)


def _alarm_after(caps: Capabilities | None) -> int:
    return old_lines.LATE if old_lines.grow_old(caps) else DELETIONS_ALARM


def finish_erasing(talk: Talk) -> None:
    """The last of a conversation: no key, no state, only a tombstone."""
    opened, connection = talk.opened, talk.connection
    talk.writes.conversations.pop(opened.id, None)
    talk.writes.drop_due(DueKind.ERASE_CONVERSATION.value, opened.id)
    connection.execute(delete(t.outbox).where(t.outbox.c.conversation == opened.id))
    connection.execute(
        update(t.conversation)
        .where(t.conversation.c.id == opened.id)
        .values(
            contact=None, data_key=None, stage=Stage.CLOSED.value, revision=None, state_sealed=None,
            new_until=None, edit_until=None, last_act_at=None,
            closed_at=opened.closed_at or hour_down(talk.now),
            opened_at=hour_down(opened.opened_at), version=opened.version + 1,
            next_sequence=0, view_sequence=0,
        )
    )  # fmt: skip
    talk.writes.dead_keys.append(opened.key.id)
    talk.count("conversation.erased")


def drop_buffer(talk: Talk, *, keep_unseen: bool = False) -> int:
    """A volunteer's chat ends: what was said goes now, the guide's closing words stay (design §5).

    The conversation gets a fresh key; what is still to be sent, read or deleted is sealed again under it.
    `keep_unseen`: so are the volunteer's words she has not been shown, which belong to no claim from here
    on; returns how many those are.
    """
    opened, connection = talk.opened, talk.connection
    talk.writes.flush(connection)
    notes_left.move_to_record(talk)
    old, row = opened.key, t.outbox.c
    relay = row.purpose == Purpose.RELAY.value
    unseen = relay & row.state.in_(UNSEEN)
    kept = connection.execute(
        select(row.id, row.purpose, row.body_sealed, row.remote_sealed).where(
            row.conversation == opened.id,
            (~relay | unseen) if keep_unseen else ~relay,
            row.body_sealed.is_not(None),
            row.state.not_in([DeliveryState.CANCELLED.value, DeliveryState.FAILED_FOR_GOOD.value]),
        )
    ).all()
    unread = connection.execute(
        select(t.inbox.c.id, t.inbox.c.external_index, t.inbox.c.body_sealed).where(
            t.inbox.c.conversation == opened.id,
            t.inbox.c.state == InboxState.NEW.value,
            t.inbox.c.body_sealed.is_not(None),
        )
    ).all()
    ids = {entry.id for entry in kept}
    opened.state.bodies = [list(copy) for copy in copies_to_delete(talk, without=ids)]
    _drop_words(talk, keep=ids)
    _new_key(talk)
    for entry in kept:
        connection.execute(
            update(t.outbox).where(row.id == entry.id).values(_sealed_again(old, opened.key, entry))
        )
    for act in unread:
        index = bytes(act.external_index)
        body = seal_act(opened.key, index, open_act(old, index, act.body_sealed))
        connection.execute(update(t.inbox).where(t.inbox.c.id == act.id).values(body_sealed=body))
    return sum(entry.purpose == Purpose.RELAY.value for entry in kept)


def _sealed_again(old: DataKey, new: DataKey, entry: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "body_sealed": seal_body(new, entry.id, open_body(old, entry.id, entry.body_sealed))
    }
    if entry.purpose == Purpose.RELAY.value:
        values |= {"claim_version": None, "person": None}
    if entry.remote_sealed is not None:
        place = remote_place(entry.id)
        values["remote_sealed"] = seal(new, place, open_sealed(old, place, entry.remote_sealed))
    return values


def copies_to_delete(talk: Talk, *, without: Collection[str] = (), cards_stay: bool = False) -> list[Copy]:
    """What the network holds and can delete; nothing where forget wipes all.

    The remote id of a message in flight is "" until its receipt comes. `cards_stay`: she chose to keep the
    numbers, so cards are no copies to delete.
    """
    opened, connection = talk.opened, talk.connection
    caps = talk.house.channels.get(opened.channel)
    if caps is None or caps.wipes or not (caps.deletes_ours or caps.deletes_hers):
        return []
    every = [Copy(*body) for body in opened.state.bodies]
    if not without:  # else deletions that are under way go on by themselves
        every += old_lines.on_their_way(talk)
    copies = {copy.name: copy for copy in every}
    if caps.deletes_ours:
        row = t.outbox.c
        query = select(row.id, row.remote_sealed, row.due_at).where(
            row.conversation == opened.id,
            row.kind == OutboundKind.NEW.value,
            or_(row.remote_sealed.is_not(None), row.state == DeliveryState.SENDING.value),
        )
        if cards_stay:
            query = query.where(row.purpose != Purpose.CARD.value)
        for found in connection.execute(query):
            if found.id not in without:
                copies[found.id] = Copy("guide", found.id, _remote(opened.key, found), found.due_at)
    if caps.deletes_hers:
        for found in connection.execute(
            select(t.inbox.c.external_index, t.inbox.c.received_at, t.inbox.c.body_sealed).where(
                t.inbox.c.conversation == opened.id, t.inbox.c.body_sealed.is_not(None)
            )
        ):
            act = open_act(opened.key, bytes(found.external_index), found.body_sealed)
            if act.remote_id is not None:
                copies[act.external_id] = Copy("her", act.external_id, act.remote_id, found.received_at)
    return list(copies.values())


def _remote(key: DataKey, row: Row[*tuple[Any, ...]]) -> str:
    if row.remote_sealed is None:
        return ""
    return open_sealed(key, remote_place(row.id), row.remote_sealed).decode()


def _write_deletions(talk: Talk, address: Address, copies: list[Copy]) -> None:
    for copy in copies:
        remote = copy.remote or None
        body = Body(speaker=copy.whose, target=copy.name, target_remote=remote, handle=address.handle)
        post(talk, body, Purpose.DELETION, kind=OutboundKind.DELETE)


def _drop_words(talk: Talk, keep: set[str] | None = None) -> None:
    connection, conversation = talk.connection, talk.opened.id
    outbox = update(t.outbox).where(t.outbox.c.conversation == conversation)
    if keep:
        outbox = outbox.where(t.outbox.c.id.not_in(keep))
    # What is in flight stays so until its receipt comes; the rest that was not sent will not be.
    state = case((t.outbox.c.state.in_(_UNSENT), DeliveryState.CANCELLED.value), else_=t.outbox.c.state)
    connection.execute(outbox.values(body_sealed=None, remote_sealed=None, person=None, state=state))
    connection.execute(
        update(t.inbox)
        .where(t.inbox.c.conversation == conversation, t.inbox.c.state != InboxState.NEW.value)
        .values(
            body_sealed=None,
            conversation=None,
            received_at=t.inbox.c.received_at - t.inbox.c.received_at % 3_600_000_000,
        )
    )
    connection.execute(delete(t.note).where(t.note.c.conversation == conversation))


def _new_key(talk: Talk) -> None:
    opened, house = talk.opened, talk.house
    talk.writes.dead_keys.append(opened.key.id)
    key, wrapped = house.vault.new_data_key(house.identifiers.new_id())
    talk.connection.execute(
        t.data_key.insert().values(id=key.id, epoch=wrapped.epoch, wrapped=wrapped.wrapped)
    )
    opened.key = key
    keep_conversation(talk.writes, opened)


def settle_contact(talk: Talk) -> None:
    """When a conversation ends its contact record keeps coded answers and gets its new expiry."""
    opened = talk.opened
    if opened.contact is None:
        return
    contact = open_contacts(talk.connection, talk.house, [opened.contact]).get(opened.contact)
    if contact is None:
        return
    if opened.state.run is not None:
        told = {k: code for k, code in opened.state.run.answers.items() if k not in OF_ONE_TALK}
        contact.record.answers.update(told)
    long = contact.record.phrase is not None or contact.record.agreed_callback
    contact.expires_at = hour_up(talk.now + (CONTACT_LIVES_LONGER if long else CONTACT_LIVES))
    # With a phrase set, whoever writes next from this address is a stranger until the phrase is given.
    contact.locked = contact.record.phrase is not None
    keep_contact(talk.connection, contact)
    due = talk.house.identifiers.new_id()
    talk.writes.set_due(due, DueKind.ERASE_CONTACT.value, contact.id, contact.expires_at)


def erase_contact(connection: Connection, house: House, writes: Writes, contact: str, now: int) -> int | None:
    """Erase a contact record whose time has come; returns when to look again if it has not."""
    row = connection.execute(
        select(t.contact.c.data_key, t.contact.c.expires_at).where(t.contact.c.id == contact)
    ).one_or_none()
    if row is None:
        return None
    busy = connection.execute(select(t.conversation.c.id).where(t.conversation.c.contact == contact)).first()
    if row.expires_at > now or busy is not None:
        return max(row.expires_at, now + 3_600_000_000)
    known = open_contacts(connection, house, [contact]).get(contact)
    callback_rows.drop(connection, writes, [contact])
    connection.execute(delete(t.contact).where(t.contact.c.id == contact))
    writes.dead_keys.append(row.data_key)
    caps = house.channels.get(known.address.channel) if known is not None else None
    if known is not None and caps is not None and caps.leaves:
        forget_at_channel(connection, house, writes, known.address)
    return None


def forget_at_channel(connection: Connection, house: House, writes: Writes, address: Address) -> None:
    """What a channel keeps about an address goes with the last contact record of hers, keys and all."""
    digests = [digest for _, digest in house.vault.address_indexes(address.channel, address.handle)]
    left = connection.execute(select(t.contact.c.id).where(t.contact.c.address_index.in_(digests))).first()
    if left is None:
        own_rows.erase(connection, house.vault, address.channel, address.handle)
        tell_erased(house, writes, address)
