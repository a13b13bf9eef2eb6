"""The real program: its folder and its terminal after `kill -9`, `stop` and a turn of the keys."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.vault.key_ring import KeyRing
from bot.vault.master_key import load_master_key
from bot.vault.vault import Vault
from tests.faults.page import Page
from tests.faults.program import Program
from tests.forensics.marks import opened, traces

MARKS = ["Baumkuchenspitze-1", "Baumkuchenspitze-2", "Baumkuchenspitze-3", "203.0.113.77"]
HERS = {"contact", "conversation", "inbox", "outbox"}
TAPS = ("hello.yes", "safe_check.no", "notice3.ok")


@asynccontextmanager
async def her_page(program: Program) -> AsyncIterator[Page]:
    page = Page(program.origin, MARKS[3])
    living = asyncio.ensure_future(page.live())
    try:
        yield page
    finally:
        page.leave()
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


async def until(page: Page, lines: int) -> None:
    """That many lines of the guide are on her screen, and all she wrote is stored."""
    async with asyncio.timeout(30):
        while len(page.of_the_guide) < lines or page.unstored:
            await page.changes()


async def writes_everywhere(page: Page) -> None:
    await until(page, 1)
    for mark, token in zip(MARKS[:3], TAPS, strict=True):
        page.act(kind="text", text=f"{mark}, please")
        await until(page, len(page.of_the_guide) + 1)
        page.act(kind="choice", choice=token)
        await until(page, len(page.of_the_guide) + 1)


def hotline(program: Program, *words: str) -> None:
    """A command beside the running service."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        env=program.environ,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def logged(program: Program) -> list[str]:
    """Lines of the program's log so far."""
    return program.written.read_text(encoding="utf-8").splitlines()


def tables(program: Program) -> set[str]:
    settings = program.settings
    vault = Vault(KeyRing.open(settings.key_ring_folder, load_master_key(settings.master_key_path)))
    return {table for table, _ in opened(settings.data_dir / "hotline.db", vault)}


async def test_the_folder_and_the_terminal_of_the_real_program_hold_no_word_of_hers(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.begin()
    await program.start()
    try:
        async with her_page(program) as page:
            await until(page, 1)
            begun = logged(program)
            await writes_everywhere(page)
            assert logged(program) == begun, "a line for a message tells when somebody wrote"
            assert traces(tmp_path, MARKS) == []
            await program.kill()
            assert traces(tmp_path, MARKS) == []
            assert tables(program) >= HERS, "they open with the ring, so the search below can fail"
            await program.start()
            page.act(kind="text", text="stop")
            async with asyncio.timeout(20):
                while page.gone != "gone":
                    await page.changes()
        hotline(program, "keys", "rotate")
        assert tables(program).isdisjoint(HERS)
    finally:
        await program.stop()
    assert json.loads(logged(program)[-1])["level"].upper() == "INFO", (
        "it logs at INFO, so the count above can fail"
    )
    assert traces(tmp_path, MARKS) == []
    assert list(tmp_path.rglob("core*")) == []
