"""Calendar feeds on the public listener: a secret link, an ETag, and nothing for anybody else."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from bot.clock import Clock
from bot.services import feeds
from bot.services.feeds import Told
from bot.services.house import House
from bot.store.store import Store

PATH: Final = "/c/{token}.ics"
AT_ONCE: Final = 2
"""Feeds computed at a time: calendars can wait, women cannot."""

WAITING: Final = 50
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")
_HEADERS: Final = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, noarchive",
}

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


def feed_routes(store: Store, house: House, clock: Clock) -> list[web.RouteDef]:
    """The one route of calendar links."""
    return [web.get(PATH, _answering(store, house, clock))]


def _answering(store: Store, house: House, clock: Clock) -> Answering:
    room = asyncio.Semaphore(AT_ONCE)
    waiting = 0

    async def told(token: str) -> Told | None:
        now = clock.now()
        found = await store.read(lambda c: feeds.look(c, house, token, now))
        if found is not None and found.kept is not None:
            await store.write(lambda c: feeds.keep(c, token, found))
        return found

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal waiting
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            return web.Response(status=404)
        if waiting >= WAITING:
            return web.Response(status=503, headers={"Retry-After": "300"})
        waiting += 1
        try:
            async with room:
                found = await told(token)
        finally:
            waiting -= 1
        if found is None:
            # Unknown, revoked, shut out: nobody is told which.
            return web.Response(status=404)
        headers = {**_HEADERS, "ETag": found.etag}
        if _known(request, found.etag):
            return web.Response(status=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
        return web.Response(
            body=found.text.encode(), content_type="text/calendar", charset="utf-8", headers=headers
        )

    return answer


def _known(request: web.Request, etag: str) -> bool:
    """Whether the calendar program has this text already (RFC 9110 §13.1.2)."""
    asked = request.if_none_match or ()
    return any(one.value in {"*", etag.strip('"')} for one in asked)
