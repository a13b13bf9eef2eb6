"""One's own shift on the page "Now": breaks, one more, the next one, calls, debriefs; why nobody comes."""

import json

from bot.model import Role
from bot.services import attendance, audit, pairs, people
from bot.services.attendance import Pause
from bot.services.pairs import PairKind
from bot.store import people_tables as p
from handoff.policy import Policy
from handoff.staffing import Escalation
from handoff.strategies import Strategy
from tests.console.office import Browser, Office, Page
from tests.routing.crews import plan, staffing

TWO = {"Maple": "primary", "Juniper": "primary", "Alder": "supervisor"}


def pause_of(office: Office, alias: str) -> Pause:
    town = office.town
    person = town.person_id(alias)
    return town.read(lambda c: attendance.of(c, town.house, person)).pause


def waiting(office: Office) -> str:
    (row,) = office.town.waiting()
    return row.id


def the(page: Page, start: str, end: str) -> str:
    """The action of the one form that begins and ends like this."""
    found = {part.split('"')[0] for part in page.text.split('action="')[1:]}
    (action,) = [one for one in found if one.startswith(start) and one.endswith(end)]
    return action


async def refreshed(browser: Browser) -> Page:
    return await browser.get("/")


async def test_a_break_is_had_and_ended_and_nothing_is_offered_meanwhile(office: Office) -> None:
    plan(office.town, **TWO)
    maple = await office.signed_in("Maple")
    page = await maple.press(await refreshed(maple), "/shift/break")
    assert "Your break has begun" in page.words
    assert "You have a break until" in page.words
    await office.queued()
    page = await refreshed(maple)
    assert not page.has_form(f"/queue/{waiting(office)}/accept")
    page = await maple.press(page, "/shift/break")
    await office.town.settle()
    assert "You are back" in page.words
    assert (await refreshed(maple)).has_form(f"/queue/{waiting(office)}/accept")


async def test_the_last_one_there_asks_and_may_take_it_back(office: Office) -> None:
    plan(office.town, Maple="primary")
    maple = await office.signed_in("Maple")
    page = await maple.press(await refreshed(maple), "/shift/break")
    assert "as soon as the others can do without you" in page.words
    assert pause_of(office, "Maple") is Pause.ASKED
    await maple.press(page, "/shift/break")
    assert pause_of(office, "Maple") is Pause.NONE


async def test_who_is_not_on_duty_has_no_break_to_ask_for(office: Office) -> None:
    plan(office.town, Juniper="primary")
    maple = await office.signed_in("Maple")
    assert not (await refreshed(maple)).has_form("/shift/break")
    page = await maple.post("/shift/break", {"form": await office.form_token(maple), "act": "ask"})
    assert page.status == 409
    assert "You are not on duty now" in page.words


async def test_one_more_is_a_chat_beyond_her_limit_once(office: Office) -> None:
    plan(office.town, Maple="primary")
    maple, _, _ = await office.talking()
    await office.queued("bea")
    bea = waiting(office)
    page = await refreshed(maple)
    assert not page.has_form(f"/queue/{bea}/accept")
    page = await maple.press(page, "/shift/more")
    await office.town.settle()
    assert "One more chat may be offered to you" in page.words
    page = await maple.press(await refreshed(maple), f"/queue/{bea}/accept")
    assert page.path == f"/chats/{bea}"
    await office.queued("cleo")
    page = await maple.post("/shift/next", {"form": await office.form_token(maple)})
    assert page.status == 409
    assert "as many chats as you can hold" in page.words


async def test_the_next_one_is_the_first_of_the_queue_and_audited(office: Office) -> None:
    plan(office.town, Maple="primary")
    staffing(office.town, {"escalation": Escalation(Policy(strategy=Strategy.PULL))})
    await office.queued("ann")
    await office.queued("bea", said="he is outside and I am afraid")
    urgent = next(row.id for row in office.town.waiting() if row.urgency == "U0")
    maple = await office.signed_in("Maple")
    page = await maple.post("/shift/next", {"form": await office.form_token(maple)})
    assert page.path == f"/chats/{urgent}"
    row = office.town.handoff(urgent)
    assert (row.state, row.person) == ("active", office.town.person_id("Maple"))
    taken = office.town.read(lambda c: list(audit.entries(c, office.town.house.vault)))
    assert ("take", urgent) in [(entry.verb, entry.object_id) for entry in taken]


