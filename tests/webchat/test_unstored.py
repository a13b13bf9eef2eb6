"""A full disk, or a database that is away: she is told so with a number, and nothing is lost (PR1)."""

import pytest

from tests.webchat.echo import Echo
from tests.webchat.line import line
from tests.webchat.page import Host, until
from tests.webchat.reader import Reader

NUMBER = "No answer just now. Emergency: 112."
SOON = {"stored_within": 0.2, "unstored": {"en": NUMBER}, "urgent": lambda text: text == "help now"}


@pytest.mark.parametrize("word", ["a word", "help now"])
@pytest.mark.parametrize("mode", ["socket", "poll"])
async def test_what_cannot_be_stored_is_answered_with_a_number_once_and_is_stored_later(
    mode: str, word: str
) -> None:
    async with line(**SOON) as chat:
        page = await chat.page(mode)
        await until(lambda: chat.host.messages)
        chat.host.refuse = True
        await page.types(word)
        await until(lambda: NUMBER in page.texts(), within=2.0)
        assert not [frame for frame in page.frames if frame["t"] == "ack"]
        await page.disconnect()
        await page.connect()
        chat.host.refuse = False
        await until(lambda: chat.host.messages[-1].text == word)
        await until(lambda: not page.unstored)
        assert page.texts().count(NUMBER) == 1


@pytest.mark.parametrize("mode", ["socket", "poll"])
async def test_a_page_opened_while_nothing_can_be_stored_is_told_the_number(mode: str) -> None:
    async with line(host=Host(refuse=True), **SOON) as chat:
        page = await chat.page(mode)
        await until(lambda: page.texts() == [NUMBER], within=2.0)


@pytest.mark.parametrize("mode", ["socket", "poll"])
async def test_who_is_answered_in_time_hears_nothing_of_it(mode: str) -> None:
    async with line(host=Echo(), **SOON) as chat:
        page = await chat.page(mode)
        await page.types("hello")
        await until(lambda: "you wrote hello" in page.texts())
        assert NUMBER not in page.texts()


async def test_a_form_that_cannot_be_stored_is_answered_with_a_number_once() -> None:
    async with line(host=Host(refuse=True), **{**SOON, "answer_within": 0.1}) as chat:
        ann = Reader(chat, chat.visit())
        await ann.begins()
        assert ann.said() == [NUMBER]
        await ann.writes("help now")
        assert ann.said() == [NUMBER, "help now", NUMBER]
        chat.host.refuse = False
        await until(lambda: [m.text for m in chat.host.messages] == ["", "help now"])
