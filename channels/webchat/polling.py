"""The page without a working WebSocket: open, long poll, leave, as plain requests of the page's script."""

import asyncio
from contextlib import suppress

from aiohttp import web

from channels.webchat import admission, protocol
from channels.webchat.gathering import Full
from channels.webchat.protocol import Act, Frame, Hello, Ping, Poll, Sight, Unreadable
from channels.webchat.reception import NO_ROOM, Ended, Reception
from channels.webchat.views import View


async def open_page(reception: Reception, request: web.Request) -> web.Response:
    """A script asks for a view of its own; the cookie comes with it."""
    settings = reception.settings
    if admission.same_origin(request, settings) is not True:
        return _plain({}, 403)
    try:
        view = reception.open(
            admission.handle_in(request, settings),
            source=admission.source(request, settings),
            languages=request.headers.get("Accept-Language"),
            scripted=True,
        )
    except Ended:
        return _plain({"t": NO_ROOM, "text": busy_text(reception, request)}, 503)
    response = _plain({"view": view.id, "max": protocol.MAX_TEXT}, 200)
    admission.remember(response, view.address.handle, settings)
    return response


async def poll(reception: Reception, request: web.Request) -> web.Response:
    """One long poll: takes what the page brings, answers with what waits for it."""
    if admission.same_origin(request, reception.settings) is not True:
        return _plain({}, 403)
    try:
        asked = protocol.read_poll(await admission.body(request))
        handle = admission.handle_in(request, reception.settings)
        view = reception.hello(
            handle,
            asked.hello,
            request.headers.get("Accept-Language"),
            source=admission.source(request, reception.settings),
        )
        frames = await _answer(reception, view, asked)
    except admission.TooLarge:
        return _plain({}, 413)
    except admission.TooSlow:
        return _plain({}, 408)
    except Unreadable as unreadable:
        reception.gathering.count_poison()
        return _plain({"why": unreadable.reason}, 400)
    except Ended as ended:
        frames = [ended.frame]
    except Full:
        return _plain({}, 503)
    return _plain({"frames": frames}, 200)


async def leave(reception: Reception, request: web.Request) -> web.Response:
    """The exit: the session is dead before the answer goes out, the cookie is taken back with it."""
    if admission.same_origin(request, reception.settings) is False:
        return _plain({}, 403)
    view_id = None
    with suppress(admission.TooLarge, admission.TooSlow, Unreadable):  # leaving is leaving
        view_id = protocol.read_view(await admission.body(request))
    reception.leave(admission.handle_in(request, reception.settings), view_id)
    response = web.Response(status=204, headers=admission.HEADERS)
    admission.wipe(response, reception.settings)
    return response


def busy_text(reception: Reception, request: web.Request) -> str:
    """The host's words for a flood, in the browser's language; for when there is no view to speak to."""
    settings = reception.settings
    tags = request.headers.get("Accept-Language")
    language = reception.page_language(tags)
    return settings.busy.get(language) or settings.busy.get("en") or settings.words[language].busy


async def _answer(reception: Reception, view: View, asked: Poll) -> list[Frame]:
    """Frames for one poll; waits for commits, else for news, else for its time to end."""
    view.polls += 1
    mine = view.polls
    came = _enter(reception, view, asked.hello)
    reception.withhold(view, asked.hello.after)
    if asked.visible:
        reception.present(view)
    frames: list[Frame] = [protocol.refused(one) for one in asked.refused]
    if view.busy and came:
        frames.append(reception.busy_line(view, "0"))
    taken = _take(reception, view, asked, frames)
    waits = [*((0, stored) for stored in [view.waiting.get(0)] if stored is not None), *taken]
    if waits:
        await asyncio.wait([stored for _, stored in waits], timeout=reception.settings.stored_within)
        frames += [protocol.ack(n) for n, stored in taken if stored.done()]
        frames += [reception.unstored_line(view, n) for n, stored in waits if not stored.done()][:1]
    if not frames and not taken:
        await _news(reception, view, mine)
    if view.end is not None:
        return [*frames, view.end]
    if view.polls == mine:
        view.polled_at = reception.clock()
        reception.withhold(view, asked.hello.after)
        frames += view.held
    return frames


def _enter(reception: Reception, view: View, hello: Hello) -> bool:
    """The page polls now; True if it did not before: it has come (back)."""
    now = reception.clock()
    polled = view.polled_at
    polling = polled is not None and now - polled <= reception.settings.polled_within
    if view.wire is not None:
        view.wire.finish(protocol.MOVED)
        view.wire = None
    view.polled_at = now
    view.fresh.set()  # an older poll of this page ends
    if polling:
        view.confirm(hello.after)
    else:
        reception.join(view, hello.after)
    return not polling


def _take(
    reception: Reception, view: View, asked: Poll, frames: list[Frame]
) -> list[tuple[int, "asyncio.Future[None]"]]:
    taken: list[tuple[int, asyncio.Future[None]]] = []
    slowed = False
    for frame in asked.frames:
        match frame:
            case Act():
                was_busy = view.busy
                try:
                    stored, fast = reception.take(view, frame)
                except Full:
                    slowed = True
                    break  # the page keeps this one and those after it, and offers them in order
                slowed = slowed or fast
                taken.append((frame.n, stored))
                if was_busy:
                    frames.append(reception.busy_line(view, str(frame.n)))
            case Sight():
                reception.saw(view, frame.entry_ids)
            case Ping():
                reception.present(view)
            case Hello():
                pass
    if slowed:
        frames.append(protocol.slow(reception.words(view).slow))
    return taken


async def _news(reception: Reception, view: View, mine: int) -> None:
    """Wait until something is held for this page, it ended, a newer poll came, or time is up."""
    try:
        async with asyncio.timeout(reception.settings.poll_for):
            while not view.held and view.end is None and view.polls == mine:
                view.fresh.clear()
                await view.fresh.wait()
    except TimeoutError:
        return


def _plain(frame: Frame, status: int) -> web.Response:
    return web.Response(
        text=protocol.write(frame), status=status, content_type="application/json", headers=admission.HEADERS
    )
