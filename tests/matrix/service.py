"""The real program on Matrix: `hotline run` in a process of its own, a woman in her room, a volunteer."""

import asyncio
import re
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.services import desk, panes, people
from bot.services.messenger import addresses
from bot.services.premises import open_premises
from bot.store import tables as t
from bot.store.moments import to_moment
from tests.faults.program import Program, furnished
from tests.matrix.line import new_name
from tests.matrix.peers import Peer
from tests.matrix.synapse import ROOT, Account, Synapse

NUMBERED = re.compile(r"^(\d) (.+)$", re.MULTILINE)


@dataclass
class Service:
    """A hotline that is on Matrix, and nothing else that women can reach."""

    program: Program
    account: Account

    @property
    def user(self) -> str:
        return self.account.user

    async def accepts(self, alias: str = "Maple", within: float = 20.0) -> "Chat":
        """A volunteer takes whoever waits."""
        async with asyncio.timeout(within):
            while True:
                with open_premises(self.program.settings) as premises:
                    with premises.read() as connection:
                        house = furnished(premises, connection)
                        waiting = select(t.handoff.c.id).where(t.handoff.c.state == "waiting")
                        found = connection.execute(waiting).scalar()
                        person = people.find(connection, house, alias).id
                    if found is not None:
                        with premises.write() as connection:
                            version = desk.accept(connection, house, found, person, _now())
                        return Chat(self, found, person, version)
                await asyncio.sleep(0.1)

    def rows(self, table: Any) -> list[Any]:
        with open_premises(self.program.settings) as premises, premises.read() as connection:
            return list(connection.execute(select(table)).all())


@dataclass
class Chat:
    """One accepted chat, from the volunteer's side."""

    service: Service
    handoff: str
    person: str
    version: int

    def writes(self, text: str) -> None:
        with open_premises(self.service.program.settings) as premises:
            with premises.read() as connection:
                house = furnished(premises, connection)
            with premises.write() as connection:
                mine = (self.handoff, self.person, self.version)
                desk.write(connection, house, *mine, text, _now(), anyway=True)

    def reads(self) -> list[str]:
        """Her words as the volunteer reads them."""
        with open_premises(self.service.program.settings) as premises, premises.read() as connection:
            house = furnished(premises, connection)
            pane = panes.pane(connection, house, self.handoff, self.person, _now())
            return [line.text for line in pane.lines if line.whose == "her"]

    async def hears(self, text: str, within: float = 20.0) -> None:
        async with asyncio.timeout(within):
            while text not in self.reads():
                await asyncio.sleep(0.1)


@dataclass
class Colleague:
    """A volunteer on Matrix, by what stands on her screen."""

    service: Service
    peer: Peer
    account: str
    lobby: str
    chat: str = ""

    @classmethod
    async def comes(cls, made: Service, peer: Peer, account: str, alias: str = "Maple") -> "Colleague":
        """She opens a chat with the volunteers' account and links herself by a code of the console."""
        mine = cls(made, peer, account, await peer.opens(account))
        with open_premises(made.program.settings) as premises, premises.write() as connection:
            house = furnished(premises, connection)
            person = people.find(connection, house, alias).id
            code = addresses.new_code(connection, house, person, _now())
        await mine.types(f"!link {code}")
        await mine.told(f"linked to {alias}")
        return mine

    async def types(self, text: str, room: str = "") -> None:
        await self.peer.says(room or self.lobby, text)

    async def told(self, part: str, room: str = "", within: int = 20_000) -> str:
        """A line of the account's own that holds these words, whole."""
        more = {"from": self.account, "within": within}
        found = await self.peer("reads", room=room or self.lobby, part=part, **more)
        return found[-1]["text"]

    async def accepts(self) -> str:
        """She takes the offer by its number and goes into the chat's room."""
        offer = await self.told("waits since")
        assert "!1 Accept" in offer
        await self.types("!1")
        await self.told("You have")
        async with asyncio.timeout(20):
            while not (invited := await self.peer("invites")):
                await asyncio.sleep(0.05)
        (self.chat,) = invited
        await self.peer("join", room=self.chat)
        return self.chat

    async def is_out(self, within: float = 20.0) -> None:
        """She was taken out of the chat's room."""
        async with asyncio.timeout(within):
            while await self.peer("membership", room=self.chat, user=self.peer.user) == "join":
                await asyncio.sleep(0.05)


@dataclass
class Woman:
    """She talks with the line in one room, by what stands on her screen."""

    peer: Peer
    line: str
    room: str
    read: set[str] = field(default_factory=set[str])

    @classmethod
    async def comes(cls, peer: Peer, line: str, **more: Any) -> "Woman":
        return cls(peer, line, await peer.opens(line, **more))

    async def writes(self, text: str) -> str:
        return await self.peer.says(self.room, text)

    async def hears(self, part: str, within: int = 20_000) -> str:
        """The next line of the line's own that holds these words, whole."""
        found = await self.peer("reads", room=self.room, part=part, within=within, **{"from": self.line})
        self.read.update(line["text"] for line in found)
        return found[-1]["text"]

    async def answers(self, part: str, label: str) -> None:
        """Wait for a question and answer it by the digit beside `label`."""
        question = await self.hears(part)
        digit = next(digit for digit, told in NUMBERED.findall(question) if told == label)
        await self.writes(digit)

    async def to_a_person(self) -> None:
        """From the first word to the queue, by the short way."""
        await self.writes("hello")
        await self.answers("Is now a good time", "Yes")
        await self.answers("Could anyone else", "No")
        await self.answers("at any time: I stop", "Talk to a person")
        await self.answers("Shall I ask one", "Yes")
        await self.hears("I am asking a person")


def _now() -> int:
    return to_moment(datetime.now(UTC))


def environment(server: Synapse, account: Account, url: str = "", **more: str) -> dict[str, str]:
    """Settings of a hotline on this account."""
    return {
        "HOTLINE_MATRIX_HOMESERVER": url or server.url,
        "HOTLINE_MATRIX_USER": account.user,
        "HOTLINE_MATRIX_PASSWORD": account.password,
        **more,
    }


def config_with_staff_on_matrix(folder: Path) -> Path:
    """The shipped configuration, its volunteers on Matrix."""
    copied = folder / "config"
    shutil.copytree(ROOT / "config", copied, ignore=shutil.ignore_patterns("__pycache__"))
    desk = copied / "desks" / "demo" / "desk.yaml"
    plain = desk.read_text(encoding="utf-8")
    assert "staff_surface: console" in plain
    desk.write_text(plain.replace("staff_surface: console", "staff_surface: matrix"), encoding="utf-8")
    return copied


def staff_environment(folder: Path, server: Synapse, account: Account, admin: Account) -> dict[str, str]:
    """Settings of a hotline whose volunteers write with this account."""
    return {
        "HOTLINE_CONFIG_DIR": str(config_with_staff_on_matrix(folder)),
        "HOTLINE_MATRIX_STAFF_HOMESERVER": server.url,
        "HOTLINE_MATRIX_STAFF_USER": account.user,
        "HOTLINE_MATRIX_STAFF_PASSWORD": account.password,
        "HOTLINE_MATRIX_STAFF_ADMIN_TOKEN": admin.token,
    }


@asynccontextmanager
async def service(folder: Path, server: Synapse, url: str = "", **more: str) -> AsyncGenerator[Service, None]:
    """A hotline begun and started in `folder`."""
    account = server.register(new_name("line"))
    program = Program(folder, environment(server, account, url, **more))
    program.begin()
    await program.start()
    try:
        yield Service(program, account)
    finally:
        await program.stop()
