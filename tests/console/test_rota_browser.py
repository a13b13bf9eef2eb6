"""A coordinator in a real browser, with and without scripts: plan, publish, undo; close until tomorrow."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.console.office import Office, open_office
from tests.console.tabs import DESK, DOUBLE_IDS, HEADINGS, NAMELESS, PHONE, TOO_WIDE, Opens
from tests.people.rota_town import day_and_night, reads_anew, takes_in


@pytest.fixture
async def office(quick_folder: Path) -> AsyncIterator[Office]:
    """The demo's own people; a rota in the database. Noon is Wednesday 18 November, 12:00 there."""
    async with open_office(quick_folder) as opened:
        takes_in(opened.town, day_and_night("Maple", "primary"), day_and_night("Alder", "supervisor"))
        yield opened


@pytest.mark.parametrize(
    ("size", "scripts"), [(DESK, True), (PHONE, False)], ids=["desk", "phone without scripts"]
)
async def test_a_coordinators_whole_way(
    office: Office, opens: Opens, size: tuple[int, int], scripts: bool
) -> None:
    town = office.town
    rowan = await opens("Rowan", size, scripts=scripts)
    await rowan.get_by_role("navigation", name="Console").get_by_role("link", name="Rota").click()
    form = rowan.get_by_role("region", name="Add a shift")
    await form.get_by_label("Who").select_option("Juniper")
    await form.get_by_label("As what").select_option("Backup")
    await form.get_by_label("Day it begins").fill("2026-11-19")
    await form.get_by_label("From").fill("18:00")
    await form.get_by_label("To", exact=True).fill("22:00")
    await form.get_by_role("button", name="Prepare it").click()
    await expect(rowan.get_by_text("It binds nobody until you publish")).to_be_visible()
    reads_anew(town)
    assert not _is_on(office, "Juniper")
    await rowan.get_by_role("link", name="Look at it, and publish").click()
    await expect(rowan.get_by_text("is given Thu 19 Nov 18:00 to 22:00 (4 h), backup")).to_be_visible()
    await rowan.get_by_role("button", name="Publish it").click()
    await expect(rowan.get_by_text("It holds from now on.")).to_be_visible()
    reads_anew(town)
    assert _is_on(office, "Juniper")
    await rowan.get_by_role("button", name="Undo it, from now on").click()
    await expect(rowan.get_by_text("Undone, from now on.")).to_be_visible()
    reads_anew(town)
    assert not _is_on(office, "Juniper")

    town.set_ready("Maple", ready=False)
    ann = await office.queued()
    before = len(ann.screen)
    await rowan.get_by_role("button", name="tomorrow 08:00").click()
    await expect(rowan.get_by_role("heading", name="Closed until Thu 19 Nov 08:00")).to_be_visible()
    reads_anew(town)
    await town.passes(seconds=10)
    told = " ".join(line.text for line in ann.screen[before:])
    assert "08:00" in told, told  # she is told when the line opens again
    await rowan.get_by_role("button", name="Open again now").click()
    await expect(rowan.get_by_text("The desk is open again")).to_be_visible()
    reads_anew(town)
    assert town.house.library.boards["demo"].open_at(town.clock.now())


def _is_on(office: Office, alias: str) -> bool:
    board, tomorrow = (
        office.town.house.library.boards["demo"],
        office.town.clock.now().replace(day=19, hour=17),
    )
    return alias in {duty.volunteer for duty in board.there_at(tomorrow)}


@pytest.mark.parametrize("size", [DESK, PHONE, (320, 640)], ids=["desk", "phone", "small phone"])
async def test_no_page_is_wider_than_its_screen_and_everything_has_a_name(
    office: Office, opens: Opens, size: tuple[int, int]
) -> None:
    rowan = await opens("Rowan", size)
    await rowan.goto(f"{office.base}/rota")
    maples = rowan.get_by_role("table").get_by_role("link", name="Maple")
    shift = await maples.nth(2).get_attribute("href")
    assert shift is not None
    await maples.last.click()
    await rowan.get_by_role("button", name="Prepare it").first.click()
    await rowan.get_by_role("button", name="tomorrow 08:00").click()
    maple = office.town.person_id("Maple")
    for path in (
        "/rota/demo",
        shift,
        "/rota/demo/plan",
        "/rota/demo/swaps",
        "/rota/demo/day/2026-11-20",
        "/people",
        f"/people/{maple}",
        "/rota/x",
    ):
        await rowan.goto(office.base + path)
        assert await rowan.evaluate(TOO_WIDE) is False, path
        assert await rowan.evaluate(NAMELESS) == [], path
        assert await rowan.evaluate(HEADINGS) == [], path
        assert await rowan.evaluate(DOUBLE_IDS) == [], path
