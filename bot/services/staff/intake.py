"""What volunteers' messengers bring: each act once, in the transaction that moves the cursor (PR1, PR2).

A stranger's words are read by nobody and kept nowhere. One act that fails holds up no other.
"""

import logging
from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from bot.model import InboxState
from bot.services import people
from bot.services.house import House
from bot.services.locking import lock_messenger
from bot.services.messenger import addresses
from bot.services.messenger.addresses import Linking, StaffAddress
from bot.services.messenger.posts import Post, PostBody, PostPurpose, Where, note_theirs, post
from bot.services.messenger.words import typed_words
from bot.services.staff import chats, drafts, lists, strangers
from bot.services.staff.chats import Chat
from bot.services.staff.hands import After, Hand, Told
from bot.store import tables as t
from bot.store.chance import is_chance
from bot.store.cursors import save_cursor
from channels.message import Batch, InboundKind, InboundMessage
from handoff import commands
from handoff.commands import Where as Lists

log = logging.getLogger(__name__)


def take_staff_batch(connection: Connection, house: House, batch: Batch, now: int) -> After:
    """Do what a whole batch asks for; returns what must follow the commit outside the database."""
    lock_messenger(connection, batch.channel)
    after: list[tuple[str, str, str]] = []
    for message, index in _unseen(connection, house, batch):
        connection.execute(
            insert(t.inbox).values(
                channel=batch.channel, external_index=index, conversation=None,
                state=InboxState.DONE.value, urgent=False, received_at=now, body_sealed=None,
            )
        )  # fmt: skip
        after += _one(connection, house, message, now)
    if batch.cursor is not None:
        save_cursor(connection, house.vault, batch.channel, batch.cursor)
    return tuple(after)


def _one(connection: Connection, house: House, message: InboundMessage, now: int) -> After:
    try:
        with connection.begin_nested():
            return _take(connection, house, message, now)
    except Exception as failure:
        if is_chance(failure):
            raise  # another process was in the way: the whole batch is done again
        log.error("act of a volunteer failed", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
    address = addresses.owner(connection, house, message.address)
    if address is not None:
        told = Told(Hand(connection, house, address, now).words("staff.failed"))
        _tell(connection, house, address, told, message, now)
    return ()


def _take(connection: Connection, house: House, message: InboundMessage, now: int) -> After:
    address = addresses.owner(connection, house, message.address)
    code = strangers.code_in(message, bare=address is None)
    if code is not None:
        return _link(connection, house, message, code, now)
    if address is None:
        return (strangers.say(house, message, "staff.stranger", now),)
    chat = _meant(connection, house, address, message)
    hand = Hand(connection, house, address, now)
    if message.remote_id is not None and message.kind is not InboundKind.CHOICE:
        where = Where(address.id, address.channel, chat.id if chat else None)
        note_theirs(connection, house, where, message.remote_id, now)
    told = _answer(hand, chat, message)
    if told is not None and told.text:
        _tell(connection, house, address, told, message, now)
    return told.after if told is not None else ()


def _answer(hand: Hand, chat: Chat | None, message: InboundMessage) -> Told | None:
    words = hand.words
    match message.kind:
        case InboundKind.CHOICE:
            asked = commands.tapped(message.choice or "")
            if asked is None:
                return Told(words("staff.unknown_command"), chat=chat)
            named = chats.of_handoff(hand.connection, hand.address.id, asked.subject)
            return hand.act(asked, named)
        case InboundKind.TEXT:
            return _typed(hand, chat, message.text)
        case InboundKind.ARRIVED:
            return hand.menu(None)
        case InboundKind.EDIT:
            return Told(words("staff.no_edit"), chat=chat)
        case InboundKind.MEDIA:
            return Told(words("staff.only_text"), chat=chat)
        case InboundKind.DELETE | InboundKind.ASIDE:
            return None


def _typed(hand: Hand, chat: Chat | None, text: str) -> Told | None:
    if not commands.is_command(text):
        if chat is not None:
            return hand.write(chat, text)
        there_is_one = chats.only_one(hand.connection, hand.address.id) is not None
        return Told(hand.words("staff.nothing_sent" if there_is_one else "staff.no_chat"))
    # A command needs no reply to a line where there is one chat only; words to her always do.
    meant = chat or chats.only_one(hand.connection, hand.address.id)
    if (number := commands.numbered(text)) is not None:
        token = lists.numbered(hand.connection, hand.house, hand.address.id, meant, number)
        asked = commands.tapped(token) if token is not None else None
    else:
        there = _lists(hand, meant) if meant is not None else ()
        asked = commands.typed(text, (*there, Lists.OFFER, Lists.LOBBY, Lists.DAY), typed_words(hand.house))
    if asked is None:
        return Told(hand.words("staff.unknown_command"), chat=chat)
    return hand.act(asked, meant)


def _lists(hand: Hand, chat: Chat) -> tuple[Lists, ...]:
    if chats.is_visit(hand.connection, chat):
        return (Lists.GUEST,)
    return (Lists.CHAT, Lists.MORE, Lists.PASSING, Lists.ENDING, Lists.COVERING, Lists.DRAFT)


def _meant(
    connection: Connection, house: House, address: StaffAddress, message: InboundMessage
) -> Chat | None:
    """The open chat a message names by its place or by what it answers."""
    if message.place is not None and (found := chats.of_place(connection, house, address.id, message.place)):
        return found
    if message.reply_to is not None:
        return chats.of_reply(connection, house, address.id, message.reply_to)
    return None


def _link(connection: Connection, house: House, message: InboundMessage, code: str, now: int) -> After:
    outcome = addresses.link(connection, house, message.address, code, now)
    if outcome is not Linking.LINKED:
        key = "staff.resting" if outcome is Linking.RESTING else "staff.wrong_code"
        return (strangers.say(house, message, key, now),)
    address = addresses.owner(connection, house, message.address)
    assert address is not None  # noqa: S101  it was linked a moment ago
    if message.remote_id is not None:
        note_theirs(connection, house, Where(address.id, address.channel), message.remote_id, now)
    words = Hand(connection, house, address, now).words
    alias = people.alias_of(connection, house, address.person)
    _tell(connection, house, address, Told(words("staff.linked").format(alias=alias)), message, now)
    return ()


def _tell(
    connection: Connection, house: House, address: StaffAddress, told: Told, message: InboundMessage, now: int
) -> None:
    """Answer an act, where it was done; a chat's answers go when the chat goes."""
    chat = told.chat
    where = Where(address.id, address.channel, chat.id if chat else None)
    body = PostBody(
        told.text, told.choices, reply_to=message.remote_id if message.choice is None else None,
        draft=told.draft, picks=told.picks,
    )  # fmt: skip
    key = drafts.key_of(connection, house, chat.handoff) if chat is not None else None
    post(connection, house, Post(where, PostPurpose.TOLD, body, told.name, key=key), now)


def _unseen(connection: Connection, house: House, batch: Batch) -> Iterable[tuple[InboundMessage, bytes]]:
    """Messages never taken before, each with the index it is remembered under."""
    indexes = {
        message: [digest for _, digest in house.vault.external_indexes(batch.channel, message.external_id)]
        for message in batch.messages
    }
    every = [digest for digests in indexes.values() for digest in digests]
    row = t.inbox.c
    known = {
        bytes(found)
        for found in connection.execute(
            select(row.external_index).where(row.channel == batch.channel, row.external_index.in_(every))
        ).scalars()
    }
    for message, digests in indexes.items():
        if known.isdisjoint(digests):
            known.update(digests)
            yield message, digests[0]
