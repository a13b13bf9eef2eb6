"""The frames between page and server, as JSON. Pure: reads, checks, writes; knows no network.

From the page: `hello` (view, after), `act` (n, kind, text or choice), `seen` (ids), `ping`.
To the page: `line`, `edit`, `delete`, `ack`, `refused`, `slow`, `pong`, `moved`, `gone`.
Every act carries its number `n` within its view; `view.n` is its external id (PR1, PR2). Acts stand in
the order in which they come: a page sends each once, in its order, and on a new connection all that are
not acknowledged from the oldest on, so its order is hers. One that comes after a later one all the same
(no page of ours does that) is kept, once, and stands after it: a gap is never waited for.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, cast

from channels.message import InboundKind, OutboundKind, OutboundMessage
from channels.rendering import Button, buttons
from channels.webchat.words import direction

MAX_BODY = 65_536  # bytes of one frame or form
MAX_TEXT = 16_000  # characters of hers in one act
MAX_FRAMES = 64  # frames in one poll
MAX_SEEN = 256
MAX_LABEL = 200
MAX_NUMBER = 2**53 - 1  # what a page can count to
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hello:
    """A page says which view it is and the highest sequence it holds."""

    view: str
    after: int


@dataclass(frozen=True, slots=True)
class Act:
    """She wrote or tapped. `n` rises within the view, from 1."""

    n: int
    kind: InboundKind
    text: str = ""
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """These entries are on her screen."""

    entry_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ping:
    """The page is visible."""


PageFrame = Hello | Act | Sight | Ping


@dataclass(frozen=True, slots=True)
class Poll:
    """One long-poll request: who asks, what it holds, and what it brings."""

    hello: Hello
    frames: tuple[PageFrame, ...]
    refused: tuple["Unreadable", ...]
    visible: bool


class Unreadable(Exception):
    """A frame the page should not have sent.

    `reason` is "bad_frame", "bad_text", "too_long", "empty"; `n` names the act if it could be told.
    """

    def __init__(self, reason: str, n: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.n = n


def is_token(value: object) -> bool:
    """Whether `value` has the form of a view id or an address handle of ours."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def trouble(text: str) -> str | None:
    """Why `text` cannot be taken: "empty", "too_long", "bad_text" (NUL, lone surrogates); None if it can."""
    if not text.strip():
        return "empty"
    if len(text) > MAX_TEXT:
        return "too_long"
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        return "bad_text"
    return None


def read_frame(raw: str | bytes) -> PageFrame:
    """One frame of the page; raises Unreadable."""
    return _frame(_object(raw))


def read_poll(raw: bytes) -> Poll:
    """One long-poll body. A bad act in it is told apart and does not hold up the others."""
    plain = _object(raw)
    frames: list[PageFrame] = []
    refused: list[Unreadable] = []
    brought = plain.get("frames", [])
    if not isinstance(brought, list):
        raise Unreadable("bad_frame")
    brought = cast("list[object]", brought)
    if len(brought) > MAX_FRAMES:
        raise Unreadable("bad_frame")
    for one in brought:
        try:
            frames.append(_frame(one))
        except Unreadable as unreadable:
            refused.append(unreadable)
    return Poll(_hello(plain), tuple(frames), tuple(refused), plain.get("visible") is True)


def read_view(raw: bytes) -> str:
    """The view named in a body {"view": …}."""
    return _hello(_object(raw) | {"after": 0}).view


def _object(raw: str | bytes) -> Frame:
    try:
        plain: object = json.loads(raw)
    except UnicodeDecodeError:
        raise Unreadable("bad_text") from None
    except (ValueError, RecursionError):
        raise Unreadable("bad_frame") from None
    if not isinstance(plain, dict):
        raise Unreadable("bad_frame")
    return cast("Frame", plain)


