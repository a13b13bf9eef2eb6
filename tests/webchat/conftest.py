"""A browser with a phone's screen, the web chat with an echo behind it, and somewhere else to go."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page as Tab, async_playwright, expect

from tests.webchat.echo import Echo
from tests.webchat.line import Line, line

PHONE = {"width": 360, "height": 740}


@dataclass
class Visit:
    """One browser visiting one line."""

    line: Line
    echo: Echo
    browser: Browser
    elsewhere: str
    requests: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])

    async def context(self, **options: Any) -> BrowserContext:
        shape: dict[str, Any] = {"viewport": PHONE, "has_touch": True}
        context = await self.browser.new_context(**shape | options)
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        return context

    async def tab(self, context: BrowserContext | None = None, **options: Any) -> Tab:
        tab = await (context or await self.context(**options)).new_page()
        tab.set_default_timeout(8_000)
        tab.on("console", lambda said: self._note(said.type, said.text))
        return tab

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    async def opened(self, context: BrowserContext | None = None, **options: Any) -> Tab:
        """A tab on the page, with the safe check before her eyes."""
        tab = await self.tab(context, **options)
        await tab.goto(self.line.base)
        await expect(tab.locator(".line.guide")).to_have_count(1)
        return tab


async def lines(tab: Tab) -> list[str]:
    """What is said on the page, oldest first."""
    return await tab.locator(".said").all_inner_texts()


@pytest.fixture
async def elsewhere() -> AsyncGenerator[str, None]:
    """A neutral site that is not ours."""

    async def plain(request: web.Request) -> web.Response:
        return web.Response(
            text=f"<title>Weather</title><p>Sunny at {request.path}", content_type="text/html"
        )

    app = web.Application()
    app.router.add_get("/{tail:.*}", plain)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def visit(chromium: Path, chromium_flags: list[str], elsewhere: str) -> AsyncGenerator[Visit, None]:
    echo = Echo()
    async with line(host=echo, exit_url=f"{elsewhere}/weather") as running, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=str(chromium), args=chromium_flags)
        yield Visit(running, echo, browser, elsewhere)
        await browser.close()
