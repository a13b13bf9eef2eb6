"""Outbox entries: what is sealed in one, and how one is written (design §3, PR4)."""

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum

import orjson

from bot.services.presence import with_wait
from bot.services.talk import Talk
from bot.vault.envelope import DataKey, Place, open_sealed, seal
from channels.message import DeliveryState, OutboundKind, Speaker


class Purpose(StrEnum):
    """Why an entry is sent; decides what becomes of it when she comes back."""

    ANSWER = "answer"  # the guide's answer to her act; said anew when a page is opened afresh
    CARD = "card"  # resources and offers of help: kept for her
    NEWS = "news"  # wait news, acceptance: only the latest is worth keeping
    OUTCOME = "outcome"  # what became of her wait: comes like news, but is never outdated
    RELAY = "relay"  # a volunteer's words
    STATUS = "status"  # the one status message of quiet mode
    PING = "ping"  # the one neutral line of a callback: sent in the hours she agreed to, or never
    DELETION = "deletion"  # removes a message; needs no window


@dataclass(frozen=True, slots=True)
class Body:
    """What is sealed in an outbox entry.

    `choices` are [token, label, digit]. `target` is the entry id (ours) or external id (hers) an edit or
    deletion means; `handle` is set only where the contact may be gone before the entry is sent. `written_at`
    is in microseconds. `aside`: a channel asked for these words. `aloud`: she had passed the safe check.
    """

    text: str = ""
    choices: list[list[str]] = field(default_factory=list[list[str]])
    speaker: str = Speaker.GUIDE.value
    name: str = ""
    language: str = "en"
    target: str | None = None
    target_remote: str | None = None
    protect: bool = False
    handle: str | None = None
    written_at: int = 0
    aside: bool = False
    aloud: bool = False

    def aimed_at(self, remote: str) -> "Body":
        """The same, meaning the message the network calls `remote`."""
        return replace(self, target_remote=remote)


_FIELDS = tuple(field.name for field in fields(Body))


def body_place(entry: str) -> Place:
    """Where an outbox entry's body is sealed."""
    return Place("outbox", "body_sealed", entry)


def remote_place(entry: str) -> Place:
    """Where the network's id of an outbox entry is sealed."""
    return Place("outbox", "remote_sealed", entry)


def seal_body(key: DataKey, entry: str, body: Body) -> bytes:
    """A body for the row of `entry`."""
    return seal(key, body_place(entry), orjson.dumps(body))


def _seal_new(talk: Talk, entry: str, body: Body) -> bytes:
    plain = {name: getattr(body, name) for name in _FIELDS}
    plain["written_at"], plain["aloud"] = talk.now, talk.checked
    return seal(talk.opened.key, body_place(entry), orjson.dumps(plain))


def open_body(key: DataKey, entry: str, sealed: bytes) -> Body:
    """The inverse of `seal_body`."""
    return Body(**orjson.loads(open_sealed(key, body_place(entry), sealed)))


def window_of(talk: Talk, kind: OutboundKind, purpose: Purpose) -> int:
    """Until when an entry of this kind may be sent (PR4); "wait here" opens it for news and first words."""
    opened, state = talk.opened, talk.opened.state
    until = opened.edit_until if kind is OutboundKind.EDIT else opened.new_until
    if kind is not OutboundKind.EDIT and purpose not in {Purpose.NEWS, Purpose.OUTCOME, Purpose.RELAY}:
        return until
    return with_wait(until, state.wait_until, opened.stage, unanswered=state.unanswered)


def post(
    talk: Talk,
    body: Body,
    purpose: Purpose,
    *,
    kind: OutboundKind = OutboundKind.NEW,
    until: int | None = None,
    held: bool = False,
    claim: tuple[int, str] | None = None,
) -> str:
    """Write one outbox entry and return its id.

    `until` replaces the window of the conversation; `held` keeps it back for her next act; `claim` is
    (claim version, person) of a volunteer's words (PR8). A deletion has no window: it lights no screen.
    """
    opened = talk.opened
    entry = talk.house.identifiers.new_id()
    if until is None:
        until = window_of(talk, kind, purpose)
    talk.writes.outbox.append(
        {
            "id": entry,
            "conversation": opened.id,
            "channel": opened.channel,
            "sequence": opened.take_sequence(),
            "kind": kind.value,
            "purpose": purpose.value,
            "state": (DeliveryState.HELD if held else DeliveryState.PENDING).value,
            "not_after": None if purpose is Purpose.DELETION else until,
            "due_at": talk.now,
            "attempts": 0,
            "claim_version": claim[0] if claim else None,
            "person": claim[1] if claim else None,
            "body_sealed": _seal_new(talk, entry, body),
            "remote_sealed": None,
        }
    )
    return entry
