"""The page in a real browser without a script: the same chat, the same exit, no traces."""

import contextlib

import pytest
from playwright.async_api import Error, Page as Tab, expect

from tests.webchat.conftest import Visit, lines
from tests.webchat.echo import SAFE_CHECK
from tests.webchat.page import until

pytestmark = pytest.mark.timeout(60)


async def _began(visit: Visit) -> Tab:
    tab = await visit.tab(java_script_enabled=False)
    await tab.goto(f"{visit.elsewhere}/before")
    await tab.goto(visit.line.base)
    await tab.click("text=Begin")
    await expect(tab.locator(".line")).to_have_count(1)
    return tab


async def _content(tab: Tab) -> str:
    """What is shown once the browser has come to rest."""
    for _ in range(50):
        with contextlib.suppress(Error):
            await tab.wait_for_timeout(200)
            return await tab.content()
    raise AssertionError("the browser does not come to rest")


@pytest.mark.long
async def test_the_whole_chat_works_with_forms(visit: Visit) -> None:
    tab = await _began(visit)
    await tab.click("text=Not sure")
    await expect(tab.locator("text=you chose safe.unsure")).to_be_visible()
    await tab.fill("#box", "ți-am scris\n<b>două</b> rânduri")
    await tab.click(".send")
    await expect(tab.locator(".line.guide").last).to_contain_text("you wrote ți-am scris")
    await tab.fill("#box", "1")
    await tab.click(".send")
    await expect(tab.locator("text=you wrote 1")).to_be_visible()
    assert visit.echo.texts() == ["safe.unsure", "ți-am scris\n<b>două</b> rânduri", "1"]
    await visit.echo.says(visit.echo.address(), "said meanwhile")
    await tab.click("text=Anything new?")
    await expect(tab.locator("text=said meanwhile")).to_have_count(1)
    said = await lines(tab)
    assert len(said) == len(set(said)) == 8
    await until(lambda: len(visit.echo.seen) == 5)
    assert visit.complaints == []


async def test_leaving_without_a_script_ends_at_the_neutral_site_and_back_shows_no_line(visit: Visit) -> None:
    tab = await _began(visit)
    await tab.fill("#box", "a secret")
    await tab.click(".send")
    await expect(tab.locator("text=you wrote a secret")).to_be_visible()
    await tab.click("text=Leave this page")
    await tab.wait_for_url("**/weather")
    await until(lambda: visit.echo.all("left"))
    assert await tab.context.cookies(visit.line.base) == []
    with contextlib.suppress(Error):  # the browser's own question whether to send the form again
        await tab.go_back()
    assert "secret" not in await _content(tab)
    assert visit.echo.texts() == ["a secret"]


@pytest.mark.long
async def test_leaving_without_a_script_leaves_nothing_to_go_back_to(visit: Visit) -> None:
    tab = await _began(visit)
    await tab.fill("#box", "a secret")
    await tab.click(".send")
    await expect(tab.locator("text=you wrote a secret")).to_be_visible()
    await tab.click("text=Leave this page")
    await tab.wait_for_url("**/weather")
    await until(lambda: visit.echo.all("left"))
    assert await tab.context.cookies(visit.line.base) == []
    while tab.url != f"{visit.elsewhere}/before":
        # The browser keeps an entry per form sent; each is the neutral start page, or the browser's own
        # question whether to send the form again, and sending it again opens nothing.
        with contextlib.suppress(Error):
            await tab.go_back()
        assert "secret" not in await _content(tab)
        with contextlib.suppress(Error):
            await tab.reload()
        assert "secret" not in await _content(tab)
    assert visit.echo.texts() == ["a secret"]


@pytest.mark.long
async def test_a_reload_without_a_script_shows_the_neutral_page(visit: Visit) -> None:
    tab = await _began(visit)
    await tab.fill("#box", "a secret")
    await tab.click(".send")
    await expect(tab.locator("text=you wrote a secret")).to_be_visible()
    await tab.reload()
    assert "secret" not in await tab.content()
    assert await tab.locator(".line").count() == 0
    await tab.click("text=Begin")
    await expect(tab.locator(".line")).to_have_count(1)
    assert await lines(tab) == [SAFE_CHECK]
    assert visit.echo.texts() == ["a secret"]
