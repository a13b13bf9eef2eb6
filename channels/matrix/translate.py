"""From what a person's client sent to acts of hers. Pure; names, pictures and files stay behind.

A reaction is no act: it travels in the clear, so nothing may depend on it. A notice comes from another
program: two that answer each other would never end.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from channels.matrix.places import joined
from channels.matrix.reading import Table, at, number, table, text
from channels.message import Address, InboundKind, InboundMessage

CHANNEL: Final = "matrix"
MAX_TEXT: Final = 16_000
"""Characters of one act; a longer message becomes several, in order."""
MOST_PIECES: Final = 5
"""More than an event, of 65,536 bytes at most, can hold."""

_WORDS: Final = frozenset({"m.text", "m.emote"})
_MUTE: Final = frozenset({"m.notice", "m.key.verification.request"})
_OUT_OF_REASON: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of hers, opened: where, who, when, what."""

    room: str
    event: str
    sender: str
    at: datetime
    kind: str
    content: Table


def acts(heard: Heard) -> list[InboundMessage]:
    """The acts of one opened event; none for what says nothing to us."""
    if heard.kind == "m.sticker":
        return [_act(heard, InboundKind.MEDIA)]
    if heard.kind != "m.room.message":
        return []
    content = heard.content
    relation = table(content.get("m.relates_to"))
    if relation.get("rel_type") == "m.replace":
        return _edit(heard, text(relation.get("event_id")))
    kind = text(content.get("msgtype"))
    if kind in _MUTE or not kind:
        return []
    if kind not in _WORDS:
        return [_act(heard, InboundKind.MEDIA)]
    written = _without_quotation(text(content.get("body")), relation)
    if not written.strip():
        return []
    pieces = _pieces(written)
    return [
        _act(heard, InboundKind.TEXT, piece, part="" if place == 0 else f"/{place}")
        for place, piece in enumerate(pieces)
    ]


def redactions(heard: Heard, redacts: str) -> list[InboundMessage]:
    """She took back a message of hers, with all the acts it may have become."""
    return [
        InboundMessage(
            heard.event + part,
            Address(CHANNEL, heard.sender),
            InboundKind.DELETE,
            refers_to=redacts + part,
            sent_at=heard.at,
        )
        for part in ("", *(f"/{place}" for place in range(1, MOST_PIECES)))
    ]


def redacted_by(event: Table) -> str:
    """The event a redaction means; newer rooms say it in the content."""
    return text(at(event, "content", "redacts")) or text(event.get("redacts"))


def sent_at(event: Table, now: datetime) -> datetime:
    """When an event was sent.

    Its age, as our own homeserver counts it, is right even where the clock of hers is wrong.
    """
    age = number(at(event, "unsigned", "age"), -1)
    if age >= 0:
        return now - min(timedelta(milliseconds=age), _OUT_OF_REASON)
    moment = number(event.get("origin_server_ts"), -1)
    if moment < 0:
        return now
    stamp = datetime.fromtimestamp(min(moment, 32_503_680_000_000) / 1000, now.tzinfo)
    return min(stamp, now)


def _edit(heard: Heard, target: str) -> list[InboundMessage]:
    new = table(heard.content.get("m.new_content"))
    written = text(new.get("body"))
    if not target or text(new.get("msgtype")) not in _WORDS or not written.strip():
        return []
    return [_act(heard, InboundKind.EDIT, written[:MAX_TEXT], refers_to=target)]


def _act(
    heard: Heard, kind: InboundKind, written: str = "", *, part: str = "", refers_to: str | None = None
) -> InboundMessage:
    return InboundMessage(
        external_id=heard.event + part,
        address=Address(CHANNEL, heard.sender),
        kind=kind,
        text=written,
        refers_to=refers_to,
        remote_id=joined(heard.room, heard.event),
        sent_at=heard.at,
    )


def _without_quotation(body: str, relation: Table) -> str:
    """Older clients put what is answered to before the answer, each line behind ">"."""
    if "m.in_reply_to" not in relation or not body.startswith("> "):
        return body
    lines = body.split("\n")
    while lines and lines[0].startswith(">"):
        lines.pop(0)
    if lines and not lines[0]:
        lines.pop(0)
    return "\n".join(lines)


def _pieces(written: str) -> list[str]:
    return [written[start : start + MAX_TEXT] for start in range(0, len(written), MAX_TEXT)]
