"""The page "Now": offers, queue, duty, and who takes a chat."""

import asyncio
import json

from bot.services import people
from tests.console.office import Office

SECRET = "kitchen window"


async def test_an_offer_tells_codes_and_minutes_and_none_of_her_words(office: Office) -> None:
    browser = await office.signed_in("Maple")
    await office.queued(said=f"he is outside, {SECRET}")
    office.town.clock.move(seconds=50)
    for page in (await browser.get("/"), await browser.get("/now.json")):
        assert SECRET not in page.text
        assert "Danger now" in page.text
        assert "English" in page.text
    handoff = office.town.waiting()[0].id
    assert json.loads((await browser.get("/now.json")).text)["offers"] == [handoff]
    assert (await browser.get("/")).has_form(f"/queue/{handoff}/accept")


async def test_two_volunteers_press_accept_and_one_has_the_chat(office: Office) -> None:
    maple, juniper = await office.signed_in("Maple"), await office.signed_in("Juniper")
    await office.queued()
    handoff = office.town.waiting()[0].id
    seen = [await browser.get("/") for browser in (maple, juniper)]
    pages = await asyncio.gather(
        *(b.press(page, f"/queue/{handoff}/accept") for b, page in zip((maple, juniper), seen, strict=True))
    )
    assert sorted(page.status for page in pages) == [200, 409]
    winner, loser = sorted(pages, key=lambda page: page.status)
    assert winner.path == f"/chats/{handoff}"
    assert "Somebody else was faster" in loser.words
    for browser in (maple, juniper):
        assert not (await browser.get("/")).has_form(f"/queue/{handoff}/accept")
    holder = office.town.handoff(handoff)
    assert (holder.state, holder.claim_version) == ("active", 1)
    assert office.bells.rung > 0


async def test_who_holds_a_flagged_chat_is_offered_and_given_no_other(office: Office) -> None:
    browser, _, _ = await office.talking(said="he is outside and I am afraid")
    await office.queued("bea")
    other = office.town.waiting()[0].id
    page = await browser.get("/")
    assert not page.has_form(f"/queue/{other}/accept")
    forced = await browser.post(f"/queue/{other}/accept", {"form": await office.form_token(browser)})
    assert forced.status == 409
    assert "as many chats as you can hold" in forced.words
    assert office.town.handoff(other).state == "waiting"


async def test_declining_asks_nothing_and_moves_on(office: Office) -> None:
    maple, juniper = await office.signed_in("Maple"), await office.signed_in("Juniper")
    await office.queued()
    handoff = office.town.waiting()[0].id
    page = await maple.press(await maple.get("/"), f"/queue/{handoff}/decline")
    await office.town.settle()
    assert "Declined" in page.words
    assert not (await maple.get("/")).has_form(f"/queue/{handoff}/decline")
    assert (await juniper.get("/")).has_form(f"/queue/{handoff}/accept")


async def test_one_whose_offer_lapsed_may_still_take_her(office: Office) -> None:
    browser = await office.signed_in("Maple")
    await office.queued()
    handoff = office.town.waiting()[0].id
    office.town.clock.move(seconds=100)
    await office.town.settle()
    page = await browser.get("/")
    assert not page.has_form(f"/queue/{handoff}/decline")
    page = await browser.press(page, f"/queue/{handoff}/accept")
    assert page.path == f"/chats/{handoff}"


async def test_pausing_takes_the_offer_away_and_ready_brings_one(office: Office) -> None:
    browser, maple = await office.signed_in("Maple"), office.town.person_id("Maple")
    await office.queued()
    handoff = office.town.waiting()[0].id
    page = await browser.press(await browser.get("/"), "/ready")
    await office.town.settle()
    assert "You are not taking chats" in page.words
    assert not (await browser.get("/")).has_form(f"/queue/{handoff}/accept")
    assert not office.town.read(lambda c: people.get(c, office.town.house, maple)).present
    await browser.press(await browser.get("/"), "/ready")
    assert office.town.read(lambda c: people.get(c, office.town.house, maple)).present


async def test_a_supervisor_sees_each_one_with_reasons_and_a_volunteer_numbers(office: Office) -> None:
    await office.queued("ann", said=f"he is outside and I am afraid {SECRET}")
    await office.queued("bea")
    alder, juniper = await office.signed_in("Alder"), await office.signed_in("Juniper")
    seen, page = await alder.get("/"), await juniper.get("/")
    assert "Her words speak of danger now" in seen.words
    assert seen.text.index("Danger now") < seen.text.index("Ordinary")
    assert "Her words speak of danger now" not in page.words
    assert "U0 Danger now 1" in page.words
    assert SECRET not in seen.text + page.text


async def test_a_supervisor_sees_whose_chat_waits_too_long_and_nothing_of_it(office: Office) -> None:
    alder = await office.signed_in("Alder")
    _, ann, chat = await office.talking()
    ann.types(SECRET)
    await office.town.settle()
    office.town.clock.move(minutes=4)
    page = await alder.get("/")
    assert "with Maple no answer for 4 min" in page.words
    assert SECRET not in page.text
    assert (await alder.get(chat)).status == 404
    assert (await alder.get(f"{chat}/lines")).status == 410


async def test_a_coordinator_sees_queue_and_duty_and_no_chat(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    _, _, chat = await office.talking()
    page = await rowan.get("/")
    assert "Queue" in page.words
    assert "Maple answers until" in page.words
    assert "Your chats" not in page.words
    assert (await rowan.get(chat)).status == 403
    assert (await rowan.get(f"{chat}/lines")).status == 403


async def test_who_is_on_duty_comes_from_the_rota_with_the_desks_own_clock(office: Office) -> None:
    page = await (await office.signed_in("Maple")).get("/")
    assert "Juniper answers until" in page.words
    assert "Alder supervisor until" in page.words
    assert "As of 12:00" in page.words  # 10:00 UTC is noon in Bucharest


async def test_news_that_did_not_change_costs_no_body(office: Office) -> None:
    browser = await office.signed_in("Maple")
    first = await browser.get("/now.json")
    again = await browser.get("/now.json", {"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.text) == (304, "")
    await office.queued()
    changed = await browser.get("/now.json", {"If-None-Match": first.headers["ETag"]})
    assert changed.status == 200


async def test_without_a_script_only_this_page_loads_itself_again(office: Office) -> None:
    browser, _, chat = await office.talking()
    assert 'http-equiv="refresh"' in (await browser.get("/")).text
    assert 'http-equiv="refresh"' not in (await browser.get(chat)).text
