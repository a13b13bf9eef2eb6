"""Listeners on their own addresses, started together and stopped together; no access log anywhere."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import web


class AddressInUse(Exception):
    """A listener could not be opened; the message names the setting and the address."""


class Listener(NamedTuple):
    """One application and where it listens; port 0 takes a free one. `setting` names it in messages."""

    setting: str
    app: web.Application
    host: str
    port: int


@asynccontextmanager
async def listening(listeners: Iterable[Listener]) -> AsyncGenerator[dict[str, int]]:
    """Open every listener; yields the ports by setting. Raises AddressInUse, and then none stays open."""
    runners: list[web.AppRunner] = []
    ports: dict[str, int] = {}
    try:
        for setting, app, host, port in listeners:
            # No access log: it would hold addresses and times of those who write (B-109).
            runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2)
            await runner.setup()
            runners.append(runner)
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as failure:
                reason = f"{setting}: cannot listen on {host}:{port} ({failure.strerror})"
                raise AddressInUse(reason) from failure
            ports[setting] = runner.addresses[0][1]
        yield ports
    finally:
        for runner in reversed(runners):
            await runner.cleanup()
