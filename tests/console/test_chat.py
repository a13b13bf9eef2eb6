"""The chat pane: what a volunteer reads, writes and presses."""

import asyncio
import json
from dataclasses import replace

import pytest

from bot.model import Role
from bot.services import audit, panes, people
from bot.services.permissions import NotAllowed
from channels.message import DeliveryState, Receipt
from tests.console.office import Browser, Office, open_office
from tests.services.walks import asks_while_closed

HOSTILE = '<img src=x onerror="alert(1)"></li><script>alert(1)</script>&amp; {{ 7 * 7 }}'


async def reply(browser: Browser, chat: str, text: str, **more: str):
    return await browser.press(await browser.get(chat), f"{chat}/reply", text=text, **more)


# --- reading ------------------------------------------------------------------------------------------
async def test_both_sides_stand_in_their_order_with_what_became_of_ours(office: Office) -> None:
    browser, ann, chat = await office.talking()
    for hers, ours in (("first", "second"), ("third", "fourth")):
        office.town.clock.move(seconds=5)
        ann.types(hers)
        await office.town.settle()
        office.town.clock.move(seconds=5)
        await reply(browser, chat, ours)
        assert "sending" in (await browser.get(chat)).words
        await office.town.settle()
    words = (await browser.get(chat)).words
    places = [
        words.index(text) for text in ("You are now writing with", "first", "second", "third", "fourth")
    ]
    assert places == sorted(places)
    assert words.count("on her screen") == 3
    assert ann.texts()[-1] == "fourth"


async def test_what_she_wrote_before_is_read_only_with_her_yes(office: Office) -> None:
    browser, _, chat = await office.talking(handle="ann", said="earlier words")
    assert "earlier words" in (await browser.get(chat)).words
    juniper, bea, other = await office.talking("Juniper", "bea", said="kept words", shares="consent.topic")
    assert "kept words" not in (await juniper.get(other)).text
    office.town.clock.move(seconds=5)
    bea.types("words for you")
    await office.town.settle()
    page = await juniper.get(other)
    assert "words for you" in page.words
    assert "She shared the topic, not her words" in page.words


@pytest.mark.parametrize(
    "text",
    [HOSTILE, "=cmd|' /C calc'!A1", "@SUM(1)", '"><form action="https://evil.example">', "\x00\x07bell"],
)
async def test_hostile_words_are_only_words(office: Office, text: str) -> None:
    browser, ann, chat = await office.talking()
    plain = await browser.get(chat)
    ann.types(text)
    await office.town.settle()
    for page in (await browser.get(chat), await browser.get(f"{chat}/lines")):
        shown = json.loads(page.text)["html"] if page.path.endswith("lines") else page.text
        for tag in ("<img src=x", "<script>", "evil.example", "\x00", "\x07"):
            assert tag not in shown
    page = await browser.get(chat)
    assert page.text.count("<form") == plain.text.count("<form")
    assert page.text.count("<script") == 1


async def test_words_that_turn_direction_stay_inside_their_line(office: Office) -> None:
    browser, ann, chat = await office.talking()
    ann.types("abc \u202egnp.exe\u202c \u2067שלום\u2069")
    await office.town.settle()
    page = await browser.get(chat)
    assert not any(sign in page.text for sign in "\u202e\u202c\u2067\u2069")
    assert '<span class="said" dir="auto">abc gnp' in page.text


async def test_what_she_deletes_or_edits_is_gone_at_once(office: Office) -> None:
    browser, ann, chat = await office.talking()
    first, second = ann.types("take this back"), ann.types("to be changed")
    await office.town.settle()
    ann.deletes(first)
    ann.edits(second, "changed words")
    ann.sends_media()
    await office.town.settle()
    page = await browser.get(chat)
    assert "take this back" not in page.text
    assert "to be changed" not in page.text
    assert "deleted by her" in page.words
    assert "changed words" in page.words
    assert "edited by her" in page.words
    assert "neither fetched nor kept" in page.words


