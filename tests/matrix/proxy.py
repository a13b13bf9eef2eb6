"""What stands between a line and its homeserver: it can break requests, and change what is answered."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.matrix.synapse import Synapse

DROP = "drop"  # the request never reaches the homeserver
LOSE = "lose"  # it does, and its answer is lost
HANG = "hang"  # nothing is answered
Alter = Callable[[Any], Any]


@dataclass
class Rule:
    """What happens to requests whose method and path match, so many times; `skip` of them pass first."""

    what: str | int
    path: str
    times: int = 1
    skip: int = 0
    body: Any = None
    met: int = 0


@dataclass
class Proxy:
    """See the module. `log` holds method and path of everything that came."""

    server: Synapse
    port: int = 0
    rules: list[Rule] = field(default_factory=list[Rule])
    alter: dict[str, Alter] = field(default_factory=dict[str, Alter])
    log: list[str] = field(default_factory=list[str])
    _runner: web.AppRunner | None = None
    _client: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def breaks(self, what: str | int, path: str, times: int = 1, skip: int = 0, body: Any = None) -> Rule:
        """Break the next requests that match `path` (a pattern over "METHOD /path")."""
        rule = Rule(what, path, times, skip, body)
        self.rules.append(rule)
        return rule

    def asked(self, path: str) -> int:
        """How often something was asked for."""
        return sum(bool(re.search(path, line)) for line in self.log)

    async def start(self) -> None:
        self._client = aiohttp.ClientSession(auto_decompress=True)
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{anything:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._client is not None:
            await self._client.close()

    def _rule(self, line: str) -> Rule | None:
        for rule in self.rules:
            if re.search(rule.path, line):
                rule.met += 1
                if rule.skip < rule.met <= rule.skip + rule.times:
                    return rule
        return None

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        assert self._client is not None and request.transport is not None
        line = f"{request.method} {request.path}"
        self.log.append(line)
        rule = self._rule(line)
        if rule is not None and rule.what == DROP:
            request.transport.abort()
            return web.Response()
        if rule is not None and rule.what == HANG:
            await asyncio.sleep(3600)
        if rule is not None and isinstance(rule.what, int):
            return (
                web.json_response(rule.body or {}, status=rule.what)
                if rule.body is not None
                else web.Response(status=rule.what, text="<html>Bad Gateway</html>", content_type="text/html")
            )
        headers = {k: v for k, v in request.headers.items() if k.lower() not in {"host", "content-length"}}
        try:
            async with self._client.request(
                request.method, self.server.url + request.raw_path, data=await request.read(),
                headers=headers, skip_auto_headers=["User-Agent"], timeout=aiohttp.ClientTimeout(total=120),
            ) as answer:  # fmt: skip
                raw, status = await answer.read(), answer.status
        except aiohttp.ClientError:
            request.transport.abort()
            return web.Response()
        if rule is not None and rule.what == LOSE:
            request.transport.abort()
            return web.Response()
        for pattern, alter in self.alter.items():
            if status == 200 and re.search(pattern, line):
                raw = json.dumps(alter(json.loads(raw))).encode()
        return web.Response(status=status, body=raw, content_type="application/json")


@contextlib.asynccontextmanager
async def proxy(server: Synapse) -> AsyncGenerator[Proxy, None]:
    """A proxy before a homeserver."""
    made = Proxy(server)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
