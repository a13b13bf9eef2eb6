"""`hotline blocks`: list, confirm, lift; by whom, and with what the audit says."""

import json
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.clock import SystemClock
from bot.services import audit, people
from bot.services.blocking import BlockState
from bot.services.premises import open_premises
from bot.settings import load_settings
from bot.store import block_table
from bot.store.moments import HOUR, to_moment
from tests.cli.house import environ_of, hotline, signed_in

DAY = 24 * HOUR
WOMAN = "ann's own address"


@pytest.fixture
def blocked(house: Path) -> Path:
    """Maple has closed a chat as misuse just now, and asked for a block."""
    for alias, role in (("Maple", "volunteer"), ("Alder", "supervisor"), ("Rowan", "coordinator")):
        assert hotline(house, "people", "invite", alias, "--role", role).returncode == 0
    signed_in(house)
    settings = load_settings(environ_of(house), house)
    now = SystemClock().now()
    with open_premises(settings) as premises, premises.write() as connection:
        key, digest = premises.vault.block_index("telegram", WOMAN, now)
        connection.execute(
            insert(block_table.block).values(
                id="b1", desk="demo", channel="telegram", block_key=key, digest=digest,
                state=BlockState.ASKED.value, asked_by=people.find(connection, premises.house(), "Maple").id,
                asked_at=to_moment(now) // HOUR * HOUR, expires_at=to_moment(now) + DAY, objections=1,
            )
        )  # fmt: skip
    return house


def listed(house: Path) -> list[dict[str, object]]:
    told = hotline(house, "blocks", "list", "--as", "Alder", "--format", "json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def test_it_is_listed_without_whom_it_is_about(blocked: Path) -> None:
    (one,) = listed(blocked)
    assert (one["id"], one["state"], one["asked_by"], one["objections"]) == ("b1", "asked", "Maple", 1)
    assert WOMAN not in json.dumps(one)
    refused = hotline(blocked, "blocks", "list", "--as", "Maple")
    assert refused.returncode == 1
    assert "may not see blocks" in refused.stderr


def test_another_person_confirms_it_for_some_days(blocked: Path) -> None:
    assert hotline(blocked, "blocks", "confirm", "b1", "--as", "Maple").returncode == 1
    assert hotline(blocked, "blocks", "confirm", "b1", "--as", "Alder", "--days", "15").returncode == 2
    told = hotline(blocked, "blocks", "confirm", "b1", "--as", "Alder", "--days", "14")
    assert told.returncode == 0, told.stderr
    (one,) = listed(blocked)
    assert one["state"] == "confirmed"
    assert str(one["until"]) in told.stdout


def test_it_is_lifted_once_and_the_audit_says_by_whom(blocked: Path) -> None:
    assert hotline(blocked, "blocks", "lift", "b1", "--as", "Maple").returncode == 1
    assert hotline(blocked, "blocks", "lift", "b1", "--as", "Rowan").returncode == 0
    assert listed(blocked) == []
    again = hotline(blocked, "blocks", "lift", "b1", "--as", "Rowan")
    assert again.returncode == 1
    assert "`hotline blocks list` shows those that hold" in again.stderr
    with (
        open_premises(load_settings(environ_of(blocked), blocked)) as premises,
        premises.read() as connection,
    ):
        house = premises.house()
        (entry,) = [e for e in audit.entries(connection, premises.vault) if e.verb == "lift_block"]
        assert entry.actor == people.find(connection, house, "Rowan").id
