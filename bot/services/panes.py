"""What a volunteer sees of the chat she holds: both sides' words in their order, notes, coded facts.

Only the one who holds the claim reads it, opened under the conversation's own key and from the place on
that she who writes has agreed to (PR8, PR12). A right alone shows nothing; after a pass-on, neither does
the chat.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Row, select

from bot.model import DueKind, InboxState
from bot.services import held, people
from bot.services.acts import Act, open_act
from bot.services.entries import Purpose, open_body
from bot.services.handoff_facts import HandoffFacts, open_facts
from bot.services.house import House
from bot.services.opening import Opened
from bot.services.pairs import is_kept_from_her
from bot.services.peeking import chat_name, peek, peeked
from bot.services.permissions import Action, Thing, demand
from bot.store import tables as t
from bot.vault.envelope import Place, open_sealed
from channels.message import Aside, DeliveryState, InboundKind, OutboundKind
from handoff.model import HandoffState
from handoff.relay import NotRelayed, to_volunteer

LONGEST: Final = 20_000  # characters of one act of hers; channels take less
_SHOWN: Final = (Purpose.RELAY.value, Purpose.CARD.value, Purpose.NEWS.value)
_DEADLINES: Final = (DueKind.NUDGE, DueKind.ALERT_SUPERVISOR, DueKind.TAKE_BACK)


class NotYours(LookupError):
    """There is no such chat, or somebody else holds it: both look the same."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chat.

    Attributes:
        id: names the line on the page; stays the same while its delivery changes.
        whose: "her", "volunteer", "guide", or "act" for something she did without words.
        text: words, as plain text.
        at: when it came, or was written, microseconds.
        mark: "", "edited", "deleted", "media", "tapped", "arrived", "new_device",
            "unreadable".
        delivery: of ours, where it stands.
    """

    id: str
    whose: str
    text: str
    at: int
    mark: str = ""
    delivery: DeliveryState | None = None


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note of this chat, for whoever holds it."""

    id: str
    alias: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether words reach her now (design §4). Times in microseconds.

    Attributes:
        last_act_at: her last act.
        until: new words reach her screen until then; 0 while they are kept for her next act.
        quiet: nothing is posted by itself; her tap brings what is kept.
        hers_since: since when the last word is hers, 0 when it is not.
    """

    last_act_at: int
    until: int
    quiet: bool
    hers_since: int


@dataclass(frozen=True, slots=True)
class Pane:
    """One chat as its holder sees it. After she had to leave only `left` is told.

    Attributes:
        handoff, name, desk, channel, version: which chat, and the claim acts are made under.
        alias: what she is told the volunteer is called.
        left: she had to leave; nothing can be read or written any more.
        urgency, reasons, facts, answers: coded, nothing she wrote.
        left_earlier: what she left for a person before, in another conversation.
        deadlines: when what happens if she is not answered (PR9).
    """

    handoff: str
    name: str
    desk: str
    channel: str
    version: int
    alias: str
    left: bool
    urgency: str = ""
    reasons: tuple[str, ...] = ()
    facts: HandoffFacts = field(default_factory=HandoffFacts)
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    lines: tuple[Line, ...] = ()
    notes: tuple[NoteLine, ...] = ()
    presence: Presence | None = None
    left_earlier: str = ""
    deadlines: Mapping[DueKind, int] = field(default_factory=dict[DueKind, int])


def pane(connection: Connection, house: House, handoff: str, person: str, now: int) -> Pane:
    """The chat, for the one who holds it; NotYours for everybody else, NotAllowed without the right."""
    row = connection.execute(select(t.handoff).where(t.handoff.c.id == handoff)).one_or_none()
    if row is None or row.person != person or row.state not in _HELD:
        raise NotYours(handoff)
    demand(connection, person, Action.VIEW, Thing.LIVE_CHAT, row.desk)
    name, alias = chat_name(handoff), people.alias_of(connection, house, person)
    if row.state == HandoffState.LEFT.value:
        return Pane(handoff, name, row.desk, row.channel, row.claim_version, alias, left=True)
    opened = peek(connection, house, [row.conversation]).get(row.conversation)
    if opened is None or row.facts_sealed is None:
        raise NotYours(handoff)
    facts = open_facts(opened.key, row.id, row.facts_sealed)
    if is_kept_from_her(facts, person):
        raise NotYours(handoff)
    run = opened.state.run
    return Pane(
        handoff=handoff,
        name=name,
        desk=row.desk,
        channel=row.channel,
        version=row.claim_version,
        alias=opened.state.alias or alias,
        left=False,
        urgency=row.urgency or "U2",
        reasons=tuple(opened.state.reasons),
        facts=facts,
        answers=run.answers if run else facts.answers,
        lines=tuple(
            _merged(_hers(connection, house, opened, row, facts), _ours(connection, opened, row, facts))
        ),
        notes=tuple(_notes(connection, house, opened)),
        presence=_presence(connection, house, opened, now),
        left_earlier=_cleaned(facts.left_earlier),
        deadlines=_deadlines(connection, opened.id),
    )


def _cleaned(text: str) -> str:
    cleaned = to_volunteer(text, LONGEST)
    return "" if isinstance(cleaned, NotRelayed) else "\n".join(cleaned.parts)


def desk_of(connection: Connection, handoff: str) -> str:
    """The desk of a chat; raises NotYours for one nobody knows."""
    desk = connection.execute(select(t.handoff.c.desk).where(t.handoff.c.id == handoff)).scalar_one_or_none()
    if desk is None:
        raise NotYours(handoff)
    return desk


_HELD: Final = (HandoffState.ACTIVE.value, HandoffState.LEFT.value)


def _hers(
    connection: Connection, house: House, opened: Opened, handoff: Row[tuple[str, ...]], facts: HandoffFacts
) -> list[Line]:
    """Her acts in the order they came, once each has been through its turn."""
    row = t.inbox.c
    found = connection.execute(
        select(row.id, row.external_index, row.received_at, row.body_sealed)
        .where(
            row.conversation == opened.id,
            row.id >= facts.read_from_inbox,
            row.body_sealed.is_not(None),
            row.state.in_([InboxState.DONE.value, InboxState.POISON.value]),
        )
        .order_by(row.id)
    ).all()
    acts = [(one, open_act(opened.key, bytes(one.external_index), one.body_sealed)) for one in found]
    known = {act.external_id for _, act in acts}
    edited = {act.refers_to for _, act in acts if act.kind == InboundKind.EDIT.value}
    lines: list[Line] = []
    for one, act in acts:
        if act.refers_to in known or (act.kind == InboundKind.DELETE.value and act.refers_to is not None):
            continue  # the act it means was changed in its own place, or is not ours to see
        mark = "edited" if act.external_id in edited or act.kind == InboundKind.EDIT.value else ""
        line = _her_line(
            house,
            act,
            f"h{bytes(one.external_index).hex()[:16]}",
            one.received_at,
            mark,
            since=handoff.queued_at,
        )
        if line is not None:
            lines.append(line)
    return lines


def _her_line(house: House, act: Act, name: str, at: int, mark: str, *, since: int) -> Line | None:
    match InboundKind(act.kind):
        case InboundKind.DELETE:
            return Line(name, "her", "", at, "deleted")
        case InboundKind.MEDIA:
            return Line(name, "her", "", at, "media")
        case InboundKind.ARRIVED:
            return Line(name, "act", "", at, "arrived") if at > since else None
        case InboundKind.ASIDE:
            return _aside_line(name, act.choice or "", at) if at > since else None
        case InboundKind.CHOICE:
            # Taps of before are in the coded facts; a tap on a card during the chat is worth knowing.
            label = _label(house, act.choice or "") if at > since else ""
            return Line(name, "act", label, at, "tapped") if label else None
        case InboundKind.TEXT | InboundKind.EDIT:
            if at <= since and act.text.strip().isdigit():
                return None  # an answer to the guide, told in the coded facts
            cleaned = to_volunteer(act.text, LONGEST)
            if isinstance(cleaned, NotRelayed):
                return Line(name, "her", "", at, "unreadable")
            return Line(name, "her", "\n".join(cleaned.parts), at, mark)


def _aside_line(name: str, aside: str, at: int) -> Line | None:
    """What a volunteer should know of the channel's own doings: words lost, a device nobody knew."""
    if aside == Aside.UNREADABLE:
        return Line(name, "her", "", at, "unreadable")
    return Line(name, "act", "", at, "new_device") if aside == Aside.NEW_DEVICE else None


