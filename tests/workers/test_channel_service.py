"""A messenger belongs to one process at a time: it alone reads, sends, and writes the channel's own rows."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from bot.identifiers import Identifiers
from bot.observability.metrics import Metrics
from bot.services.staff import outgoing as staff_outgoing
from bot.store import staff_tables as s, tables as t
from bot.store.crew import LeadLost, Term, channel_lead
from bot.store.engine import open_engine
from bot.store.membership import Alone
from bot.store.store import Store
from bot.workers.aftermath import Aftermath
from bot.workers.channel_service import ChannelService
from bot.workers.own_rows import KeptRows
from bot.workers.staff_desk import StaffDesk
from bot.workers.wakes import Wakes
from channels.message import Address, Lives, OutboundMessage, OwnRow, Receipt
from channels.port import Sink
from tests.fakes.messenger import FakeMessenger
from tests.services.walks import in_the_queue
from tests.staff.bureau import Bureau, open_bureau
from tests.town import make_town

LEAD = channel_lead("telegram-staff")


@dataclass
class Seat:
    """A process of a crew; it knows of its lead what the test says, right or wrong."""

    id: str
    term: Term | None = None
    wanted: list[str] = field(default_factory=list[str])

    def term_of(self, lead: str) -> Term | None:
        return self.term if self.term is not None and self.term.lead == lead else None

    def want(self, lead: str) -> None:
        self.wanted.append(lead)


class Connection:
    """One process's connection to the messenger: the phones are the same, whoever is connected."""

    def __init__(self, network: FakeMessenger) -> None:
        self._network = network
        self.name, self.capabilities = network.name, network.capabilities
        self.heard: list[str] = []
        self.refused: list[Exception] = []
        self.on_wire: list[str] = []
        self.goes = asyncio.Event()
        self.goes.set()

    async def listen(self, cursor: str | None, sink: Sink) -> None:
        read = int(cursor or 0)
        while True:
            waiting = self._network.updates[read:]
            if waiting:
                try:
                    await sink(self._network.batch(waiting))
                except LeadLost as lost:
                    self.refused.append(lost)
                else:
                    self.heard += [one.text for one in waiting]
                    read += len(waiting)
            await asyncio.sleep(0.01)

    async def send(self, message: OutboundMessage) -> Receipt:
        self.on_wire.append(message.text)
        await self.goes.wait()
        return await self._network.send(message)

    async def forget(self, address: Address, *, for_good: bool) -> None:
        """Nothing is kept here."""

    async def close(self) -> None:
        """Nothing is open here."""


@dataclass
class Serving:
    """One process serving the volunteers' messenger."""

    seat: Seat
    line: Connection
    task: "asyncio.Task[None]"


@pytest.fixture
def bureau(tmp_path: Path, fresh_postgres: str) -> Iterator[Bureau]:
    bureau = open_bureau(tmp_path, url=fresh_postgres)
    bureau.town.write(lambda c: c.execute(insert(t.lead).values(name=LEAD, member="one", term=1)))
    yield bureau
    bureau.town.closes()


@asynccontextmanager
async def serving(bureau: Bureau, seat: Seat) -> AsyncIterator[Serving]:
    town, line, wakes, metrics = bureau.town, Connection(bureau.network), Wakes(), Metrics()
    aftermath = Aftermath({}, metrics)
    with Store(open_engine(town.engine.url.render_as_string(hide_password=False))) as store:
        service = ChannelService(line, store, town.house, town.clock, wakes, metrics, None, staff_outgoing)
        desk = StaffDesk(line, store, town.house, town.clock, wakes, aftermath, metrics)
        task = asyncio.create_task(service.run(seat, desk, aftermath))
        yield Serving(seat, line, task)
        task.cancel()
        await asyncio.wait({task})
        await aftermath.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


def posts(bureau: Bureau) -> list[tuple[str, int]]:
    return [(row.state, row.attempts) for row in bureau.town.rows(s.staff_post) if row.kind == "new"]


async def test_who_comes_beside_leaves_it_alone_and_who_takes_over_sends_what_was_on_its_way(
    bureau: Bureau,
) -> None:
    phone = await bureau.links("Maple")
    before = len(phone.texts())
    await in_the_queue(bureau.town, "ann")
    first, second = Seat("one", Term(LEAD, "one", 1)), Seat("two")
    async with serving(bureau, first) as one:
        one.line.goes.clear()
        await until(lambda: bool(one.line.on_wire))
        offer = one.line.on_wire[0]
        async with serving(bureau, second) as two:
            await asyncio.sleep(0.3)
            assert second.wanted == [LEAD]
            assert ("sending", 1) in posts(bureau), "a newcomer takes nothing from whoever is sending it"
            assert two.line.on_wire == []
            # The first one stands still: the lead passes, and it does not know yet.
            bureau.town.write(lambda c: c.execute(update(t.lead).values(member="two", term=2)))
            second.term = Term(LEAD, "two", 2)
            await until(lambda: len(phone.texts()) > before)
            await until(lambda: ("sending", 2) not in posts(bureau))
            assert phone.texts()[before:] == [offer]
            assert posts(bureau)[-1] == ("sent", 2)
            phone.types("/help")
            await until(lambda: two.line.heard == ["/help"] and bool(one.line.refused))
            assert one.line.heard == [], "nothing is stored in the name of a lead that was lost"


async def test_one_who_lost_the_lead_neither_reads_nor_sends_until_it_is_back(bureau: Bureau) -> None:
    phone = await bureau.links("Maple")
    seat = Seat("one", Term(LEAD, "one", 1))
    async with serving(bureau, seat) as one:
        phone.types("/help")
        await until(lambda: one.line.heard == ["/help"])
        seat.term = None
        await asyncio.sleep(0.3)
        sent = len(one.line.on_wire)
        phone.types("/done")
        await in_the_queue(bureau.town, "ann")
        await asyncio.sleep(0.3)
        assert (one.line.heard, len(one.line.on_wire)) == (["/help"], sent)
        seat.term = Term(LEAD, "one", 1)
        await until(lambda: one.line.heard == ["/help", "/done"] and len(one.line.on_wire) > sent)


def row(body: bytes) -> OwnRow:
    return OwnRow("r1", Lives.LINE, "", body)


async def test_only_who_has_the_device_writes_its_rows(bureau: Bureau) -> None:
    town, seat = bureau.town, Seat("one")
    with Store(open_engine(town.engine.url.render_as_string(hide_password=False))) as store:
        kept = KeptRows(store, town.house.vault, Identifiers(), "telegram-staff", seat)
        with pytest.raises(LeadLost):
            await kept.save((row(b"not led"),))
        seat.term = Term(LEAD, "one", 1)
        await kept.save((row(b"led"),))
        town.write(lambda c: c.execute(update(t.lead).values(member="two", term=2)))
        with pytest.raises(LeadLost):  # it stood still, and still believes in its term
            await kept.save((row(b"an older form"),))
        assert await kept.load() == (row(b"led"),)


async def test_whoever_serves_alone_writes_them_without_asking(tmp_path: Path) -> None:
    town = make_town(tmp_path)
    with Store(town.engine) as store:
        kept = KeptRows(store, town.house.vault, Identifiers(), "matrix", Alone())
        await kept.save((row(b"alone"),))
        assert await kept.load() == (row(b"alone"),)
