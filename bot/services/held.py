"""Entries held for her next act (PR4): kept back when a page is gone, released once, after the safe check."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, bindparam, select, update

from bot.model import Stage
from bot.services import quiet
from bot.services.entries import Body, Purpose, open_body, post, window_of
from bot.services.opening import keep_contact, open_contacts
from bot.services.talk import Talk
from bot.store import tables as t
from channels.message import DeliveryState, OutboundKind, Speaker

OLD = timedelta(minutes=10) // timedelta(microseconds=1)
"""Words of a volunteer that waited longer are told as what they are: from before."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One held entry; `since` is when it was to be sent (microseconds)."""

    entry: str
    purpose: str
    since: int


def held_for(connection: Connection, conversations: Iterable[str]) -> dict[str, tuple[Kept, ...]]:
    """Held entries of the conversations, in order; one statement for all of them."""
    kept: dict[str, list[Kept]] = {}
    for found in connection.execute(_HELD, {"b_conversations": list(conversations)}):
        kept.setdefault(found.conversation, []).append(Kept(found.id, found.purpose, found.due_at))
    return {conversation: tuple(entries) for conversation, entries in kept.items()}


_HELD = (
    select(t.outbox.c.conversation, t.outbox.c.id, t.outbox.c.purpose, t.outbox.c.due_at)
    .where(
        t.outbox.c.conversation.in_(bindparam("b_conversations", expanding=True)),
        t.outbox.c.state == DeliveryState.HELD.value,
        t.outbox.c.body_sealed.is_not(None),
    )
    .order_by(t.outbox.c.conversation, t.outbox.c.sequence)
)


def release(talk: Talk, waiting: tuple[Kept, ...], *, answers: bool = True) -> bool:
    """She acted and the safe check stands: what was held is sent now, in order, the latest news only.

    Without `answers` what the guide answered before this safe check is dropped: it has been said anew.
    True if what became of her request is among it: then the question where she stands is told with it.
    """
    if not waiting:
        return False
    opened = talk.opened
    row = set(opened.state.rows)  # of the word grid: asked beside the news, not instead of it
    news = [k.entry for k in waiting if k.purpose == Purpose.NEWS.value and k.entry not in row]
    # Old wait news is untrue by now, and a held sign that something came is told by what came.
    outdated = set(news[:-1]) | {k.entry for k in waiting if k.purpose == Purpose.STATUS.value}
    if opened.stage is Stage.TRIAGE:
        outdated.update(news)
    if not answers:
        outdated.update(k.entry for k in waiting if k.purpose == Purpose.ANSWER.value)
    released = [kept for kept in waiting if kept.entry not in outdated]
    rows = _renewed(talk, released)
    if outdated:
        talk.connection.execute(
            update(t.outbox)
            .where(t.outbox.c.id.in_(outdated))
            .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
        )
    if rows:
        talk.connection.execute(_RELEASE, rows)
        for row in rows:
            quiet.note_shown(talk, "ours", str(row["b_id"]))
        if opened.state.quiet:
            quiet.calm_status(talk)
            quiet.cover_later(talk)
    return any(kept.purpose == Purpose.OUTCOME.value for kept in released)


def _renewed(talk: Talk, released: list[Kept]) -> list[dict[str, str | int]]:
    """A place and a window of now for each; words of a volunteer that waited long are called old before."""
    rows: list[dict[str, str | int]] = []
    old_told = False
    for kept in released:
        if kept.purpose == Purpose.RELAY.value and talk.now - kept.since > OLD and not old_told:
            old_told = True
            _say_it_is_old(talk, "word.written_earlier")
        sequence, until = talk.opened.take_sequence(), talk.opened.new_until
        rows.append({"b_id": kept.entry, "b_sequence": sequence, "b_until": until, "b_due": talk.now})
    return rows


def _say_it_is_old(talk: Talk, word: str) -> None:
    """A greeting of an hour ago is not taken for one of now: she may answer somebody who is gone."""
    text = talk.house.library.words(talk.language)(word)
    quiet.note_shown(talk, "ours", post(talk, Body(text=text, language=talk.language), Purpose.CARD))


_RELEASE = (
    update(t.outbox)
    .where(t.outbox.c.id == bindparam("b_id"))
    .values(
        state=DeliveryState.PENDING.value,
        sequence=bindparam("b_sequence"),
        not_after=bindparam("b_until"),
        due_at=bindparam("b_due"),
    )
)


