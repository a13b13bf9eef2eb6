"""The double on a port of its own: HTTP as the Bot API speaks it."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.botapi.accounts import BotAccount
from tests.botapi.methods import METHODS
from tests.botapi.mishaps import Kind
from tests.botapi.parameters import read
from tests.botapi.phone import Phone
from tests.botapi.refusals import Refusal
from tests.botapi.webhooks import Carrier, written
from tests.botapi.world import World

JSON = {"Content-Type": "application/json"}
GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
SILENCE = 120.0  # seconds of a call that is never answered


class Double:
    """A Bot API on loopback. `world` is what it knows; phones are made by `phone`."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.port = 0
        self._phones: dict[tuple[int, int], Phone] = {}
        self._runner: web.ServerRunner | None = None
        self._carrier: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """What a client takes as the address of its Bot API server."""
        return f"http://127.0.0.1:{self.port}"

    def phone(self, bot: BotAccount, name: str = "", **facts: Any) -> Phone:
        """A new person with a phone, who has not yet opened her chat with that bot."""
        user = self.world.add_user(name, **facts)
        phone = self._phones[bot.id, user.id] = Phone(self.world, bot, user)
        return phone

    def phones(self) -> list[Phone]:
        return list(self._phones.values())

    async def start(self, port: int = 0) -> None:
        """Listen; on `port`, where a client knows it already."""
        self._runner = web.ServerRunner(web.Server(self._serve), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port or self.port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        self._carrier = asyncio.ensure_future(Carrier(self.world).run())

    async def stop(self) -> None:
        """Nobody is reached here any more; what was known stays known."""
        if self._carrier is not None:
            self._carrier.cancel()
            await asyncio.gather(self._carrier, return_exceptions=True)
            self._carrier = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.world.mishaps.away:
            return self._cut(request)
        path, _, query = request.raw_path.partition("?")
        path = unquote(path) if "%" in path else path
        if path.startswith("/bot"):
            return await self._call(request, path[4:], query)
        if path.startswith("/file/bot"):
            return self._file(path[9:])
        return await self.other(request, path)

    async def other(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """What is not the Bot API's; a page for people may be put here."""
        del request, path
        return web.Response(status=404, body=b'{"ok":false,"error_code":404,"description":"Not Found"}')

    async def _call(self, request: web.BaseRequest, path: str, query: str) -> web.StreamResponse:
        token, _, asked = path.partition("/")
        world = self.world
        name = asked.lower()
        if (met := world.mishaps.meet(name, after=False)) is not None:
            return await self._fail(request, met)
        if world.latency:
            await asyncio.sleep(world.latency / 2)
        status, plain = 200, None
        try:
            plain = {"ok": True, "result": await self._answer(request, token, name, query)}
        except ConnectionResetError:
            return self._cut(request)  # whoever asked is gone
        except Refusal as refusal:
            status, plain = refusal.code, refusal.plain()
            world.refused[refusal.description] += 1
        if world.latency:
            await asyncio.sleep(world.latency / 2)
        if (met := world.mishaps.meet(name, after=True)) is not None:
            return await self._fail(request, met)
        if world.mishaps.away:
            return self._cut(request)  # also what was asked before it went away
        return web.Response(body=written(plain), status=status, headers=JSON)

    async def _answer(self, request: web.BaseRequest, token: str, name: str, query: str) -> Any:
        world = self.world
        parameters = await read(request, query)
        bot = world.bot_with(token)
        found = METHODS.get(name)
        if found is None:
            raise Refusal(404, "Not Found: method not found")
        method, handler, known = found
        world.calls[method] += 1
        for strange in parameters.given.keys() - known:
            world.strange.add(f"{method}.{strange}")
        return await handler(world, bot, parameters)

    def _file(self, path: str) -> web.StreamResponse:
        token, _, name = path.partition("/files/")
        with suppress(Refusal):
            self.world.bot_with(token)
            if name in self.world.files:
                return web.Response(body=self.world.files[name])
        return web.Response(status=404, body=b'{"ok":false,"error_code":404,"description":"Not Found"}')

    async def _fail(self, request: web.BaseRequest, kind: Kind) -> web.StreamResponse:
        match kind:
            case Kind.BAD_GATEWAY:
                return web.Response(status=502, body=GATEWAY, content_type="text/html")
            case Kind.SILENT:
                await asyncio.sleep(SILENCE)
                return self._cut(request)
            case Kind.TORN:
                torn = web.StreamResponse(headers={"Content-Length": "1000"})
                await torn.prepare(request)
                await torn.write(b'{"ok":tr')
                return self._cut(request)
            case Kind.PORTAL:
                return web.Response(body=b'{"login":"/here"}', headers=JSON)
            case Kind.LIST:
                return web.Response(body=b"[]", headers=JSON)
            case Kind.EMPTY:
                return web.Response(body=b'{"ok":true,"result":[]}', headers=JSON)
            case Kind.DROPPED:
                return self._cut(request)

    def _cut(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=502)
