"""The pages of the rota over HTTP: what is shown to whom, what the forms do, what they refuse."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.services import audit, rotas, swaps
from bot.services.swaps import Offered
from handoff.rota.changes import ChangeStatus
from tests.console.office import Browser, Office, Page, open_office
from tests.people.rota_town import EVERY_DAY, reads_anew, takes_in

EVENING = f"id: evening, who: Maple, tier: primary, {EVERY_DAY}, from: '18:00', to: '22:00'"
WEEK = "/rota/demo?week=2026-11-16"


ACTIONS = [
    "add",
    "replace",
    "remove",
    "cancel",
    "move",
    "discard",
    "undo",
    "publish",
    "close",
    "reopen",
    "leave",
    "back",
]


@pytest.fixture
async def office(quick_folder: Path) -> AsyncIterator[Office]:
    async with open_office(quick_folder) as opened:
        takes_in(opened.town, EVENING)
        yield opened


async def fills(browser: Browser, page: Page, action: str, **typed: str) -> Page:
    return await browser.press(page, f"/rota/demo/{action}", **typed)


def changes(office: Office) -> list[tuple[str, str]]:
    town = office.town
    rota = town.read(lambda c: rotas.load(c, town.house.vault, town.clock.now()))["demo"]
    return [(type(one.act).__name__, one.status.value) for one in rota.changes]


def link_to(page: Page, alias: str, day: str) -> str:
    """The address of somebody's shift on a day."""
    found = re.findall(r'<a href="(/rota/demo/shift[^"]+)"><bdi>(\w+)</bdi>', page.text)
    return next(html.unescape(path) for path, who in found if who == alias and day in path)


