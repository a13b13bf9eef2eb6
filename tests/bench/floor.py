"""What this machine can do at best: the line every other figure is a ratio to."""

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

from bot.vault.envelope import DataKey, Place, open_sealed, seal


@dataclass(frozen=True, slots=True)
class Floor:
    """Per second, by the wall clock for commits and by CPU for the rest."""

    commits: float
    rows_in_groups: float
    seals: float
    opens: float
    loops: float


def measure(folder: Path) -> Floor:
    """Half a second each: durable commits of one row, of 50 rows, sealing, opening, plain Python."""
    return Floor(
        commits=_commits(folder / "floor-1.db", 1),
        rows_in_groups=_commits(folder / "floor-50.db", 50),
        seals=_per_cpu_second(_sealing),
        opens=_per_cpu_second(_opening),
        loops=_per_cpu_second(_loop),
    )


def _commits(path: Path, rows: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
    body, count, begun = os.urandom(300), 0, perf_counter()
    while (took := perf_counter() - begun) < 0.5:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO row (body) VALUES (?)", [(body,)] * rows)
        connection.execute("COMMIT")
        count += rows
    connection.close()
    return count / took


KEY = DataKey("k", bytes(32))
PLACE = Place("inbox", "body_sealed", "r")
PLAIN = b"x" * 300
SEALED = seal(KEY, PLACE, PLAIN)


def _sealing() -> None:
    for _ in range(100):
        seal(KEY, PLACE, PLAIN)


def _opening() -> None:
    for _ in range(100):
        open_sealed(KEY, PLACE, SEALED)


def _loop() -> None:
    total = 0
    for number in range(100):
        total += number * number % 7


def _per_cpu_second(work: Callable[[], None]) -> float:
    count, begun = 0, process_time()
    while (took := process_time() - begun) < 0.4:
        work()
        count += 100
    return count / took