def _label(house: House, token: str) -> str:
    """What the tapped choice says, in the console's language; "" for one without a text of its own."""
    word = f"word.{token[1:]}_label" if token.startswith("!") else token
    try:
        return house.library.words("en")(word)
    except KeyError:
        return ""


def _ours(
    connection: Connection, opened: Opened, handoff: Row[tuple[str, ...]], facts: HandoffFacts
) -> list[Line]:
    """What was written to her since the hand-off; of volunteers' words only those of this claim."""
    row = t.outbox.c
    found = connection.execute(
        select(row.id, row.purpose, row.state, row.due_at, row.claim_version, row.body_sealed)
        .where(
            row.conversation == opened.id,
            row.sequence >= facts.read_from_sequence,
            row.kind == OutboundKind.NEW.value,
            row.purpose.in_(_SHOWN),
            row.body_sealed.is_not(None),
        )
        .order_by(row.sequence)
    ).all()
    lines: list[Line] = []
    for one in found:
        relayed = one.purpose == Purpose.RELAY.value
        if relayed and one.claim_version != handoff.claim_version:
            continue
        body = open_body(opened.key, one.id, one.body_sealed)
        whose = "volunteer" if relayed else "guide"
        lines.append(
            Line(
                f"o{one.id}",
                whose,
                body.text,
                body.written_at or one.due_at,
                delivery=DeliveryState(one.state),
            )
        )
    return lines


