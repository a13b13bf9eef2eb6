"""The page of one's own shifts in the console: every act without JavaScript (issue: the day)."""

from datetime import UTC, datetime, timedelta

from bot.model import Role
from bot.services import as_recorded, people, shift_watch, swaps
from bot.store import day_tables as d, rota_tables as r
from handoff.model import Tier
from handoff.rota.questions import on_duty
from handoff.staffing import Care
from tests.console.office import Browser, Office, Page
from tests.routing.crews import away, rota, staffing

HOUR = timedelta(hours=1)
BEGINS = datetime(2026, 11, 19, 16, tzinfo=UTC)
THURSDAY, FRIDAY = "2026-11-19 18:00 – 22:00", "2026-11-20 18:00 – 22:00"
WEEK = """
zone: Europe/Bucharest
shifts:
  - {id: thu, who: Maple, tier: primary, days: [thu], from: '18:00', to: '22:00'}
  - {id: fri, who: Juniper, tier: primary, days: [fri], from: '18:00', to: '22:00'}
  - {id: sup, who: Alder, tier: supervisor, days: [thu, fri], from: '18:00', to: '22:00'}
"""
THU, FRI = "thu/2026-11-19", "fri/2026-11-20"


def planned(office: Office) -> None:
    rota(office.town, WEEK)
    staffing(office.town, {"care": Care()})


def looks(office: Office) -> None:
    town = office.town
    town.house.library = town.read(lambda c: as_recorded.as_recorded(c, town.house)).library
    town.write(lambda c: shift_watch.look(c, town.house, town.now))


def on(office: Office, moment: datetime) -> set[str]:
    town = office.town
    house = town.read(lambda c: as_recorded.as_recorded(c, town.house))
    found = on_duty(house.library.boards["demo"].rota, moment)
    return {duty.volunteer for duty in found if duty.tier is Tier.PRIMARY}


async def sends(browser: Browser, page: Page, action: str, **given: str) -> Page:
    """Send a form with what is chosen in it."""
    return await browser.post(action, {"form": page.form("/sign-out")["form"], **given})


async def test_a_swap_with_a_shift_in_return(office: Office) -> None:
    planned(office)
    town = office.town
    maple, juniper = await office.signed_in("Maple"), await office.signed_in("Juniper")
    page = await maple.get("/shifts")
    assert THURSDAY in page.words
    page = await maple.press(page, "/shifts/offer", to="")
    assert "It stays yours until it is agreed" in page.words
    (row,) = town.rows(d.swap)
    seen = await juniper.get("/shifts")
    assert f"{THURSDAY} from Maple" in seen.words
    page = await juniper.press(seen, f"/shifts/swaps/{row.id}", in_return=FRI)
    assert "as soon as a coordinator agrees" in page.words
    assert "it waits for a coordinator" in (await maple.get("/shifts")).words
    rowan = town.person_id("Rowan")
    town.write(lambda c: swaps.approve(c, town.house, row.id, rowan, town.now))
    assert (on(office, BEGINS + HOUR), on(office, BEGINS + 25 * HOUR)) == ({"Juniper"}, {"Maple"})
    assert FRIDAY in (await maple.get("/shifts")).words


async def test_days_in_a_row_are_given_away_to_one_person_and_kept_after_all(office: Office) -> None:
    planned(office)
    town = office.town
    reed = town.add_person("Reed", Role.VOLUNTEER)
    maple, juniper = await office.signed_in("Maple"), await office.signed_in("Juniper")
    page = await maple.get("/shifts")
    page = await sends(maple, page, "/shifts/offer-range", first="2026-11-19", last="2026-12-03", to=reed)
    assert "Offered" in page.words
    assert len(town.rows(d.swap)) == 3
    assert "There is none for you now" in (await juniper.get("/shifts")).words
    page = await sends(maple, page, "/shifts/offer-range", first="2026-11-19", last="soon")
    assert page.status == 400
    first = town.rows(d.swap)[0].id
    page = await maple.get("/shifts")
    page = await maple.press(page, f"/shifts/swaps/{first}")
    assert "It stays yours" in page.words


