"""Beside the reply, over HTTP: asking her, cards, ready answers, a supervisor who joins, blocks."""

from bot.services import giving
from bot.store import block_table
from tests.console.office import Browser, Office, Page

MORE = {"text": "half a reply", "draft": "half a note"}


async def press(browser: Browser, chat: str, act: str, **more: str) -> Page:
    """Press a button that goes with the form of the reply."""
    return await browser.post(f"{chat}/{act}", (await browser.get(chat)).form(f"{chat}/reply") | more)


# --- asking her -------------------------------------------------------------------------------------------
async def test_asking_her_keeps_what_is_half_written_and_shows_until_when_she_is_asked(
    office: Office,
) -> None:
    browser, ann, chat = await office.talking()
    page = await press(browser, chat, "ask-over", **MORE)
    assert page.field("text") == "half a reply"
    assert page.field("note") == "half a note"
    assert "without an answer she goes to the head of the queue" in page.words
    await office.town.settle()
    assert "May another person take over?" in ann.texts()[-1]
    assert "Wait for her answer" in (await press(browser, chat, "ask-stop")).words
    ann.taps("I would rather stay")
    await office.town.settle()
    assert "She said that she would rather stay with you." in (await browser.get(chat)).words
    again = await press(browser, chat, "ask-over")
    assert again.status == 409
    assert "rather stay" in again.words


async def test_a_good_place_to_stop_is_asked_and_her_answer_is_shown(office: Office) -> None:
    browser, ann, chat = await office.talking()
    assert (await press(browser, chat, "ask-stop")).status == 200
    await office.town.settle()
    assert ann.texts()[-1] == "Is this a good place to stop for today?"
    office.town.clock.move(seconds=5)
    ann.taps("Yes, for today")
    await office.town.settle()
    assert "Yes, for today" in (await browser.get(chat)).words


# --- cards and ready answers ------------------------------------------------------------------------------
async def test_a_number_is_looked_for_and_sent_as_a_card(office: Office) -> None:
    browser, ann, chat = await office.talking()
    found = await press(browser, chat, "find", need="emergency", region="RO", text="half a reply")
    assert found.field("text") == "half a reply"
    assert "112" in found.words
    sent = await browser.press(found, f"{chat}/give")
    assert sent.status == 200
    assert sent.field("text") == "half a reply"
    await office.town.settle()
    assert ann.texts()[-1].startswith("112")
    assert office.town.count("resource.inserted") == 1


async def test_only_what_may_be_sent_there_is_sent(office: Office) -> None:
    browser, ann, chat = await office.talking()
    found = await press(browser, chat, "find", need="emergency", region="RO")
    before = ann.texts()
    for wrong in ({"resource": "no-such-line"}, {"region": "CZ"}):
        refused = await browser.press(found, f"{chat}/give", **wrong)
        assert refused.status == 409
        assert "may not be sent there now" in refused.words
        found = await press(browser, chat, "find", need="emergency", region="RO")
    await office.town.settle()
    assert ann.texts() == before


async def test_a_ready_answer_is_put_into_the_reply_or_sent(office: Office) -> None:
    browser, ann, chat = await office.talking()
    answers = giving.ready_answers(office.town.house, "en")
    assert "{" not in "".join(answers.values())
    assert "type hide" in answers["someone_comes"]
    page = await press(browser, chat, "answers/here/put", text="Hello.")
    assert page.field("text") == f"Hello.\n{answers['here']}"
    sent = await press(browser, chat, "answers/what_helps/send", text="half a reply")
    assert sent.field("text") == "half a reply"
    await office.town.settle()
    assert (ann.texts()[-1], ann.screen[-1].name) == (answers["what_helps"], "Maple")
    unknown = await press(browser, chat, "answers/nothing/send")
    assert unknown.status == 409
    assert "There was nothing to send." in unknown.words


