"""The line on a real homeserver, with a host beside it that can be stopped, restarted and refuse to store."""

import asyncio
import atexit
import contextlib
import itertools
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from channels.matrix.channel import MatrixChannel, MatrixSettings
from channels.message import (
    Address,
    Batch,
    Choice,
    InboundKind,
    InboundMessage,
    OutboundKind,
    OutboundMessage,
    Receipt,
    Speaker,
)
from tests.fakes.own_rows import MemoryRows
from tests.matrix.peers import Peer, Peers
from tests.matrix.synapse import Account, Synapse
from tests.webchat.page import Host, until

_names = itertools.count(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def homeserver() -> Synapse:
    """The homeserver most tests share, one for each process; each test has a line and women of its own."""
    folder = Path(tempfile.mkdtemp(prefix="synapse-"))
    server = Synapse(folder, free_port())
    server.start()
    atexit.register(shutil.rmtree, folder)
    atexit.register(server.stop)
    return server


def new_name(name: str) -> str:
    """A name nobody has had on this homeserver."""
    return f"{name}-{os.getpid()}-{next(_names)}"


@dataclass
class Clock:
    """A clock that goes on by itself and can be moved ahead."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Storing:
    """A host and the channel's rows: both are stored, or neither."""

    rows: MemoryRows
    host: Host = field(default_factory=Host)
    refuses_words: bool = False

    async def sink(self, batch: Batch) -> None:
        if self.refuses_words and batch.messages:
            raise RuntimeError("the database is away")
        await self.host.sink(batch)
        self.rows.write(batch.own_rows)


@dataclass
class Line:
    """One line and its host."""

    server: Synapse
    account: Account
    settings: MatrixSettings
    clock: Clock = field(default_factory=Clock)
    rows: MemoryRows = field(default_factory=MemoryRows)
    channel: MatrixChannel = field(init=False)
    sent: int = 0
    trust: Any = None
    _listening: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self.storing = Storing(self.rows)
        self.make()

    @property
    def host(self) -> Host:
        return self.storing.host

    @property
    def user(self) -> str:
        return self.account.user

    def make(self) -> None:
        self.channel = MatrixChannel(
            self.settings, self.clock, lambda: secrets.token_urlsafe(18), self.rows, self.trust
        )

    async def start(self) -> None:
        await self.channel.prepare()
        self.listen()
        await until(self.is_ready, 30)

    def is_ready(self) -> bool:
        assert self._listening is not None
        if self._listening.done():
            self._listening.result()
        return self.channel._line is not None and self.channel._line.station.ready.is_set()

    def listen(self) -> None:
        self._listening = asyncio.create_task(self.channel.listen(self.host.cursor, self.storing.sink))

    async def deafen(self) -> None:
        """Stop listening, as when the process dies: nothing is stored any more."""
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None

    async def stop(self) -> None:
        await self.deafen()
        self.channel._line = None  # a dead process stores nothing
        await self.channel.close()

    async def restart(self) -> None:
        """A new process: nothing in memory, the rows and the cursor as they were stored."""
        await self.stop()
        self.make()
        await self.start()

    @property
    def station(self) -> Any:
        """What is open, for a look inside."""
        assert self.channel._line is not None
        return self.channel._line.station

    # --- the host's side ---------------------------------------------------------------------------------
    def texts(self) -> list[str]:
        """What the host was told that she wrote, in order."""
        return [m.text for m in self.host.messages if m.kind is InboundKind.TEXT]

    def asides(self) -> list[str]:
        return [m.choice or "" for m in self.host.messages if m.kind is InboundKind.ASIDE]

    async def hears(self, text: str, within: float = 15.0) -> InboundMessage:
        """Once the host has stored this text of hers."""
        await until(lambda: text in self.texts(), within)
        return next(m for m in self.host.messages if m.text == text)

    def message(self, to: str, text: str, *labels: str, **more: Any) -> OutboundMessage:
        self.sent += 1
        plain: dict[str, Any] = {
            "entry_id": f"e{self.sent}.{self.account.device}",
            "address": Address("matrix", to),
            "kind": OutboundKind.NEW,
            "sequence": self.sent,
            "text": text,
            "choices": tuple(Choice(f"step.{label}", label) for label in labels),
        }
        return OutboundMessage(**plain | more)

    async def says(self, to: str, text: str, *labels: str, **more: Any) -> Receipt:
        """One send; what became of it."""
        return await self.channel.send(self.message(to, text, *labels, **more))

    async def takes_back(self, to: str, remote: str | None, whose: Speaker = Speaker.GUIDE) -> Receipt:
        return await self.says(to, "", kind=OutboundKind.DELETE, target_remote_id=remote, speaker=whose)

    async def leaves(self, to: str) -> Receipt:
        return await self.says(to, "", kind=OutboundKind.LEAVE)


def make_line(server: Synapse | None = None, **settings: Any) -> Line:
    """A line with an account of its own."""
    server = server or homeserver()
    account = server.register(new_name("line"))
    plain = MatrixSettings(server.url, account.user, password=account.password, poll_for=timedelta(seconds=5))
    return Line(server, account, replace(plain, **settings))


@contextlib.asynccontextmanager
async def line(server: Synapse | None = None, **settings: Any) -> AsyncGenerator[Line, None]:
    """A running line; ended at the end."""
    made = make_line(server, **settings)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@contextlib.asynccontextmanager
async def people() -> AsyncGenerator[Peers, None]:
    """Room for women with clients of their own."""
    peers = Peers()
    await peers.start()
    try:
        yield peers
    finally:
        await peers.stop()


async def is_shut_out(peer: Peer, room: str, receipt: Receipt) -> bool:
    """What the line wrote has come to this device, and cannot be read there.

    A key goes out before what is locked with it: what could not be read when it came never will be.
    """
    assert receipt.remote_id is not None
    event = receipt.remote_id.split()[1]
    async with asyncio.timeout(15):
        while True:
            shown = [one for one in await peer.screen(room) if one["id"] == event]
            if shown and shown[0]["unreadable"]:
                return True
            if shown and shown[0]["kind"] != "m.room.encrypted":
                return False
            await asyncio.sleep(0.02)


async def woman(peers: Peers, server: Synapse | None = None, **more: Any) -> Peer:
    """Somebody with a fresh account, on one device."""
    server = server or homeserver()
    name = new_name(more.pop("name", "ann"))
    server.register(name)
    return await peers.enter(server, name, **more)
