"""The whole pipeline without a network: real store, sealing, loops; the wire is a function call."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Engine, event

from bot.clock import SystemClock
from bot.observability.metrics import Metrics
from bot.services.library import Library
from bot.store.store import Store
from bot.workers.aftermath import Aftermath
from bot.workers.due import DueLoop
from bot.workers.inbox import InboxLoop
from bot.workers.intake import IntakeDesk
from bot.workers.outbox import OutboxLoop
from bot.workers.wakes import Wakes
from channels.message import (
    Address,
    Capabilities,
    DeliveryState,
    InboundKind,
    InboundMessage,
    OutboundKind,
    OutboundMessage,
    Receipt,
)
from channels.port import Sink
from channels.webchat.gathering import Gathering
from tests.fakes.channel import WEB
from tests.faults.oracle import Oracle
from tests.town import Clock, Town

ACTS_IN_A_TALK = 12
SENT = Receipt(DeliveryState.SENT)


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a planned talk and how many messages answer it."""

    kind: InboundKind
    choice: str | None
    answers: int


def plan(library: Library, seed: int, acts: int = ACTS_IN_A_TALK) -> tuple[Act, ...]:
    """A walk through the default script by taps, known beforehand: opening, safe check, notice, then on."""
    dice, oracle = Random(seed), Oracle(library)
    walked = [Act(InboundKind.ARRIVED, None, len(oracle.arrives().messages))]
    opening = ["hello.yes", "safe_check.no", "notice3.ok"]
    while len(walked) < acts:
        token = opening.pop(0) if opening else oracle.next_tap(dice)
        walked.append(Act(InboundKind.CHOICE, token, len(oracle.taps(token).messages)))
    return tuple(walked)


@dataclass(slots=True)
class Woman:
    """One person of the benchmark: acts, waits until the whole answer was handed to the wire."""

    wire: "Wire"
    name: str
    plans: list[tuple[Act, ...]]
    latencies: list[float] = field(default_factory=list[float])
    acts: int = 0
    messages: int = 0
    _missing: int = 0
    _answered: asyncio.Event = field(default_factory=asyncio.Event)
    _talks: int = 0
    _next: int = 0

    async def live(self) -> None:
        """Act after act until cancelled."""
        while True:
            await self.act(perf_counter())

    async def act(self, since: float) -> None:
        """The next act of her talk; after the last, the next talk from another address."""
        acts = self.plans[self._talks % len(self.plans)]
        handle = f"{self.name}.{self._talks}"
        self.wire.women[handle] = self
        act, number = acts[self._next], self._next
        self._missing = act.answers
        self._answered.clear()
        self.wire.gathering.offer(
            InboundMessage(
                f"{handle}.{number}", Address("web", handle), act.kind, choice=act.choice, language="en"
            )
        )
        if act.answers:
            await self._answered.wait()
        self.latencies.append(perf_counter() - since)
        self.acts += 1
        self._next += 1
        if self._next == len(acts):
            del self.wire.women[handle]
            self._talks, self._next = self._talks + 1, 0

    def reads(self, message: OutboundMessage) -> None:
        """One message reached her."""
        if message.kind is not OutboundKind.NEW:
            return
        self.messages += 1
        self._missing -= 1
        if self._missing == 0:
            self._answered.set()


class Wire:
    """A channel without a network. Acts that arrive during a commit make the next batch, as on the web."""

    def __init__(self) -> None:
        self.gathering = Gathering("web", 100_000)
        self.women: dict[str, Woman] = {}

    @property
    def name(self) -> str:
        return "web"

    @property
    def capabilities(self) -> Capabilities:
        return replace(WEB, confirms_delivery=False)

    async def listen(self, cursor: str | None, sink: Sink) -> None:
        del cursor
        await self.gathering.run(sink)

    async def send(self, message: OutboundMessage) -> Receipt:
        woman = self.women.get(message.address.handle)
        if woman is not None:
            woman.reads(message)
        return SENT

    async def forget(self, address: Address, *, for_good: bool) -> None:
        del for_good
        self.women.pop(address.handle, None)

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(slots=True)
class Counts:
    """What the engine has done since it was opened."""

    statements: int = 0
    commits: int = 0


@dataclass(slots=True)
class Rig:
    """A running pipeline."""

    town: Town
    store: Store
    wire: Wire
    counts: Counts


def _counting(engine: Engine, late: float) -> Counts:
    counts = Counts()

    def statement(*_: Any) -> None:
        counts.statements += 1

    def commit(_: Connection) -> None:
        counts.commits += 1
        if late:
            time.sleep(late)

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    return counts


async def _no_job(job: str) -> None:
    del job


@asynccontextmanager
async def running(folder: Path, late: float = 0.0) -> AsyncIterator[Rig]:
    """Everything `serve` runs but listeners and periodic jobs, on SQLite in `folder`.

    Each commit takes `late` seconds longer, as on a cheap disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    town = Town(folder, f"sqlite:///{folder}/hotline.db", {}, Clock(datetime.now(UTC)))
    wire = Wire()
    town.house.channels = {"web": wire.capabilities}
    wakes, metrics, clock = Wakes(), Metrics(), SystemClock()
    counts = _counting(town.engine, late)
    async with AsyncExitStack() as stack:
        store = stack.enter_context(Store(town.engine))
        aftermath = Aftermath({"web": wire}, metrics)
        intake = IntakeDesk(store, town.house, clock, wakes, aftermath, metrics)
        outbox = OutboxLoop(wire, store, town.house, clock, wakes, metrics)
        aftermath.on_hide(outbox.overtake)
        loops = [
            outbox.run(),
            wire.listen(None, intake.take),
            InboxLoop(store, town.house, clock, wakes, aftermath).run(),
            DueLoop(store, town.house, clock, wakes, aftermath, _no_job).run(),
        ]
        tasks = [asyncio.ensure_future(loop) for loop in loops]
        try:
            yield Rig(town, store, wire, counts)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
