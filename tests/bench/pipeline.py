"""Replies per second, CPU per reply, statements per commit and latency of the running pipeline."""

import asyncio
import resource
from dataclasses import dataclass, replace
from random import Random
from statistics import quantiles
from time import perf_counter

from tests.bench.rig import Rig, Woman, plan

PLANS = 64
WARM_UP = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did; an act is what a person did, answered by one message or more."""

    people: int
    acts_per_second: float
    messages_per_second: float
    cpu_ms_per_act: float
    p50_ms: float
    p99_ms: float
    statements_per_act: float
    statements_per_commit: float
    acts_per_commit: float
    megabytes: float


def cpu_seconds() -> float:
    """CPU of all threads of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def women(rig: Rig, count: int, name: str) -> list[Woman]:
    """People who each begin with another walk."""
    plans = [plan(rig.town.library, seed) for seed in range(PLANS)]
    turned = [plans[number % PLANS :] + plans[: number % PLANS] for number in range(count)]
    return [Woman(rig.wire, f"{name}{number}", mine) for number, mine in enumerate(turned)]


async def closed_loop(rig: Rig, people: int, seconds: float, name: str = "p") -> Round:
    """Each person acts again as soon as she is answered: the most that can be done."""
    them = women(rig, people, name)
    lives = [asyncio.ensure_future(her.live()) for her in them]
    try:
        return await _measured(rig, them, seconds)
    finally:
        for life in lives:
            life.cancel()
        for ended in await asyncio.gather(*lives, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


async def arrivals(rig: Rig, per_second: float, seconds: float, name: str = "a") -> Round:
    """Acts come at random moments, `per_second` on average, whoever has been answered: a surge."""
    free, dice = women(rig, 1000, name), Random(1)
    them = list(free)
    acting: set[asyncio.Task[None]] = set()

    async def one(her: Woman, since: float) -> None:
        await her.act(since)
        free.append(her)

    async def come() -> None:
        at = perf_counter()
        while True:
            at += dice.expovariate(per_second)
            await asyncio.sleep(max(0.0, at - perf_counter()))
            if not free:
                free.extend(more := women(rig, 100, f"{name}{len(them)}."))
                them.extend(more)
            task = asyncio.ensure_future(one(free.pop(0), at))
            acting.add(task)
            task.add_done_callback(acting.discard)

    coming = asyncio.ensure_future(come())
    try:
        return await _measured(rig, them, seconds)
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await asyncio.wait(acting or {asyncio.ensure_future(asyncio.sleep(0))}, timeout=30)


async def _measured(rig: Rig, them: list[Woman], seconds: float) -> Round:
    await asyncio.sleep(WARM_UP)
    for her in them:
        her.latencies.clear()
        her.acts = her.messages = 0
    before, cpu, begun = replace(rig.counts), cpu_seconds(), perf_counter()
    await asyncio.sleep(seconds)
    took, cpu = perf_counter() - begun, cpu_seconds() - cpu
    statements = rig.counts.statements - before.statements
    commits = rig.counts.commits - before.commits
    acts, messages = sum(her.acts for her in them), sum(her.messages for her in them)
    cuts = quantiles([latency for her in them for latency in her.latencies], n=100)
    return Round(
        people=len(them),
        acts_per_second=acts / took,
        messages_per_second=messages / took,
        cpu_ms_per_act=cpu / acts * 1000,
        p50_ms=cuts[49] * 1000,
        p99_ms=cuts[98] * 1000,
        statements_per_act=statements / acts,
        statements_per_commit=statements / max(1, commits),
        acts_per_commit=acts / max(1, commits),
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )
