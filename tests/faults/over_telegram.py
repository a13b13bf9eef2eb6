"""`kill -9` at random moments while people write over Telegram; after each start everything is counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic

from sqlalchemy import func, select

from bot.services.library import Library
from bot.services.premises import Premises, open_premises
from bot.store import tables as t
from tests.botapi.limits import Limits
from tests.botapi.server import Double
from tests.botapi.world import World
from tests.faults.callers import Handset, Talker, Walker
from tests.faults.killing import ACTS_IN_A_TALK, SETTLES_WITHIN, WORDS_IN_A_CHAT, Outcome, library_of
from tests.faults.program import Program
from tests.faults.volunteers import Volunteers
from tests.faults.women import PAUSE, Fault, settled


@dataclass
class Callers:
    """The people of a campaign."""

    double: Double
    library: Library
    dice: Random
    size: int
    talkers: int
    people: list[Walker | Talker] = field(default_factory=list[Walker | Talker])
    acts: int = 0
    relayed: int = 0
    repeats: int = 0
    most_repeats: int = 0
    _born: int = 0

    def fill(self) -> None:
        """As many people as there should be; who has talked long enough stops, somebody else comes."""
        for her in list(self.people):
            acts, most = (
                (her.acts, ACTS_IN_A_TALK) if isinstance(her, Walker) else (len(her.said), WORDS_IN_A_CHAT)
            )
            if acts >= most:
                self._count(her)
                self.people.remove(her)
        (bot,) = self.double.world.bots.values()
        while len(self.people) < self.size:
            self._born += 1
            handset = Handset(self.double.phone(bot, language="en"))
            talking = sum(isinstance(her, Talker) for her in self.people) < self.talkers
            her = Talker(handset, f"T{self._born}") if talking else Walker(handset, self.library, self.dice)
            self.people.append(her)

    def _count(self, her: Walker | Talker) -> None:
        self.repeats += her.repeats
        self.most_repeats = max(self.most_repeats, her.repeats)
        if isinstance(her, Talker):
            self.relayed += len(her.said) + len(her.told)

    async def write(self, until: float, *, all_at_once: bool) -> None:
        """Everybody acts at a person's pace until that moment; or everybody once, at that moment."""
        await asyncio.gather(*(self._write(her, until, all_at_once=all_at_once) for her in self.people))

    async def _write(self, her: Walker | Talker, until: float, *, all_at_once: bool) -> None:
        if all_at_once:
            await asyncio.sleep(max(0.0, until - monotonic()))
            self._act(her)
            return
        await asyncio.sleep(self.dice.uniform(0, PAUSE[0]))
        while monotonic() < until:
            self._act(her)
            await asyncio.sleep(self.dice.uniform(*PAUSE))

    def _act(self, her: Walker | Talker) -> None:
        her.act()
        self.acts += 1

    def waiting(self) -> int:
        """How many have an act under way that is not answered."""
        return sum(not her.is_settled() for her in self.people)

    def check(self) -> list[str]:
        """Every broken promise, in words."""
        faults: list[str] = []
        for her in self.people:
            try:
                her.check()
            except Fault as fault:
                faults.append(f"{type(her).__name__}: {fault}")
        return faults

    def end(self) -> None:
        """Count what those who are still there saw twice."""
        for her in self.people:
            self._count(her)


@dataclass
class Campaign:
    """A hotline, its network, its people and its volunteers, through many deaths."""

    program: Program
    double: Double
    callers: Callers
    volunteers: Volunteers
    premises: Premises
    dice: Random

    async def run(self) -> Outcome:
        """Talk, die, come back, count."""
        self.callers.fill()
        burst = self.dice.random() < 0.5
        lasts = self.dice.uniform(0.5, 1.5)
        writing = asyncio.ensure_future(self.callers.write(monotonic() + lasts, all_at_once=burst))
        volunteering = asyncio.ensure_future(asyncio.to_thread(self._volunteer))
        await asyncio.sleep(lasts + (self.dice.uniform(0, 0.08) if burst else self.dice.uniform(-0.4, 0)))
        killed = monotonic()
        waiting = self.callers.waiting()
        await self.program.kill()
        dead = monotonic()
        starting = asyncio.ensure_future(self.program.start())
        await asyncio.sleep(0.05)
        for her in self.callers.people:  # the network keeps what they write until somebody fetches it
            her.act()
        starts = await starting
        await asyncio.gather(writing, volunteering)
        faults: list[str] = []
        if not await settled(self.callers.people, SETTLES_WITHIN):
            faults.append(f"{self.callers.waiting()} people were not answered within {SETTLES_WITHIN:.0f} s")
        first = min(
            (line.at - killed for her in self.callers.people for line in her.handset.lines if line.at > dead),
            default=float("nan"),
        )
        await self._hear_all()
        return Outcome(starts, first, waiting, faults + self.callers.check())

    def counted(self, name: str) -> int:
        """A counter of the service."""
        with self.premises.read() as connection:
            query = select(func.sum(t.counter.c.value)).where(t.counter.c.name == name)
            return connection.execute(query).scalar() or 0

    def _volunteer(self) -> None:
        self.volunteers.accept_all()
        self.volunteers.write_to(self.volunteers.read_all(self._talkers))

    async def _hear_all(self) -> None:
        """Her last words pass through their turn before they are counted."""
        for _ in range(100):
            self.volunteers.read_all(self._talkers)
            if all(len(her.heard) >= len(her.said) for her in self._talkers if her.accepted):
                return
            await asyncio.sleep(0.02)

    @property
    def _talkers(self) -> list[Talker]:
        return [her for her in self.callers.people if isinstance(her, Talker)]


@asynccontextmanager
async def campaign(folder: Path, people: int, seed: int) -> AsyncIterator[Campaign]:
    """A hotline begun and started in `folder` on a network of its own, with people who are about to write."""
    double, dice = Double(World(limits=Limits.off())), Random(seed)
    await double.start()
    line = {
        "HOTLINE_TELEGRAM_TOKEN": double.world.add_bot().token,
        "HOTLINE_TELEGRAM_API_URL": double.url,
        "HOTLINE_TELEGRAM_LIMITS": "off",
    }
    program = Program(folder, line)
    program.begin()
    try:
        with open_premises(program.settings) as premises:
            callers = Callers(double, library_of(program), dice, people, max(1, people // 5))
            await program.start()
            try:
                yield Campaign(program, double, callers, Volunteers(premises), premises, dice)
            finally:
                callers.end()
                await program.kill()
    finally:
        await double.stop()
