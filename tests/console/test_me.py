"""The page of one's own: a code for a messenger, shown once, and taking a messenger away."""

import re

from bot.services.messenger import addresses
from channels.message import Address
from tests.console.office import Office
from tests.fakes.messenger import TABLES

CHANNEL = "telegram-staff"


async def test_without_a_messenger_the_page_says_so(office: Office) -> None:
    page = await (await office.signed_in("Maple")).get("/me")
    assert "has set up no messenger" in page.words


async def test_a_code_of_the_page_links_and_the_link_can_be_taken_away(office: Office) -> None:
    town = office.town
    town.house.staff_channels = {CHANNEL: TABLES[CHANNEL]}
    browser = await office.signed_in("Maple")
    page = await browser.get("/me")
    assert "None is linked yet." in page.words
    page = await browser.press(page, "/me/code")
    [code] = re.findall(r"!link ([2-9A-Z]{4}-[2-9A-Z]{4})", page.text)
    assert code not in (await browser.get("/me")).text
    phone = Address(CHANNEL, "4711")
    told = town.write(lambda c: addresses.link(c, town.house, phone, code, town.now))
    assert told is addresses.Linking.LINKED
    page = await browser.get("/me")
    assert "the organisation's bot on Telegram" in page.words
    page = await browser.press(page, "/me/unlink")
    assert "Taken away." in page.words
    assert town.write(lambda c: addresses.owner(c, town.house, phone)) is None


async def test_nobody_takes_away_what_is_another_ones(office: Office) -> None:
    town = office.town
    maple = town.person_id("Maple")
    browser = await office.signed_in("Juniper")
    await office.signed_in("Maple")
    code = town.write(lambda c: addresses.new_code(c, town.house, maple, town.now))
    town.write(lambda c: addresses.link(c, town.house, Address(CHANNEL, "4711"), code, town.now))
    [mine] = town.write(lambda c: addresses.linked(c, maple))
    form = {"form": await office.form_token(browser), "address": mine.id}
    await browser.post("/me/unlink", form)
    assert [one.state for one in town.write(lambda c: addresses.linked(c, maple))] == ["linked"]
