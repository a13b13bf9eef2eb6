"""The whole journey without JavaScript on either side: forms and pages, nothing lost."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import WomanMaker
from tests.journeys.people import Colleague, Woman, words
from tests.journeys.program import MARK, Program

pytestmark = [pytest.mark.timeout(120), pytest.mark.long]


def assert_new_lines_are_in_view(woman: Woman) -> None:
    """After a form her own last line is on the screen, with the answer under it."""
    top = woman.tab.locator(".line.her").last.evaluate("line => line.getBoundingClientRect().top")
    assert 0 < top < 740


def begins(woman: Woman) -> None:
    woman.tab.goto(woman.program.chat)
    expect(woman.tab.get_by_text("Begin")).to_be_visible()
    woman.picture("plain-start")
    woman.tab.click("text=Begin")
    woman.sees("Is now a good time")


def types(woman: Woman, text: str) -> None:
    woman.tab.fill("#box", text)
    woman.tab.click("button.send")


def looks_until(woman: Woman, text: str) -> None:
    """She asks for news until it is there."""
    for _ in range(10):
        if woman.said(text).count():
            return
        woman.tab.click("button.look")
    woman.sees(text)


def test_without_scripts_two_people_meet_talk_and_part(
    program: Program, browser: Browser, woman: WomanMaker
) -> None:
    maple = Colleague.signed_in(program, browser, "Maple", java_script_enabled=False)
    maple.is_ready()
    ann = woman(java_script_enabled=False)
    begins(ann)
    ann.picture("plain-hello")
    ann.taps("Yes", "No")
    ann.sees("Type hide at any time")
    ann.picture("plain-notice")
    ann.taps("Talk to a person", "Yes")
    ann.sees("I am asking a person for you")
    assert_new_lines_are_in_view(ann)
    ann.picture("plain-queue")
    maple.accepts()
    looks_until(ann, "You are now writing with Maple")
    types(ann, words("no scripts here"))
    ann.sees("no scripts here")
    maple.tab.click("text=Look for new lines")
    maple.reads("no scripts here")
    maple.writes(words("that is fine"))
    looks_until(ann, "that is fine")
    ann.picture("plain-talk")
    maple.tab.click("text=Look for new lines")
    maple.sees_delivery("that is fine", "on her screen")
    assert maple.tab.locator("#lines .by").all_inner_texts() == ["The guide", "She", "You"]
    maple.notes(words("reads slowly"))
    maple.picture("plain-chat")
    maple.closes()
    looks_until(ann, "Shall I remove everything here")
    ann.picture("plain-closing")
    ann.taps("Remove all")
    ann.tab.wait_for_url("**/www.wikipedia.org/")
    ann.tab.go_back()
    assert MARK not in ann.tab.content()
    assert program.rows("SELECT * FROM outbox") == []
    maple.context.close()


def test_without_a_script_the_exit_button_leaves_and_back_shows_nothing(woman: WomanMaker) -> None:
    ann = woman(java_script_enabled=False)
    begins(ann)
    ann.taps("Yes", "No")
    ann.sees("Type hide at any time")
    types(ann, words("someone is coming"))
    ann.sees("Thank you, I have it")
    ann.tab.click("button.exit")
    ann.tab.wait_for_url("**/www.wikipedia.org/")
    ann.tab.go_back()
    expect(ann.tab.locator(".said")).to_have_count(0)
    assert MARK not in ann.tab.content()
    assert ann.context.cookies() == []
