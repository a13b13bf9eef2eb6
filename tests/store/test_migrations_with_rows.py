"""Every migration with rows before it: whatever table it alters holds one, and what stood there stays."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Boolean, Connection, Engine, Integer, LargeBinary, MetaData, Table, insert, select

from bot.store.engine import open_engine
from bot.store.migrate import _config, head, known_revisions, revision_of


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database on which nothing has run."""
    sqlite = f"sqlite:///{tmp_path}/hotline.db"
    engine = open_engine(sqlite if request.param == "sqlite" else request.getfixturevalue("fresh_postgres"))
    yield engine
    engine.dispose()


def tables_of(connection: Connection) -> list[Table]:
    """Every table there is, those that others point at first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def filler(table: Table) -> dict[str, Any]:
    """A value for each column, the same for the same type: so every reference meets its row."""
    values: dict[str, Any] = {}
    for column in table.columns:
        if isinstance(column.type, Boolean):
            values[column.name] = False
        elif isinstance(column.type, Integer):
            values[column.name] = 1
        else:
            values[column.name] = b"x" if isinstance(column.type, LargeBinary) else "x"
    return values


def rows_of(connection: Connection, table: Table) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in connection.execute(select(table))}


def test_every_row_outlives_every_migration(empty: Engine) -> None:
    altered: set[str] = set()
    for revision in known_revisions():
        with empty.begin() as connection:
            before = tables_of(connection)
            for table in before:
                if not rows_of(connection, table):
                    connection.execute(insert(table).values(filler(table)))
            stood = {table.name: rows_of(connection, table) for table in before}
        with empty.begin() as connection:
            command.upgrade(_config(connection), revision)
        with empty.begin() as connection:
            after = {table.name: table for table in tables_of(connection)}
            for table in before:
                now = after[table.name]
                kept = select(*(now.columns[column.name] for column in table.columns))
                assert stood[table.name] <= {tuple(row) for row in connection.execute(kept)}, (
                    revision,
                    table.name,
                )
                if set(now.columns.keys()) != set(table.columns.keys()):
                    altered.add(f"{revision} {table.name}")
    with empty.connect() as connection:
        assert revision_of(connection) == head()
    # That this test looked at what it is for; a new revision that alters a table adds itself.
    assert altered >= {"0003 script_revision", "0004 rota", "0006 offer", "0008 conversation"}