async def test_in_her_language_or_none(office: Office) -> None:
    house = office.town.house
    assert giving.ready_answers(house, "ro").keys() == giving.ready_answers(house, "en").keys()
    assert "ascunde" in giving.ready_answers(house, "ro-MD")["someone_comes"]
    assert giving.ready_answers(house, "cs") == {}


# --- a supervisor who joins -------------------------------------------------------------------------------
async def test_a_supervisor_joins_reads_from_there_on_writes_and_leaves(office: Office) -> None:
    _, ann, chat = await office.talking()
    ann.types("from before")
    await office.town.settle()
    alder = await office.signed_in("Alder")
    page = await alder.post(f"{chat}/join", {"form": await office.form_token(alder)})
    assert page.path == chat
    assert "from before" not in page.words
    assert "disabled" in page.text
    await office.town.settle()
    assert "Alder, who guides the volunteers" in ann.texts()[-1]
    office.town.clock.move(seconds=5)
    ann.types("from now on")
    await office.town.settle()
    page = await alder.get(chat)
    assert "from now on" in page.words
    assert "from before" not in page.words
    assert not page.has_form(f"{chat}/close")
    await alder.press(page, f"{chat}/reply", text="I am Alder.")
    await office.town.settle()
    assert (ann.texts()[-1], ann.screen[-1].name) == ("I am Alder.", "Alder")
    assert (await alder.press(await alder.get(chat), f"{chat}/part")).path == "/"
    await office.town.settle()
    assert ann.texts()[-1].startswith("Alder has left")
    assert (await alder.get(chat)).status == 404


async def test_without_the_right_nobody_joins(office: Office) -> None:
    _, ann, chat = await office.talking()
    juniper = await office.signed_in("Juniper")
    assert (await juniper.post(f"{chat}/join", {"form": await office.form_token(juniper)})).status == 403
    await office.town.settle()
    assert "who guides" not in "\n".join(ann.texts())


# --- blocks -----------------------------------------------------------------------------------------------
async def test_misuse_with_a_tick_asks_for_a_block_that_another_person_reviews(office: Office) -> None:
    browser, _, chat = await office.talking()
    page = await browser.get(chat)
    wrong = await browser.press(page, f"{chat}/close", outcome="talked", block="1")
    assert wrong.status == 409
    assert "A block is for misuse alone." in wrong.words
    assert office.town.rows(block_table.block) == []
    done = await browser.press(await browser.get(chat), f"{chat}/close", outcome="misuse", block="1")
    assert "meets only the emergency card for a day" in done.words
    assert (await browser.get("/blocks")).status == 403
    (block,) = office.town.rows(block_table.block)
    alder = await office.signed_in("Alder")
    shown = await alder.get("/blocks")
    assert "asked for by Maple" in shown.words
    confirmed = await alder.press(shown, f"/blocks/{block.id}/confirm", days="14")
    assert "Confirmed." in confirmed.words
    lifted = await alder.press(confirmed, f"/blocks/{block.id}/lift")
    assert "Nobody is blocked." in lifted.words
    gone = await alder.post(f"/blocks/{block.id}/lift", {"form": await office.form_token(alder)})
    assert gone.status == 409


async def test_whoever_asked_does_not_confirm(office: Office) -> None:
    browser, _, chat = await office.talking()
    await browser.press(await browser.get(chat), f"{chat}/close", outcome="misuse", block="1")
    (block,) = office.town.rows(block_table.block)
    town, alder = office.town, await office.signed_in("Alder")
    asker = town.person_id("Alder")  # a supervisor who had the chat herself
    town.write(lambda c: c.execute(block_table.block.update().values(asked_by=asker)))
    page = await alder.get("/blocks")
    assert "another person confirms" in page.words
    assert not page.has_form(f"/blocks/{block.id}/confirm")
    refused = await alder.post(f"/blocks/{block.id}/confirm", {"form": await office.form_token(alder)})
    assert refused.status == 409
    assert [row.state for row in office.town.rows(block_table.block)] == ["asked"]
