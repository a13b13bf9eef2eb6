"""Marked words, and every form in which a file could betray them."""

import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

from bot.store.every_table import metadata
from bot.vault.envelope import DataKey, Place, open_sealed
from bot.vault.errors import KeyGone, Unopenable
from bot.vault.vault import Vault
from bot.vault.wrapping import WrappedKey

SHORTEST = 8  # a shorter mark would be found by chance


@dataclass(frozen=True, slots=True)
class Trace:
    """A mark found where it must not be."""

    file: str
    mark: str
    form: str


def forms(mark: str) -> dict[str, bytes]:
    """Name of the form → bytes to look for."""
    assert len(mark) >= SHORTEST, mark
    plain = mark.encode()
    found = {
        "utf-8": plain,
        "utf-8 upper": mark.upper().encode(),
        "utf-8 lower": mark.lower().encode(),
        "utf-16-le": mark.encode("utf-16-le"),
        "utf-16-be": mark.encode("utf-16-be"),
        "percent": quote(mark, safe="").encode(),
        "form": quote_plus(mark).encode(),
        "json": json.dumps(mark)[1:-1].encode(),
        "python": ascii(mark)[1:-1].encode(),
        "hex": plain.hex().encode(),
    }
    for shift in range(3):  # the same bytes look different at each place in a base64 text
        core = base64.b64encode(b"\0" * shift + plain)[(4 if shift else 0) : -4]
        found[f"base64 {shift}"] = core
        found[f"base64url {shift}"] = core.translate(bytes.maketrans(b"+/", b"-_"))
    return found


def traces(folder: Path, marks: Iterable[str]) -> list[Trace]:
    """Every mark in every file below `folder`, whatever the file is called."""
    wanted = [(mark, name, form) for mark in marks for name, form in forms(mark).items()]
    return [
        Trace(str(path.relative_to(folder)), mark, name)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for content in [path.read_bytes()]
        for mark, name, form in wanted
        if form in content
    ]


def opened(database: Path, vault: Vault) -> dict[tuple[str, str], list[bytes]]:
    """All that opens in a database with the ring the vault has: (table, column) → plain texts.

    Every sealed field is tried with every key that can be had, under every name its row could go by.
    """
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        keys = [vault.organisation, *_data_keys(connection, vault)]
        found: dict[tuple[str, str], list[bytes]] = {}
        for table in metadata.sorted_tables:
            sealed = [column.name for column in table.columns if "sealed" in column.name]
            for row in connection.execute(f'SELECT * FROM "{table.name}"') if sealed else ():  # noqa: S608 - our own names
                for column in sealed:
                    if row[column] is not None:
                        found.setdefault((table.name, column), []).extend(
                            _opens(table.name, column, row, keys)
                        )
    connection.close()
    return {place: texts for place, texts in found.items() if texts}


def _data_keys(connection: sqlite3.Connection, vault: Vault) -> Iterator[DataKey]:
    for row in connection.execute("SELECT id, epoch, wrapped FROM data_key"):
        try:
            yield vault.unwrap(WrappedKey(row["id"], row["epoch"], row["wrapped"]))
        except (KeyGone, Unopenable):
            continue


def _opens(table: str, column: str, row: sqlite3.Row, keys: list[DataKey]) -> Iterator[bytes]:
    names = {str(value) for value in row if isinstance(value, str | int)}
    names |= {value.hex() for value in row if isinstance(value, bytes) and len(value) <= 64}
    for key in keys:
        for name in names:
            try:
                yield open_sealed(key, Place(table, column, name), row[column])
            except Unopenable:
                continue
