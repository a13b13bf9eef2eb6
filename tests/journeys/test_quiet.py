"""Quiet mode: who may be watched sees dots, asks for what came, and only the last exchange stays."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import WomanMaker
from tests.journeys.people import Colleague, words
from tests.journeys.program import MARK

pytestmark = pytest.mark.timeout(120)


def test_in_quiet_mode_words_come_only_when_she_taps_and_only_the_last_exchange_stays(
    maple: Colleague, woman: WomanMaker
) -> None:
    maple.is_ready()
    ann = woman()
    ann.past_the_safe_check("Not sure")
    ann.sees("every choice is fine")
    ann.picture("quiet-options")
    ann.taps("Go on here")
    ann.sees("Type hide at any time")
    assert ann.said("Could anyone else see").count() == 0
    ann.taps("Talk to a person", "Yes")
    ann.sees("I am asking a person for you")
    ann.picture("quiet-queue")
    maple.accepts()
    expect(ann.said("• •")).to_be_visible()
    assert ann.said("Maple").count() == 0
    maple.tab.wait_for_selector("text=Quiet mode: your words are kept")
    maple.writes(words("I am Maple, hello"))
    maple.sees_delivery("I am Maple", "held until she writes")
    maple.picture("chat-quiet-held")
    assert MARK not in ann.tab.content()
    ann.picture("quiet-dots")
    ann.taps("Show")
    ann.sees("I am Maple, hello")
    ann.sees("You are now writing with Maple")
    expect(ann.said("• •")).to_have_count(0)
    ann.picture("quiet-shown")
    ann.types(words("only this stays"))
    maple.reads("only this stays")
    expect(ann.said("I am Maple")).to_have_count(0)
    assert "Hide" in ann.offered
    maple.writes(words("second answer"))
    expect(ann.said("• •")).to_be_visible()
    ann.picture("quiet-talk-dots")
    ann.types("show")
    ann.sees("second answer")
    expect(ann.said("only this stays")).to_have_count(0)
    ann.picture("quiet-talk-shown")
    ann.taps("Hide")
    ann.tab.wait_for_url("**/www.wikipedia.org/")
    maple.sees_that_she_left()


def test_she_who_says_later_that_she_is_alone_reads_everything_at_once(
    maple: Colleague, woman: WomanMaker
) -> None:
    maple.is_ready()
    ann = woman()
    ann.past_the_safe_check("Not sure")
    ann.taps("Go on here", "Talk to a person", "Yes")
    ann.sees("I am asking a person for you")
    maple.accepts()
    maple.writes(words("whenever you can"))
    expect(ann.said("• •")).to_be_visible()
    ann.tab.reload()
    ann.sees("Is now a good time")
    ann.taps("Yes", "No")
    ann.sees("whenever you can")
    maple.writes(words("good to read you"))
    ann.sees("good to read you")
    ann.leaves()
    maple.sees_that_she_left()
