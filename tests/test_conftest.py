"""The shared fixtures do what other tests rely on."""

import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text


@pytest.fixture(scope="module")
def seen_databases() -> list[str]:
    """Databases handed out so far in this module."""
    return []


def rows_after_making_a_table(url: str) -> int:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE once (id integer)"))
            connection.execute(text("INSERT INTO once VALUES (1)"))
            return connection.execute(text("SELECT count(*) FROM once")).scalar_one()
    finally:
        engine.dispose()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_gets_an_empty_postgres_of_its_own(
    fresh_postgres: str, seen_databases: list[str], turn: str
) -> None:
    assert fresh_postgres not in seen_databases, turn
    seen_databases.append(fresh_postgres)
    assert rows_after_making_a_table(fresh_postgres) == 1


def test_postgres_is_dropped_even_when_a_connection_is_left_open(fresh_postgres: str) -> None:
    engine = create_engine(fresh_postgres)
    engine.connect().close()  # back in the pool, still open on the server
    engine.pool.dispose()


def test_postgres_is_new_enough_to_skip_locked_rows(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    engine.dispose()
    assert version >= 14_00_00


def test_chromium_is_there_and_runs(chromium: Path, chromium_flags: list[str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<title>x</title><p id=here>", encoding="utf-8")
    shown = subprocess.run(
        [chromium, *chromium_flags, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert 'id="here"' in shown.stdout


def test_settings_of_the_person_at_the_keyboard_do_not_reach_a_test() -> None:
    assert not [name for name in os.environ if name.startswith("HOTLINE_")]
