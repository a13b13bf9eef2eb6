"""A chat on a volunteer's messenger, kept as her pane in the console is, and emptied when its claim is over.

What is shown is what `panes` shows, line by line: new lines are posted, changed ones edited. Words of hers
are sealed under the key of her conversation and go with it, sent or not.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from bot.model import ChatState
from bot.services import desk, jitter, panes
from bot.services.house import House
from bot.services.messenger.posts import (
    BUSY,
    UNSENT,
    Post,
    PostBody,
    PostPurpose,
    Where,
    open_body,
    post,
    seal_body,
    take_away,
)
from bot.services.messenger.words import code_told, staff_words
from bot.services.panes import Line, NotYours, Pane
from bot.services.peeking import chat_name, peek
from bot.services.permissions import NotAllowed
from bot.services.staff import chats
from bot.services.staff.chats import OPENING, PLACE, REPLY, Chat
from bot.store import staff_tables as s, tables as t
from bot.vault.envelope import DataKey
from channels.message import DeliveryState, OutboundKind
from channels.rendering import split_text
from handoff.commands import Where as Lists, shown
from handoff.model import HandoffState

Words = Callable[[str], str]
Found = Row[*tuple[Any, ...]]
_TOLD_ANSWERS: Final = ("safety", "age_band", "role")
_TROUBLE: Final = {
    DeliveryState.HELD.value: "staff.held",
    DeliveryState.UNKNOWN.value: "staff.unknown",
    DeliveryState.FAILED_FOR_GOOD.value: "staff.blocked",
    DeliveryState.CANCELLED.value: "staff.withdrawn",
}


def refresh(connection: Connection, house: House, channel: str, now: int) -> None:
    """Bring every chat of a channel up to what the database says; what is over is emptied."""
    for row in chats.of_channel(connection, channel):
        chat = chats.chat_of(row)
        if not chats.still_hers(row):
            _empty(connection, house, chat, row, now)
        elif row.version != row.seen_version:
            _show(connection, house, chat, row, now)


def tell_trouble(connection: Connection, house: House, channel: str, now: int) -> None:
    """Words of a volunteer that did not reach her, or not yet: told once for each change."""
    entry, told = t.outbox.c, s.staff_post.alias("told")
    for row in chats.of_channel(connection, channel):
        if not chats.still_hers(row):
            continue
        chat = chats.chat_of(row)
        subject = entry.id + ":" + entry.state
        known = select(told.c.id).where(
            told.c.address == chat.where.address,
            told.c.purpose == PostPurpose.DELIVERY.value,
            told.c.subject == subject,
        )
        found = connection.execute(
            select(entry.id, entry.state).where(
                entry.conversation == row.conversation,
                entry.claim_version == chat.version,
                entry.person == chat.person,
                entry.state.in_(list(_TROUBLE)),
                ~known.exists(),
            )
        ).all()
        words = staff_words(connection, house, chat.person) if found else None
        for one in found:
            assert words is not None  # noqa: S101  asked for where anything was found
            body = PostBody(words(_TROUBLE[one.state]))
            named = f"{one.id}:{one.state}"
            post(connection, house, Post(chat.where, PostPurpose.DELIVERY, body, named), now)


# --- showing ----------------------------------------------------------------------------------------------
def _show(connection: Connection, house: House, chat: Chat, row: Found, now: int) -> None:
    if chat.mode == OPENING:
        _open_place(connection, house, chat, now)
        return
    try:
        pane = panes.pane(connection, house, chat.handoff, chat.person, now)
    except (NotYours, NotAllowed):
        return  # the claim ended in this very moment: the next look empties it
    talk = peek(connection, house, [row.conversation]).get(row.conversation)
    if pane.left or talk is None:
        return
    words = staff_words(connection, house, chat.person)
    limit = house.staff_channels[chat.where.channel].max_text
    after = jitter.wait(house, talk.channel, chat.where.channel)
    screen = _Screen(connection, house, chat, talk.key, limit, after, now)
    screen.put("head", _head(pane, words, house), choices=_commands(chat, pane, words), protect=False)
    how = "staff.chat_how_place" if chat.mode == PLACE else "staff.chat_how_reply"
    screen.put("how", words(how), protect=False)
    if pane.left_earlier:
        screen.put("left", words("staff.left_earlier").format(text=pane.left_earlier))
    if pane.undeleted:
        screen.put("undeleted", words("staff.undeleted"), protect=False)
    for line in pane.lines:
        told = _told(line, words)
        if told:
            screen.put(line.id, told, sounding=line.whose == "her")
    connection.execute(
        update(s.staff_chat).where(s.staff_chat.c.id == chat.id).values(seen_version=row.version)
    )


def _open_place(connection: Connection, house: House, chat: Chat, now: int) -> None:
    row = s.staff_post.c
    asked = select(row.id).where(row.chat == chat.id, row.purpose == PostPurpose.PLACE.value)
    if connection.execute(asked).first() is None:
        body = PostBody(chat_name(chat.handoff))
        opening = Post(chat.where, PostPurpose.PLACE, body, f"{chat.id}.open", OutboundKind.OPEN)
        post(connection, house, opening, now)


class _Screen:
    """What stands of one chat, and what is to stand: puts lines, and changes those that changed."""

    def __init__(
        self, connection: Connection, house: House, chat: Chat, key: DataKey, limit: int, after: int, now: int
    ) -> None:
        self._connection, self._house, self._chat = connection, house, chat
        self._key, self._limit, self._after, self._now = key, limit, after, now
        row = s.staff_post.c
        purposes = [PostPurpose.HEAD.value, PostPurpose.LINE.value]
        query = select(s.staff_post).where(
            row.chat == chat.id, row.purpose.in_(purposes), row.kind == OutboundKind.NEW.value
        )
        self._posted = {found.subject: found for found in connection.execute(query)}

    def put(
        self,
        name: str,
        text: str,
        *,
        choices: list[list[str]] | None = None,
        sounding: bool = False,
        protect: bool = True,
    ) -> None:
        """A line by this name says this now, in as many parts as the network needs."""
        purpose = PostPurpose.HEAD if choices else PostPurpose.LINE
        asks = self._chat.mode == REPLY and not choices
        for number, part in enumerate(split_text(text, self._limit)):
            body = PostBody(part, choices or [], asks_reply=asks, protect=protect)
            subject = f"{self._chat.id}.{name}.{number}"
            before = self._posted.get(subject)
            if before is None:
                self._new(purpose, body, subject, sounding=sounding)
            elif not choices:
                self._change(before, body)
        number = len(split_text(text, self._limit))
        while (left := self._posted.get(f"{self._chat.id}.{name}.{number}")) is not None:
            take_away(self._connection, self._house, left, self._now, after=self._after)
            number += 1

    def _new(self, purpose: PostPurpose, body: PostBody, subject: str, *, sounding: bool) -> None:
        line = Post(
            self._chat.where, purpose, body, subject, key=self._key, sounding=sounding, after=self._after
        )
        post(self._connection, self._house, line, self._now)

    def _change(self, before: Found, body: PostBody) -> None:
        if before.body_sealed is None or before.data_key != self._key.id:
            return
        if open_body(self._key, before.id, before.body_sealed).text == body.text:
            return
        sealed = seal_body(self._key, before.id, body)
        self._connection.execute(
            update(s.staff_post).where(s.staff_post.c.id == before.id).values(body_sealed=sealed)
        )
        if before.state not in UNSENT:
            edit = PostBody(body.text, target=before.id, protect=body.protect)
            change = Post(
                self._chat.where, PostPurpose.LINE, edit, kind=OutboundKind.EDIT, key=self._key,
                after=self._after,
            )  # fmt: skip
            post(self._connection, self._house, change, self._now)


def _head(pane: Pane, words: Words, house: House) -> str:
    facts = [code_told(words, "reason", reason) for reason in pane.reasons]
    facts += [
        words(f"staff.answer_{key}_{pane.answers[key]}")
        for key in _TOLD_ANSWERS
        if f"answer_{key}_{pane.answers.get(key)}" in house.library.staff["en"].told
    ]
    if pane.facts.shares == "topic":
        facts.append(words("staff.shares_topic"))
    if pane.guest:
        facts.append(words("staff.guest_of").format(name=pane.holder))
    return (
        words("staff.chat_head")
        .format(
            name=pane.name,
            urgency=code_told(words, "urgency", pane.urgency),
            need=code_told(words, "need", pane.facts.need),
            language=pane.facts.language,
            country=pane.facts.country or words("staff.country_none"),
            facts="\n".join(facts),
        )
        .rstrip()
    )


def _commands(chat: Chat, pane: Pane, words: Words) -> list[list[str]]:
    where = Lists.GUEST if pane.guest else Lists.CHAT
    return [[one.token, one.label, one.digit] for one in shown(where, words, chat.handoff)]


def _told(line: Line, words: Words) -> str:
    """A line of the pane in words; "" for the volunteer's own, which stand there already."""
    if line.whose == "volunteer":
        return ""
    if line.whose == "colleague":
        return words("staff.colleague").format(name=line.by, text=line.text)
    if line.whose == "guide":
        return words("staff.guide").format(text=line.text)
    if line.mark in {"deleted", "media", "unreadable", "arrived"}:
        return words(f"staff.she_{line.mark}")
    if line.mark in {"edited", "tapped"}:
        return words(f"staff.she_{line.mark}").format(text=line.text)
    return words("staff.she").format(text=line.text)


