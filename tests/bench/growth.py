"""What a turn costs when many others are stored: it should not depend on them."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from bot.model import DueKind
from bot.store.moments import HOUR
from tests.bench.pipeline import Round, closed_loop
from tests.bench.rig import Rig, running

ACTS_EACH = 6  # inbox rows that stay to refuse repeats
SEALED = 293  # bytes of a sealed field of up to 252 bytes
WEEK = 7 * 24 * HOUR
Row = tuple[object, ...]


async def measure(
    folder: Path, sizes: list[int], people: int, seconds: float, rounds: int
) -> dict[int, list[Round]]:
    """Rounds at each size, taking turns, so that a busy machine is unfair to none."""
    found: dict[int, list[Round]] = {size: [] for size in sizes}
    async with AsyncExitStack() as stack:
        rigs: dict[int, Rig] = {}
        for size in sizes:
            rig = rigs[size] = await stack.enter_async_context(running(folder / f"c{size}"))
            store(rig, size)
        for number in range(rounds):
            for size, rig in rigs.items():
                found[size].append(await closed_loop(rig, people, seconds, f"r{number}."))
    return found


def cpu(rounds: list[Round]) -> float:
    """CPU per act, the sturdy figure."""
    return median(one.cpu_ms_per_act for one in rounds)


def store(rig: Rig, contacts: int) -> None:
    """Contacts as a week leaves them: record, tombstone of the talk, acts without words, a deadline.

    Sealed fields are random bytes of the right length: nothing reads them before their deadline.
    """
    now = rig.town.now
    hour = now - now % HOUR
    epoch, index_key = (
        rig.town.house.vault.current_epoch,
        rig.town.house.vault.address_indexes("web", "x")[0][0],
    )
    with sqlite3.connect(rig.town.folder / "hotline.db") as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.executemany(
            "INSERT INTO data_key VALUES (?,?,?)",
            ((f"k{n:025}", epoch, os.urandom(61)) for n in range(contacts)),
        )
        connection.executemany(
            "INSERT INTO contact VALUES (?,'demo','web',?,?,?,?,?,0,?,?)",
            _contacts(contacts, index_key, hour),
        )
        connection.executemany(
            "INSERT INTO conversation (id,desk,channel,stage,next_sequence,view_sequence,version,opened_at,"
            "closed_at) VALUES (?,'demo','web','closed',0,0,9,?,?)",
            ((_id(), hour, hour) for _ in range(contacts)),
        )
        connection.executemany(
            "INSERT INTO inbox (channel,external_index,state,urgent,received_at) VALUES ('web',?,'done',0,?)",
            ((os.urandom(32), hour) for _ in range(contacts * ACTS_EACH)),
        )
        connection.executemany(
            "INSERT INTO due VALUES (?,?,?,?,0)",
            ((_id(), DueKind.ERASE_CONTACT.value, f"c{n:025}", hour + WEEK) for n in range(contacts)),
        )
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _contacts(count: int, index_key: str, hour: int) -> Iterator[Row]:
    for n in range(count):
        sealed = os.urandom(SEALED), os.urandom(SEALED)
        yield (f"c{n:025}", f"k{n:025}", index_key, os.urandom(32), *sealed, hour, hour + WEEK)


def _id() -> str:
    return os.urandom(13).hex()
