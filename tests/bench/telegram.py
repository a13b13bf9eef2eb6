"""The real service as a process of its own against the double, beside a bare echo bot in the same run."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter

from tests.architecture.tree import ROOT
from tests.bench.aims import Aim
from tests.bench.telegram_people import Person, plan
from tests.botapi.accounts import BotAccount
from tests.botapi.limits import Limits
from tests.botapi.server import Double
from tests.botapi.world import World
from tests.faults.killing import library_of
from tests.faults.program import Program

PLANS = 64
WARM_UP = 2.0  # seconds
TICK = os.sysconf("SC_CLK_TCK")
ROUND_TRIP = 0.040


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did; a reply is the whole answer to one act."""

    what: str
    replies_per_second: float
    messages_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms_per_reply: float
    cores: float
    double_cores: float
    megabytes: float


@dataclass
class Subject:
    """The bot that is measured: the service, or the echo bot."""

    name: str
    double: Double
    bot: BotAccount
    plans: list[tuple[object, ...]] | None
    pid: Callable[[], int]

    def person(self, number: int) -> Person:
        plans = self.plans and self.plans[number % PLANS :] + self.plans[: number % PLANS]
        return Person(lambda: self.double.phone(self.bot, language="en"), plans)  # pyright: ignore[reportArgumentType]

    def cpu(self) -> float:
        """CPU seconds of all its threads so far."""
        fields = Path(f"/proc/{self.pid()}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def megabytes(self) -> float:
        status = Path(f"/proc/{self.pid()}/status").read_text(encoding="ascii")
        return int(next(row for row in status.splitlines() if row.startswith("VmRSS")).split()[1]) / 1024


@asynccontextmanager
async def service(
    folder: Path, *, limited: bool = False, samples: Path | None = None
) -> AsyncIterator[tuple[Subject, Program]]:
    """The service begun in `folder` and running, on a network of its own; `samples` gets a profile."""
    double = Double(World(limits=Limits() if limited else Limits.off()))
    await double.start()
    bot = double.world.add_bot()
    line = {"HOTLINE_TELEGRAM_TOKEN": bot.token, "HOTLINE_TELEGRAM_API_URL": double.url}
    program = Program(folder, line if limited else {**line, "HOTLINE_TELEGRAM_LIMITS": "off"})
    if samples is not None:
        program.words = ("tests.bench.sampled", "run")
        program.environ["SAMPLES_TO"] = str(samples)
    program.begin()
    library = library_of(program)
    plans = [plan(library, seed) for seed in range(PLANS)]
    await program.start()
    try:
        yield Subject("service", double, bot, plans, program.pid), program
    finally:
        await program.stop()
        await double.stop()


@asynccontextmanager
async def echo(folder: Path) -> AsyncIterator[Subject]:
    """The bare echo bot, on a network of its own."""
    double = Double(World(limits=Limits.off()))
    await double.start()
    bot = double.world.add_bot()
    with (folder / "echo").open("ab") as written:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.echo_bot", bot.token, double.url),
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )
    try:
        while not double.world.polls:
            await asyncio.sleep(0.02)
        yield Subject("echo bot", double, bot, None, lambda: process.pid)
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await double.stop()


async def closed_loop(subject: Subject, people: int, seconds: float, what: str) -> Round:
    """Each acts again as soon as she is answered: the most that can be done."""
    them = [subject.person(number) for number in range(people)]
    lives = [asyncio.ensure_future(her.live()) for her in them]
    try:
        return await _measured(subject, them, seconds, what)
    finally:
        await _end(lives)


async def arrivals(subject: Subject, per_second: float, seconds: float, what: str) -> Round:
    """Acts come at random moments, whoever has been answered. Latency counts from when one was due."""
    free, dice = [subject.person(number) for number in range(500)], Random(1)
    them, acting = list(free), set[asyncio.Task[None]]()

    async def one(her: Person, since: float) -> None:
        await her.act(since)
        free.append(her)

    async def come() -> None:
        at = perf_counter()
        while True:
            at += dice.expovariate(per_second)
            await asyncio.sleep(max(0.0, at - perf_counter()))
            if not free:
                more = [subject.person(len(them) + number) for number in range(100)]
                free.extend(more)
                them.extend(more)
            task = asyncio.ensure_future(one(free.pop(0), at))
            acting.add(task)
            task.add_done_callback(acting.discard)

    coming = asyncio.ensure_future(come())
    try:
        return await _measured(subject, them, seconds, what)
    finally:
        await _end([coming, *acting])


