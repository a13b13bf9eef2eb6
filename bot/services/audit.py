"""Audit of staff acts: an append-only chain over ciphertext, so that erasing keeps it valid (design §6).

What is kept: who, which verb, which object, codes. Never content, never a name.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from bot.store import tables as t
from bot.vault.digests import chain
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.vault import Vault

FIRST = 1
PROGRAM = "program"
"""Actor of what a command did on the machine, where no staff member is named."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act; `at` in microseconds since 1970 UTC."""

    sequence: int
    at: int
    actor: str
    verb: str
    object_id: str
    codes: tuple[str, ...]


def record(
    connection: Connection,
    vault: Vault,
    actor: str,
    verb: str,
    object_id: str,
    codes: Sequence[str],
    now: int,
) -> None:
    """Append one act. `actor` is a staff id or `PROGRAM`; `now` in microseconds."""
    if connection.dialect.name == "postgresql":
        # Two appends at once would take the same place in the chain.
        connection.exec_driver_sql("LOCK TABLE audit IN EXCLUSIVE MODE")
    last = connection.execute(select(t.audit).order_by(t.audit.c.sequence.desc()).limit(1)).first()
    sequence = FIRST if last is None else last.sequence + 1
    plain = json.dumps([actor, verb, object_id, list(codes)], ensure_ascii=False).encode()
    sealed = seal(vault.organisation, _place(sequence), plain)
    link = chain(b"" if last is None else last.chain, _bound(sequence, now, sealed))
    connection.execute(insert(t.audit).values(sequence=sequence, at=now, entry_sealed=sealed, chain=link))


def verify(connection: Connection) -> int | None:
    """The first sequence number at which the chain is broken, None if it is whole."""
    previous = b""
    expected = FIRST
    for row in connection.execute(select(t.audit).order_by(t.audit.c.sequence)):
        link = chain(previous, _bound(row.sequence, row.at, row.entry_sealed))
        if row.sequence != expected or row.chain != link:
            return expected
        previous = link
        expected += 1
    return None


def entries(connection: Connection, vault: Vault) -> Iterator[Entry]:
    """Every act, oldest first."""
    for row in connection.execute(select(t.audit).order_by(t.audit.c.sequence)):
        yield _entry(row, vault)


def _entry(row: Row[Any], vault: Vault) -> Entry:
    plain = open_sealed(vault.organisation, _place(row.sequence), row.entry_sealed)
    actor, verb, object_id, codes = json.loads(plain)
    return Entry(row.sequence, row.at, actor, verb, object_id, tuple(codes))


def _bound(sequence: int, at: int, sealed: bytes) -> bytes:
    """What the chain runs over: the moment lies in clear beside the entry and must not be changed either."""
    return sequence.to_bytes(8, "big") + at.to_bytes(8, "big", signed=True) + sealed


def _place(sequence: int) -> Place:
    return Place("audit", "entry_sealed", str(sequence))
