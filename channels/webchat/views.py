"""The state of one open page, and the list of all that are open. In memory only.

A *view* is one opening of the page. It knows how its page is reached now (a socket, a long poll, or
only when it asks), what waits to be handed out, and which acts of hers were taken.
"""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from channels.message import Address, DeliveryState, Receipt
from channels.webchat.floods import Pace
from channels.webchat.protocol import Act, Frame

MAX_HELD = 200  # frames that wait for one page
MAX_LINES = 60  # lines a page without a script shows
MAX_DEAD = 200_000  # dead sessions remembered, and as many pages that are over


class Wire(Protocol):
    """An open socket to a page."""

    async def put(self, frame: Frame) -> Receipt:
        """Write one frame; never raises."""
        ...

    def finish(self, frame: Frame) -> None:
        """Write a last frame and close, in the background."""
        ...


@dataclass(eq=False, slots=True)
class View:
    """One open page.

    Attributes:
        id: random, known to this page alone.
        address: whose page it is.
        language: of the page's own words.
        client_language: first tag the browser tells, for inbound messages.
        scripted: True if the page runs a script; False if every step is a form.
        busy: opened in a flood: first act not stored yet, guide not called yet.
        alive_at: last sign of life.
        waits_until: she said that she waits here: until then no sign of life is needed.
        pace: how fast she acts.
        arrived: her arrival was offered to the host.
        adopted: taken up again after a restart: what she did before is not known here.
        acts: number of acts of hers that were taken.
        taken: numbers of acts taken, stored or not.
        waiting: acts not stored yet, by number; her arrival is 0.
        previous: the act before, to tell repeats in a flood.
        wire: the open socket, if there is one.
        polled_at: when it last polled; None while it does not.
        polls: number of polls; a newer one ends an older.
        held: frames to hand out at the next poll or form, oldest first.
        until: when what is held may no longer be shown, by entry (PR4).
        missed: something was held too long; the host is to be told.
        fresh: set when `held` or `end` changed.
        end: the last frame this page is to see, once its chat is over here.
        page: number the next form of this page must carry.
        rendered: number carried by the newest form handed out.
        asking: a form request waits for an answer now.
        forms: digests of the forms taken, by number, to tell a reload from new words.
        lines: what a page without a script shows.
        handed: entries a page without a script has shown.
    """

    id: str
    address: Address
    language: str
    client_language: str | None
    scripted: bool
    busy: bool
    alive_at: datetime
    pace: Pace
    waits_until: datetime | None = None
    arrived: bool = False
    adopted: bool = False
    acts: int = 0
    taken: set[int] = field(default_factory=set[int])
    waiting: dict[int, "asyncio.Future[None]"] = field(default_factory=dict[int, "asyncio.Future[None]"])
    previous: Act | None = None
    wire: Wire | None = None
    polled_at: datetime | None = None
    polls: int = 0
    held: list[Frame] = field(default_factory=list[Frame])
    until: dict[str, datetime] = field(default_factory=dict[str, datetime])
    missed: bool = False
    fresh: asyncio.Event = field(default_factory=asyncio.Event)
    end: Frame | None = None
    page: int = 1
    rendered: int = 0
    asking: int = 0
    forms: dict[int, bytes] = field(default_factory=dict[int, bytes])
    lines: list[Frame] = field(default_factory=list[Frame])
    handed: set[str] = field(default_factory=set[str])

    def hold(self, frame: Frame, not_after: datetime | None = None) -> bool:
        """Keep a frame for the next request, each entry once; False if there is no room.

        Offered again, it may be shown as long as is said now.
        """
        if not_after is not None:
            self.until[frame["id"]] = not_after
        if any(frame.get("id") == other.get("id") for other in self.held if "id" in frame):
            return True
        if len(self.held) >= MAX_HELD:
            return False
        self.held.append(frame)
        self.fresh.set()
        return True

    def drop_late(self, now: datetime) -> None:
        """Hold nothing any more whose window has passed."""
        if not self.until:
            return
        late = {entry for entry, until in self.until.items() if until <= now}
        kept = [frame for frame in self.held if frame.get("id") not in late]
        self.missed = self.missed or len(kept) < len(self.held)
        self.held = kept
        held = {frame.get("id") for frame in kept}
        self.until = {entry: until for entry, until in self.until.items() if entry in held}

    def confirm(self, after: int) -> None:
        """The page holds everything up to sequence `after`: drop it here."""
        self.held = [frame for frame in self.held if frame.get("seq", after + 1) > after]

    def finish(self, frame: Frame) -> None:
        """The chat is over on this page: tell it, and hold nothing of it any more."""
        self.end = frame
        self.held.clear()
        self.lines.clear()
        self.fresh.set()
        if self.wire is not None:
            self.wire.finish(frame)
            self.wire = None

    def show(self, frame: Frame) -> None:
        """Apply a frame to the lines of a page without a script."""
        match frame["t"]:
            case "line":
                self.lines.append(frame)
                if frame["seq"]:  # a line that was held back takes its place in the order
                    newer = [line for line in self.lines if line.get("seq", 0) > frame["seq"]]
                    self.lines = [line for line in self.lines if line not in newer] + newer
                del self.lines[:-MAX_LINES]
            case "edit":
                for place, line in enumerate(self.lines):
                    if line["id"] == frame["of"]:
                        self.lines[place] = line | {
                            "edited": True,
                            **{key: frame[key] for key in ("text", "choices", "lang", "dir")},
                        }
            case "delete":
                self.lines = [line for line in self.lines if line["id"] != frame["of"]]
            case _:
                pass


