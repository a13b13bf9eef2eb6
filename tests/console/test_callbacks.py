"""A callback on the page "Now": a task of whoever is on duty, and nothing of her on it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.services import watchdog
from bot.store.callback_table import callback
from tests.console.office import Office, open_office
from tests.routing.crews import rota
from tests.services.test_callbacks import EMPTY, PING, ROTA, pings, promised, until_evening, with_a_callback


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Office]:
    """A callback is promised for six in the evening; Maple is on then."""
    async with open_office(tmp_path, names=("telegram",)) as office:
        with_a_callback(office.town)
        rota(office.town, ROTA)
        yield office


async def test_it_is_shown_when_it_is_due_and_one_tap_writes_to_her(evening: Office) -> None:
    office = evening
    ann = await promised(office.town)
    maple = await office.signed_in("Maple")
    assert "Callbacks" not in (await maple.get("/")).words
    await until_evening(office.town, minutes=1)
    maple = await office.signed_in("Maple")
    page = await maple.get("/")
    (row,) = office.town.rows(callback)
    assert "Promised for" in page.words
    assert PING not in page.words
    page = await maple.press(page, f"/callbacks/{row.id}/write")
    assert "The line is on its way" in page.words
    await office.town.settle()
    assert pings(ann) == 1
    assert "Promised for" not in page.words


async def test_whoever_is_not_on_duty_sees_none_and_writes_to_nobody(evening: Office) -> None:
    office = evening
    ann = await promised(office.town)
    await until_evening(office.town, minutes=1)
    juniper = await office.signed_in("Juniper")
    page = await juniper.get("/")
    assert "Promised for" not in page.words
    (row,) = office.town.rows(callback)
    told = await juniper.post(f"/callbacks/{row.id}/write", {"form": await office.form_token(juniper)})
    assert told.status == 409
    await office.town.settle()
    assert pings(ann) == 0


async def test_who_plans_the_rota_sees_what_it_has_lost(evening: Office) -> None:
    office = evening
    await promised(office.town)
    rowan = await office.signed_in("Rowan")
    page = await rowan.get("/")
    assert "Promised for" in page.words
    assert "Nobody is planned" not in page.words
    rota(office.town, EMPTY)
    town = office.town
    town.write(lambda c: watchdog.look(c, town.house, town.now))
    await town.passes(seconds=timedelta(minutes=2).total_seconds())
    page = await rowan.get("/")
    assert "Nobody is planned for it any more" in page.words
    assert "A callback is promised and nobody is planned for it any more" in page.words
