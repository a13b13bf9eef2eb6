"""Migrations: the head is what tables.py says, and a newer database is left alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, select, text

from bot.store import tables as t
from bot.store.engine import UnknownDatabase, open_engine
from bot.store.every_table import metadata
from bot.store.migrate import NewerDatabase, _config, head, known_revisions, revision_of, upgrade
from bot.store.migrations import seed_0001, seed_0003, seed_0006, seed_0007
from tests.architecture.tree import ROOT


def test_an_upgraded_database_has_exactly_the_tables_of_the_program(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert revision_of(connection) == head()


def test_the_files_are_numbered_in_the_order_of_the_chain() -> None:
    chain = ScriptDirectory.from_config(_config()).walk_revisions()
    assert tuple(one.revision for one in chain)[::-1] == known_revisions()


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)

    with engine.connect() as connection:
        assert revision_of(connection) == head()


def test_a_database_that_is_as_it_should_be_is_opened_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hotline.db"
    upgrade(open_engine(url))
    told = (
        "import sys; from bot.store.engine import open_engine; from bot.store.migrate import upgrade; "
        f"upgrade(open_engine({url!r})); print('alembic' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_migrations_seed_the_closed_table_of_permissions(engine: Engine) -> None:
    with engine.connect() as connection:
        rows = {tuple(row) for row in connection.execute(select(t.permission))}

    seeded = (*seed_0001.PERMISSIONS, *seed_0003.PERMISSIONS, *seed_0006.PERMISSIONS, *seed_0007.PERMISSIONS)
    assert rows == {tuple(row) for row in seeded}
    assert len(rows) == len(seeded)
    assert not any(role == "operator" and thing in {"live_chat", "note"} for role, _, thing in rows)


def test_a_newer_database_is_refused_and_left_as_it_was(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))

    with pytest.raises(NewerDatabase, match="9999"):
        upgrade(engine)
    with engine.connect() as connection:
        assert revision_of(connection) == "9999"


def test_a_conversation_of_before_several_processes_is_kept_and_is_held_by_nobody(url: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0001")
        connection.execute(text("insert into desk (id, created_at) values ('demo', 0)"))
        connection.execute(
            text(
                "insert into conversation "
                "(id, channel, desk, stage, next_sequence, view_sequence, version, opened_at) "
                "values ('c1', 'web', 'demo', 'live', 7, 3, 1, 1)"
            )
        )
    upgrade(engine)
    with engine.connect() as connection:
        (row,) = connection.execute(select(t.conversation))
        assert (row.id, row.next_sequence, row.holder) == ("c1", 7, None)
        for table in (t.member, t.lead, t.epoch):
            assert connection.execute(select(table)).all() == []
    engine.dispose()


def test_who_waited_before_flagged_web_pages_had_a_ceiling_waits_as_before(url: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0010")
        connection.execute(text("insert into desk (id, created_at) values ('demo', 0)"))
        connection.execute(
            text(
                "insert into handoff "
                "(id, conversation, desk, channel, state, urgency, queued_at, claim_version, front) "
                "values ('h1', 'c1', 'demo', 'web', 'waiting', 'U0', 5, 0, false)"
            )
        )
    upgrade(engine)
    with engine.connect() as connection:
        (row,) = connection.execute(select(t.handoff))
        assert (row.id, row.urgency, row.queued_at, row.crowded) == ("h1", "U0", 5, None)
    engine.dispose()


def test_an_unknown_backend_is_named_with_those_that_are_known() -> None:
    with pytest.raises(UnknownDatabase, match=r"sqlite.*postgresql"):
        open_engine("mysql://nobody")
