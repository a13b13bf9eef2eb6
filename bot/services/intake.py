"""A batch from a channel becomes inbox rows in one transaction (design §3 step 2, PR1, PR2, PR5).

Set-wise: however many acts a batch brings, each table is read and written with one statement. `hide` and
`stop` are done here, in the same commit; `help now` is put ahead of her earlier acts.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, bindparam, case, or_, select, update

from bot.model import InboxState
from bot.services import blocking, hiding, holding, idleness, newcomers
from bot.services.acts import Act, seal_act
from bot.services.house import House
from bot.services.opening import open_conversations
from bot.services.stepped_clock import keep_step
from bot.services.talk import Talk
from bot.store import own_rows, tables as t
from bot.store.cursors import save_cursor
from bot.store.moments import month_of, to_moment
from bot.store.writes import Row, Writes
from channels.message import (
    Address,
    Batch,
    DeliveryState,
    InboundKind,
    InboundMessage,
    Left,
    Lives,
    OwnRow,
)
from triage.model import GlobalAction

_TAPPED = {
    "!hide": GlobalAction.HIDE,
    "!stop": GlobalAction.STOP,
    "!help_now": GlobalAction.HELP_NOW,
}


def urgent_action(house: House, message: InboundMessage) -> GlobalAction | None:
    """`hide`, `stop` or `help now`, typed whole in any published language or tapped (PR5)."""
    if message.kind is InboundKind.CHOICE:
        return _TAPPED.get(message.choice or "")
    if message.kind in {InboundKind.TEXT, InboundKind.EDIT}:
        action = house.library.globals.recognise_urgent(message.text)
        return action if action in {GlobalAction.HIDE, GlobalAction.STOP, GlobalAction.HELP_NOW} else None
    return None


def take_batch(connection: Connection, house: House, batch: Batch, now: int) -> Writes:
    """Store a batch; returns the flushed writes, whose `after` lists what to do once the commit stands."""
    keep_step(connection, house, now)
    writes = Writes()
    unseen = _unseen(connection, house, batch)
    messages = [message for message, _ in unseen]
    hiding_last = _last_hides(house, messages, batch.left)
    signs = {sign.address for sign in (*batch.presences, *batch.reconnections)}
    if hiding_last:
        _hide_at_once(connection, house, writes, hiding_last, _withdrawn(messages, hiding_last), now)
    stored = {m.address for n, m in enumerate(messages) if n > hiding_last.get(m.address, (-1, False))[0]}
    places = newcomers.find_or_make(connection, house, writes, stored, signs, now)
    places = idleness.begin_anew(connection, house, writes, places, stored, now)
    arrived = {message.address for message in messages if message.kind is InboundKind.ARRIVED}
    holding.take_over(connection, house, writes, places, arrived)
    under = blocking.blocked(connection, house, stored, now)
    for position, (message, index) in enumerate(unseen):
        withdrawn = position <= hiding_last.get(message.address, (-1, False))[0]
        writes.inbox.append(
            _row(
                house, batch.channel, message, index, None if withdrawn else places[message.address], now,
                under.get(message.address, ""),
            )
        )  # fmt: skip
    _date_newcomers(writes)
    # Her conversation is locked before entries of it are (see `locking`).
    _renew_presence(connection, house, writes, batch, places, now)
    _note_seen(connection, batch)
    _resend(connection, batch, arrived, places, now)
    if batch.poison:
        writes.count(house.desk, month_of(now), f"inbox.poison.{batch.channel}", batch.poison)
    writes.flush(connection)
    kept = _not_withdrawn(batch, hiding_last)
    own_rows.write(connection, house.vault, house.identifiers, batch.channel, kept)
    if batch.cursor is not None:
        save_cursor(connection, house.vault, batch.channel, batch.cursor)
    return writes


def _row(
    house: House,
    channel: str,
    message: InboundMessage,
    index: bytes,
    place: newcomers.Place | None,
    now: int,
    blocked: str = "",
) -> Row:
    """The inbox row of a message; without a place it is withdrawn and only refuses its repeats."""
    act = Act(
        message.kind.value, message.text, message.choice, message.refers_to,
        message.external_id, message.remote_id, message.language, blocked,
    )  # fmt: skip
    return {
        "channel": channel,
        "external_index": index,
        "conversation": place.conversation if place else None,
        "state": (InboxState.NEW if place else InboxState.WITHDRAWN).value,
        "urgent": urgent_action(house, message) is GlobalAction.HELP_NOW,
        # Her window begins when she acted, however long the network or we were away (PR4, B-145).
        "received_at": min(now, to_moment(message.sent_at)) if message.sent_at else now,
        "body_sealed": seal_act(place.key, index, act) if place else None,
    }


def _date_newcomers(writes: Writes) -> None:
    """Who wrote while we were away acted then: her first window begins there too, not when we came (PR4)."""
    acted: dict[str, int] = {}
    for row in writes.inbox:
        acted[row["conversation"]] = max(row["received_at"], acted.get(row["conversation"], 0))
    for row in writes.new_conversations:
        row["last_act_at"] = min(row["last_act_at"], acted.get(row["id"], row["last_act_at"]))


def _last_hides(
    house: House, messages: Iterable[InboundMessage], left: tuple[Left, ...]
) -> dict[Address, tuple[int, bool]]:
    """Address → (position of her last hide or stop in the batch, whether it erases the record)."""
    last: dict[Address, tuple[int, bool]] = {}
    count = 0
    for count, message in enumerate(messages, start=1):
        action = urgent_action(house, message)
        if action in {GlobalAction.HIDE, GlobalAction.STOP}:
            erases = action is GlobalAction.STOP or last.get(message.address, (0, False))[1]
            last[message.address] = (count - 1, erases)
    for gone in left:
        last[gone.address] = (count, last.get(gone.address, (0, False))[1])
    return last


def _unseen(connection: Connection, house: House, batch: Batch) -> list[tuple[InboundMessage, bytes]]:
    """Messages never stored before, with the index each is stored under, in order."""
    if not batch.messages:
        return []
    indexed = [
        (message, [digest for _, digest in house.vault.external_indexes(batch.channel, message.external_id)])
        for message in batch.messages
    ]
    every = [digest for _, digests in indexed for digest in digests]
    known = {
        bytes(row.external_index)
        for row in connection.execute(_KNOWN, {"b_channel": batch.channel, "b_indexes": every})
    }
    fresh: list[tuple[InboundMessage, bytes]] = []
    for message, digests in indexed:
        if known.isdisjoint(digests):
            fresh.append((message, digests[0]))
            known.update(digests)
    return fresh


_KNOWN = select(t.inbox.c.external_index).where(
    t.inbox.c.channel == bindparam("b_channel"),
    t.inbox.c.external_index.in_(bindparam("b_indexes", expanding=True)),
)


def _withdrawn(
    messages: Iterable[InboundMessage], hides: dict[Address, tuple[int, bool]]
) -> dict[Address, list[InboundMessage]]:
    """What each wrote up to her hide, the word itself included: it goes from her screen too."""
    words: dict[Address, list[InboundMessage]] = {address: [] for address in hides}
    for position, message in enumerate(messages):
        if position <= hides.get(message.address, (-1, False))[0]:
            words[message.address].append(message)
    return words


def _hide_at_once(
    connection: Connection,
    house: House,
    writes: Writes,
    hides: dict[Address, tuple[int, bool]],
    withdrawn: dict[Address, list[InboundMessage]],
    now: int,
) -> None:
    """`hide`, `stop` and leaving overtake everything of hers that is not yet done (PR5)."""
    # Where the network keeps her words, even someone without a conversation gets one, to delete them from.
    words = {
        address: [(m.external_id, m.remote_id) for m in written if m.remote_id is not None]
        for address, written in withdrawn.items()
        if not house.channels[address.channel].wipes
    }
    makes = [address for address, written in words.items() if written]
    places = newcomers.find_or_make(connection, house, writes, makes, hides, now)
    strangers = {row["id"] for row in writes.contacts}
    writes.flush(connection)
    opened = open_conversations(connection, house, [place.conversation for place in places.values()])
    for address, (_, erases) in hides.items():
        place = places.get(address)
        conversation = opened.get(place.conversation) if place else None
        if place is not None and conversation is not None:
            talk = Talk(connection, house, writes, conversation, now)
            talk.opened.state.bodies += [["her", name, remote] for name, remote in words.get(address, [])]
            hiding.hide(talk, erase_contact=erases)
            if place.contact in strangers and not erases:
                hiding.erase_newcomer(connection, house, writes, place.contact, address)
        elif erases:
            hiding.erase_contacts_of(connection, house, writes, address)
        writes.after.append(("forget", address.channel, address.handle))
    writes.flush(connection)


# A page without a script shows a line when it next asks: by then the entry may be waiting or held.
_MAY_BE_SEEN = [
    state.value
    for state in DeliveryState
    if state not in {DeliveryState.DELIVERED, DeliveryState.CANCELLED, DeliveryState.FAILED_FOR_GOOD}
]


def _not_withdrawn(batch: Batch, hides: dict[Address, tuple[int, bool]]) -> list[OwnRow]:
    """The channel's own rows, without those about someone whose rows this very batch erased (PR7)."""
    erased = {(a.handle, life) for a, (_, all_) in hides.items() for life in own_rows.OF_HERS if all_}
    erased |= {(address.handle, Lives.TALK) for address in hides}
    return [row for row in batch.own_rows if (row.owner, row.lives) not in erased]


