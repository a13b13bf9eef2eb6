"""How long `hotline destroy-now` takes beside a running service."""

import asyncio
import sys
from pathlib import Path
from time import perf_counter

from tests.faults.program import Program


async def seconds(folder: Path) -> tuple[float, float]:
    """Until the key ring is gone, and until the command has ended."""
    program = Program(folder)
    program.begin()
    await program.start()
    ring = program.settings.key_ring_folder / "key-ring"
    begun = perf_counter()
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "destroy-now", "--yes"),
        env=program.environ,
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.DEVNULL,
    )
    while ring.exists():
        await asyncio.sleep(0.001)
    gone = perf_counter() - begun
    await command.wait()
    ended = perf_counter() - begun
    await program.stop()
    return gone, ended
