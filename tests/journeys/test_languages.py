"""The page in Romanian, from a browser that asks for it."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import WomanMaker
from tests.journeys.people import Colleague, words

pytestmark = [pytest.mark.timeout(120), pytest.mark.long]


def test_a_romanian_browser_is_answered_in_romanian_to_the_end(maple: Colleague, woman: WomanMaker) -> None:
    maple.is_ready()
    ana = woman(locale="ro-RO")
    ana.tab.goto(ana.program.chat)
    expect(ana.tab.locator("button.exit")).to_have_text("Ieși din pagină")
    expect(ana.tab.locator("html")).to_have_attribute("lang", "ro")
    ana.sees("Bună. E un moment bun")
    ana.picture("ro-hello")
    ana.taps("Da", "Nu")
    ana.sees("112 (România)")
    ana.picture("ro-notice")
    ana.tab.locator(".choice").nth(1).click()
    ana.taps("Da")
    expect(ana.choice("Ascunde")).to_be_visible()
    ana.picture("ro-queue")
    maple.is_offered()
    expect(maple.tab.locator("#offers")).to_contain_text("Romanian")
    maple.accepts()
    ana.sees("Maple")
    ana.types(words("îți mulțumesc"))
    maple.reads("îți mulțumesc")
    maple.writes(words("Sunt aici, scrie cât vrei."))
    ana.sees("Sunt aici")
    ana.picture("ro-talk")
    ana.types("ascunde")
    ana.tab.wait_for_url("**/www.wikipedia.org/")
    maple.sees_that_she_left()
