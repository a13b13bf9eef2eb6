"""The writer thread: what was answered is committed, and one failing job spoils no other."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text, update
from sqlalchemy.exc import OperationalError

from bot.store import tables as t
from bot.store.engine import open_engine, sqlite_url
from bot.store.migrate import upgrade
from bot.store.store import Store


def add(name: str, connection: Connection) -> str:
    connection.execute(insert(t.desk).values(id=name, created_at=0))
    return name


def names(connection: Connection) -> list[str]:
    return sorted(connection.execute(select(t.desk.c.id)).scalars())


async def test_work_is_committed_when_it_is_answered(engine: Engine) -> None:
    with Store(engine) as store:
        assert await store.write(lambda c: add("north", c)) == "north"

        with engine.connect() as other:
            assert names(other) == ["north"]


async def test_jobs_that_wait_share_a_commit_and_a_failing_one_fails_alone(engine: Engine) -> None:
    with Store(engine) as store:
        gate = threading.Event()
        holding = store.submit(lambda _: gate.wait(10))
        jobs = [asyncio.wrap_future(store.submit(lambda c, n=f"d{n}": add(n, c))) for n in range(10)]
        twice = asyncio.wrap_future(store.submit(lambda c: add("d3", c)))
        raises = asyncio.wrap_future(store.submit(lambda _: 1 // 0))
        gate.set()

        assert await asyncio.wrap_future(holding) is True
        assert await asyncio.gather(*jobs) == [f"d{n}" for n in range(10)]
        with pytest.raises(Exception, match=r"UNIQUE|unique"):
            await twice
        with pytest.raises(ZeroDivisionError):
            await raises
        assert await store.read(names) == sorted(f"d{n}" for n in range(10))


async def test_a_job_that_fails_leaves_nothing_behind(engine: Engine) -> None:
    def half(connection: Connection) -> None:
        add("half", connection)
        raise RuntimeError("no further")

    with Store(engine) as store:
        with pytest.raises(RuntimeError, match="no further"):
            await store.write(half)
        assert await store.read(names) == []


async def test_a_read_writes_nothing(engine: Engine) -> None:
    with Store(engine) as store:
        await store.read(lambda c: add("ghost", c))
        assert "ghost" not in await store.read(names)


async def test_leaving_finishes_what_was_accepted(engine: Engine) -> None:
    with Store(engine) as store:
        futures = [store.submit(lambda c, n=f"d{n}": add(n, c)) for n in range(50)]

    assert [future.result(0) for future in futures] == [f"d{n}" for n in range(50)]
    with engine.connect() as other:
        assert len(names(other)) == 50


def _backend(connection: Connection) -> int:
    return connection.execute(text("select pg_backend_pid()")).scalar_one()


def _end(engine: Engine, pid: int) -> None:
    with engine.connect() as other:
        other.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})


async def test_the_store_outlives_a_lost_connection(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return  # a file has no connection to lose; the next test covers it there
    with Store(engine) as store:
        _end(engine, await store.write(_backend))
        assert await store.write(lambda c: add("idle", c)) == "idle"
        lost: list[int] = []

        def loses_the_server(connection: Connection) -> str:
            add("once", connection)
            if not lost:
                lost.append(_backend(connection))
                _end(engine, lost[0])
            return add("whole", connection)

        assert await store.write(loses_the_server) == "whole"
        assert await store.read(names) == ["idle", "once", "whole"]


async def test_a_server_lost_during_the_commit_is_told_to_the_caller(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return
    with Store(engine) as store:
        tries: list[int] = []

        def works(connection: Connection) -> None:
            tries.append(_backend(connection))
            add(f"n{len(tries)}", connection)
            event.listen(connection, "commit", lambda _: _end(engine, tries[-1]))

        with pytest.raises(Exception, match=r"terminating|closed|AdminShutdown|connection"):
            await store.write(works)
        assert len(tries) == 1, "it may have been kept: to do it again would do it twice"


async def test_who_loses_against_another_process_does_it_again(engine: Engine, url: str) -> None:
    if engine.dialect.name == "sqlite":
        return  # one writer at a time
    with Store(engine) as store, Store(open_engine(url)) as other:
        await store.write(lambda c: [add(name, c) for name in ("a", "b")])
        both = threading.Barrier(2, timeout=10)
        met: list[str] = []

        def crosswise(first: str, second: str, connection: Connection) -> str:
            connection.execute(update(t.desk).where(t.desk.c.id == first).values(created_at=1))
            if first not in met:
                met.append(first)
                both.wait()
            connection.execute(
                update(t.desk).where(t.desk.c.id == second).values(created_at=t.desk.c.created_at + 1)
            )
            return first

        jobs = [store.write(lambda c: crosswise("a", "b", c)), other.write(lambda c: crosswise("b", "a", c))]
        assert await asyncio.gather(*jobs) == ["a", "b"]


async def test_jobs_of_one_commit_lose_and_win_each_for_itself(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return
    with Store(engine) as store:
        gate = threading.Event()
        holding = store.submit(lambda _: gate.wait(10))
        tries: list[int] = []

        def unlucky(connection: Connection) -> str:
            tries.append(1)
            if len(tries) < 3:
                connection.execute(text("do $$ begin raise exception using errcode = '40P01'; end $$"))
            return add("unlucky", connection)

        jobs = [store.submit(lambda c: add("before", c)), store.submit(unlucky)]
        jobs.append(store.submit(lambda c: add("after", c)))
        gate.set()
        holding.result(10)
        assert [job.result(10) for job in jobs] == ["before", "unlucky", "after"]
        assert await store.read(names) == ["after", "before", "unlucky"]


async def test_a_full_disk_refuses_the_job_and_keeps_the_rest(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return  # PostgreSQL's disk is its own operator's
    with Store(engine) as store:
        await store.write(lambda c: add("before", c))
        await store.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 1").close())

        def large(connection: Connection) -> None:
            for n in range(2000):
                add(f"{n:060d}", connection)

        with pytest.raises(Exception, match="full"):
            await store.write(large)
        assert await store.read(names) == ["before"]


async def test_what_went_wrong_never_tells_a_parameter(engine: Engine) -> None:
    with Store(engine) as store:
        await store.write(lambda c: add("secret-name", c))
        with pytest.raises(Exception) as failure:  # noqa: PT011  each driver has its own
            await store.write(lambda c: add("secret-name", c))
        if engine.dialect.name == "sqlite":
            assert "secret-name" not in str(failure.value)


async def test_a_caller_that_gives_up_spoils_nobody_elses_work(engine: Engine) -> None:
    def gives_up(_: Connection) -> None:
        given_up.cancel()
        raise RuntimeError("too late for whoever asked")

    with Store(engine) as store:
        gate = threading.Event()
        holding = store.submit(lambda _: gate.wait(10))
        never = store.submit(lambda c: add("never", c))
        given_up = store.submit(gives_up)
        kept = store.submit(lambda c: add("kept", c))
        assert never.cancel()
        gate.set()

        assert await asyncio.wrap_future(holding) is True
        assert await asyncio.wrap_future(kept) == "kept"
        assert await store.read(names) == ["kept"]


async def test_it_tells_when_there_is_no_room_and_stores_again_when_there_is(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "full.db"))
    upgrade(engine)
    pages = {"most": 2**30}
    event.listen(engine, "connect", lambda c, _: c.execute(f"PRAGMA max_page_count={pages['most']}").close())

    def fill(connection: Connection) -> None:
        connection.execute(insert(t.desk), [{"id": f"{n:064}", "created_at": 0} for n in range(500)])

    with Store(engine) as store:
        with pytest.raises(ZeroDivisionError):
            await store.write(lambda _: 1 // 0)
        assert not store.troubled, "a mistake in the work is no trouble of the database"
        pages["most"] = 1  # below what is there: no page more
        with pytest.raises(ZeroDivisionError):
            await store.write(lambda _: 1 // 0)  # a new connection sees the limit
        with pytest.raises(OperationalError, match="full"):
            await store.write(fill)
        assert store.troubled
        assert await store.read(names) == []
        pages["most"] = 2**30
        await store.write(fill)
        assert len(await store.read(names)) == 500