def _note_seen(connection: Connection, batch: Batch) -> None:
    if batch.seen:
        connection.execute(
            update(t.outbox)
            .where(
                t.outbox.c.id.in_([seen.entry_id for seen in batch.seen]),
                t.outbox.c.state.in_(_MAY_BE_SEEN),
            )
            .values(state=DeliveryState.DELIVERED.value)
        )


def _renew_presence(
    connection: Connection,
    house: House,
    writes: Writes,
    batch: Batch,
    places: dict[Address, newcomers.Place],
    now: int,
) -> None:
    """The page before her eyes counts as her act: the windows move, nothing else does."""
    ids = {places[sign.address].conversation for sign in batch.presences if sign.address in places}
    if ids:
        newcomers.renew_windows(connection, house, writes, ids, now)


def _resend(
    connection: Connection,
    batch: Batch,
    arrived: Collection[Address],
    places: dict[Address, newcomers.Place],
    now: int,
) -> None:
    """The same page came back: what it has not confirmed goes out again, in order (PR2: it dedupes)."""
    # A page that is new to us is met by the safe check; what an older page held is none of its business.
    for again in batch.reconnections:
        place = places.get(again.address)
        if place is None or again.address in arrived:
            continue
        row = t.outbox.c
        connection.execute(
            update(t.outbox)
            .where(
                row.conversation == place.conversation,
                row.sequence > again.after,
                row.sequence >= place.view_sequence,
                row.body_sealed.is_not(None),
                or_(
                    row.state == DeliveryState.SENT.value,
                    row.state == DeliveryState.UNKNOWN.value,
                    row.state == DeliveryState.FAILED_FOR_NOW.value,
                ),
            )
            # What the page could not show in its window is held at once, for the act that may come with this.
            .values(
                state=case(
                    (row.not_after <= now, DeliveryState.HELD.value), else_=DeliveryState.PENDING.value
                ),
                due_at=now,
            )
        )