def _merged(hers: list[Line], ours: list[Line]) -> Iterator[Line]:
    """One list: each side keeps its own order, the two are interleaved by time."""
    left, right = list(reversed(hers)), list(reversed(ours))
    while left and right:
        yield (left if left[-1].at <= right[-1].at else right).pop()
    yield from reversed(left or right)


def _notes(connection: Connection, house: House, opened: Opened) -> Iterator[NoteLine]:
    rows = connection.execute(
        select(t.note).where(t.note.c.conversation == opened.id).order_by(t.note.c.written_at, t.note.c.id)
    )
    for row in rows:
        text = open_sealed(opened.key, Place("note", "body_sealed", row.id), row.body_sealed).decode()
        try:
            alias = people.alias_of(connection, house, row.person)
        except people.UnknownPerson:
            alias = ""
        yield NoteLine(row.id, alias, text, row.written_at)


def _presence(connection: Connection, house: House, opened: Opened, now: int) -> Presence:
    talk = peeked(connection, house, opened, now)
    # Opened anew and the safe check not answered yet: her window is open, and words are held all the same.
    until = 0 if held.keeps_back(talk) else held.relay_until(talk)
    return Presence(opened.last_act_at, until, opened.state.quiet, opened.state.hers_since)


def _deadlines(connection: Connection, conversation: str) -> dict[DueKind, int]:
    rows = connection.execute(
        select(t.due.c.kind, t.due.c.at).where(
            t.due.c.subject == conversation, t.due.c.kind.in_([kind.value for kind in _DEADLINES])
        )
    )
    return {DueKind(row.kind): row.at for row in rows}
