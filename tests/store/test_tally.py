"""Counters on PostgreSQL: every event once, and processes that count do not wait for each other (F-2)."""

import threading

from sqlalchemy import Connection, Engine, select

from bot.store import tables as t
from bot.store.writes import Writes


def count(connection: Connection, *names: str) -> None:
    writes = Writes()
    for name in names:
        writes.count("demo", "2026-11", name)
    writes.flush(connection)


def counted(engine: Engine) -> dict[str, int]:
    with engine.begin() as connection:
        return {row.name: row.value for row in connection.execute(select(t.counter))}


def test_what_is_counted_stands_after_the_commit_and_adds_up(engine: Engine) -> None:
    with engine.begin() as connection:
        count(connection, "a", "b")
        count(connection, "a")
    with engine.begin() as connection:
        count(connection, "a")
    assert counted(engine) == {"a": 3, "b": 1}


def test_what_was_rolled_back_is_not_counted(engine: Engine) -> None:
    with engine.begin() as connection:
        count(connection, "kept")
        inner = connection.begin_nested()
        count(connection, "lost")
        deeper = connection.begin_nested()
        count(connection, "lost")
        deeper.commit()
        inner.rollback()
        released = connection.begin_nested()
        count(connection, "kept")
        released.commit()
    with engine.connect() as connection:
        transaction = connection.begin()
        count(connection, "lost")
        transaction.rollback()
    with engine.begin() as connection:
        count(connection, "kept")
    assert counted(engine) == {"kept": 3}


def test_two_that_count_crosswise_do_not_wait_for_each_other(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return  # one transaction excludes all others there
    both = threading.Barrier(2, timeout=10)
    failed: list[BaseException] = []

    def process(first: str, second: str) -> None:
        try:
            for _ in range(20):
                with engine.begin() as connection:
                    count(connection, first)
                    both.wait()
                    count(connection, second)
        except BaseException as failure:  # noqa: BLE001 - looked at below
            failed.append(failure)

    threads = [threading.Thread(target=process, args=names) for names in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert counted(engine) == {"a": 40, "b": 40}
