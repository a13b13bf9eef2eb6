"""The page's WebSocket: frames in order, acknowledgements after the commit, one writer at a time."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from channels.message import DeliveryState, Receipt
from channels.webchat import admission, floods, protocol
from channels.webchat.gathering import Full, TooFast
from channels.webchat.protocol import Act, Frame, Hello, Ping, Sight, Unreadable
from channels.webchat.reception import Ended, Reception
from channels.webchat.views import SENT, View

HELLO_WITHIN = 10.0  # seconds a socket may stay silent at first
WRITE_WITHIN = 5.0  # seconds a page may take to accept a frame
UNSTORED = 32  # acts of one page read ahead of the commit
BAD_FRAMES = 20  # unreadable frames before the socket is closed
TRY_LATER = 1013
NOT_ALLOWED = 1008
NOT_TEXT = 1003
FULL = b"full"


@dataclass(eq=False, slots=True)
class Socket:
    """A `views.Wire` over an open WebSocket."""

    ws: web.WebSocketResponse
    transport: asyncio.Transport | None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _last: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])

    async def put(self, frame: Frame) -> Receipt:
        """Write one frame and say what became of it."""
        try:
            async with asyncio.timeout(WRITE_WITHIN), self._turn:
                if self.ws.closed:
                    return Receipt(DeliveryState.FAILED_FOR_NOW, "not_connected")
                await self.ws.send_str(protocol.write(frame))
        except TimeoutError:
            self._abort()
            return Receipt(DeliveryState.UNKNOWN, "timeout")
        except (OSError, RuntimeError):
            return Receipt(DeliveryState.FAILED_FOR_NOW, "not_connected")
        return SENT

    def finish(self, frame: Frame) -> None:
        """Write a last frame and close, in the background."""
        task = asyncio.get_running_loop().create_task(self._finish(frame))
        self._last.add(task)
        task.add_done_callback(self._last.discard)

    async def _finish(self, frame: Frame) -> None:
        await self.put(frame)
        try:
            async with asyncio.timeout(WRITE_WITHIN):
                await self.ws.close()
        except TimeoutError:
            self._abort()

    def _abort(self) -> None:
        """A page that takes nothing any more holds up nobody."""
        if self.transport is not None:
            self.transport.abort()


async def serve(reception: Reception, request: web.Request) -> web.StreamResponse:
    """One socket from handshake to end."""
    if admission.same_origin(request, reception.settings) is not True:
        return web.Response(status=403, headers=admission.HEADERS)
    ws = web.WebSocketResponse(max_msg_size=protocol.MAX_BODY, heartbeat=25, compress=False)
    ws.headers.update(admission.HEADERS)
    await ws.prepare(request)
    socket = Socket(ws, request.transport)
    try:
        hello = await _hello(ws)
        handle = admission.handle_in(request, reception.settings)
        view = reception.hello(
            handle,
            hello,
            request.headers.get("Accept-Language"),
            source=admission.source(request, reception.settings),
        )
    except Unreadable as unreadable:
        await ws.close(code=NOT_ALLOWED, message=unreadable.reason.encode())
    except Full:
        await ws.close(code=TRY_LATER, message=FULL)
    except Ended as ended:
        await socket.put(ended.frame)
        await ws.close()
    else:
        await _converse(reception, view, socket, hello.after)
    return ws


async def _hello(ws: web.WebSocketResponse) -> Hello:
    try:
        first = await ws.receive(timeout=HELLO_WITHIN)
    except TimeoutError:
        raise Unreadable("bad_frame") from None
    if first.type is not WSMsgType.TEXT:
        raise Unreadable("bad_frame")
    frame = protocol.read_frame(str(first.data))
    if not isinstance(frame, Hello):
        raise Unreadable("bad_frame")
    return frame


async def _converse(reception: Reception, view: View, socket: Socket, after: int) -> None:
    """Serve the page until the socket ends."""
    try:
        reception.attach(view, socket)
        reception.join(view, after)
    except Full:
        await socket.ws.close(code=TRY_LATER, message=FULL)
        reception.detach(view, socket)
        return
    for frame in _greeting(reception, view, after):
        await socket.put(frame)
    unstored: asyncio.Queue[tuple[int, asyncio.Future[None]]] = asyncio.Queue(UNSTORED)
    if 0 in view.waiting:
        unstored.put_nowait((0, view.waiting[0]))
    acker = asyncio.get_running_loop().create_task(_acknowledge(reception, view, socket, unstored))
    try:
        await _read(reception, view, socket, unstored)
    finally:
        acker.cancel()
        reception.detach(view, socket)


def _greeting(reception: Reception, view: View, after: int) -> list[Frame]:
    """What a page is told as its socket opens: lines that waited for it, and how things stand."""
    reception.withhold(view, after)
    held, view.held = view.held, []
    first = [reception.busy_line(view, "0")] if view.busy else []
    return [*first, *held]


async def _acknowledge(
    reception: Reception,
    view: View,
    socket: Socket,
    unstored: "asyncio.Queue[tuple[int, asyncio.Future[None]]]",
) -> None:
    """Tell the page of each act once it is stored, in order (PR1), and of one that cannot be for a while."""
    while True:
        n, stored = await unstored.get()
        await asyncio.wait([stored], timeout=reception.settings.stored_within)
        if not stored.done():
            await socket.put(reception.unstored_line(view, n))
            await asyncio.wait([stored])
        if n:
            await socket.put(protocol.ack(n))


async def _read(
    reception: Reception,
    view: View,
    socket: Socket,
    unstored: "asyncio.Queue[tuple[int, asyncio.Future[None]]]",
) -> None:
    bad = 0
    async for raw in socket.ws:
        if view.wire is not socket:
            return
        if raw.type is not WSMsgType.TEXT:
            reception.gathering.count_poison()
            await socket.ws.close(
                code=NOT_TEXT, message=b"bad_frame"
            )  # no UTF-8 was closed with 1007 already
            return
        try:
            frame = protocol.read_frame(str(raw.data))
        except Unreadable as unreadable:
            bad += 1
            reception.gathering.count_poison()
            await socket.put(protocol.refused(unreadable))
            if bad > BAD_FRAMES:
                await socket.ws.close(code=NOT_ALLOWED, message=unreadable.reason.encode())
                return
            continue
        match frame:
            case Act():
                await _take(reception, view, socket, frame, unstored)
            case Sight():
                reception.saw(view, frame.entry_ids)
            case Ping():
                reception.present(view)
                await socket.put(protocol.PONG)
            case Hello():
                pass


async def _take(
    reception: Reception,
    view: View,
    socket: Socket,
    act: Act,
    unstored: "asyncio.Queue[tuple[int, asyncio.Future[None]]]",
) -> None:
    was_busy = view.busy
    try:
        stored = await _in_its_time(reception, view, socket, act)
    except Full:
        await socket.put(protocol.slow(reception.words(view).slow))
        await socket.ws.close(
            code=TRY_LATER, message=FULL
        )  # the page keeps what was not stored and offers it in order
        return
    if was_busy:
        await socket.put(reception.busy_line(view, str(act.n)))
    await unstored.put((act.n, stored))


async def _in_its_time(reception: Reception, view: View, socket: Socket, act: Act) -> "asyncio.Future[None]":
    """Take her act; a page that is too fast is told so, and is read no further meanwhile."""
    while True:
        try:
            stored, fast = reception.take(view, act)
        except TooFast:
            await asyncio.sleep(floods.BREATH.total_seconds())
            if view.wire is not socket:
                raise Full from None
        else:
            if fast:
                await socket.put(protocol.slow(reception.words(view).slow))
            return stored
