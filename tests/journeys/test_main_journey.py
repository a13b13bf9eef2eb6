"""The journey this program is for: three browsers at once, from the first hello until nothing is left."""

import re
import sqlite3

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import WomanMaker
from tests.journeys.people import Colleague, Woman, words
from tests.journeys.program import MARK, Program

pytestmark = pytest.mark.timeout(240)
HOUR = 3_600_000_000


def column(rows: list[sqlite3.Row], name: str) -> list[object]:
    return [row[name] for row in rows]


def assert_nothing_is_left(program: Program, chat: str) -> None:
    """Of the talk behind the address of a chat; others may have talked before, and have gone too."""
    (handoff,) = program.rows("SELECT * FROM handoff WHERE id = ?", chat.rpartition("/")[2])
    (conversation,) = program.rows("SELECT * FROM conversation WHERE id = ?", handoff["conversation"])
    for name in ("contact", "data_key", "state_sealed", "revision", "new_until", "edit_until", "last_act_at"):
        assert conversation[name] is None, name
    assert conversation["stage"] == "closed"
    assert conversation["opened_at"] % HOUR == conversation["closed_at"] % HOUR == 0
    assert program.rows("SELECT * FROM outbox") == []
    assert program.rows("SELECT * FROM note") == []
    assert program.rows("SELECT * FROM offer") == []
    inbox = program.rows("SELECT * FROM inbox")
    assert inbox
    assert set(column(inbox, "body_sealed")) == set(column(inbox, "conversation")) == {None}
    assert handoff["state"] == "closed"
    for name in ("urgency", "person", "facts_sealed"):
        assert handoff[name] is None, name
    contacts = program.rows("SELECT data_key AS id FROM contact ORDER BY data_key")
    assert column(program.rows("SELECT id FROM data_key ORDER BY id"), "id") == column(contacts, "id")


def assert_no_words_on_disk(program: Program) -> None:
    for path in program.files():
        held = path.read_bytes()
        for mark in (MARK.encode(), MARK.encode("utf-16-le")):
            assert mark not in held, path


def she_is_met(ann: Woman) -> None:
    """First contact, safe check, notice."""
    ann.opens()
    ann.picture("hello")
    assert ann.tab.title() == "Notes"
    ann.taps("Yes")
    ann.sees("Could anyone else see")
    ann.picture("safe-check")
    ann.taps("No")
    ann.sees("I am an automatic guide, not a person.")
    ann.sees("This is a demonstration. Nobody answers here")
    ann.sees("Type hide at any time")
    expect(ann.said("I am an automatic guide, not a person.")).to_be_in_viewport()
    ann.picture("notice")


def she_finds_numbers(ann: Woman) -> None:
    """Region and numbers."""
    ann.taps("Only information", "Places and numbers")
    ann.picture("places")
    ann.taps("To talk and ask")
    ann.sees("Choose a country")
    ann.picture("countries")
    ann.taps("Romania")
    ann.sees("0800 500 333 · Romania")
    ann.sees("not yet checked by us")
    ann.picture("numbers")


def she_asks_for_a_person(ann: Woman, maple: Colleague, rowan: Colleague) -> str:
    """Consent, queue, offer, accepted; the address of the chat."""
    ann.taps("Talk to a person")
    ann.sees("Shall I ask one?")
    ann.picture("consent")
    ann.taps("Yes")
    ann.sees("I am asking a person for you")
    ann.sees("your place is kept")
    ann.picture("queue")
    offer = maple.is_offered()
    expect(maple.tab.locator("#offers")).to_contain_text("country: Romania")
    assert MARK not in maple.tab.content()
    maple.picture("now-offer")
    rowan.looks()
    expect(rowan.tab.locator("#queue tr.some")).to_have_count(1)
    rowan.picture("rowan-queue")
    offer.click()
    maple.tab.wait_for_url(re.compile("/chats/"))
    ann.sees("You are now writing with Maple")
    return maple.tab.url


def they_talk(program: Program, ann: Woman, maple: Colleague, rowan: Colleague, chat: str) -> None:
    """Words both ways, a note, and nobody else reads along."""
    ann.types(words("I do not know where to begin"))
    maple.reads("I do not know where to begin")
    maple.writes(words("Take your time. I am here."))
    ann.sees("Take your time.")
    maple.sees_delivery("Take your time.", "on her screen")
    maple.notes(words("calm, short lines"))
    ann.picture("talk")
    maple.picture("chat")
    assert_no_words_on_disk(program)
    rowan.tab.goto(chat)
    expect(rowan.tab.locator("h1")).not_to_contain_text("Chat")
    assert MARK not in rowan.tab.content()
    rowan.picture("rowan-refused")


def juniper_takes_over(ann: Woman, maple: Colleague, juniper: Colleague, chat: str) -> None:
    """Passed on: the second one gets the facts and the notes, not the words."""
    juniper.is_ready()
    maple.passes_on()
    maple.picture("passed-on")
    ann.sees("The volunteer is handing over to another person")
    ann.picture("passed-on-to")
    maple.tab.goto(chat)
    expect(maple.tab.locator("h1")).to_contain_text("This chat is not with you any more.")
    assert MARK not in maple.tab.content()
    maple.picture("not-yours")
    juniper.accepts()
    ann.sees("You are now writing with Juniper")
    expect(juniper.tab.locator("#note-list")).to_contain_text("calm, short lines")
    assert juniper.line("I do not know where").count() == 0
    assert juniper.line("Take your time").count() == 0
    juniper.writes(words("Hello, I have taken over."))
    ann.sees("Hello, I have taken over.")
    ann.types(words("Thank you both"))
    juniper.reads("Thank you both")
    juniper.picture("chat-passed-on")


def test_she_finds_help_talks_to_two_people_and_nothing_is_left(
    program: Program, browser: Browser, maple: Colleague, juniper: Colleague, woman: WomanMaker
) -> None:
    maple.is_ready()
    juniper.rests()
    rowan = Colleague.signed_in(program, browser, "Rowan")
    rowan.picture("rowan-now")
    ann = woman()
    she_is_met(ann)
    she_finds_numbers(ann)
    chat = she_asks_for_a_person(ann, maple, rowan)
    they_talk(program, ann, maple, rowan, chat)
    juniper_takes_over(ann, maple, juniper, chat)

    # Closed, removed, erased.
    juniper.closes()
    juniper.picture("closed")
    ann.sees("Shall I remove everything here")
    ann.picture("closing")
    ann.taps("Remove all")
    ann.tab.wait_for_url(re.compile("wikipedia"))
    ann.picture("left")
    expect(maple.tab.locator("body")).not_to_contain_text(MARK)
    maple.looks()
    juniper.looks()
    assert_nothing_is_left(program, chat)
    assert_no_words_on_disk(program)
    counted = program.counted()
    assert counted["handoff.accepted"] == 2
    assert counted["handoff.requested.U2"] == counted["handoff.passed_on"] == 1
    assert counted["handoff.closed.talked"] == counted["conversation.erased"] == counted["resource.sent"] == 1
    assert (counted["live.hers"], counted["live.volunteers"]) == (2, 2)
    assert "text.placeholder_missing" not in counted
