"""What happens at the door, however a page is reached: opening, acts, lines, leaving.

The edges (`sockets`, `polling`, `forms`) translate requests into these calls. Nothing here is stored;
what must last goes through `gathering` to the host.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.message import (
    Address,
    DeliveryState,
    InboundKind,
    InboundMessage,
    Left,
    OutboundMessage,
    Presence,
    Receipt,
    Reconnected,
    Seen,
)
from channels.webchat import protocol
from channels.webchat.floods import Arrivals, Pace
from channels.webchat.gathering import Full, Gathering, TooFast
from channels.webchat.protocol import Act, Frame, Hello
from channels.webchat.settings import WebChatSettings
from channels.webchat.signing import Signer
from channels.webchat.views import NOT_CONNECTED, SENT, View, Views, Wire
from channels.webchat.words import Words, client_language, direction, offered_language

CHANNEL = "web"
NO_ROOM = "no_room"
RETRY_FORM = timedelta(seconds=30)
URGENT_TOKENS = {"!hide", "!stop", "!help_now"}
WAIT_HERE = "!wait"
LONGEST_URGENT = 200  # characters


class Ended(Exception):
    """The page that asks is not the visitor's page any more; `frame` says what it should do."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame["t"])
        self.frame = frame


@dataclass(slots=True)
class Reception:
    """Everything alive behind the page. One per adapter."""

    settings: WebChatSettings
    clock: Callable[[], datetime]
    token: Callable[[], str]
    sign_key: bytes
    views: Views = field(default_factory=Views)
    gathering: Gathering = field(init=False)
    arrivals: Arrivals = field(init=False)
    signer: Signer = field(init=False)

    def __post_init__(self) -> None:
        self.signer = Signer(self.sign_key, self.token)
        self.gathering = Gathering(CHANNEL, self.settings.max_waiting)
        self.arrivals = Arrivals(
            self.settings.pages_per_source, self.settings.pages_overall, self.settings.window, self.token
        )

    # --- opening ------------------------------------------------------------------------------------------

    def open(self, handle: str | None, *, source: str, languages: str | None, scripted: bool) -> View:
        """A page is opened afresh: a new view, for a living session or a new one.

        An older page of the same visitor is told that it moved. Raises Ended when there is no room.
        """
        now = self.clock()
        if handle is None or not self.knows(handle):
            handle = self.signer.new_handle()
        known = self.views.of(handle)
        if known is None and not self._has_room():
            raise Ended(protocol.slow(NO_ROOM))
        flooded = self.arrivals.flooded(source, now)
        view = self._view(handle, self.signer.new_view(handle), languages, scripted=scripted)
        view.busy = flooded and known is None
        if known is not None:
            view.pace = known.pace
        replaced = self.views.put(view)
        if replaced is not None:
            replaced.finish(protocol.MOVED)
        return view

    def knows(self, handle: str) -> bool:
        """Whether `handle` was made here and its session is not over."""
        return self.signer.made_handle(handle) and not self.views.is_dead(handle)

    def hello(self, handle: str | None, hello: Hello, languages: str | None, *, source: str) -> View:
        """The page that says `hello`, if it is the visitor's page; raises Ended with what it should do.

        A view nobody knows is one from before a restart: it is taken up, and its arrival is offered
        again in the batch that tells of the reconnection (`join`). The host has that arrival already,
        so it is no act. It counts as an arrival, by its source alone: all pages come back at once.
        Handles and views that were not made here open nothing. Raises Full while there is no room.
        """
        if handle is None or not self.knows(handle) or not self.signer.made_view(handle, hello.view):
            raise Ended(protocol.GONE_TO_START)
        over = self.views.over(hello.view)
        if over is not None:
            raise Ended(over)
        view = self.views.of(handle)
        if view is None:
            if not self._has_room():
                raise Full
            view = self._view(handle, hello.view, languages, scripted=True)
            view.adopted = True
            view.busy = self.arrivals.flooded(source, self.clock(), returning=True)
            self.views.put(view)
            if not view.busy:
                self._arrive(view)
        elif view.id != hello.view or not view.scripted:
            raise Ended(protocol.MOVED)
        return view

    def _has_room(self) -> bool:
        """Where there is none, pages on which nothing was ever done give way to one that comes."""
        if len(self.views) < self.settings.max_views:
            return True
        idle = sorted((view for view in self.views.all() if view.acts == 0), key=_gives_way)
        for view in idle[: 1 + self.settings.max_views // 100]:  # some at once: looking costs
            self.views.end(view.address.handle, protocol.GONE_TO_START)
        return bool(idle)

    def _view(self, handle: str, view_id: str, languages: str | None, *, scripted: bool) -> View:
        return View(
            id=view_id,
            address=Address(CHANNEL, handle),
            language=self.page_language(languages),
            client_language=client_language(languages),
            scripted=scripted,
            busy=False,
            alive_at=self.clock(),
            pace=Pace(self.settings.acts_per_ten_seconds),
        )

    def join(self, view: View, after: int) -> None:
        """The page is reachable (again) and holds everything up to `after`."""
        view.confirm(after)
        if view.arrived:
            self.gathering.mention(Reconnected(view.address, after))
        elif not view.busy:
            self._arrive(view)

    def _arrive(self, view: View, *, urgent: bool = False) -> None:
        arrival = InboundMessage(
            f"{view.id}.0", view.address, InboundKind.ARRIVED, language=view.client_language
        )
        stored = self.gathering.offer(arrival, slow=view.busy, urgent=urgent)
        view.arrived = True
        if not stored.done():
            view.waiting[0] = stored
            stored.add_done_callback(lambda _: view.waiting.pop(0, None))

    # --- her acts -----------------------------------------------------------------------------------------

    def take(self, view: View, act: Act) -> tuple["asyncio.Future[None]", bool]:
        """Take an act; the future ends when it is stored. True beside it: she is being slowed.

        An act taken before is the same act. In a flood, a repeat of the act before is one with it; it
        is acknowledged with it and nothing else is. Raises `gathering.Full`, or its `TooFast` where a
        breath is enough: nothing was taken. What hides her or calls for help is never too fast (PR5).
        """
        now = self.clock()
        view.alive_at = now
        if act.n in view.taken:
            return view.waiting.get(act.n) or _done(), False
        previous = view.previous
        repeats = previous is not None and _same(previous, act)
        urgent = self._is_urgent(act)
        if not urgent and not repeats and view.pace.rests(now):
            raise TooFast
        fast = view.pace.too_fast(now)
        if fast and previous is not None and repeats:
            stored = view.waiting.get(previous.n) or _done()
        else:
            if not view.arrived:
                self._arrive(view, urgent=urgent)
            inbound = self._inbound(view, act, str(act.n))
            stored = self.gathering.offer(inbound, slow=view.busy, urgent=urgent)
        view.taken.add(act.n)
        view.acts += 1
        view.previous = act
        if act.choice == WAIT_HERE or (len(act.text) <= LONGEST_URGENT and self.settings.waits(act.text)):
            view.waits_until = now + self.settings.waits_for
        if not stored.done():
            view.waiting[act.n] = stored
        stored.add_done_callback(lambda _: self._stored(view, act.n))
        return stored, fast

    def take_late(self, view_id: str, address: Address, act: Act, mark: str) -> None:
        """Her words from a page that is gone: kept like any other, the page stays gone."""
        urgent = self._is_urgent(act)
        current = self.views.of(address.handle)
        if current is not None and not urgent:
            if current.pace.rests(self.clock()):
                raise TooFast
            current.pace.too_fast(self.clock())
        late = InboundMessage(f"{view_id}.{mark}", address, act.kind, text=act.text, choice=act.choice)
        self.gathering.offer(late, urgent=urgent)

    def _is_urgent(self, act: Act) -> bool:
        """Tapped, or typed whole; no word of that kind is longer than LONGEST_URGENT."""
        if act.kind is InboundKind.CHOICE:
            return act.choice in URGENT_TOKENS
        return len(act.text) <= LONGEST_URGENT and self.settings.urgent(act.text)

    def _inbound(self, view: View, act: Act, mark: str) -> InboundMessage:
        return InboundMessage(
            external_id=f"{view.id}.{mark}",
            address=view.address,
            kind=act.kind,
            text=act.text,
            choice=act.choice,
            language=view.client_language,
        )

    def _stored(self, view: View, n: int) -> None:
        view.waiting.pop(n, None)
        view.busy = False
        view.fresh.set()

    def present(self, view: View) -> None:
        """The page is visible."""
        view.alive_at = self.clock()
        self.gathering.mention(Presence(view.address))

    def saw(self, view: View, entry_ids: tuple[str, ...]) -> None:
        """These entries are on her screen."""
        for entry_id in entry_ids:
            self.gathering.mention(Seen(view.address, entry_id))

    # --- lines to her -------------------------------------------------------------------------------------

    async def deliver(self, message: OutboundMessage) -> Receipt:
        """Hand one message to the visitor's page, in whatever way it can be reached now."""
        view = self.views.of(message.address.handle)
        if view is None:
            return NOT_CONNECTED
        frame = protocol.outbound(message)
        if view.wire is not None:
            return await view.wire.put(frame)
        if view.scripted:
            polled = view.polled_at
            if polled is None or self.clock() - polled > self.settings.polled_within:
                return NOT_CONNECTED
            return SENT if view.hold(frame, message.not_after) else NOT_CONNECTED
        if message.entry_id in view.handed:
            return SENT
        if view.hold(frame, message.not_after) and view.asking:
            return SENT
        return Receipt(DeliveryState.FAILED_FOR_NOW, "not_connected", retry_after=RETRY_FORM)

    def withhold(self, view: View, after: int = 0) -> None:
        """Before lines are handed out: those whose window has passed are not, and the host has them back.

        They are shown after her next act, as all that it holds (PR4).
        """
        view.drop_late(self.clock())
        if view.missed and self.gathering.mention(Reconnected(view.address, after)):
            view.missed = False

    def page_language(self, languages: str | None) -> str:
        """Language of the page's own words for an Accept-Language header."""
        return offered_language(languages, self.settings.words)

    def words(self, view: View) -> Words:
        """The page's own words in the view's language."""
        return self.settings.words[view.language]

    def busy_line(self, view: View, mark: str) -> Frame:
        """The host's words for a page opened in a flood, as a line of the page itself (sequence 0)."""
        return self._own_line(view, f"busy.{mark}", self.settings.busy, self.words(view).busy)

    def unstored_line(self, view: View, n: int) -> Frame:
        """The same where act `n` (0: her arrival) has waited too long to be stored.

        Told once for each act that is waited for: a page shows each id once.
        """
        return self._own_line(view, f"unstored.{n}", self.settings.unstored, self.words(view).unstored)

    def _own_line(self, view: View, mark: str, told: Mapping[str, str], otherwise: str) -> Frame:
        language = view.language if view.language in told else "en"
        text = told.get(language) or otherwise
        return {
            "t": "line",
            "id": mark,
            "seq": 0,
            "who": "guide",
            "name": "",
            "lang": language,
            "dir": direction(language),
            "text": text,
            "choices": [],
        }

    # --- leaving ------------------------------------------------------------------------------------------

    def leave(self, handle: str | None, view_id: str | None) -> None:
        """She left by the exit: the session is dead at once, the host is told. Idempotent."""
        if handle is None or not self.knows(handle):
            return
        view = self.views.kill(handle)
        if view is not None:
            view.finish(protocol.GONE_TO_EXIT)
            view_id = view.id
        elif not self.signer.made_view(handle, view_id):
            view_id = None
        # Without a page (after a restart) any fresh id serves: the handle is dead, so this is said once.
        self.gathering.offer(Left(Address(CHANNEL, handle), f"{view_id or self.token()}.left"))

    def forget(self, address: Address, *, for_good: bool) -> None:
        """The host is done with this chat: page told to leave, memory dropped; `for_good`: session dead."""
        if not for_good:
            self.views.end(address.handle, protocol.GONE_FOR_NOW)
            return
        view = self.views.kill(address.handle)
        if view is not None:
            view.finish(protocol.GONE_TO_EXIT)

    def give_up(self, address: Address, *, newer: bool) -> None:
        """Another process has this visitor's page: a newer one she opened, or this one after a break.

        A page that is only thought to be elsewhere finds its way back by itself.
        """
        view = self.views.of(address.handle)
        if view is None:
            return
        if newer:
            self.views.end(address.handle, protocol.MOVED)
        else:
            self.views.release(address.handle, protocol.slow(self.words(view).connecting))

    def sweep(self) -> None:
        """End pages that showed no life for too long; the host ends their chats by a deadline of its own."""
        now = self.clock()
        for view in self.views.all():
            waits = view.waits_until is not None and now < view.waits_until
            if now - view.alive_at >= self.settings.idle_for and not waits:
                self.views.end(view.address.handle, protocol.GONE_TO_START)

    def attach(self, view: View, wire: Wire) -> None:
        """The page is now reached through `wire`; an older socket of it is closed."""
        if view.wire is not None:
            view.wire.finish(protocol.MOVED)
        view.wire, view.polled_at = wire, None

    def detach(self, view: View, wire: Wire) -> None:
        """The socket is gone; nothing else changes."""
        if view.wire is wire:
            view.wire = None


def _gives_way(view: View) -> tuple[bool, bool, datetime]:
    """Pages of a flood first, pages from before a restart last, older ones before newer."""
    return view.adopted, not view.busy, view.alive_at


def _same(one: Act, other: Act) -> bool:
    """Whether she wrote the same words twice; the same tap may answer two lines, as on the grid of words."""
    return {one.kind, other.kind} == {InboundKind.TEXT} and one.text == other.text


def _done() -> "asyncio.Future[None]":
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return done
