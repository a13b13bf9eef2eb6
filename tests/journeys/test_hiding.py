"""Hide, the exit button and the key: at once, everywhere, leaving nothing behind."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import WomanMaker
from tests.journeys.people import Colleague, Woman, words
from tests.journeys.program import MARK, Program

pytestmark = pytest.mark.timeout(120)

WAYS = [
    "types hide",
    "exit button",
    pytest.param("taps Hide", marks=pytest.mark.long),
    pytest.param("escape twice", marks=pytest.mark.long),
]


def hides(woman: Woman, way: str) -> None:
    match way:
        case "types hide":
            woman.types("hide")
        case "taps Hide":
            woman.taps("Hide")
        case "exit button":
            woman.tab.click("button.exit")
        case _:
            woman.tab.focus("#box")
            woman.tab.keyboard.press("Escape")
            woman.tab.keyboard.press("Escape")


@pytest.mark.parametrize("way", WAYS)
def test_hiding_in_a_talk_clears_her_page_and_tells_the_volunteer(
    maple: Colleague, woman: WomanMaker, way: str
) -> None:
    maple.is_ready()
    ann = woman()
    ann.comes_from_elsewhere()
    maple.takes(ann)
    ann.types(words("somebody may come"))
    maple.reads("somebody may come")
    maple.writes(words("I am here"))
    ann.sees("I am here")
    hides(ann, way)
    ann.is_elsewhere()
    if way == "types hide":
        maple.tab.wait_for_selector(".left-box")
        maple.picture("she-left")
    maple.sees_that_she_left()


@pytest.mark.parametrize("way", ["taps Hide", "exit button"])
def test_hiding_in_the_queue_takes_back_what_was_offered(
    maple: Colleague, woman: WomanMaker, way: str
) -> None:
    maple.is_ready()
    ann = woman()
    ann.comes_from_elsewhere()
    ann.asks_for_a_person()
    maple.is_offered()
    hides(ann, way)
    ann.is_elsewhere()
    expect(maple.tab.locator("#offers")).to_contain_text("Nothing right now.")
    assert maple.tab.locator("#offers button").count() == 0


def test_a_volunteer_who_was_writing_keeps_her_text_when_she_has_to_leave(
    maple: Colleague, woman: WomanMaker
) -> None:
    maple.is_ready()
    ann = woman()
    maple.takes(ann)
    maple.tab.fill("#text", words("half a sentence"))
    ann.leaves()
    expect(maple.tab.locator("#banner")).to_contain_text("What you have typed stays here")
    maple.tab.click("button:has-text('Send to her')")
    expect(maple.tab.locator("body")).to_contain_text("She had to leave")
    expect(maple.tab.locator("#kept")).to_have_value(words("half a sentence"))
    maple.picture("she-left-while-writing")
    maple.tab.click("text=I have seen it")


def test_coming_back_after_hiding_is_a_first_time(
    program: Program, maple: Colleague, woman: WomanMaker
) -> None:
    maple.is_ready()
    ann = woman()
    maple.takes(ann)
    ann.types(words("to be forgotten"))
    maple.reads("to be forgotten")
    ann.types("hide")
    ann.tab.wait_for_url("**/www.wikipedia.org/")
    maple.sees_that_she_left()
    ann.opens()
    assert ann.lines == ["Hi. Is now a good time to write here?"]
    assert MARK not in ann.tab.content()
    assert (
        program.rows("SELECT body_sealed FROM inbox WHERE conversation IS NULL AND body_sealed IS NOT NULL")
        == []
    )