async def test_a_week_is_shown_with_who_is_on_and_who_is_missing(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page = await rowan.get(WEEK)
    assert page.status == 200
    assert "Rota of demo, week of 16 November 2026" in page.words
    assert "18:00–22:00 Maple" in page.words
    assert "Fri 20 Nov 00:00 to Sat 21 Nov 00:00" not in page.words
    assert "1 volunteer, 1 supervisor missing; weakest: volunteer" in page.words
    assert (await rowan.get("/rota")).path == "/rota/demo"


async def test_a_day_is_told_in_half_hours_with_the_days_beside_it(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page = await rowan.get("/rota/demo/day/2026-11-20")
    assert "Times are those of Europe/Bucharest." in page.words
    assert "00:00–18:00 2 0 1 volunteer, 1 supervisor volunteer" in page.words
    assert "18:00–22:00 2 1 1 supervisor supervisor" in page.words
    assert "22:00–24:00 2 0 1 volunteer, 1 supervisor volunteer" in page.words
    assert 'href="/rota/demo/day/2026-11-19"' in page.text
    assert 'href="/rota/demo/day/2026-11-21"' in page.text
    for day in ("9999-12-31", "0001-01-01", "soon"):
        assert (await rowan.get(f"/rota/demo/day/{day}")).status == 404, day
        assert (await rowan.get(f"/rota/demo?week={day}")).status == 200, day


async def test_who_only_sees_the_rota_is_offered_no_form_and_may_send_none(office: Office) -> None:
    maple = await office.signed_in("Maple")
    page = await maple.get(WEEK)
    assert (page.status, page.has_form("/rota/demo/add")) == (200, False)
    assert "18:00–22:00 Maple" in page.words
    assert "missing" not in page.words
    token = {"form": await office.form_token(maple)}
    for action in ACTIONS:
        assert (await maple.post(f"/rota/demo/{action}", token)).status == 403, action
    assert (await maple.get("/rota/demo/plan")).status == 403
    assert changes(office) == []


async def test_a_country_without_a_list_of_holidays_is_named(office: Office) -> None:
    house, words = office.town.house, "There is no list of public holidays here for"
    rowan = await office.signed_in("Rowan")
    assert words not in (await rowan.get(WEEK)).words
    demo = replace(house.library.desks["demo"], regions=("RO", "EU"))
    house.library = replace(house.library, desks={**house.library.desks, "demo": demo})
    assert f"{words} EU: look them up elsewhere." in (await rowan.get(WEEK)).words


async def test_another_desks_rota_is_not_there(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    assert (await rowan.get("/rota/elsewhere")).status == 404
    assert (await rowan.get("/rota/elsewhere/plan")).status == 404
    assert (await rowan.get("/rota/demo/shift?shift=x&who=Maple&start=now")).status == 404


async def test_shifts_are_prepared_looked_at_published_and_undone(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page = await rowan.get(WEEK)
    hours = {"from": "20:00", "to": "02:00"}
    page = await fills(rowan, page, "add", who="Juniper", tier="backup", day="2026-11-19", weeks="2", **hours)
    assert "binds nobody" in page.words
    assert "20:00–02:00 Juniper prepared" in page.words
    page = await rowan.get(link_to(page, "Maple", "2026-11-20"))
    page = await fills(rowan, page, "replace", by="Alder")
    assert "Alder prepared" in page.words
    assert "Maple goes" in page.words
    page = await rowan.get("/rota/demo/plan")
    assert "Juniper is given Thu 19 Nov 20:00 to 02:00 (6 h), backup" in page.words
    assert "Maple no longer has Fri 20 Nov 18:00 to 22:00 (4 h), volunteer" in page.words
    page = await fills(rowan, page, "publish")
    assert "It holds from now on" in page.words
    page = await rowan.get(WEEK)
    assert "18:00–22:00 Alder" in page.words
    reads_anew(office.town)
    page = await fills(rowan, page, "undo")
    assert "Undone, from now on" in page.words
    assert "Alder" not in (await rowan.get(WEEK)).words.partition("Add a shift")[0]
    verbs = [one.verb for one in office.town.read(lambda c: list(audit.entries(c, office.town.house.vault)))]
    assert verbs[-4:] == ["prepare", "prepare", "publish", "undo"]
    assert office.bells.rung >= 4


async def test_a_plan_that_changed_since_it_was_shown_is_not_published(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page = await rowan.get(link_to(await rowan.get(WEEK), "Maple", "2026-11-20"))
    await fills(rowan, page, "cancel")
    shown = await rowan.get("/rota/demo/plan")
    page = await rowan.get(link_to(await rowan.get(WEEK), "Maple", "2026-11-21"))
    await fills(rowan, page, "remove")
    page = await fills(rowan, shown, "publish")
    assert page.status == 409
    assert "changed meanwhile" in page.words
    assert changes(office) == [("CancelInstance", "draft"), ("Remove", "draft")]
    assert (await fills(rowan, page, "discard", seq="1")).status == 200
    assert changes(office)[0] == ("CancelInstance", ChangeStatus.WITHDRAWN.value)


async def test_drafts_are_seen_by_those_who_plan_only(office: Office) -> None:
    rowan, maple = await office.signed_in("Rowan"), await office.signed_in("Maple")
    page = await rowan.get(link_to(await rowan.get(WEEK), "Maple", "2026-11-20"))
    await fills(rowan, page, "replace", by="Alder")
    assert "Alder prepared" in (await rowan.get(WEEK)).words
    assert "Alder" not in (await maple.get(WEEK)).words


async def test_a_swap_waits_for_a_yes_and_can_be_undone(office: Office) -> None:
    town = office.town
    maple, juniper = town.person_id("Maple"), town.person_id("Juniper")
    made = [Offered(maple, "demo", f"evening/2026-11-{day}") for day in (19, 20)]
    first, second = [
        town.write(lambda c, o=one: swaps.offer(c, town.house, o, maple, town.now)) for one in made
    ]
    for one in (first, second):
        town.write(lambda c, s=one: swaps.take(c, town.house, s, juniper, juniper, town.now))
    rowan = await office.signed_in("Rowan")
    page = await rowan.get(WEEK)
    assert "Swaps and cover (2 to approve)" in page.words
    page = await rowan.get("/rota/demo/swaps")
    assert "Juniper takes Thu 19 Nov 18:00 to 22:00 (4 h) from Maple" in page.words
    page = await fills(rowan, page, f"swaps/{first}/approve")
    assert "It holds from now on" in page.words
    assert "18:00–22:00 Juniper" in (await rowan.get(WEEK)).words
    page = await fills(rowan, page, f"swaps/{second}/refuse")
    page = await fills(rowan, page, f"swaps/{first}/undo")
    assert "Juniper" not in (await rowan.get(WEEK)).words.partition("Add a shift")[0]
    again = await rowan.post(f"/rota/demo/swaps/{first}/approve", {"form": await office.form_token(rowan)})
    assert (again.status, "cannot be" in again.words) == (409, True)
    token = {"form": await office.form_token(browser := await office.signed_in("Juniper"))}
    assert (await browser.post(f"/rota/demo/swaps/{second}/approve", token)).status == 403


async def test_others_are_asked_on_behalf_of_somebody_who_is_ill(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page = await rowan.get(link_to(await rowan.get(WEEK), "Maple", "2026-11-20"))
    page = await fills(rowan, page, "cover", ill="yes")
    assert "Somebody instead of Maple , Fri 20 Nov 18:00 to 22:00 (4 h)" in page.words
    assert "taken from her already" in page.words
    assert changes(office) == [("Remove", "approved")]
    withdraw = next(path for path in re.findall(r'action="([^"]+)"', page.text) if path.endswith("/withdraw"))
    page = await rowan.press(page, withdraw)
    assert "She has her shift" in page.words
    assert "18:00–22:00 Maple" in (await rowan.get(WEEK)).words
    token = {"form": await office.form_token(rowan), "who": "Maple", "shift": "evening/2020-01-01"}
    page = await rowan.post("/rota/demo/cover", token)
    assert (page.status, "does not have this shift" in page.words) == (409, True)


async def test_a_part_of_a_shift_changes_hands(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page = await rowan.get(link_to(await rowan.get(WEEK), "Maple", "2026-11-20"))
    part = {"part": "yes", "since": "2026-11-20T20:00", "until": "2026-11-20T22:00"}
    page = await fills(rowan, page, "replace", by="Juniper", **part)
    assert "18:00–20:00 Maple prepared" in page.words
    assert "20:00–22:00 Juniper prepared" in page.words


@pytest.mark.parametrize(
    "typed",
    [
        {"day": "soon"},
        {"from": "eight"},
        {"to": "25:00"},
        {"tier": "queen"},
        {"weeks": "99"},
        {"weeks": "-1"},
        {"day": "2026-11-01"},
        {"who": ""},
    ],
)
async def test_what_is_typed_wrongly_is_told_and_kept(office: Office, typed: dict[str, str]) -> None:
    rowan = await office.signed_in("Rowan")
    whole = {
        "who": "Juniper",
        "tier": "backup",
        "day": "2026-11-19",
        "from": "20:00",
        "to": "22:00",
        "weeks": "1",
    }
    page = await fills(rowan, await rowan.get(WEEK), "add", **(whole | typed))
    assert page.status == 409
    assert 'role="alert"' in page.text
    assert changes(office) == []
    if "from" not in typed:
        assert 'name="from" type="time" required value="20:00"' in page.text


async def test_a_desk_is_closed_with_one_tap_and_opened_again(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page = await rowan.get(WEEK)
    page = await fills(rowan, page, "close", until="2026-11-20T08:00")
    assert "Closed until Fri 20 Nov 08:00" in page.words
    reads_anew(office.town)
    assert not office.town.house.library.boards["demo"].open_at(office.town.clock.now())
    page = await fills(rowan, page, "reopen")
    assert "open again" in page.words
    page = await fills(rowan, page, "close", until="2026-11-10T08:00")
    assert (page.status, "after the moment it closes" in page.words) == (409, True)


async def test_leave_is_noted_seen_and_ended(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page = await rowan.get(WEEK)
    page = await fills(rowan, page, "leave", who="Maple", **{"from": "2026-11-19", "to": "2026-11-20"})
    assert "on leave: Maple" in page.words
    week = page.words.partition("Add a shift")[0]
    assert "Thu 19 Nov on leave: Maple nobody" in week
    page = await fills(rowan, page, "back", who="Maple")
    assert "on leave: Maple" not in page.words
    page = await fills(rowan, page, "leave", who="Maple", **{"from": "2026-11-21", "to": "2026-11-20"})
    assert page.status == 409


async def test_whoever_cannot_answer_is_marked(office: Office) -> None:
    takes_in(
        office.town, EVENING, f"id: late, who: Nobody, tier: primary, {EVERY_DAY}, from: '22:00', to: '23:00'"
    )
    rowan = await office.signed_in("Rowan")
    assert "22:00–23:00 Nobody cannot answer" in (await rowan.get(WEEK)).words