NOT_CONNECTED = Receipt(DeliveryState.FAILED_FOR_NOW, "not_connected")
SENT = Receipt(DeliveryState.SENT)


@dataclass(slots=True)
class Views:
    """All open pages by address handle, one per visitor; handles that are dead, pages that are over."""

    _open: dict[str, View] = field(default_factory=dict[str, View])
    _dead: OrderedDict[bytes, None] = field(default_factory=OrderedDict[bytes, None])
    _over: OrderedDict[bytes, tuple[Frame, int]] = field(
        default_factory=OrderedDict[bytes, tuple[Frame, int]]
    )

    def __len__(self) -> int:
        return len(self._open)

    def of(self, handle: str) -> View | None:
        """The visitor's open page."""
        return self._open.get(handle)

    def all(self) -> list[View]:
        """Every open page."""
        return list(self._open.values())

    def put(self, view: View) -> View | None:
        """Make `view` the visitor's page; returns the one it replaces."""
        replaced = self._open.get(view.address.handle)
        self._open[view.address.handle] = view
        return replaced

    def kill(self, handle: str) -> View | None:
        """The session is over for good: `handle` opens nothing any more. Returns its page."""
        _remember(self._dead, handle, None)
        return self._open.pop(handle, None)

    def end(self, handle: str, frame: Frame) -> None:
        """The visitor's page is over, whatever it still shows: `frame` is all it hears. Not so `handle`."""
        view = self._open.pop(handle, None)
        if view is not None:
            _remember(self._over, view.id, (frame, view.page))
            view.finish(frame)

    def release(self, handle: str, frame: Frame) -> None:
        """The visitor's page is with another process: its connection ends with `frame`, nothing else does."""
        view = self._open.pop(handle, None)
        if view is None:
            return
        view.held.clear()
        view.polls += 1  # a poll that waits ends
        view.fresh.set()
        if view.wire is not None:
            view.wire.finish(frame)
            view.wire = None

    def over(self, view_id: str) -> Frame | None:
        """What a page that was ended is to hear, should it come back; None for every other."""
        over = self._over.get(_digest(view_id))
        return over[0] if over is not None else None

    def last_page(self, view_id: str) -> int:
        """Number the next form of a page that was ended would have carried; 0 for every other."""
        over = self._over.get(_digest(view_id))
        return over[1] if over is not None else 0

    def is_dead(self, handle: str) -> bool:
        """Whether `handle` was killed."""
        return _digest(handle) in self._dead


T = TypeVar("T")


def _remember(kept: "OrderedDict[bytes, T]", token: str, what: T) -> None:
    kept[_digest(token)] = what
    while len(kept) > MAX_DEAD:
        kept.popitem(last=False)


def _digest(token: str) -> bytes:
    """Enough of a hash to know a handle or a view again without keeping it."""
    return hashlib.sha256(token.encode()).digest()[:16]
