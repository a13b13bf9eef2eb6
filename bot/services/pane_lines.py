"""Lines of a chat as somebody may read them: hers and ours in one order (PR8, PR12).

What a reader may see is a `Reader`: from which act of hers, from which entry of ours, and volunteers' words
of which claims. Who may be which reader is decided in `panes`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from bot.model import InboxState
from bot.services.acts import Act, open_act
from bot.services.claims import Found
from bot.services.entries import Purpose, open_body
from bot.services.house import House
from bot.services.opening import Opened
from bot.store import tables as t
from channels.message import Aside, DeliveryState, InboundKind, OutboundKind
from handoff.relay import NotRelayed, to_volunteer

LONGEST: Final = 20_000  # characters of one act of hers; channels take less
_SHOWN: Final = (Purpose.RELAY.value, Purpose.CARD.value, Purpose.NEWS.value, Purpose.OUTCOME.value)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chat.

    Attributes:
        id: names the line on the page; stays the same while its delivery changes.
        whose: "her", "volunteer" for one's own words, "colleague" for another's, "guide", or "act" for
            something she did without words.
        text: words, as plain text.
        at: when it came, or was written, microseconds.
        mark: "", "edited", "deleted", "media", "tapped", "arrived", "new_device",
            "unreadable".
        delivery: of ours, where it stands.
        by: a colleague's alias, as she was told.
    """

    id: str
    whose: str
    text: str
    at: int
    mark: str = ""
    delivery: DeliveryState | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and from where on.

    Attributes:
        person: staff id.
        inbox: acts of hers from this inbox id on.
        sequence: entries of ours from this sequence on.
        claim: volunteers' words of the claims from this one on.
    """

    person: str
    inbox: int
    sequence: int
    claim: int


def lines_of(
    connection: Connection, house: House, opened: Opened, handoff: Found, reader: Reader
) -> tuple[Line, ...]:
    """Everything this reader may read, each side in its own order, the two interleaved by time."""
    hers = _hers(connection, house, opened, handoff, reader)
    return tuple(_merged(hers, _ours(connection, opened, handoff, reader)))


def _hers(connection: Connection, house: House, opened: Opened, handoff: Found, reader: Reader) -> list[Line]:
    """Her acts in the order they came, once each has been through its turn."""
    row = t.inbox.c
    found = connection.execute(
        select(row.id, row.external_index, row.received_at, row.body_sealed)
        .where(
            row.conversation == opened.id,
            row.id >= reader.inbox,
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


def _ours(connection: Connection, opened: Opened, handoff: Found, reader: Reader) -> list[Line]:
    """What was written to her; of volunteers' words those the reader may see."""
    row = t.outbox.c
    found = connection.execute(
        select(row.id, row.purpose, row.state, row.due_at, row.claim_version, row.person, row.body_sealed)
        .where(
            row.conversation == opened.id,
            row.sequence >= reader.sequence,
            row.kind == OutboundKind.NEW.value,
            row.purpose.in_(_SHOWN),
            row.body_sealed.is_not(None),
        )
        .order_by(row.sequence)
    ).all()
    lines: list[Line] = []
    for one in found:
        relayed = one.purpose == Purpose.RELAY.value
        if relayed and not reader.claim <= (one.claim_version or 0) <= handoff.claim_version:
            continue
        body = open_body(opened.key, one.id, one.body_sealed)
        whose = ("volunteer" if one.person == reader.person else "colleague") if relayed else "guide"
        lines.append(
            Line(
                f"o{one.id}",
                whose,
                body.text,
                body.written_at or one.due_at,
                delivery=DeliveryState(one.state),
                by=body.name if whose == "colleague" else "",
            )
        )
    return lines


def _merged(hers: list[Line], ours: list[Line]) -> Iterator[Line]:
    """One list: each side keeps its own order, the two are interleaved by time."""
    left, right = list(reversed(hers)), list(reversed(ours))
    while left and right:
        yield (left if left[-1].at <= right[-1].at else right).pop()
    yield from reversed(left or right)
