"""`python -m tests.faults`: break it on purpose and count what is lost, doubled or out of order."""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic

from tests.faults import over_matrix, over_telegram
from tests.faults.claims import claims_everywhere
from tests.faults.crew import MISHAPS, Mishap, crew, leads, may_repeat
from tests.faults.disk import full_disk, held_folder
from tests.faults.killing import Outcome, campaign
from tests.faults.rungs import ladders
from tests.stamp import last_run
from tests.year.living import live
from tests.year.telling import lines


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"{', '.join(PARTS)}; default: all but year")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=365, help="of the year")
    parser.add_argument("--a-day", type=int, default=40, help="conversations of a day of the year")
    parser.add_argument("--from", dest="start", default="2026-01-01", help="first day of the year")
    parser.add_argument(
        "--seconds", type=float, default=1e9, help="end the year after the day in which they end"
    )
    asked = parser.parse_args()
    failed = 0
    print(last_run(), flush=True)
    for part in asked.parts or [one for one in PARTS if one not in BY_NAME]:
        with tempfile.TemporaryDirectory() as name:
            failed += asyncio.run(PARTS[part](Path(name), asked))
    return 1 if failed else 0


async def _kill(folder: Path, asked: argparse.Namespace) -> int:
    outcomes: list[Outcome] = []
    begun = monotonic()
    async with campaign(folder, asked.people, asked.seed) as one:
        for number in range(1, asked.runs + 1):
            outcome = await one.run()
            outcomes.append(outcome)
            for fault in outcome.faults:
                print(f"run {number}: {fault}", flush=True)
            if number % 20 == 0:
                faults = sum(len(o.faults) for o in outcomes)
                print(f"{number} runs, {faults} faults, {monotonic() - begun:.0f} s", flush=True)
        acts, relayed, megabytes = one.crowd.acts, one.crowd.relayed, one.program.megabytes()
    faults = sum(len(o.faults) for o in outcomes)
    replies = sorted(o.first_reply_seconds for o in outcomes if not isnan(o.first_reply_seconds))
    starts = sorted(o.start_seconds for o in outcomes)
    print(
        f"kill: {asked.runs} kills, {asked.people} people, seed {asked.seed}: {acts} acts, "
        f"{relayed} lines relayed, "
        f"{sum(o.waiting_at_kill for o in outcomes)} acts unanswered at a kill, {faults} faults, "
        f"{one.crowd.repeats} lines sent again and shown once\n"
        f"      start {median(starts):.2f} s (longest {starts[-1]:.2f}), kill to first line "
        f"{median(replies):.2f} s (longest {replies[-1]:.2f}), {megabytes:.0f} MB"
    )
    return faults


async def _telegram(folder: Path, asked: argparse.Namespace) -> int:
    outcomes: list[Outcome] = []
    begun = monotonic()
    async with over_telegram.campaign(folder, asked.people, asked.seed) as one:
        for number in range(1, asked.runs + 1):
            outcomes.append(await one.run())
            for fault in outcomes[-1].faults:
                print(f"run {number}: {fault}", flush=True)
            if number % 20 == 0:
                print(f"{number} runs, {monotonic() - begun:.0f} s", flush=True)
        one.callers.end()
        may_repeat = one.counted("outbox.may_repeat.telegram")
        people, world, megabytes = one.callers, one.double.world, one.program.megabytes()
        one.callers.people.clear()
    offered = sum(updates.offered for updates in world.updates.values())
    faults = sum(len(o.faults) for o in outcomes)
    if people.repeats > may_repeat:
        faults += 1
        print(f"telegram: {people.repeats} lines shown twice, but the service knows of {may_repeat} at most")
    replies = sorted(o.first_reply_seconds for o in outcomes if not isnan(o.first_reply_seconds))
    starts = sorted(o.start_seconds for o in outcomes)
    print(
        f"telegram: {asked.runs} kills, {asked.people} people, seed {asked.seed}: {people.acts} acts, "
        f"{people.relayed} lines relayed, "
        f"{sum(o.waiting_at_kill for o in outcomes)} acts unanswered at a kill, "
        f"{faults} faults\n"
        f"      {people.repeats} lines shown twice (the service counted at most {may_repeat}; at most "
        f"{people.most_repeats} to one person), {offered} updates offered again and taken once\n"
        f"      start {median(starts):.2f} s (longest {starts[-1]:.2f}), kill to first line "
        f"{median(replies):.2f} s (longest {replies[-1]:.2f}), {megabytes:.0f} MB"
    )
    return faults


async def _matrix(folder: Path, asked: argparse.Namespace) -> int:
    outcomes: list[Outcome] = []
    begun = monotonic()
    async with over_matrix.campaign(folder, ROOMS_ON_MATRIX, asked.seed) as one:
        for number in range(1, asked.runs + 1):
            outcomes.append(await one.run())
            for fault in outcomes[-1].faults:
                print(f"run {number}: {fault}", flush=True)
            if number % 10 == 0:
                print(f"{number} runs, {one.acts} acts, {monotonic() - begun:.0f} s", flush=True)
        acts, megabytes = one.acts, one.program.megabytes()
    faults = sum(len(o.faults) for o in outcomes)
    starts = sorted(o.start_seconds for o in outcomes)
    served = sorted(o.first_reply_seconds for o in outcomes)
    print(
        f"matrix: {asked.runs} kills, {ROOMS_ON_MATRIX} encrypted rooms of women, one of a volunteer, seed "
        f"{asked.seed}: {acts} acts, {sum(o.waiting_at_kill for o in outcomes)} people unanswered at a kill, "
        f"{faults} faults\n"
        f"      start {median(starts):.2f} s (longest {starts[-1]:.2f}), kill to everybody answered "
        f"{median(served):.2f} s (longest {served[-1]:.2f}), {megabytes:.0f} MB"
    )
    return faults