async def test_only_who_holds_the_chat_reads_it(office: Office) -> None:
    maple, ann, chat = await office.talking()
    ann.types("for Maple alone")
    await office.town.settle()
    juniper, town = await office.signed_in("Juniper"), office.town
    for alias in ("Juniper", "Alder"):
        person = town.person_id(alias)
        with pytest.raises(panes.NotYours):
            town.read(lambda c, p=person: panes.pane(c, town.house, chat.split("/")[2], p, town.now))
    assert (await juniper.get(chat)).status == 404
    assert (await juniper.get("/chats/nothing")).text == (await juniper.get(chat)).text
    page = await maple.get(chat)
    await maple.press(page, f"{chat}/pass-on")
    await town.settle()
    assert "for Maple alone" not in (await maple.get(chat)).text


async def test_a_right_taken_away_closes_the_pane(office: Office) -> None:
    browser, _, chat = await office.talking()
    town, maple = office.town, office.town.person_id("Maple")
    town.write(lambda c: people.revoke(c, maple, Role.VOLUNTEER, "demo"))
    with pytest.raises(NotAllowed):
        town.read(lambda c: panes.pane(c, town.house, chat.split("/")[2], maple, town.now))
    assert (await browser.get(chat)).status == 403


async def test_the_next_volunteer_gets_codes_and_notes_and_no_words(office: Office) -> None:
    maple, ann, chat = await office.talking(said="he is outside and I am afraid")
    ann.types("secret words")
    await office.town.settle()
    await reply(maple, chat, "my reply to her")
    await maple.press(await maple.get(chat), f"{chat}/note", text="prefers short lines")
    await maple.press(await maple.get(chat), f"{chat}/pass-on")
    await office.town.settle()
    juniper = await office.signed_in("Juniper")
    page = await juniper.press(await juniper.get("/"), f"/queue/{chat.split('/')[2]}/accept")
    for words in ("secret words", "my reply to her", "he is outside and I"):
        assert words not in page.text
    assert "prefers short lines" in page.words
    assert "Her words speak of danger now" in page.words


async def test_reading_is_audited_once_for_each_claim_and_holds_no_words(office: Office) -> None:
    browser, ann, chat = await office.talking()
    ann.types("private words")
    await office.town.settle()
    for _ in range(3):
        await browser.get(chat)
        await browser.get(f"{chat}/lines")
    await browser.press(await browser.get(chat), f"{chat}/close", outcome="talked")
    town, maple = office.town, office.town.person_id("Maple")
    entries = town.read(lambda c: list(audit.entries(c, town.house.vault)))
    mine = [(entry.verb, entry.object_id) for entry in entries if entry.actor == maple]
    handoff = chat.split("/")[2]
    assert mine == [("sign_in", maple), ("take", handoff), ("read", handoff), ("close", handoff)]


# --- writing ------------------------------------------------------------------------------------------
async def test_topic_words_come_back_with_the_text_and_can_be_sent_anyway(office: Office) -> None:
    browser, ann, chat = await office.talking()
    office.town.house.library.sensitive = {"en": ("violence",)}
    text = "Violence\n is <never> your fault"
    page = await reply(browser, chat, text)
    await office.town.settle()
    assert page.status == 409
    assert "violence" in page.words
    assert page.field("text") == text
    assert "your fault" not in ann.texts()[-1]
    await browser.press(page, f"{chat}/reply", text=text, anyway="1")
    await office.town.settle()
    assert "your fault" in ann.texts()[-1]


@pytest.mark.parametrize("text", ["/close", "\n\n.hide", "!x", "   ", "\x00"])
async def test_a_refused_text_is_given_back_whole(office: Office, text: str) -> None:
    browser, ann, chat = await office.talking()
    before = ann.texts()
    page = await reply(browser, chat, text)
    await office.town.settle()
    assert page.status == 409
    assert page.field("text") == text
    assert ann.texts() == before


async def test_words_outside_her_window_are_held_and_said_to_be(office: Office) -> None:
    browser, ann, chat = await office.talking()
    await reply(browser, chat, "I am here")
    await office.town.settle()
    office.town.clock.move(minutes=11)
    page = await browser.get(chat)
    assert "What you write now is held until she writes." in page.words
    await reply(browser, chat, "still here")
    await office.town.settle()
    assert "still here" not in ann.texts()
    assert "held until she writes" in (await browser.get(chat)).words
    ann.types("back")
    await office.town.settle()
    assert ann.texts()[-1] == "still here"
    page = await browser.get(chat)
    assert page.words.index("back") < page.words.index("still here")
    assert page.words.count("held until she writes") == 0


