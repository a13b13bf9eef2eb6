"""SQLite is opened as the promises need it."""

from pathlib import Path

from bot.store.engine import open_engine

WANTED = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "temp_store": 2}


def test_every_connection_is_durable_and_leaves_no_deleted_bytes(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/x.db")
    for _ in range(2):
        with engine.connect() as connection:
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in WANTED}

        assert found == WANTED
