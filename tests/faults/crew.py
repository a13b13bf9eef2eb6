"""Two processes on one PostgreSQL: the one that leads is killed, hangs, or loses its database.

People write on pages, which are led to whichever process answers, and on phones of a messenger that one
process at a time reads. After each mishap everybody must be answered once and in order, and it is measured
how soon the messenger is read again, a deadline is done, and a job of the house is done.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError

from bot.identifiers import Identifiers
from bot.services.library import Library
from bot.services.premises import Premises, open_premises
from bot.store import requests, tables as t
from bot.store.moments import to_moment
from bot.store.requests import RequestKind, RequestState
from tests.faults.killing import library_of
from tests.faults.network import Network, network
from tests.faults.oracle import Oracle
from tests.faults.page import Page
from tests.faults.postgres import Server, postgres
from tests.faults.program import Program
from tests.faults.volunteers import Volunteers
from tests.faults.women import Fault, Talker, Walker, settled

SETTLES_WITHIN = 40.0
RESUMES_WITHIN = 10.0
PUBLIC = "http://127.0.0.1:9"  # the one origin both processes are reached at, through a front that tests play
STANDS_STILL = (8.0, 12.0)
MISHAPS = ("kill", "kill", "kill", "hang", "crash", "stop")


class Caller(Walker):
    """She writes from a phone: no page arrives, her first words begin the talk."""

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.library, channel="telegram")

    def act(self) -> None:
        if self.acts == 0:
            self.acts += 1
            self.page.act(kind="text", text="hello there")
            self._expect(self.oracle.types("hello there"))
            return
        super().act()


@dataclass
class Mishap:
    """What was done, what it broke, and how long it took until each thing went on."""

    what: str
    polled: float | None = None
    job: float | None = None
    deadline: float | None = None
    faults: list[str] = field(default_factory=list[str])


@dataclass
class Crew:
    """Two processes, their database, and everybody who writes."""

    server: Server
    net: Network
    programs: list[Program]
    premises: Premises
    volunteers: Volunteers
    library: Library
    dice: Random
    women: list[Walker | Talker] = field(default_factory=list[Walker | Talker])
    acts: int = 0
    _pages: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"])

    def gather(self, pages: int, phones: int, talkers: int) -> None:
        """So many people, each with a page or a phone of her own."""
        for number in range(pages + talkers):
            page = Page(PUBLIC, f"10.1.0.{number}", doors=[one.origin for one in self.programs])
            self.dice.shuffle(page.doors)
            her = Talker(page, f"T{number}") if number >= pages else Walker(page, self.library, self.dice)
            self.women.append(her)
            self._pages.append(asyncio.ensure_future(page.live()))
        for number in range(phones):
            self.women.append(Caller(self.net.phone(f"phone{number}"), self.library, self.dice))

    @property
    def repeats(self) -> int:
        """Messages that stand twice on a phone: the only place where a repeat can be seen."""
        return sum(phone.repeats for phone in self.net.phones.values())

    async def mishap(self, what: str) -> Mishap:
        """Everybody writes; it happens; everybody writes again; all is counted."""
        writing = asyncio.ensure_future(self._write(monotonic() + self.dice.uniform(1.0, 2.0)))
        volunteering = asyncio.ensure_future(asyncio.to_thread(self._volunteer))
        await asyncio.sleep(self.dice.uniform(0.6, 1.6))
        found = Mishap(what)
        after = await getattr(self, f"_{what}")(found)
        for her in self.women:
            her.act()
            self.acts += 1
        await asyncio.gather(writing, volunteering)
        if after is not None:
            await after
        if not await settled(self.women, SETTLES_WITHIN):
            waiting = sum(not her.is_settled() for her in self.women)
            found.faults.append(f"{waiting} people were not answered within {SETTLES_WITHIN:.0f} s")
        await self._hear_all()
        found.faults += self.check()
        return found

    def check(self) -> list[str]:
        """Every broken promise, in words."""
        faults: list[str] = []
        for her in self.women:
            try:
                her.check()
            except Fault as fault:
                faults.append(f"{type(her).__name__}: {fault}")
        told = self.read(may_repeat)
        if self.repeats > told:
            faults.append(f"{self.repeats} messages stand twice, and {told} are counted as possible")
        if self.net.conflicts:
            faults.append(f"two processes read the messenger at once {self.net.conflicts} times")
            self.net.conflicts = 0
        return faults

    # --- what happens ---------------------------------------------------------------------------------
    async def _kill(self, found: Mishap) -> Any:
        led = await self._leading()
        at = monotonic()
        await led.kill()
        await self._measure(found, at, led)
        return asyncio.ensure_future(led.start())

    async def _stop(self, found: Mishap) -> Any:
        led = await self._leading()
        at = monotonic()
        await led.stop()
        await self._measure(found, at, led)
        return asyncio.ensure_future(led.start())

    async def _hang(self, found: Mishap) -> Any:
        led = await self._leading()
        at = monotonic()
        led.stand_still()
        wakes = asyncio.ensure_future(self._wake(led, self.dice.uniform(*STANDS_STILL)))
        await self._measure(found, at, led)
        return wakes

    async def _wake(self, program: Program, seconds: float) -> None:
        await asyncio.sleep(seconds)
        program.go_on()

    async def _crash(self, _found: Mishap) -> Any:
        await self.server.restart("immediate", away=self.dice.choice((0.0, 0.0, 3.0, 8.0)))

    async def _leading(self) -> Program:
        """The process that reads the messenger; its name is told by the network's latest reader."""
        end = monotonic() + 30
        while monotonic() < end:
            for at, who in reversed(self.net.polls):
                if at > monotonic() - 2:
                    return next(one for one in self.programs if one.folder.name == who)
                break
            await asyncio.sleep(0.1)
        raise Fault("nobody reads the messenger")

    async def _measure(self, found: Mishap, at: float, gone: Program) -> None:
        """How long after `at` each thing goes on without the process that led."""
        job, probe = Identifiers().new_id(), Identifiers().new_id()
        now = to_moment(datetime.now(UTC))
        self._write_to(lambda c: requests.ask(c, job, RequestKind.ERASE, "conversation:none", now))
        self._write_to(
            lambda c: c.execute(
                insert(t.due).values(id=probe, kind="place_held_ends", subject=probe, at=now, version=0)
            )
        )
        end = at + 3 * RESUMES_WITHIN
        while monotonic() < end and None in (found.polled, found.job, found.deadline):
            if found.polled is None and (polled := self.net.polled_since(at, gone.folder.name)) is not None:
                found.polled = polled - at
            if found.job is None and await asyncio.to_thread(self.read, partial(_is_done, job)):
                found.job = monotonic() - at
            if found.deadline is None and await asyncio.to_thread(self.read, partial(_is_past, probe)):
                found.deadline = monotonic() - at
            await asyncio.sleep(0.05)
        for what in ("polled", "job", "deadline"):
            took = getattr(found, what)
            if took is None or took > RESUMES_WITHIN:
                found.faults.append(f"{what} after {took if took is None else round(took, 1)} s")

    # --- everybody ------------------------------------------------------------------------------------
    async def _write(self, until: float) -> None:
        await asyncio.gather(*(self._writes(her, until) for her in self.women))

    async def _writes(self, her: Walker | Talker, until: float) -> None:
        await asyncio.sleep(self.dice.uniform(0, 0.5))
        while monotonic() < until:
            her.act()
            self.acts += 1
            if self.dice.random() < 0.05:
                await her.page.drop()
            await asyncio.sleep(self.dice.uniform(0.5, 0.9))

    def _volunteer(self) -> None:
        with suppress(SQLAlchemyError):  # the database may be away: she tries again after the next mishap
            self.volunteers.accept_all()
            self.volunteers.write_to(self.volunteers.read_all(self._talkers))

    async def _hear_all(self) -> None:
        for _ in range(100):
            await asyncio.to_thread(self.volunteers.read_all, self._talkers)
            if all(len(her.heard) >= len(her.said) for her in self._talkers if her.accepted):
                return
            await asyncio.sleep(0.05)

    @property
    def _talkers(self) -> list[Talker]:
        return [her for her in self.women if isinstance(her, Talker)]

    def _write_to(self, work: Callable[[Connection], object]) -> None:
        with self.premises.engine.begin() as connection:
            work(connection)

    def read(self, work: Callable[[Connection], Any]) -> Any:
        with self.premises.read() as connection:
            return work(connection)

    async def go_home(self) -> None:
        for her in self.women:
            her.page.leave()
        for task in self._pages:
            task.cancel()
        await asyncio.gather(*self._pages, return_exceptions=True)