# --- emptying ---------------------------------------------------------------------------------------------
def _empty(connection: Connection, house: House, chat: Chat, row: Found, now: int) -> None:
    """The claim is over: nothing more is posted of it, what stands is removed, then its rows go."""
    after = jitter.wait(house, row.her_channel, chat.where.channel)
    if row.state == ChatState.OPEN.value:
        _say_it_is_over(connection, house, chat, row, after, now)
    posts = list(_posts(connection, chat))
    if chat.mode == PLACE and row.place_sealed is not None:
        _close_place(connection, house, chat, posts, after, now)
    else:
        for one in posts:
            if one.purpose != PostPurpose.REMOVAL.value and one.remote_sealed is not None:
                take_away(connection, house, one, now)
    busy = select(s.staff_post.c.id).where(s.staff_post.c.chat == chat.id, s.staff_post.c.state.in_(BUSY))
    if connection.execute(busy).first() is None:
        connection.execute(delete(s.staff_post).where(s.staff_post.c.chat == chat.id))
        connection.execute(delete(s.staff_chat).where(s.staff_chat.c.id == chat.id))


def _posts(connection: Connection, chat: Chat) -> Iterator[Found]:
    query = select(s.staff_post).where(s.staff_post.c.chat == chat.id)
    yield from connection.execute(query.order_by(s.staff_post.c.sequence))


