"""Hole 9: newcomers at the same moment, on a homeserver that keeps its data in a real PostgreSQL.

There most of those who ask for a one-time key at one moment get none, and without a fallback key their first
words can never be read. SQLite hides it.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.matrix.bare import bare
from tests.matrix.line import free_port, make_line, new_name, woman
from tests.matrix.peers import Peers
from tests.matrix.raw import RawDevice
from tests.matrix.synapse import Synapse

NEWCOMERS = 30
ROUNDS = 5


@pytest.fixture
def server(fresh_postgres: str, tmp_path: Path) -> Iterator[Synapse]:
    """A homeserver on a database of its own."""
    url = make_url(fresh_postgres)
    where = {
        "dbname": url.database,
        "user": url.username,
        "host": url.query["host"],
        "cp_min": 5,
        "cp_max": 20,
    }
    made = Synapse(
        tmp_path / "synapse",
        free_port(),
        database={"name": "psycopg2", "allow_unsafe_locale": True, "args": where},
    )
    made.start()
    yield made
    made.stop()


def claimed_at_once(newcomers: list[RawDevice], user: str, device: str) -> list[str]:
    """What each gets who asks for a key of one device at the same moment; "" for none."""
    with ThreadPoolExecutor(len(newcomers)) as crowd:
        return list(crowd.map(lambda one: one.claim(user, device), newcomers))


async def test_9_many_ask_for_a_key_at_the_same_moment(server: Synapse) -> None:
    newcomers = [RawDevice(server.register(new_name("newcomer"))) for _ in range(NEWCOMERS)]
    async with bare(server.register(new_name("bare"))) as bot:
        found: list[str] = []
        for _ in range(ROUNDS):  # it is a race, and may go well once
            await bot.turns(2)  # its stock is full again
            found = await asyncio.to_thread(claimed_at_once, newcomers, bot.user, bot.account.device)
            if "" in found:
                break
        assert "" in found, "the control: without a fallback key somebody gets none"
    made = make_line(server)
    await made.start()
    try:
        device = made.station.machine.device_id
        for _ in range(ROUNDS):
            found = await asyncio.to_thread(claimed_at_once, newcomers, made.user, device)
            assert found.count("") == 0
    finally:
        await made.stop()


@pytest.mark.long
async def test_of_thirty_newcomers_at_once_no_first_word_is_lost(server: Synapse, peers: Peers) -> None:
    made = make_line(server)
    await made.start()
    try:
        women = [await woman(peers, server, name=f"w{number}") for number in range(NEWCOMERS)]
        rooms = await asyncio.gather(*(her.opens(made.user) for her in women))
        first = [f"first word of {her.who}" for her in women]
        await asyncio.gather(
            *(her.says(room, text) for her, room, text in zip(women, rooms, first, strict=True))
        )
        for text in first:
            await made.hears(text, 60)
        assert sorted(made.texts()) == sorted(first)
        assert made.channel.vitals()["lost"] == 0
    finally:
        await made.stop()
