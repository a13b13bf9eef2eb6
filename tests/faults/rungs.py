"""`kill -9` between the rungs of the ladder: each rung comes, within seconds of the restart, and once.

Nobody answers an offer here. Women wait, the program dies at a moment by lot, starts again, and the ladder of
each must go on from where it stood: nobody is asked twice, and no rung is left out.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from time import monotonic

from sqlalchemy import select

from bot.model import Role
from bot.services.premises import Premises, open_premises
from bot.store import tables as t
from bot.store.moments import to_moment
from handoff.model import HandoffState
from tests.faults.page import Page
from tests.faults.program import Program
from tests.faults.women import Talker

EVERY = 1.0  # seconds from rung to rung
WITHIN = 15.0  # seconds after the restart
RUNGS = ("P1", "P2", "P3", "B1", "S1")
"""Who is asked at each rung, once everybody asked before her is silent; primaries in any order."""
CREW = tuple((alias, Role.SUPERVISOR if alias.startswith("S") else Role.VOLUNTEER) for alias in RUNGS)
LADDER = """
spec: 1
rungs:
  - {after: 0, tier: primary, at_most: 1}
  - {after: 1, tier: primary, at_most: 2}
  - {after: 2, tier: primary, at_most: 3}
  - {after: 3, tier: backup}
  - {after: 4, tier: supervisor}
offer_seconds: 900
alert_seconds: 2
"""
SHIFT = "  - {who: %s, tier: %s, days: [mon, tue, wed, thu, fri, sat, sun], from: '00:00', to: '00:00'}\n"
TIERS = {"P": "primary", "B": "backup", "S": "supervisor"}


@dataclass
class Outcome:
    """What one kill did: the longest a rung came after its time or the restart, and what was broken."""

    latest_seconds: float
    between: int  # how many ladders stood between two rungs when it died
    faults: list[str]


@dataclass
class Ladders:
    """The program, its database, and the women who wait."""

    program: Program
    premises: Premises
    dice: Random
    women: int
    born: int = 0
    _pages: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"])

    async def run(self) -> Outcome:
        """Queue, die, come back, count; then everybody leaves."""
        talkers = [await self._queues() for _ in range(self.women)]
        await asyncio.sleep(self.dice.uniform(0, EVERY * (len(RUNGS) - 0.5)))
        asked_before = self._asked()
        await self.program.kill()
        await asyncio.sleep(self.dice.uniform(0, 0.5))
        restarted = datetime.now(UTC)
        await self.program.start()
        faults = await self._until_all_are_asked(restarted)
        latest = self._latest(restarted, faults)
        between = sum(0 < number < len(RUNGS) for number in asked_before.values())
        for her in talkers:
            her.page.act(kind="text", text="stop")
        faults += await self._until_nobody_waits()
        await self.go_home()
        return Outcome(latest, between, faults)

    async def go_home(self) -> None:
        for page in self._pages:
            page.cancel()
        await asyncio.gather(*self._pages, return_exceptions=True)
        self._pages.clear()

    async def _queues(self) -> Talker:
        self.born += 1
        page = Page(self.program.origin, f"10.1.{self.born // 250}.{self.born % 250}")
        her = Talker(page, f"W{self.born}")
        self._pages.append(asyncio.ensure_future(page.live()))
        waiting = len(self._asked()) + 1
        until = monotonic() + 30
        while len(self._asked()) < waiting and monotonic() < until:
            her.act()
            await asyncio.sleep(0.05)
        return her

    def _asked(self) -> dict[str, int]:
        """Hand-off that waits → how many offers it has."""
        with self.premises.read() as connection:
            ids = select(t.handoff.c.id).where(t.handoff.c.state == HandoffState.WAITING.value)
            waiting = connection.execute(ids).scalars().all()
            made = Counter(connection.execute(select(t.offer.c.handoff)).scalars())
        return {handoff: made[handoff] for handoff in waiting}

    async def _until_all_are_asked(self, restarted: datetime) -> list[str]:
        patience = restarted + timedelta(seconds=WITHIN + EVERY * len(RUNGS))
        while datetime.now(UTC) < patience:
            asked = self._asked()
            if asked and all(number >= len(RUNGS) for number in asked.values()):
                break
            await asyncio.sleep(0.05)
        asked = self._asked()
        faults = [] if len(asked) == self.women else [f"{len(asked)} of {self.women} still wait"]
        return faults + [f"{n} of {len(RUNGS)} were asked" for n in asked.values() if n != len(RUNGS)]

    def _latest(self, restarted: datetime, faults: list[str]) -> float:
        """How long after its time, or after the restart, the latest rung came; faults are added."""
        with self.premises.read() as connection:
            chats = connection.execute(
                select(t.handoff.c.id, t.handoff.c.queued_at).where(
                    t.handoff.c.state == HandoffState.WAITING.value
                )
            ).all()
            offers = connection.execute(select(t.offer).order_by(t.offer.c.offered_at)).all()
        latest = 0.0
        for chat in chats:
            made = [offer for offer in offers if offer.handoff == chat.id]
            if len({offer.person for offer in made}) != len(made):
                faults.append("somebody was asked twice")
            for number, offer in enumerate(made[: len(RUNGS)]):
                owed = chat.queued_at + int(number * EVERY * 1_000_000)
                if offer.offered_at < owed:
                    faults.append(f"rung {number} came {(owed - offer.offered_at) / 1e6:.2f} s too early")
                if offer.offered_at >= to_moment(restarted):
                    late = (offer.offered_at - max(owed, to_moment(restarted))) / 1e6
                    latest = max(latest, late)
                    if late > WITHIN:
                        faults.append(f"rung {number} came {late:.1f} s late")
        return latest

    async def _until_nobody_waits(self) -> list[str]:
        until = monotonic() + 20
        while self._asked() and monotonic() < until:
            await asyncio.sleep(0.05)
        return [f"{len(self._asked())} did not leave"] if self._asked() else []


@asynccontextmanager
async def ladders(folder: Path, women: int, seed: int) -> AsyncIterator[Ladders]:
    """A hotline with a short ladder and a crew that never answers."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config"
    shutil.copytree(str(files("config")), config, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (config / "desks/demo/escalation.yaml").write_text(LADDER, encoding="utf-8")
    shifts = "".join(SHIFT % (alias, TIERS[alias[0]]) for alias in RUNGS)
    rota = f"spec: 1\nzone: Europe/Bucharest\nshifts:\n{shifts}"
    (config / "desks/demo/rota.yaml").write_text(rota, encoding="utf-8")
    program = Program(folder, environ={"HOTLINE_CONFIG_DIR": str(config)})
    program.begin(staff=CREW)
    with open_premises(program.settings) as premises:
        await program.start()
        one = Ladders(program, premises, Random(seed), women)
        try:
            yield one
        finally:
            await one.go_home()
            await program.kill()
