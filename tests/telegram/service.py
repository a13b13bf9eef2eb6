"""The whole service in this process: real database and adapter, the double, a clock both sides follow."""

import asyncio
import atexit
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from bot import app
from bot.model import Role
from bot.services import desk, first_start, people
from bot.services.house import House
from bot.services.premises import open_premises
from bot.settings import load_settings
from bot.store import tables as t
from bot.store.moments import to_moment
from tests.botapi.clock import VirtualClock
from tests.botapi.limits import Limits
from tests.botapi.phone import Phone
from tests.botapi.server import Double
from tests.botapi.world import World
from tests.faults.program import free_port, furnished
from tests.webchat.page import until

TO_A_PERSON = ("Yes", "No", "Talk to a person", "Yes")


@dataclass
class SharedClock:
    """The service's clock, and the network's: one virtual time."""

    virtual: VirtualClock

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.virtual.now(), UTC)


@dataclass
class Service:
    """A hotline that runs, its network, and a volunteer's hand."""

    double: Double
    hotline: app.Hotline
    bot: Any
    staff_bot: Any = None  # the volunteers'
    tasks: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"])

    @property
    def house(self) -> House:
        return self.hotline.house

    @property
    def now(self) -> int:
        return to_moment(self.hotline.clock.now())

    def phone(self, name: str = "", **facts: Any) -> Phone:
        return self.double.phone(self.bot, name, language=facts.pop("language", "en"), **facts)

    def staff_phone(self, name: str = "") -> Phone:
        """A volunteer's, in her chat with the volunteers' bot."""
        return self.double.phone(self.staff_bot, name, language="en")

    async def passes(self, **by: float) -> None:
        """Time goes by, for the service and the network; whatever is due is done."""
        self.double.world.clock.moves(**by)
        self.hotline.wakes.due.set()
        self.hotline.wakes.outbox.set()
        self.hotline.wakes.inbox.set()
        await asyncio.sleep(0.05)

    async def does(self, work: Any) -> Any:
        """Work in a transaction of the service's own store, and what follows it."""
        answer = await self.hotline.store.write(work)
        self.hotline.wakes.after_write()
        return answer

    async def rows(self, table: Any, *where: Any) -> list[Any]:
        return await self.hotline.store.write(lambda c: c.execute(select(table).where(*where)).all())

    async def counted(self, name: str) -> int:
        return sum(row.value for row in await self.rows(t.counter, t.counter.c.name == name))

    async def settles(self) -> None:
        """Wait until nothing is unread, unsent or on its way."""
        updates = self.double.world.updates[self.bot.id]
        busy = t.outbox.c.state.in_(["pending", "sending"])
        async with asyncio.timeout(20):
            while True:
                unread = await self.rows(t.inbox, t.inbox.c.state == "new")
                if not updates.waiting and not unread and not await self.rows(t.outbox, busy):
                    return
                await asyncio.sleep(0.02)

    async def accepts(self, alias: str = "Maple") -> "Hand":
        """She takes whoever waits."""
        person = await self.does(lambda c: people.find(c, self.house, alias).id)
        waiting = (await self.rows(t.handoff, t.handoff.c.state == "waiting"))[0].id
        version = await self.does(lambda c: desk.accept(c, self.house, waiting, person, self.now))
        return Hand(self, waiting, person, version)


@dataclass
class Hand:
    """A volunteer's hand on one chat."""

    service: Service
    handoff: str
    person: str
    version: int

    async def writes(self, text: str) -> None:
        mine = (self.handoff, self.person, self.version)
        await self.service.does(
            lambda c: desk.write(c, self.service.house, *mine, text, self.service.now, anyway=True)
        )


async def taps(phone: Phone, *labels: str) -> None:
    """She taps one label after the other, each when it is offered."""
    for label in labels:
        await until(lambda wanted=label: phone.is_asked_anew(wanted), 10)
        phone.taps(label)


@contextlib.asynccontextmanager
async def serving(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, staff_topics: bool | None = None, **more: str
) -> AsyncIterator[Service]:
    """A hotline begun in `folder` that serves over the double's bot until the block ends.

    With `staff_topics` there is a second bot for volunteers, with topics or without.
    """
    monkeypatch.setattr(app, "forbid_core_dumps", lambda: ())
    clock = SharedClock(VirtualClock())
    double = Double(World(clock=clock.virtual, limits=Limits.off()))
    await double.start()
    bot = double.world.add_bot()
    staff_bot = None
    if staff_topics is not None:
        staff_bot = double.world.add_bot()
        staff_bot.topics = staff_topics
        more["HOTLINE_TELEGRAM_STAFF_TOKEN"] = staff_bot.token
    environ = {
        "HOTLINE_DATA_DIR": str(folder / "data"),
        "HOTLINE_PUBLIC_BIND": f"127.0.0.1:{free_port()}",
        "HOTLINE_CONSOLE_BIND": f"127.0.0.1:{free_port()}",
        "HOTLINE_OPS_BIND": f"127.0.0.1:{free_port()}",
        "HOTLINE_TELEGRAM_TOKEN": bot.token,
        "HOTLINE_TELEGRAM_API_URL": double.url,
        "HOTLINE_TELEGRAM_LIMITS": "off",
        **more,
    }
    shutil.copytree(begun(), folder / "data")
    try:
        async with running(load_settings(environ, folder), clock, double, bot) as service:
            service.staff_bot = staff_bot
            yield service
    finally:
        await double.stop()


@cache
def begun() -> Path:
    """A hotline just begun, with volunteers: making one takes seconds, copying it does not."""
    folder = Path(tempfile.mkdtemp(prefix="begun-"))
    atexit.register(shutil.rmtree, folder)
    settings = load_settings({"HOTLINE_DATA_DIR": str(folder / "data")}, folder)
    first_start.begin(settings, datetime.now(UTC))
    with open_premises(settings) as premises, premises.write() as connection:
        _staff(connection, furnished(premises, connection), to_moment(datetime.now(UTC)))
    return folder / "data"


def _staff(connection: Connection, house: House, now: int) -> None:
    """Volunteers of the demo's rota, who are ready."""
    for alias in ("Maple", "Juniper"):
        profile = people.Profile(alias=alias, languages=["en", "ro"], max_chats=3)
        person = people.invite(connection, house, profile, [(Role.VOLUNTEER, "demo")], now)
        connection.execute(update(t.person).where(t.person.c.id == person).values(state="active"))
        people.set_present(connection, person, present=True)


@contextlib.asynccontextmanager
async def running(settings: Any, clock: SharedClock, double: Double, bot: Any) -> AsyncIterator[Service]:
    """The same folder served once more."""
    async with app.open_hotline(settings, clock) as hotline:
        listens = asyncio.Event()
        task = asyncio.create_task(app.run_loops(hotline, lambda _: listens.set()))
        waiting = asyncio.create_task(listens.wait())
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            waiting.cancel()
            task.result()
        try:
            yield Service(double, hotline, bot)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


__all__ = ["Hand", "Service", "running", "serving", "taps", "timedelta", "until"]