async def test_what_is_not_possible_is_told_in_the_words_of_the_messengers(office: Office) -> None:
    planned(office)
    away(office.town, "Juniper", datetime(2026, 11, 19, tzinfo=UTC))
    maple, juniper = await office.signed_in("Maple"), await office.signed_in("Juniper")
    await maple.press(await maple.get("/shifts"), "/shifts/offer")
    (row,) = office.town.rows(d.swap)
    seen = await juniper.get("/shifts")
    assert not seen.has_form(f"/shifts/swaps/{row.id}")
    page = await sends(juniper, seen, f"/shifts/swaps/{row.id}", act="take")
    assert (page.status, "You are away then." in page.words) == (409, True)


async def test_coming_late_and_ill(office: Office) -> None:
    planned(office)
    town = office.town
    town.clock.at = BEGINS - timedelta(minutes=10)
    maple = await office.signed_in("Maple")
    looks(office)
    page = await maple.get("/shifts")
    page = await sends(maple, page, "/shifts/late", minutes="20")
    assert "You are expected at 18:20" in (await maple.get("/shifts")).words
    page = await maple.press(await maple.get("/shifts"), "/shifts/check-in")
    assert "You have checked in" in page.words
    maple_id = town.person_id("Maple")
    assert town.read(lambda c: people.get(c, town.house, maple_id)).present
    page = await sends(maple, page, "/shifts/ill", desk="demo", instance=THU)
    assert "You are free of it" in page.words
    assert on(office, BEGINS + HOUR) == set()
    (cover,) = town.rows(d.cover)
    juniper = await office.signed_in("Juniper")
    page = await juniper.get("/shifts")
    assert "Can you step in?" in page.words
    page = await sends(juniper, page, f"/shifts/cover/{cover.id}", act="yes")
    assert "It is yours" in page.words
    assert on(office, BEGINS + HOUR) == {"Juniper"}


async def test_saying_ready_in_a_shift_is_coming_to_it(office: Office) -> None:
    planned(office)
    town = office.town
    town.clock.at = BEGINS
    maple = await office.signed_in("Maple")
    town.set_ready("Maple", ready=False)
    looks(office)
    await maple.post("/ready", {"form": await office.form_token(maple), "ready": "yes"})
    assert {row.presence for row in town.rows(d.shift_watch) if row.person == town.person_id("Maple")} == {
        "there"
    }


async def test_calendar_language_zone_and_pin(office: Office) -> None:
    planned(office)
    town = office.town
    town.house.public_url = "https://times.example.org"
    maple = await office.signed_in("Maple")
    page = await maple.press(await maple.get("/shifts"), "/shifts/calendar")
    assert "https://times.example.org/c/" in page.words
    page = await sends(maple, page, "/shifts/calendar", act="end")
    assert town.rows(r.feed) == []
    page = await sends(maple, page, "/shifts/own", reads="ro", zone="Europe/London", pin="2718 28")
    assert "2026-11-19 16:00 – 20:00" in page.words
    assert "You have one" in page.words
    kept = next(
        one for one in town.read(lambda c: people.everyone(c, town.house)) if one.profile.alias == "Maple"
    )
    assert kept.profile.reads == "ro"
    for wrong in ({"pin": "1"}, {"zone": "Nowhere"}):
        refused = await sends(maple, page, "/shifts/own", **wrong)
        assert refused.status == 400


async def test_the_page_is_for_those_who_have_shifts_and_names_every_command(office: Office) -> None:
    planned(office)
    rowan = await office.signed_in("Rowan")
    assert (await rowan.get("/shifts")).status == 403
    assert "Your shifts" not in (await rowan.get("/")).words
    page = await (await office.signed_in("Maple")).get("/shifts")
    for typed in ("!check-in", "!late", "!ill", "!offer-swap", "!swaps", "!one-more", "!pass-on", "!close"):
        assert typed in page.words