def keep_back(talk: Talk) -> None:
    """The page these were meant for is gone: answers are dropped (they are said anew), the rest is held."""
    if talk.opened.state.run is None:
        return  # nothing was ever said to her
    talk.writes.flush(talk.connection)
    row = t.outbox.c
    caps = talk.house.channels.get(talk.opened.channel)
    unseen = [DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value]
    if caps is not None and caps.confirms_delivery:
        # Taken by the wire but never confirmed by the page: she has not read it.
        unseen += [DeliveryState.SENT.value, DeliveryState.UNKNOWN.value, DeliveryState.SENDING.value]
    mine = (row.conversation == talk.opened.id) & row.state.in_(unseen)
    if caps is not None and not caps.wipes:
        mine &= row.purpose != Purpose.DELETION.value  # what is to go from her screen goes all the same
    said_anew = row.purpose.in_(
        [Purpose.ANSWER.value, Purpose.OUTCOME.value, Purpose.STATUS.value, Purpose.PING.value]
    ) | (row.kind != OutboundKind.NEW.value)
    talk.connection.execute(
        update(t.outbox).where(mine & said_anew).values(state=DeliveryState.CANCELLED.value, body_sealed=None)
    )
    talk.connection.execute(update(t.outbox).where(mine).values(state=DeliveryState.HELD.value))


def relay_until(talk: Talk) -> int:
    """The window of a volunteer's words: her acts renew it; "wait here" covers the first words."""
    return window_of(talk, OutboundKind.NEW, Purpose.RELAY)


def keeps_back(talk: Talk) -> bool:
    """Whether what does not answer her act waits for one: quiet mode, or no safe check since opening."""
    return talk.opened.state.quiet or not talk.checked


def let_go(talk: Talk) -> None:
    """The claim is over and another one follows: words she has not been sent reach nobody (PR8)."""
    talk.writes.flush(talk.connection)
    row = t.outbox.c
    unsent = [DeliveryState.HELD.value, DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value]
    talk.connection.execute(
        update(t.outbox)
        .where(
            row.conversation == talk.opened.id,
            row.purpose == Purpose.RELAY.value,
            row.state.in_(unsent),
        )
        .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
    )


def move_to_record(talk: Talk) -> None:
    """A conversation ends with words she never saw: they go to her contact record, under its own key.

    On return they are told after the safe check, and after her phrase if she set one (B-020). Not for
    `hide`, which withdraws them. So is what she waited for in vain, in a word of its own: the line of then
    would be old.
    """
    _note_search(talk)
    row = t.outbox.c
    unseen = talk.connection.execute(
        select(row.id, row.body_sealed)
        .where(
            row.conversation == talk.opened.id,
            row.purpose == Purpose.RELAY.value,
            row.state.in_(
                [DeliveryState.HELD.value, DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value]
            ),
            row.body_sealed.is_not(None),
        )
        .order_by(row.sequence)
    ).all()
    if not unseen or talk.opened.contact is None:
        return
    contact = open_contacts(talk.connection, talk.house, [talk.opened.contact])[talk.opened.contact]
    contact.record.held += [open_body(talk.opened.key, entry.id, entry.body_sealed).text for entry in unseen]
    keep_contact(talk.connection, contact)


def _note_search(talk: Talk) -> None:
    """She was told that somebody is being asked; nobody came, and she never read the line that says so."""
    if not talk.opened.state.search_ended or talk.opened.contact is None:
        return
    talk.writes.flush(talk.connection)
    row = t.outbox.c
    mine = (row.conversation == talk.opened.id) & (row.purpose == Purpose.OUTCOME.value)
    newest = select(row.state).where(mine).order_by(row.sequence.desc()).limit(1)
    caps = talk.house.channels.get(talk.opened.channel)
    # What a page has not confirmed it has not shown; a messenger keeps what it took.
    reached = _SHOWN if caps is not None and caps.confirms_delivery else _TAKEN
    if talk.connection.execute(newest).scalar() in reached:
        return
    contact = open_contacts(talk.connection, talk.house, [talk.opened.contact])[talk.opened.contact]
    contact.record.search_missed = True
    keep_contact(talk.connection, contact)


_SHOWN = frozenset({DeliveryState.DELIVERED.value})
_TAKEN = _SHOWN | {DeliveryState.SENT.value, DeliveryState.UNKNOWN.value}


def tell_recorded(talk: Talk) -> None:
    """Words that waited in her contact record are told once, within an answer to her act."""
    if talk.opened.contact is None:
        return
    contact = open_contacts(talk.connection, talk.house, [talk.opened.contact])[talk.opened.contact]
    record, words = contact.record, talk.house.library.words(talk.language)
    owed = {"callback_missed": record.callback_missed, "search_missed": record.search_missed}
    for word, missed in owed.items():
        if missed:
            body = Body(text=words(f"word.{word}"), language=talk.language)
            quiet.note_shown(talk, "ours", post(talk, body, Purpose.CARD))
    if any(owed.values()):
        record.callback_missed = record.search_missed = False
        keep_contact(talk.connection, contact)
    if not contact.record.held:
        return
    _say_it_is_old(talk, "word.written_last_time")
    for text in contact.record.held:
        body = Body(text=text, speaker=Speaker.PERSON.value, language=talk.language, protect=True)
        quiet.note_shown(talk, "ours", post(talk, body, Purpose.RELAY))
    contact.record.held = []
    keep_contact(talk.connection, contact)
