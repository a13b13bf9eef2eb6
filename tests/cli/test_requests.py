"""What commands and the service tell each other through the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.store import requests
from bot.store.engine import open_engine, sqlite_url
from bot.store.migrate import upgrade
from bot.store.requests import RequestKind, RequestState

DAY = 24 * 3_600_000_000


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """An open transaction on a new database."""
    engine = open_engine(sqlite_url(tmp_path / "hotline.db"))
    upgrade(engine)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def test_every_bump_is_seen(connection: Connection) -> None:
    before = requests.version(connection)
    requests.bump(connection)
    requests.bump(connection)
    assert requests.version(connection) == before + 2


def test_requests_are_pending_until_they_are_finished_oldest_first(connection: Connection) -> None:
    requests.ask(connection, "b", RequestKind.ROTATE, "", 2)
    requests.ask(connection, "a", RequestKind.ERASE, "conversation:x", 1)
    assert [(one.id, one.kind, one.subject) for one in requests.pending(connection)] == [
        ("a", RequestKind.ERASE, "conversation:x"),
        ("b", RequestKind.ROTATE, ""),
    ]
    requests.finish(connection, "a", RequestState.REFUSED)
    assert [one.id for one in requests.pending(connection)] == ["b"]
    assert requests.state_of(connection, "a") is RequestState.REFUSED
    assert requests.state_of(connection, "never") is None


def test_what_nobody_carried_out_can_be_withdrawn_and_what_is_done_cannot(connection: Connection) -> None:
    requests.ask(connection, "a", RequestKind.ROTATE, "", 1)
    requests.ask(connection, "b", RequestKind.ROTATE, "", 1)
    requests.finish(connection, "b", RequestState.DONE)
    assert requests.withdraw(connection, "a")
    assert not requests.withdraw(connection, "b")
    assert requests.pending(connection) == ()


def test_what_was_done_a_day_ago_is_forgotten(connection: Connection) -> None:
    requests.ask(connection, "old", RequestKind.ROTATE, "", 1)
    requests.finish(connection, "old", RequestState.DONE)
    requests.ask(connection, "open", RequestKind.ROTATE, "", 1)
    requests.ask(connection, "new", RequestKind.ROTATE, "", 2 + DAY)
    assert requests.state_of(connection, "old") is None
    assert [one.id for one in requests.pending(connection)] == ["open", "new"]
