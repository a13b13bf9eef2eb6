"""What comes is stored, whatever becomes of its answer in the same commit (PR1)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bot.observability.metrics import Metrics
from bot.store import tables as t
from bot.store.store import Store
from bot.workers import intake
from bot.workers.aftermath import Aftermath
from bot.workers.intake import IntakeDesk
from bot.workers.wakes import Wakes
from tests.town import batch_of, make_town


def undoes_all(connection: Connection, *_: Any) -> None:
    """As SQLite may where a disk is full: the whole transaction is gone, and an error tells so."""
    connection.exec_driver_sql("ROLLBACK")
    raise OperationalError("an insert", {}, Exception("database or disk is full"))


def stumbles(*_: Any) -> None:
    """A fault of our own in a turn."""
    raise LookupError("no such step")


@pytest.mark.parametrize("fault", [undoes_all, stumbles])
async def test_an_act_whose_answer_fails_is_stored_and_left_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[..., None]
) -> None:
    town = make_town(tmp_path / "town", names=("telegram",))
    town.woman().types("keep me")
    wakes, metrics = Wakes(), Metrics()
    monkeypatch.setattr(intake, "take_turns", fault)
    with Store(town.engine) as store:
        desk = IntakeDesk(store, town.house, town.clock, wakes, Aftermath(town.channels, metrics), metrics)
        await desk.take(batch_of("telegram", town.channels["telegram"]._updates))
    assert [row.state for row in town.rows(t.inbox)] == ["new"]
    assert wakes.inbox.is_set()
    town.closes()
