"""`hotline erase`: what is erased is gone, others stay, and only what the live queue shows can be named."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.cli.erase import CHANNELS
from bot.observability import metrics
from bot.services.opening import open_conversations
from bot.store import tables as t
from tests.cli.house import environ_of, hotline, small_config
from tests.services.walks import in_a_chat
from tests.town import Town, make_town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town whose folder the program can open."""
    town = make_town(tmp_path, names=("web",))
    small_config(tmp_path)
    yield town
    town.closes()


def environ(town: Town) -> dict[str, str]:
    master, data = str(town.folder / "master.key"), str(town.folder)
    return environ_of(town.folder, HOTLINE_DATA_DIR=data, HOTLINE_MASTER_KEY_FILE=master)


def aliases(town: Town) -> dict[str, str]:
    """Alias of each open chat → conversation id."""

    def look(connection: object) -> dict[str, str]:
        ids = connection.execute(select(t.conversation.c.id)).scalars().all()  # pyright: ignore[reportAttributeAccessIssue]
        opened = open_conversations(connection, town.house, ids)  # pyright: ignore[reportArgumentType]
        return {one.state.alias: one.id for one in opened.values()}

    return town.read(look)


def count(town: Town, table: str) -> int:
    return town.read(
        lambda c: c.execute(select(func.count()).select_from(t.metadata.tables[table])).scalar_one()
    )


async def test_a_contact_is_erased_by_the_alias_of_her_chat_and_nobody_else_is(town: Town) -> None:
    await in_a_chat(town, "ann")
    await in_a_chat(town, "bea", with_whom="Juniper")
    hers, others = sorted(aliases(town))
    assert (count(town, "contact"), len(aliases(town))) == (2, 2)
    told = hotline(town.folder, "erase", "--contact", hers.upper(), environ=environ(town))
    assert told.returncode == 0, told.stderr
    await town.settle()
    assert (count(town, "contact"), sorted(aliases(town))) == (1, [others])
    again = hotline(town.folder, "erase", "--contact", hers, environ=environ(town))
    assert again.returncode == 1


async def test_a_conversation_is_erased_by_its_id_and_the_next_turn_makes_it_final(town: Town) -> None:
    await in_a_chat(town, "ann")
    (conversation,) = aliases(town).values()
    key = town.read(lambda c: c.execute(select(t.conversation.c.data_key)).scalar_one())
    told = hotline(town.folder, "erase", "--conversation", conversation, environ=environ(town))
    assert told.returncode == 0, told.stderr
    await town.settle()
    assert key not in town.read(lambda c: c.execute(select(t.data_key.c.id)).scalars().all())
    turned = hotline(town.folder, "keys", "rotate", environ=environ(town))
    assert turned.returncode == 0, turned.stderr
    status = hotline(town.folder, "keys", "status", "--format", "json", environ=environ(town))
    assert json.loads(status.stdout)["epochs_in_ring"] == 1
    again = hotline(town.folder, "erase", "--conversation", conversation, environ=environ(town))
    assert again.returncode == 1


async def test_what_stands_in_her_room_is_deleted_by_whichever_service_runs_next(tmp_path: Path) -> None:
    town = make_town(tmp_path, names=("matrix",))
    small_config(tmp_path)
    await in_a_chat(town, "ann")
    woman = town.woman("ann")
    woman.types("he is at the door")
    await town.settle()
    assert woman.texts()
    (conversation,) = aliases(town).values()
    told = hotline(tmp_path, "erase", "--conversation", conversation, environ=environ(town))
    assert told.returncode == 0, told.stderr
    town.clock.at = datetime.now(UTC) + timedelta(minutes=1)  # the program knows no clock but the real one
    await town.settle()
    assert not any(woman.texts())  # what is left is the word to leave the room, which shows nothing
    town.closes()


def test_every_channel_that_can_be_set_up_is_known_to_erase() -> None:
    served = {name for name in metrics.CHANNELS if not name.endswith("-staff")}
    assert CHANNELS.keys() == served


def test_there_is_no_search_behind_erase(town: Town) -> None:
    for named in (("--conversation", "mzxw6"), ("--contact", "Willow"), ("--contact", "")):
        told = hotline(town.folder, "erase", *named, environ=environ(town))
        assert told.returncode in {1, 2}
        assert "live queue" in told.stderr or "usage" in told.stderr
