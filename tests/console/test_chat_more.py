"""The chat pane, continued."""

from dataclasses import replace
from pathlib import Path

from bot.services import pane_lines
from tests.console.office import Browser, open_office

HOSTILE = '<img src=x onerror="alert(1)"></li><script>alert(1)</script>&amp; {{ 7 * 7 }}'


async def reply(browser: Browser, chat: str, text: str, **more: str):
    return await browser.press(await browser.get(chat), f"{chat}/reply", text=text, **more)


# --- reading ------------------------------------------------------------------------------------------
async def test_the_whole_chat_on_postgresql(tmp_path: Path, fresh_postgres: str) -> None:
    async with open_office(tmp_path, url=fresh_postgres) as office:
        browser, ann, chat = await office.talking(said="he is outside and I am afraid")
        await reply(browser, chat, "I am here")
        await browser.press(await browser.get(chat), f"{chat}/note", text="short lines")
        await office.town.settle()
        page = await browser.get(chat)
        assert ann.texts()[-1] == "I am here"
        assert "on her screen" in page.words
        page = await browser.press(page, f"{chat}/close", outcome="talked")
        assert "You hold no chat" in page.words


def test_the_merge_keeps_each_side_in_its_own_order() -> None:
    def line(name: str, at: int) -> pane_lines.Line:
        return pane_lines.Line(name, "her", "", at)

    hers = [line("h1", 10), line("h2", 10), line("h3", 40)]
    ours = [replace(line("o1", 50)), line("o2", 20)]  # the first waits for its next try
    assert [one.id for one in pane_lines._merged(hers, ours)] == ["h1", "h2", "h3", "o1", "o2"]