async def test_a_double_click_sends_once(office: Office) -> None:
    browser, ann, chat = await office.talking()
    page = await browser.get(chat)
    await asyncio.gather(*(browser.press(page, f"{chat}/reply", text="only once") for _ in range(3)))
    await office.town.settle()
    assert ann.texts().count("only once") == 1
    await reply(browser, chat, "only once")
    await office.town.settle()
    assert ann.texts().count("only once") == 2


async def test_a_double_click_on_a_refused_text_gives_it_back_twice(office: Office) -> None:
    browser, _, chat = await office.talking()
    page = await browser.get(chat)
    pages = await asyncio.gather(*(browser.press(page, f"{chat}/reply", text="/no") for _ in range(3)))
    assert [(page.status, page.field("text")) for page in pages] == [(409, "/no")] * 3


async def test_a_form_of_an_older_claim_reaches_nobody_and_is_given_back(office: Office) -> None:
    maple, ann, chat = await office.talking()
    old = await maple.get(chat)
    await maple.press(old, f"{chat}/pass-on")
    await office.town.settle()
    page = await maple.press(old, f"{chat}/reply", text="too late")
    assert page.status == 404
    assert "too late" in page.text
    assert "sent to nobody" in page.words
    await office.town.settle()
    assert "too late" not in ann.texts()


async def test_a_form_of_an_earlier_sign_in_is_given_back(office: Office) -> None:
    browser, _, chat = await office.talking()
    old = await browser.get(chat)
    await browser.post(f"/enter/{office.link('Maple')}", {})
    page = await browser.press(old, f"{chat}/reply", text="kept text")
    assert (page.status, "kept text" in page.text) == (403, True)
    browser.client.cookie_jar.clear()
    page = await browser.press(old, f"{chat}/reply", text="kept <text>")
    assert (page.status, "kept &lt;text&gt;" in page.text) == (401, True)


async def test_a_failure_of_ours_gives_the_text_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, _, chat = await office.talking()
    page = await browser.get(chat)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("disk")

    monkeypatch.setattr("bot.services.desk.write", broken)
    page = await browser.press(page, f"{chat}/reply", text="do not lose me")
    assert page.field("text") == "do not lose me"
    assert "failed on our side" in page.words


async def test_a_note_is_never_said_to_her_and_cannot_be_taken_for_a_reply(office: Office) -> None:
    browser, ann, chat = await office.talking()
    page = await browser.get(chat)
    assert page.text.index('id="text"') < page.text.index('id="note"')
    assert "<details>\n<summary>Write a note" in page.text
    before = ann.texts()
    page = await browser.press(page, f"{chat}/note", text="for colleagues <b>")
    await office.town.settle()
    assert ann.texts() == before
    assert "for colleagues &lt;b&gt;" in page.text.split('id="note-list"')[1]
    assert "for colleagues" not in page.text.split('class="reply"')[0]
    page = await browser.press(page, f"{chat}/note", text="x" * 281)
    assert page.status == 409
    assert page.field("note") == "x" * 281
    assert page.field("text") == ""


async def test_what_is_half_written_stays_when_something_else_is_sent(office: Office) -> None:
    browser, _, chat = await office.talking()
    page = await browser.get(chat)
    page = await browser.press(page, f"{chat}/note", text="a note", draft="half a reply")
    assert page.field("text") == "half a reply"
    page = await browser.post(f"{chat}/check", page.form(f"{chat}/reply") | {"text": "half a reply"})
    assert page.field("text") == "half a reply"
    page = await browser.press(page, f"{chat}/reply", text="whole", draft="half a note")
    assert page.field("note") == "half a note"
    page = await browser.press(page, f"{chat}/close", outcome="", draft="half a reply")
    assert (page.status, page.field("text")) == (409, "half a reply")


async def test_a_network_that_refuses_is_told_in_words(office: Office) -> None:
    async with open_office(office.town.folder / "other", names=("telegram",)) as over:
        ann = over.town.channels["telegram"].person("ann")
        over.town.woman = lambda *_: ann  # her page is a messenger here
        browser, _, chat = await over.talking()
        over.town.channels["telegram"].answer = lambda _: Receipt(DeliveryState.FAILED_FOR_GOOD, "blocked")
        await reply(browser, chat, "can you read this")
        await over.town.settle()
        assert "she has blocked us" in (await browser.get(chat)).words


