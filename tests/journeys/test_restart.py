"""The machine dies in the middle of a talk and comes back: both go on, nothing lost, nothing twice."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import WomanMaker
from tests.journeys.people import Colleague, words
from tests.journeys.program import Program

pytestmark = [pytest.mark.timeout(120), pytest.mark.long]


def test_a_talk_goes_on_after_the_program_was_killed(
    program: Program, maple: Colleague, woman: WomanMaker
) -> None:
    maple.is_ready()
    ann = woman()
    maple.takes(ann)
    ann.types(words("one"))
    maple.reads("one")
    maple.writes(words("two"))
    ann.sees("two")
    maple.tab.fill("#text", words("half a sentence"))
    program.kill()
    ann.types(words("three"))
    expect(ann.tab.locator("#notice")).to_contain_text("No connection just now.")
    expect(maple.tab.locator("#banner")).to_contain_text("No connection to the console.", timeout=30_000)
    maple.picture("console-no-connection")
    program.start()
    maple.reads("three")
    expect(maple.tab.locator("#banner")).to_be_hidden()
    expect(maple.tab.locator("#text")).to_have_value(words("half a sentence"))
    maple.writes(words("four"))
    ann.sees("four")
    ann.types(words("five"))
    maple.reads("five")
    ann.picture("after-restart")
    maple.picture("chat-after-restart")
    for number in ("one", "two", "three", "four", "five"):
        expect(ann.said(words(number))).to_have_count(1)
        expect(maple.line(words(number))).to_have_count(1)
    said = [line for line in ann.lines if line.endswith(words(""))]
    assert said == [words(number) for number in ("one", "two", "three", "four", "five")]
    ann.leaves()
    maple.sees_that_she_left()