def _frame(plain: object) -> PageFrame:
    if not isinstance(plain, dict):
        raise Unreadable("bad_frame")
    frame = cast("Frame", plain)
    match frame.get("t"):
        case "hello":
            return _hello(frame)
        case "act":
            return _act(frame)
        case "seen":
            return _sight(frame)
        case "ping":
            return Ping()
        case _:
            raise Unreadable("bad_frame")


def _hello(frame: Frame) -> Hello:
    view = frame.get("view")
    if not is_token(view):
        raise Unreadable("bad_frame")
    return Hello(cast("str", view), _number(frame.get("after")))


def _act(frame: Frame) -> Act:
    n = _number(frame.get("n"))
    if n < 1:
        raise Unreadable("bad_frame")
    return act(n, frame.get("kind"), frame.get("text"), frame.get("choice"))


def act(n: int, kind: object, text: object, choice: object) -> Act:
    """A checked act, from a frame or a form; raises Unreadable naming `n`."""
    if kind == "choice":
        if not isinstance(choice, str) or not 0 < len(choice) <= MAX_LABEL or trouble(choice):
            raise Unreadable("bad_frame", n)
        return Act(n, InboundKind.CHOICE, choice=choice)
    if kind != "text" or not isinstance(text, str):
        raise Unreadable("bad_frame", n)
    reason = trouble(text)
    if reason is not None:
        raise Unreadable(reason, n)
    return Act(n, InboundKind.TEXT, text=text)


def _sight(frame: Frame) -> Sight:
    ids = frame.get("ids")
    if not isinstance(ids, list):
        raise Unreadable("bad_frame")
    named = cast("list[object]", ids)
    kept = tuple(one for one in named if isinstance(one, str) and 0 < len(one) <= 80 and not trouble(one))
    if len(named) > MAX_SEEN or len(kept) != len(named):
        raise Unreadable("bad_frame")
    return Sight(kept)


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        raise Unreadable("bad_frame")
    return value


# --- to the page ------------------------------------------------------------------------------------------


def outbound(message: OutboundMessage) -> Frame:
    """The frame that shows, changes or removes a line."""
    if message.kind is OutboundKind.DELETE:
        return {"t": "delete", "id": message.entry_id, "seq": message.sequence, "of": message.target}
    frame: Frame = {
        "t": "line" if message.kind is OutboundKind.NEW else "edit",
        "id": message.entry_id,
        "seq": message.sequence,
        "who": message.speaker.value,
        "name": message.speaker_name,
        "lang": message.language,
        "dir": direction(message.language),
        "aloud": message.aloud,  # whether a screen reader may read it out by itself
        "text": message.text,
        "choices": [_choice(one) for one in buttons(message.choices, MAX_LABEL)],
    }
    return frame if message.kind is OutboundKind.NEW else frame | {"of": message.target}


def _choice(button: Button) -> Frame:
    return {"token": button.token, "label": button.label, "digit": button.digit}


def ack(n: int) -> Frame:
    """Act `n` is stored for good."""
    return {"t": "ack", "n": n}


def refused(unreadable: Unreadable) -> Frame:
    """Act `n` was not taken, and why; the page gives the text back to her."""
    return {"t": "refused", "n": unreadable.n, "why": unreadable.reason}


def slow(text: str) -> Frame:
    """A word of the page itself while her acts wait their turn."""
    return {"t": "slow", "text": text}


PONG: Frame = {"t": "pong"}
"""Answers a ping, so that a page notices a connection that is dead without saying so."""
MOVED: Frame = {"t": "moved"}
"""The same visitor opened a newer page; this one shows nothing any more."""
GONE_TO_EXIT: Frame = {"t": "gone", "to": "exit"}
"""The chat is over here: cover, then leave for the neutral site."""
GONE_FOR_NOW: Frame = {"t": "gone", "to": "away"}
"""The chat is closed: cover and leave likewise, but her cookie stays, so that she can come back."""
GONE_TO_START: Frame = {"t": "gone", "to": "start"}
"""This page is too old: wipe it and begin anew, neutrally."""


def write(frame: Frame) -> str:
    """JSON text of a frame."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