# --- buttons ------------------------------------------------------------------------------------------
async def test_someone_else_asks_first_then_covers(office: Office) -> None:
    browser, ann, chat = await office.talking()
    ann.types("my words")
    await office.town.settle()
    page = await browser.get(f"{chat}/someone-else")
    assert "my words" not in page.text
    assert office.town.handoff(chat.split("/")[2]).state == "active"
    page = await browser.press(page, f"{chat}/someone-else")
    await office.town.settle()
    assert page.path == "/"
    assert "Ordinary words stand on that screen now" in page.words
    assert not any("my words" in text or "Maple" in text for text in ann.texts())
    assert office.town.handoff(chat.split("/")[2]).state == "closed"
    assert [kind for kind, _, _ in office.town.after] == ["hidden"]  # what was on the wire is stopped


async def test_check_it_is_her_asks_on_the_grid_and_tells_a_code(office: Office) -> None:
    browser, ann, chat = await office.talking()
    before = len(ann.texts())
    page = await browser.get(chat)
    assert "her words" not in page.words
    await browser.post(f"{chat}/check", page.form(f"{chat}/reply") | {"text": ""})
    await office.town.settle()
    assert len(ann.texts()) == before + 1
    page = await browser.get(chat)
    assert "Asked for her words: not all tapped yet." in page.words
    for row in office.town.library.grid["en"][:4]:
        ann.taps(row[0])
        await office.town.settle()
    page = await browser.get(chat)
    assert "No words were set, so nothing can be said of who writes." in page.words
    assert not any(word in page.words.split() for row in office.town.library.grid["en"] for word in row)


async def test_what_she_left_when_nobody_could_be_asked_is_shown_apart(office: Office) -> None:
    town, boards = office.town, office.town.house.library.boards
    town.house.library = replace(town.house.library, boards={})
    ann = await asks_while_closed(town)
    ann.types("I can only <b>write</b> at night")
    await town.passes(hours=1)
    town.house.library = replace(town.house.library, boards=boards)
    browser, _, chat = await office.talking()
    page = await browser.get(chat)
    assert "Left earlier, when nobody could be asked: I can only <b>write</b> at night" in page.words


async def test_closing_needs_an_outcome_and_leaves_only_its_count(office: Office) -> None:
    browser, _, chat = await office.talking()
    page = await browser.get(chat)
    refused = await browser.press(page, f"{chat}/close", outcome="made_up")
    assert refused.status == 409
    assert "Choose how the chat ended" in refused.words
    page = await browser.press(refused, f"{chat}/close", outcome="planned")
    assert page.path == "/"
    assert (await browser.get(chat)).status == 404


async def test_she_had_to_leave_is_told_and_acknowledged(office: Office) -> None:
    browser, ann, chat = await office.talking()
    ann.types("my words")
    await office.town.settle()
    old = await browser.get(chat)
    ann.types("hide")
    await office.town.settle()
    page = await browser.get(chat)
    assert "She had to leave" in page.words
    assert "my words" not in page.text
    assert not page.has_form(f"{chat}/reply")
    late = await browser.press(old, f"{chat}/reply", text="are you there")
    assert (late.status, late.field("kept")) == (409, "are you there")
    assert json.loads((await browser.get(f"{chat}/lines")).text)["left"] is True
    assert "She had to leave" in (await browser.get("/")).words
    page = await browser.press(page, f"{chat}/left")
    assert page.path == "/"
    assert "You hold no chat" in page.words


async def test_deadlines_and_presence_are_told(office: Office) -> None:
    browser, ann, chat = await office.talking()
    office.town.clock.move(seconds=30)
    ann.types("hello?")
    await office.town.settle()
    page = await browser.get(chat)
    assert "She was here just now. What you write reaches her until 12:10." in page.words
    assert "She waits for an answer: by 12:01 you are reminded" in page.words
    await reply(browser, chat, "here")
    assert "She waits" not in (await browser.get(chat)).words
