"""Links and numbers that are not ours: shown to the volunteer before anything is sent, one tap sends it."""

import pytest

from bot.store import tables as t
from tests.console.office import Office
from tests.console.test_chat import reply

FLAGGED = [
    ("look at example.org/help", "example.org/help", "history of her phone"),
    ("ring 0799 123 456 please", "0799 123 456", "Not among the numbers"),
]


@pytest.mark.parametrize(("text", "found", "why"), FLAGGED)
async def test_a_link_or_an_unknown_number_is_shown_and_sent_only_by_a_second_tap(
    office: Office, text: str, found: str, why: str
) -> None:
    browser, ann, chat = await office.talking()
    page = await reply(browser, chat, text)
    await office.town.settle()
    assert page.status == 409
    assert f"<b><bdi>{found}</bdi></b>" in page.text
    assert why in page.words
    assert page.field("text") == text
    assert "You are now writing with" in ann.texts()[-1]
    await browser.press(page, f"{chat}/reply", text=text, anyway="1")
    await office.town.settle()
    assert ann.texts()[-1].split()[0] == text.split(maxsplit=1)[0]


async def test_a_number_of_the_directory_is_sent_at_once(office: Office) -> None:
    browser, ann, chat = await office.talking()
    assert (await reply(browser, chat, "If it gets worse, 112 answers at any hour.")).status == 200
    await office.town.settle()
    assert ann.texts()[-1] == "If it gets worse, 112 answers at any hour."


@pytest.mark.parametrize("found", ["0744 123 456", "ana@example.org", "str. Morii 3"])
async def test_a_note_that_tells_who_she_is_is_kept_only_by_a_second_tap(office: Office, found: str) -> None:
    browser, _, chat = await office.talking()
    text = f"sister: {found}"
    page = await browser.press(await browser.get(chat), f"{chat}/note", text=text)
    assert page.status == 409
    assert f"<b><bdi>{found}</bdi></b>" in page.text
    assert "could tell who or where she is" in page.words
    assert "Send anyway" not in page.text
    assert page.field("note") == text
    assert office.town.rows(t.note) == []
    await browser.press(page, f"{chat}/note", text=text, anyway="1")
    assert len(office.town.rows(t.note)) == 1


async def test_a_note_that_tells_nothing_of_her_is_kept_at_once(office: Office) -> None:
    browser, _, chat = await office.talking()
    await browser.press(await browser.get(chat), f"{chat}/note", text="2 children, prefers evenings")
    assert len(office.town.rows(t.note)) == 1
