"""`kill -9` at random moments while people write; after each start everything is counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic

from bot.services.library import Library
from bot.services.premises import open_premises
from tests.faults.page import Page
from tests.faults.program import Program, furnished
from tests.faults.volunteers import Volunteers
from tests.faults.women import PAUSE, Fault, Talker, Walker, settled

SETTLES_WITHIN = 20.0
ACTS_IN_A_TALK = 25
WORDS_IN_A_CHAT = 8


@dataclass
class Outcome:
    """What one run found."""

    start_seconds: float
    first_reply_seconds: float
    waiting_at_kill: int
    faults: list[str]


@dataclass
class Crowd:
    """The people of a campaign, each with a page that lives in the background."""

    program: Program
    library: Library
    dice: Random
    size: int
    women: list[Walker | Talker] = field(default_factory=list[Walker | Talker])
    acts: int = 0
    relayed: int = 0
    repeats: int = 0
    _pages: dict[int, "asyncio.Task[None]"] = field(default_factory=dict[int, "asyncio.Task[None]"])
    _born: int = 0

    def fill(self, talkers: int) -> None:
        """As many people as there should be, `talkers` of them for a person."""
        self._renew()
        while len(self.women) < self.size:
            self._born += 1
            page = Page(
                self.program.origin, f"10.{self._born // 65536}.{self._born // 256 % 256}.{self._born % 256}"
            )
            talking = sum(isinstance(her, Talker) for her in self.women) < talkers
            her = Talker(page, f"T{self._born}") if talking else Walker(page, self.library, self.dice)
            self.women.append(her)
            self._pages[id(page)] = asyncio.ensure_future(page.live())

    def _renew(self) -> None:
        """Who has talked long enough closes her page; somebody else comes."""
        for her in list(self.women):
            acts, most = (
                (her.acts, ACTS_IN_A_TALK) if isinstance(her, Walker) else (len(her.said), WORDS_IN_A_CHAT)
            )
            if acts >= most:
                self.women.remove(her)
                self.relayed += len(her.page.of_a_person) + acts * isinstance(her, Talker)
                self._close(her.page)

    def _close(self, page: Page) -> None:
        self.repeats += page.repeats
        page.leave()
        self._pages.pop(id(page)).cancel()

    async def write(self, until: float, *, all_at_once: bool) -> None:
        """Everybody acts at a person's pace until that moment; or everybody once, at that moment."""
        lives = [
            asyncio.ensure_future(self._write(her, until, all_at_once=all_at_once)) for her in self.women
        ]
        await asyncio.gather(*lives)

    async def _write(self, her: Walker | Talker, until: float, *, all_at_once: bool) -> None:
        if all_at_once:
            await asyncio.sleep(max(0.0, until - monotonic()))
            her.act()
            self.acts += 1
            return
        await asyncio.sleep(self.dice.uniform(0, PAUSE[0]))
        while monotonic() < until:
            her.act()
            self.acts += 1
            if self.dice.random() < 0.03:
                await her.page.drop()
            await asyncio.sleep(self.dice.uniform(*PAUSE))

    def waiting(self) -> int:
        """How many have an act under way that is not answered."""
        return sum(not her.is_settled() for her in self.women)

    def check(self) -> list[str]:
        """Every broken promise, in words."""
        faults: list[str] = []
        for her in self.women:
            try:
                her.check()
            except Fault as fault:
                faults.append(f"{type(her).__name__}: {fault}")
        return faults

    async def go_home(self) -> None:
        for her in self.women:
            self.repeats += her.page.repeats
            her.page.leave()
        tasks = list(self._pages.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Campaign:
    """A hotline, its people and its volunteers, through many deaths."""

    program: Program
    crowd: Crowd
    volunteers: Volunteers
    dice: Random
    talkers: int

    async def run(self) -> Outcome:
        """Talk, die, come back, count."""
        self.crowd.fill(self.talkers)
        burst = self.dice.random() < 0.5
        lasts = self.dice.uniform(0.5, 1.5)
        writing = asyncio.ensure_future(self.crowd.write(monotonic() + lasts, all_at_once=burst))
        volunteering = asyncio.ensure_future(asyncio.to_thread(self._volunteer))
        await asyncio.sleep(lasts + (self.dice.uniform(0, 0.08) if burst else self.dice.uniform(-0.4, 0)))
        killed = monotonic()
        waiting = self.crowd.waiting()
        await self.program.kill()
        dead = monotonic()
        starting = asyncio.ensure_future(self.program.start())
        await asyncio.sleep(0.05)
        for her in self.crowd.women:  # their pages keep what they write until the server is back
            her.act()
        starts = await starting
        await asyncio.gather(writing, volunteering)
        faults: list[str] = []
        if not await settled(self.crowd.women, SETTLES_WITHIN):
            faults.append(f"{self.crowd.waiting()} people were not answered within {SETTLES_WITHIN:.0f} s")
        first = min(
            (line.at - killed for her in self.crowd.women for line in her.page.lines if line.at > dead),
            default=float("nan"),
        )
        await self._hear_all()
        return Outcome(starts, first, waiting, faults + self.crowd.check())

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
        return [her for her in self.crowd.women if isinstance(her, Talker)]


@asynccontextmanager
async def campaign(folder: Path, people: int, seed: int) -> AsyncIterator[Campaign]:
    """A hotline begun and started in `folder`, with people who are about to write."""
    program, dice = Program(folder), Random(seed)
    program.begin()
    with open_premises(program.settings) as premises:
        crowd = Crowd(program, library_of(program), dice, people)
        await program.start()
        try:
            yield Campaign(program, crowd, Volunteers(premises), dice, max(1, people // 5))
        finally:
            await crowd.go_home()
            await program.kill()


def library_of(program: Program) -> Library:
    """What the program has published."""
    with open_premises(program.settings) as premises, premises.read() as connection:
        return furnished(premises, connection).library