async def kill_to_first_reply(subject: Subject, program: Program, people: int, times: int) -> list[float]:
    """Seconds from `kill -9` to the first line on a screen, with everybody waiting for an answer."""
    found: list[float] = []
    for _ in range(times):
        # They write freely: after a death a line may come twice, and nobody here counts on what comes next.
        them = [replace(subject, plans=None).person(number) for number in range(people)]
        lives = [asyncio.ensure_future(her.live()) for her in them]
        await asyncio.sleep(1.0)
        await program.kill()
        dead, before = perf_counter(), sum(her.messages for her in them)
        starting = asyncio.ensure_future(program.start())
        while sum(her.messages for her in them) == before:
            await asyncio.sleep(0.002)
        found.append(perf_counter() - dead)
        await starting
        await asyncio.sleep(0.5)
        await _end(lives)
    return found


async def _end(tasks: "list[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended


async def _measured(subject: Subject, them: list[Person], seconds: float, what: str) -> Round:
    await asyncio.sleep(WARM_UP)
    for her in them:
        her.latencies.clear()
        her.acts = her.messages = 0
    cpu, own, begun = subject.cpu(), _own_cpu(), perf_counter()
    await asyncio.sleep(seconds)
    took, cpu, own = perf_counter() - begun, subject.cpu() - cpu, _own_cpu() - own
    latencies = [latency for her in them for latency in her.latencies]
    acts, messages = len(latencies), sum(her.messages for her in them)
    cuts = quantiles(latencies, n=100) if acts > 1 else [float("nan")] * 99
    return Round(
        f"{subject.name}, {what}", acts / took, messages / took, cuts[49] * 1000, cuts[94] * 1000,
        cuts[98] * 1000, cpu / max(1, acts) * 1000, cpu / took, own / took, subject.megabytes(),
    )  # fmt: skip


def _own_cpu() -> float:
    times = os.times()
    return times.user + times.system


async def profile(folder: Path, seconds: float) -> AsyncIterator[tuple[int, dict[str, dict[str, float]]]]:
    """Where the service's CPU time goes: (people, part → name → seconds)."""
    for people in (50, 500):
        samples = folder / f"samples{people}"
        async with service(folder / f"profile{people}", samples=samples) as (subject, _):
            await closed_loop(subject, people, seconds, f"{people} people")
        yield people, json.loads(samples.read_text(encoding="utf-8"))


async def measure(folder: Path, seconds: float, told: Callable[[Round], None]) -> list[Aim]:
    """Every line of the table, and what was aimed at.

    Service and echo bot take turns, so that both meet the same machine.
    """
    rounds: dict[str, Round] = {}

    def tell(one: Round) -> None:
        rounds[one.what] = one
        told(one)

    for people in (1, 50, 500):
        async with echo(folder) as beside:
            tell(await closed_loop(beside, people, seconds, f"{people} people"))
        async with service(folder / f"p{people}") as (subject, _):
            tell(await closed_loop(subject, people, seconds, f"{people} people"))
    async with service(folder / "arrivals") as (subject, _):
        tell(await arrivals(subject, 500, seconds, "500 acts/s at random"))
    async with echo(folder) as beside:
        beside.double.world.latency = ROUND_TRIP
        tell(await closed_loop(beside, 50, seconds, "50 people, 40 ms away"))
    async with service(folder / "far") as (subject, _):
        subject.double.world.latency = ROUND_TRIP
        tell(await closed_loop(subject, 50, seconds, "50 people, 40 ms away"))
    async with service(folder / "limited", limited=True) as (subject, _):
        tell(await closed_loop(subject, 50, seconds * 2, "50 people, published limits"))
        print(f"  told to wait by the network: {subject.double.world.limits.refused} times")
    async with service(folder / "killed") as (subject, program):
        found = await kill_to_first_reply(subject, program, 50, 5)
        print(
            f"kill to first reply: median {median(found):.2f} s, longest {max(found):.2f} s of {len(found)}"
        )
    return [*_aims(rounds), Aim("kill to first reply, median, s", median(found), 1.0, least=False)]


def _aims(rounds: dict[str, Round]) -> list[Aim]:
    """What issue and design ask for, beside what was found."""

    def ratio(what: str) -> float:
        return rounds[f"service, {what}"].replies_per_second / rounds[f"echo bot, {what}"].replies_per_second

    def of_service(what: str) -> Round:
        return rounds[f"service, {what}"]

    megabytes = [one.megabytes for what, one in rounds.items() if what.startswith("service")]
    return [
        Aim("50 people: times the echo bot", ratio("50 people"), 2.0),
        Aim("500 people: times the echo bot", ratio("500 people"), 2.0),
        Aim("500 acts/s: p99 ms", of_service("500 acts/s at random").p99_ms, 100.0, least=False),
        Aim("40 ms away: replies/s", of_service("50 people, 40 ms away").replies_per_second, 900.0),
        Aim("most memory, MB", max(megabytes), 120.0, least=False),
    ]
