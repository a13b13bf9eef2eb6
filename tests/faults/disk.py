"""A disk that is full, and then is not; a data folder somebody else holds."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic

import aiohttp

from tests.faults.killing import Crowd, library_of
from tests.faults.program import DidNotStart, Program
from tests.faults.women import settled

SIZE = "12m"
NOBODY_ANSWERED_FOR = 3.0  # seconds


@dataclass(frozen=True, slots=True)
class FullDisk:
    """What a full disk did."""

    unanswered: int
    health: int
    readiness: str
    starts_when_full: bool
    recovery_seconds: float
    faults: list[str]


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of `SIZE` in memory at `place`; needs root."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


async def full_disk(folder: Path, people: int, seed: int) -> FullDisk:
    """People write; the disk fills; they go on; it has room again. Nothing acknowledged may be lost."""
    with small_disk(folder / "data") as disk:
        program, dice = Program(folder), Random(seed)
        program.begin()
        crowd = Crowd(program, library_of(program), dice, people)
        await program.start()
        try:
            crowd.fill(talkers=0)
            await crowd.write(monotonic() + 3, all_at_once=False)
            await settled(crowd.women, 20)
            ballast = _fill(disk)
            waiting = await _until_nobody_is_answered(crowd)
            health, readiness = await _health(program)
            starts = await _restarts(program)
            ballast.unlink()
            begun = monotonic()
            if not starts:
                await program.start()
            faults = [] if await settled(crowd.women, 30) else [f"{crowd.waiting()} people were not answered"]
            recovery = monotonic() - begun
            await crowd.write(monotonic() + 2, all_at_once=False)
            await settled(crowd.women, 20)
            return FullDisk(waiting, health, readiness, starts, recovery, faults + crowd.check())
        finally:
            await crowd.go_home()
            await program.kill()


def _fill(disk: Path) -> Path:
    """Every byte there is, in a file of its own."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 512):
            with suppress(OSError):
                while True:
                    file.write(os.urandom(size))
    return ballast


async def _until_nobody_is_answered(crowd: Crowd) -> int:
    """The log has room of its own for a while; then every act waits, and none is acknowledged."""
    since, answered = monotonic(), -1
    while monotonic() - since < NOBODY_ANSWERED_FOR:
        for her in crowd.women:
            her.act()
        now = sum(len(her.page.lines) + len(her.page.stored_at) for her in crowd.women)
        if now != answered:
            since, answered = monotonic(), now
        await asyncio.sleep(0.3)
    return crowd.waiting()


async def _health(program: Program) -> tuple[int, str]:
    ops = f"http://{program.environ['HOTLINE_OPS_BIND']}"
    async with aiohttp.ClientSession() as client:
        async with client.get(f"{program.origin}/healthz") as answer:
            health = answer.status
        async with client.get(f"{ops}/readyz") as answer:
            return health, f"{answer.status} {(await answer.text()).strip()[:120]}"


async def _restarts(program: Program) -> bool:
    """Killed while the disk is full: does it come up again?"""
    await program.kill()
    try:
        await program.start()
    except DidNotStart:
        return False
    return True


async def held_folder(folder: Path) -> str:
    """A second service on the same folder: what it says as it refuses. The first must not notice."""
    program = Program(folder)
    program.begin()
    await program.start()
    second = Program(folder, {"HOTLINE_DATA_DIR": program.environ["HOTLINE_DATA_DIR"]})
    try:
        await second.start()
    except DidNotStart as refused:
        health, _ = await _health(program)
        if health != 200:
            raise
        return str(refused).strip().splitlines()[-1]
    finally:
        await program.stop()
        await second.stop()
    return ""