def _say_it_is_over(
    connection: Connection, house: House, chat: Chat, row: Found, after: int, now: int
) -> None:
    connection.execute(
        update(s.staff_chat).where(s.staff_chat.c.id == chat.id).values(state=ChatState.ENDING.value)
    )
    post_row = s.staff_post.c
    connection.execute(
        update(s.staff_post)
        .where(
            post_row.chat == chat.id,
            post_row.purpose != PostPurpose.REMOVAL.value,
            post_row.state.in_(UNSENT),
        )
        .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
    )
    words = staff_words(connection, house, chat.person)
    told = words("staff.chat_over").format(name=chat_name(chat.handoff))
    if row.handoff_state == HandoffState.LEFT.value and row.holder == chat.person:
        told = f"{words('staff.she_had_to_leave')} {told}"
        desk.acknowledge_left(connection, chat.handoff, chat.person)
    where = Where(chat.where.address, chat.where.channel)
    post(connection, house, Post(where, PostPurpose.TOLD, PostBody(told), after=after), now)


def _close_place(
    connection: Connection, house: House, chat: Chat, posts: list[Found], after: int, now: int
) -> None:
    subject = f"{chat.id}.close"
    if any(one.subject == subject for one in posts):
        return
    closing = Post(chat.where, PostPurpose.REMOVAL, PostBody(), subject, OutboundKind.CLOSE, after=after)
    post(connection, house, closing, now)
