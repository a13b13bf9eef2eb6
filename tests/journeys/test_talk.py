"""What can happen in a talk: two who accept at once, a reload, a broken line, hostile words."""

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.journeys.conftest import WomanMaker
from tests.journeys.people import Colleague, words
from tests.journeys.program import MARK, Program

pytestmark = [pytest.mark.timeout(120), pytest.mark.long]


def test_of_two_who_accept_the_first_has_the_chat_and_the_other_is_told(
    program: Program, maple: Colleague, juniper: Colleague, woman: WomanMaker
) -> None:
    maple.is_ready()
    juniper.is_ready()
    ann = woman()
    ann.asks_for_a_person()
    late = juniper.is_offered()
    maple.accepts()
    late.click()
    expect(juniper.tab.locator(".refused")).to_contain_text("Somebody else was faster")
    expect(juniper.tab.locator("#offers")).to_contain_text("Nothing right now.")
    juniper.picture("too-late")
    ann.sees("You are now writing with Maple")
    assert [
        row["person"] is not None for row in program.rows("SELECT person FROM handoff WHERE state='active'")
    ] == [True]
    ann.leaves()
    maple.sees_that_she_left()


def test_a_reload_shows_the_safe_check_first_and_then_the_talk_goes_on(
    maple: Colleague, juniper: Colleague, woman: WomanMaker
) -> None:
    juniper.rests()
    maple.is_ready()
    ann = woman()
    maple.takes(ann)
    ann.types(words("before the reload"))
    maple.reads("before the reload")
    ann.tab.reload()
    ann.sees("Is now a good time")
    assert MARK not in ann.tab.content()
    ann.picture("reloaded")
    maple.reads("She opened the page anew")
    maple.writes(words("are you still there?"))
    maple.sees_delivery("are you still there?", "held until she writes")
    expect(maple.tab.locator("#presence")).to_contain_text("What you write now is held until she writes.")
    maple.picture("chat-held")
    ann.taps("Yes")
    ann.sees("Could anyone else see")
    assert MARK not in ann.tab.content()
    ann.taps("No")
    ann.sees("are you still there?")
    expect(ann.said("are you still there?")).to_have_count(1)
    maple.sees_delivery("are you still there?", "on her screen")
    ann.picture("reloaded-and-on")
    ann.types(words("yes, I am"))
    maple.reads("yes, I am")
    assert ann.said("before the reload").count() == 0
    ann.leaves()
    maple.sees_that_she_left()


def test_a_broken_line_loses_nothing_and_repeats_nothing(
    maple: Colleague, juniper: Colleague, woman: WomanMaker
) -> None:
    juniper.rests()
    maple.is_ready()
    ann = woman()
    maple.takes(ann)
    ann.types(words("one"))
    maple.reads("one")
    ann.context.set_offline(True)
    expect(ann.tab.locator("#notice")).to_contain_text("No connection just now.")
    ann.types(words("two"), words("three"))
    expect(ann.tab.locator("#notice")).to_contain_text("No connection just now.")
    expect(ann.tab.locator("#notice")).to_be_in_viewport(ratio=1)
    maple.writes(words("four"))
    ann.picture("no-connection")
    assert maple.line("two").count() == 0
    ann.context.set_offline(False)
    ann.sees("four")
    for number in ("one", "two", "three"):
        maple.reads(number)
        expect(maple.line(number)).to_have_count(1)
    for number in ("one", "two", "three", "four"):
        expect(ann.said(words(number))).to_have_count(1)
    maple.sees_delivery("four", "on her screen")
    ann.leaves()
    maple.sees_that_she_left()


HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"alert('owned')\"><b>bold</b> "
    "{{ 7*7 }} javascript:alert(1) https://evil.example/steal?x=1 "
    "\u202egnp.exe\u202c end " + MARK
)


def watch(tab: Page) -> list[str]:
    """Everything on this page that must not happen."""
    found: list[str] = []

    def dialog(shown: Dialog) -> None:
        found.append(shown.message)
        shown.dismiss()

    tab.on("dialog", dialog)
    tab.on(
        "request",
        lambda asked: found.append(asked.url) if "evil" in asked.url or asked.url.endswith("/x") else None,
    )
    return found


def assert_inert(tab: Page, line: str, title: str) -> None:
    said = tab.locator(line, has_text="owned")
    expect(said).to_have_count(1)
    assert said.locator("script, img, b, a").count() == 0
    shown = said.inner_text()
    assert "<script>" in shown
    assert "{{ 7*7 }}" in shown
    assert "\u202e" not in shown
    assert re.sub(r"^\(.*\) ", "", tab.title()) == title