def _is_done(job: str, connection: Connection) -> bool:
    return requests.state_of(connection, job) in {RequestState.DONE, None}


def _is_past(probe: str, connection: Connection) -> bool:
    return connection.execute(select(t.due.c.id).where(t.due.c.id == probe)).first() is None


def may_repeat(connection: Connection) -> int:
    """How many messages the service itself says it may have sent twice."""
    rows = connection.execute(
        select(t.counter.c.value).where(t.counter.c.name == "outbox.may_repeat.telegram")
    )
    return sum(rows.scalars())


def leads(connection: Connection) -> dict[str, int]:
    """Lead → term, to see how often each changed hands."""
    return {row.name: row.term for row in connection.execute(select(t.lead))}


@asynccontextmanager
async def crew(
    folder: Path, seed: int, *, pages: int = 8, phones: int = 8, talkers: int = 2
) -> AsyncIterator[Crew]:
    """Two stations that serve, and people who are about to write."""
    async with postgres() as server, network() as net:
        programs = [_station(folder, name, server, net) for name in ("one", "two")]
        programs[0].begin(chats=max(1, talkers))
        with open_premises(programs[0].settings) as premises:
            made = Crew(
                *(
                    server,
                    net,
                    programs,
                    premises,
                    Volunteers(premises),
                    library_of(programs[0]),
                    Random(seed),
                )
            )
            await asyncio.gather(*(program.start() for program in programs))
            made.gather(pages, phones, talkers)
            try:
                yield made
            finally:
                await made.go_home()
                for program in programs:
                    await program.kill()


def _station(folder: Path, name: str, server: Server, net: Network) -> Program:
    environ = {
        "HOTLINE_DATA_DIR": str(folder / "data"),
        "HOTLINE_DATABASE_URL": server.url,
        "HOTLINE_PUBLIC_URL": PUBLIC,
        "STATION_NETWORK": f"http://127.0.0.1:{net.port}",
        "STATION_NAME": name,
    }
    return Program(folder / name, environ, words=("tests.faults.station",))