async def test_a_volunteer_calls_and_a_supervisor_is_on_it(office: Office) -> None:
    plan(office.town, **TWO)
    maple, _, chat = await office.talking()
    page = await maple.get(chat)
    page = await maple.post(f"{chat}/call", page.form(f"{chat}/reply") | {"text": "half a line"})
    assert "A supervisor is called" in page.words
    assert page.field("text") == "half a line"
    await office.town.settle()
    assert "The volunteer asks for you" not in (await refreshed(maple)).words
    alder = await office.signed_in("Alder")
    page = await refreshed(alder)
    assert "The volunteer asks for you" in page.words
    assert len(json.loads((await alder.get("/now.json")).text)["calls"]) == 1
    answering = the(page, "/calls/", "/on-it")
    page = await alder.press(page, answering)
    assert "You are on it" in page.words
    assert json.loads((await alder.get("/now.json")).text)["calls"] == []
    refused = await maple.post(answering, {"form": await office.form_token(maple)})
    assert refused.status == 403


async def test_nobody_calls_for_a_chat_she_does_not_hold(office: Office) -> None:
    plan(office.town, **TWO)
    maple, _, chat = await office.talking()
    claim = (await maple.get(chat)).form(f"{chat}/reply")["claim"]
    juniper = await office.signed_in("Juniper")
    token = await office.form_token(juniper)
    page = await juniper.post(f"{chat}/call", {"form": token, "claim": claim, "once": "1"})
    assert page.status == 404
    assert office.town.rows(p.supervisor_call) == []


async def test_after_a_hard_chat_a_talk_is_offered_and_closed_by_herself(office: Office) -> None:
    plan(office.town, **TWO)
    maple, _, chat = await office.talking(said="he is outside and I am afraid")
    page = await maple.get(chat)
    await maple.press(page, f"{chat}/reply", text="I am here")
    page = await maple.press(await maple.get(chat), f"{chat}/close", outcome="talked")
    assert "That was a hard one" in page.words
    assert "You rest from a heavy chat until" in page.words
    alder = await office.signed_in("Alder")
    assert "Debriefs that are due" in (await refreshed(alder)).words
    page = await maple.press(page, the(page, "/debriefs/", ""))
    assert "Nothing of what was said is kept" in page.words
    assert office.town.rows(p.debrief) == []
    assert "Debriefs that are due" not in (await refreshed(alder)).words


async def test_a_supervisor_sees_why_each_is_not_asked_and_a_pair_only_as_not_open(office: Office) -> None:
    town = office.town
    plan(town, **TWO)
    await office.queued()
    handoff = waiting(office)
    maple, alder = town.person_id("Maple"), await office.signed_in("Alder")
    town.write(
        lambda c: pairs.keep_from_her(c, town.house, handoff, maple, PairKind.STAFF_REQUEST, maple, town.now)
    )
    page = await alder.get(f"/queue/{handoff}/why")
    assert "BLOCKED_PAIR" not in page.text
    maples = page.text.split("<bdi>Maple</bdi>")[1].split("</tr>")[0]
    assert "NOT_OPEN" in maples
    assert "is being asked" in page.text.split("<bdi>Juniper</bdi>")[1].split("</tr>")[0]
    both = town.person_id("Alder")
    town.write(lambda c: people.grant(c, both, Role.COORDINATOR, "demo", town.now))  # who may see why
    page = await alder.get(f"/queue/{handoff}/why")
    assert "BLOCKED_PAIR" in page.text.split("<bdi>Maple</bdi>")[1].split("</tr>")[0]
    browser = await office.signed_in("Juniper")
    assert (await browser.get(f"/queue/{handoff}/why")).status == 403


async def test_who_must_not_meet_her_hands_over_and_is_not_asked_again(office: Office) -> None:
    plan(office.town, **TWO)
    maple, ann, chat = await office.talking()
    handoff = chat.removeprefix("/chats/")
    page = await maple.press(await maple.get(chat), f"{chat}/apart")
    assert "You are not asked for her again" in page.words
    await office.town.settle()
    row = office.town.handoff(handoff)
    assert (row.state, row.person, row.front) == ("waiting", None, True)
    assert "The volunteer had to leave" in " ".join(line.text for line in ann.screen)
    assert not (await refreshed(maple)).has_form(f"/queue/{handoff}/accept")
    forced = await maple.post(f"/queue/{handoff}/accept", {"form": await office.form_token(maple)})
    assert (forced.status, "kept apart" in forced.words) == (409, False)
    assert (await maple.get(chat)).status == 404
    juniper = await office.signed_in("Juniper")
    assert (await refreshed(juniper)).has_form(f"/queue/{handoff}/accept")
