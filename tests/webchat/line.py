"""The web chat on a real port, with a host beside it that can be stopped, restarted and moved in time."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from channels.webchat.channel import WebChat, WebChatSettings
from tests.webchat.echo import Echo
from tests.webchat.page import Host, Page


@dataclass
class Clock:
    """A clock that goes on by itself and can be moved ahead."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


SIGN_KEY = b"a key that survives a restart..."


def new_token() -> str:
    return secrets.token_urlsafe(32)


@dataclass
class Line:
    """One web chat and its host."""

    settings: WebChatSettings
    port: int = 0
    clock: Clock = field(default_factory=Clock)
    host: Host = field(default_factory=Host)
    chat: WebChat = field(init=False)
    visits: list[aiohttp.ClientSession] = field(default_factory=list[aiohttp.ClientSession])
    pages: list[Page] = field(default_factory=list[Page])
    _runner: web.AppRunner | None = None
    _listening: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self._make()

    def _make(self) -> None:
        self.chat = WebChat(self.settings, self.clock, new_token, SIGN_KEY)
        if isinstance(self.host, Echo):
            self.host.chat = self.chat

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(self.chat.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.listen()

    def listen(self) -> None:
        self._listening = asyncio.create_task(self.chat.listen(self.host.cursor, self.host.sink))

    async def deafen(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None

    async def stop(self) -> None:
        await self.deafen()
        await self.chat.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def restart(self) -> None:
        """A new process: nothing in memory, the same port, the same host behind it."""
        await self.stop()
        self._make()
        await self.start()

    def visit(self, **headers: str) -> aiohttp.ClientSession:
        """A browser of her own: cookies, nothing else."""
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers=headers)
        self.visits.append(session)
        return session

    async def page(self, mode: str = "socket", **headers: str) -> Page:
        page = Page(self.base, self.visit(**headers), mode)
        self.pages.append(page)
        await page.open()
        return page

    async def close(self) -> None:
        for page in self.pages:
            await page.disconnect()
        for session in self.visits:
            await session.close()
        await self.stop()


@contextlib.asynccontextmanager
async def line(host: Host | None = None, **settings: Any) -> AsyncGenerator[Line, None]:
    """A running line; closed at the end."""
    made = Line(replace(WebChatSettings(poll_for=2.0, answer_within=1.0), **settings), host=host or Host())
    await made.start()
    try:
        yield made
    finally:
        await made.close()
