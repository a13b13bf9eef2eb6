"""The audit is a chain: whatever is changed, moved or taken out of it is seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, update

from bot.services import audit
from bot.store import tables as t
from bot.store.engine import open_engine, sqlite_url
from bot.store.migrate import upgrade
from bot.vault.errors import Unopenable
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import MasterKey
from bot.vault.vault import Vault
from tests.town import NOON


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Keys of this test's own."""
    return Vault(KeyRing.create(tmp_path / "keys", MasterKey(b"k" * 32), NOON))


@pytest.fixture
def connection(tmp_path: Path, vault: Vault) -> Iterator[Connection]:
    """A database with four acts of two people."""
    engine = open_engine(sqlite_url(tmp_path / "hotline.db"))
    upgrade(engine)
    with engine.begin() as opened:
        for number, actor in enumerate(("maple", "alder", "maple", "alder")):
            audit.record(opened, vault, actor, "withdraw", f"RO.line.{number}", ("wrong_number",), number)
        yield opened
    engine.dispose()


def test_a_whole_chain_is_whole_and_tells_what_was_done(connection: Connection, vault: Vault) -> None:
    assert audit.verify(connection) is None
    told = list(audit.entries(connection, vault))
    assert [entry.actor for entry in told] == ["maple", "alder", "maple", "alder"]
    assert told[2] == audit.Entry(3, 2, "maple", "withdraw", "RO.line.2", ("wrong_number",))


def test_an_empty_chain_is_whole(connection: Connection) -> None:
    connection.execute(delete(t.audit))
    assert audit.verify(connection) is None


def test_entries_lie_sealed(connection: Connection) -> None:
    for row in connection.execute(t.audit.select()):
        assert b"maple" not in row.entry_sealed


@pytest.mark.parametrize(
    ("tamper", "broken_at"),
    [
        (update(t.audit).where(t.audit.c.sequence == 2).values(at=99), 2),
        (update(t.audit).where(t.audit.c.sequence == 3).values(entry_sealed=b"other"), 3),
        (update(t.audit).where(t.audit.c.sequence == 3).values(chain=b"other"), 3),
        (delete(t.audit).where(t.audit.c.sequence == 2), 2),
        (delete(t.audit).where(t.audit.c.sequence == 1), 1),
        (update(t.audit).where(t.audit.c.sequence == 4).values(sequence=5), 4),
    ],
)
def test_what_was_tampered_with_is_found(tamper: object, broken_at: int, connection: Connection) -> None:
    connection.execute(tamper)  # pyright: ignore[reportCallIssue, reportArgumentType]
    assert audit.verify(connection) == broken_at


def test_an_entry_moved_to_another_place_does_not_open(connection: Connection, vault: Vault) -> None:
    connection.execute(update(t.audit).where(t.audit.c.sequence == 4).values(sequence=9))
    with pytest.raises(Unopenable):
        list(audit.entries(connection, vault))
