"""The pages of people: invite, link, vouch, train, roles, shut out and let in; each with its right."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.model import Role
from bot.services import audit, people
from bot.services.messenger import addresses
from bot.services.messenger.surfaces import TELEGRAM
from channels.message import Address
from handoff.staffing import DEFAULT_STAFFING
from handoff.training import Module, Training
from tests.console.office import Browser, Office, Page, open_office
from tests.console.texts import Texts
from tests.routing.crews import changed

LISTENING = Training(modules={"listening": Module("listening", "Listening", 12)})


@pytest.fixture
async def office(quick_folder: Path) -> AsyncIterator[Office]:
    """In the demo, where Rowan is a coordinator."""
    async with open_office(quick_folder) as opened:
        opened.town.add_person("Tamar", Role.TRAINER)
        changed(opened.town, staffing={"demo": replace(DEFAULT_STAFFING, training=LISTENING)})
        yield opened


def person(office: Office, alias: str) -> people.Person:
    return office.town.read(lambda c: people.find(c, office.town.house, alias))


async def at_page_of(office: Office, browser: Browser, alias: str) -> tuple[Page, str]:
    path = f"/people/{person(office, alias).id}"
    return await browser.get(path), path


async def test_everybody_is_listed_for_those_who_look_after_people(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page = await rowan.get("/people")
    assert page.status == 200
    assert "Maple active" in page.words
    assert "volunteer at demo" in page.words
    maple = await office.signed_in("Maple")
    assert (await maple.get("/people")).status == 403
    assert "/people" not in (await maple.get("/")).text


async def test_somebody_is_invited_and_her_link_is_shown_once(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page = await rowan.get("/people")
    typed = {"alias": "Wren", "role": "volunteer", "desk": "demo", "languages": "en, ro:3"}
    page = await rowan.press(page, "/people", **typed)
    found = re.search(r'<code class="one-time">(http[^<]+/enter/[^<]+)</code>', page.text)
    assert found is not None
    wren = person(office, "Wren")
    assert (wren.state, wren.profile.languages) == ("invited", ["en", "ro:3"])
    assert wren.profile.invited_by == person(office, "Rowan").id
    assert "/enter/" not in (await rowan.get("/people")).text
    page, path = await at_page_of(office, rowan, "Wren")
    page = await rowan.press(page, f"{path}/link")
    again = re.search(r'<code class="one-time">([^<]+)</code>', page.text)
    assert again is not None
    assert again[1] != found[1]
    newcomer = office.browser()
    assert (await newcomer.get(found[1].removeprefix(office.base))).status != 200
    assert "Sign in here" in (await newcomer.get(again[1].removeprefix(office.base))).words


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"alias": "maple"}, "choose another alias"),
        ({"alias": " "}, "1 to 40 letters"),
        ({"languages": "en:9"}, "a level is a number from 1 to 5"),
        ({"role": "steward"}, "given at the machine"),
        ({"role": "queen"}, "Nothing was changed"),
        ({"desk": "elsewhere"}, "Nothing was changed"),
    ],
)
async def test_an_invitation_that_makes_no_sense_is_refused(
    office: Office, typed: dict[str, str], told: str
) -> None:
    rowan = await office.signed_in("Rowan")
    whole = {"alias": "Wren", "role": "volunteer", "desk": "demo", "languages": "en"} | typed
    page = await rowan.press(await rowan.get("/people"), "/people", **whole)
    assert page.status == 409
    assert told in page.words


async def test_training_is_noted_with_its_end_by_a_trainer_only(office: Office) -> None:
    rowan, tamar = await office.signed_in("Rowan"), await office.signed_in("Tamar")
    page, path = await at_page_of(office, tamar, "Maple")
    page = await tamar.press(page, f"{path}/train", module="listening", on="2026-11-10")
    assert "Listening: passed 2026-11-10, holds until 2027-11-10" in page.words
    (done,) = person(office, "Maple").profile.completions
    assert (done.module, done.lapses_on, done.assessor) == (
        "listening", date(2027, 11, 10), person(office, "Tamar").id,
    )  # fmt: skip
    for typed in ({"module": "x", "on": "2026-11-10"}, {"module": "listening", "on": "2099-01-01"}):
        assert (await tamar.press(page, f"{path}/train", **typed)).status == 409
    page, path = await at_page_of(office, rowan, "Maple")
    assert not page.has_form(f"{path}/train")
    token = {"form": await office.form_token(rowan)}
    assert (
        await rowan.post(f"{path}/train", token | {"module": "listening", "on": "2026-11-10"})
    ).status == 403
    page, _ = await at_page_of(office, tamar, "Maple")
    await tamar.press(page, f"{path}/untrain")
    assert person(office, "Maple").profile.completions == ()


async def test_somebody_is_shut_out_and_let_in_again(office: Office) -> None:
    rowan, maple = await office.signed_in("Rowan"), await office.signed_in("Maple")
    page, path = await at_page_of(office, rowan, "Maple")
    page = await rowan.press(page, f"{path}/suspend")
    assert "She is shut out, at once" in page.words
    assert person(office, "Maple").state == "suspended"
    assert (await maple.get("/", follow=False)).status == 303
    await rowan.press(page, f"{path}/lift")
    assert person(office, "Maple").state == "active"


async def test_a_lost_phone_is_taken_away(office: Office) -> None:
    town, maple = office.town, person(office, "Maple").id
    code = town.write(lambda c: addresses.new_code(c, town.house, maple, town.now))
    phone = Address(TELEGRAM, "lost-phone")
    town.write(lambda c: addresses.link(c, town.house, phone, code, town.now))
    rowan = await office.signed_in("Rowan")
    page, path = await at_page_of(office, rowan, "Maple")
    assert "bot on Telegram is linked" in page.words
    page = await rowan.press(page, f"{path}/unlink")
    assert "nothing goes there" in page.words
    assert town.read(lambda c: addresses.linked(c, maple)) == ()
    last = town.read(lambda c: list(audit.entries(c, town.house.vault)))[-1]
    assert (last.verb, last.actor) == ("unlink", person(office, "Rowan").id)


async def test_nobody_shuts_herself_out_or_gives_herself_a_role(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page, path = await at_page_of(office, rowan, "Rowan")
    assert not any(page.has_form(f"{path}/{act}") for act in ("suspend", "grant", "train"))
    token = {"form": await office.form_token(rowan)}
    assert (await rowan.post(f"{path}/suspend", token)).status == 409
    given = token | {"role": "reviewer", "desk": "demo", "act": "give"}
    assert (await rowan.post(f"{path}/grant", given)).status == 409
    assert person(office, "Rowan").has(Role.REVIEWER, "demo") is False


async def test_a_role_is_given_and_taken_back_but_none_that_holds_keys(office: Office) -> None:
    rowan = await office.signed_in("Rowan")
    page, path = await at_page_of(office, rowan, "Maple")
    await rowan.press(page, f"{path}/grant", role="supervisor", desk="demo", act="give")
    assert person(office, "Maple").has(Role.SUPERVISOR, "demo")
    await rowan.press(page, f"{path}/grant", role="supervisor", desk="demo", act="back")
    assert not person(office, "Maple").has(Role.SUPERVISOR, "demo")
    for odd in ({"role": "steward", "desk": "demo"}, {"role": "editor", "desk": "elsewhere"}):
        assert (await rowan.press(page, f"{path}/grant", act="give", **odd)).status == 409


async def test_a_person_of_another_desk_is_not_there(office: Office) -> None:
    town = office.town

    def elsewhere(connection):
        profile = people.Profile(alias="Vita", languages=["lt"])
        return people.invite(connection, town.house, profile, [(Role.VOLUNTEER, "vilnius")], town.now)

    town.write(lambda c: c.exec_driver_sql("INSERT INTO desk (id, created_at) VALUES ('vilnius', 0)"))
    vita = town.write(elsewhere)
    alder = await office.signed_in("Alder")  # a supervisor of desk demo: she may suspend there
    assert (await alder.get(f"/people/{vita}")).status == 404
    assert "Vita" not in (await alder.get("/people")).words
    token = {"form": await office.form_token(alder)}
    await alder.post(f"/people/{vita}/suspend", token)
    assert person(office, "Vita").state == "invited"
    assert (await alder.get("/people/nobody")).status == 404


async def test_two_others_vouch_each_with_password_and_code(texts: Texts) -> None:
    texts.invite("Cora", [Role.COORDINATOR])
    cora = await texts.at("Cora")
    page = await cora.press(
        await cora.get("/people"), "/people", alias="Wren", role="volunteer", desk="network", languages="en"
    )
    assert page.status == 200, page.words
    wren = person(texts.office, "Wren")
    path = f"/people/{wren.id}"
    assert "2 more must vouch for her" in (await cora.get(path)).words
    page = await cora.press(await cora.get(path), f"{path}/vouch", **texts.proof("Cora"))
    assert "two others must vouch" in page.words
    rowan = await texts.at("Rowan")
    page = await rowan.press(await rowan.get(path), f"{path}/vouch", password="wrong", code="000000")
    assert page.status == 409
    page = await rowan.press(await rowan.get(path), f"{path}/vouch", **texts.proof("Rowan"))
    assert "1 more must vouch for her" in page.words