def test_hostile_words_are_inert_in_both_directions(
    maple: Colleague, juniper: Colleague, woman: WomanMaker
) -> None:
    juniper.rests()
    maple.is_ready()
    ann = woman()
    maple.takes(ann)
    on_hers, on_maples = watch(ann.tab), watch(maple.tab)
    title = maple.tab.title()
    ann.types(HOSTILE)
    maple.reads("owned")
    assert_inert(maple.tab, "#lines .said", title)
    maple.picture("hostile-from-her")
    maple.tab.fill("#text", "/etc/passwd " + MARK)
    maple.tab.click("button:has-text('Send to her')")
    expect(maple.tab.locator(".refused")).to_contain_text("begins with / . or !")
    expect(maple.tab.locator("#text")).to_have_value("/etc/passwd " + MARK)
    maple.picture("refused-command")
    maple.tab.fill("#text", HOSTILE)
    maple.tab.click("button:has-text('Send to her')")
    flagged = maple.tab.locator(".refused")
    expect(flagged).to_contain_text("Nothing was sent yet.")
    expect(flagged).to_contain_text("https://evil.example/steal?x=1")
    assert flagged.locator("a, img, script").count() == 0
    expect(maple.tab.locator("#text")).to_have_value(HOSTILE)
    assert ann.tab.locator(".line.person .said", has_text="owned").count() == 0
    maple.tab.click("text=Send anyway")
    ann.sees("owned")
    hers = ann.tab.locator(".line.person .said", has_text="owned")
    assert_inert(ann.tab, ".line.person .said", "Notes")
    assert "https://evil.example" not in hers.inner_text()
    ann.picture("hostile-to-her")
    assert (on_hers, on_maples) == ([], [])
    ann.leaves()
    maple.sees_that_she_left()


def test_words_a_lock_screen_could_show_are_asked_about_before_they_go(
    maple: Colleague, juniper: Colleague, woman: WomanMaker
) -> None:
    juniper.rests()
    maple.is_ready()
    ann = woman()
    maple.takes(ann)
    text = words("The violence is not your fault.")
    maple.tab.fill("#text", text)
    maple.tab.click("button:has-text('Send to her')")
    expect(maple.tab.locator(".refused")).to_contain_text("Nothing was sent yet.")
    expect(maple.tab.locator("#text")).to_have_value(text)
    maple.picture("topic-shows")
    assert ann.said("not your fault").count() == 0
    maple.tab.click("text=Send anyway")
    ann.sees("not your fault")
    ann.leaves()
    maple.sees_that_she_left()


def test_someone_else_holds_the_phone_and_ordinary_words_stand_there(
    maple: Colleague, juniper: Colleague, woman: WomanMaker
) -> None:
    juniper.rests()
    maple.is_ready()
    ann = woman()
    maple.takes(ann)
    ann.types(words("who is this?"))
    maple.reads("who is this?")
    maple.writes(words("hello"))
    ann.sees("hello")
    maple.tab.click("button:has-text('Check it is her')")
    ann.sees("Before we go on: please tap your words")
    ann.picture("check-it-is-her")
    maple.picture("chat-checked")
    maple.tab.click("text=Someone else …")
    expect(maple.tab.locator("h1")).to_have_text("Someone else holds the phone?")
    assert MARK not in maple.tab.content()
    maple.picture("someone-else")
    maple.tab.click("text=Cover and end the chat")
    expect(maple.tab.locator(".done")).to_contain_text("Ordinary words stand on that screen now")
    ann.sees("There is nothing new at the moment.")
    assert MARK not in ann.tab.content()
    ann.picture("covered")


def test_the_whole_way_with_digits_only(maple: Colleague, juniper: Colleague, woman: WomanMaker) -> None:
    juniper.rests()
    maple.is_ready()
    ann = woman()
    ann.opens()
    for digit, answer in (
        ("1", "Could anyone else see"),
        ("1", "Type hide at any time"),
        ("4", "You can read all of this"),
        ("1", "Here are numbers and places"),
        ("1", "Choose a country"),
        ("1", "0800 500 333"),
        ("3", "A trained person can join"),
        ("1", "I am asking a person for you"),
    ):
        ann.types(digit)
        ann.sees(answer)
    maple.accepts()
    ann.sees("You are now writing with Maple")
    ann.types(words("I wrote only digits"))
    maple.reads("I wrote only digits")
    assert maple.tab.locator("#lines .line.her").count() == 1
    maple.closes()
    ann.sees("Shall I remove everything here")
    ann.types("1")
    ann.tab.wait_for_url("**/www.wikipedia.org/")