async def _disk(folder: Path, asked: argparse.Namespace) -> int:
    if os.geteuid() != 0:
        print("disk: needs root, to mount a small file system; the tests fill a database instead")
        return 0
    found = await full_disk(folder, min(asked.people, 20), asked.seed)
    for fault in found.faults:
        print(f"disk: {fault}")
    print(
        f"disk: full, {found.unanswered} people wait and none is told yes; health {found.health}, readiness "
        f"{found.readiness}; {'starts' if found.starts_when_full else 'does not start'} while full; "
        f"all answered {found.recovery_seconds:.2f} s after there is room, {len(found.faults)} faults"
    )
    return len(found.faults) + found.readiness.startswith("200")


async def _crew(folder: Path, asked: argparse.Namespace) -> int:
    dice, found = Random(asked.seed), list[Mishap]()
    runs, many = max(1, asked.runs // 4), asked.people
    async with crew(
        folder, asked.seed, pages=many // 2, phones=many // 2 - many // 10, talkers=many // 10
    ) as one:
        for number in range(1, runs + 1):
            found.append(await one.mishap(dice.choice(MISHAPS)))
            for fault in found[-1].faults:
                print(f"mishap {number} ({found[-1].what}): {fault}", flush=True)
            if number % 10 == 0:
                print(f"{number} mishaps, {sum(len(o.faults) for o in found)} faults", flush=True)
        counted = one.read(may_repeat)
        print(
            f"crew: {runs} mishaps, {many} people, seed {asked.seed}: {one.acts} acts, "
            f"{one.net.sends} sends on the messenger, {one.repeats} of them stand twice "
            f"({counted} counted as possible), leads changed hands {sum(one.read(leads).values())} times"
        )
    for what in sorted(set(MISHAPS)):
        mine = [one for one in found if one.what == what]
        times = ", ".join(
            f"{name} {median(took):.1f} s (longest {max(took):.1f})"
            for name in ("polled", "job", "deadline")
            if (took := [seconds for one in mine if (seconds := getattr(one, name)) is not None])
        )
        print(f"      {what}: {len(mine)} times; {times or 'everybody answered afterwards'}")
    return sum(len(one.faults) for one in found)


async def _held(folder: Path, asked: argparse.Namespace) -> int:
    del asked
    told = await held_folder(folder)
    print(f"held: the second service says: {told}")
    return 0 if "in use" in told else 1


async def _rungs(folder: Path, asked: argparse.Namespace) -> int:
    faults, between, latest = 0, 0, 0.0
    begun = monotonic()
    async with ladders(folder, WOMEN_AT_THE_RUNGS, asked.seed) as one:
        for number in range(1, asked.runs + 1):
            outcome = await one.run()
            faults += len(outcome.faults)
            between += outcome.between
            latest = max(latest, outcome.latest_seconds)
            for fault in outcome.faults:
                print(f"kill {number}: {fault}", flush=True)
            if number % 20 == 0:
                print(f"{number} kills, {faults} faults, {monotonic() - begun:.0f} s", flush=True)
    print(
        f"rungs: {asked.runs} kills, {WOMEN_AT_THE_RUNGS} ladders each, {between} of them between two rungs; "
        f"the latest rung came {latest:.2f} s after its time or the restart, {faults} faults"
    )
    return faults


async def _claims(folder: Path, asked: argparse.Namespace) -> int:
    faults = 0
    async for name, found in claims_everywhere(folder, asked.runs, asked.seed):
        for fault in found.faults:
            print(f"{name}: {fault}")
        faults += len(found.faults)
        told = ", ".join(f"{number} {how}" for how, number in sorted(found.endings.items()))
        print(f"claims on {name}: {asked.runs} rounds of 50: {told}, {len(found.faults)} faults", flush=True)
    return faults


WOMEN_AT_THE_RUNGS = 3
ROOMS_ON_MATRIX = 10


async def _year(folder: Path, asked: argparse.Namespace) -> int:
    begun, start = monotonic(), datetime.fromisoformat(asked.start).replace(tzinfo=UTC)
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else folder) as name:
        one = await live(Path(name), asked.seed, asked.days, start, asked.seconds, asked.a_day)
    took = f"{monotonic() - begun:.0f} s on this machine"
    print(f"year: seed {asked.seed}, {asked.a_day} a day, from {start:%Y-%m-%d}, {took}")
    print("\n".join(lines(one)))
    return len(one.faults)


PARTS: dict[str, Callable[[Path, argparse.Namespace], Awaitable[int]]] = {
    "kill": _kill,
    "telegram": _telegram,
    "matrix": _matrix,
    "crew": _crew,
    "disk": _disk,
    "held": _held,
    "claims": _claims,
    "rungs": _rungs,
    "year": _year,
}
BY_NAME = {"year"}  # takes hours: only when it is named


if __name__ == "__main__":
    sys.exit(main())
