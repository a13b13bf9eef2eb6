"""Tabs of a real browser: somebody signed in at an office, on a desk or a phone, with scripts or without."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from playwright.async_api import Page, async_playwright

from tests.console.office import Office

PHONE: Final = (390, 800)
DESK: Final = (1280, 900)

TOO_WIDE: Final = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
NAMELESS: Final = """[...document.querySelectorAll(
    "input:not([type=hidden]), select, textarea:not([hidden]), button, a")]
  .filter((one) => !(one.labels?.length || one.textContent.trim() || one.getAttribute("aria-label")))
  .map((one) => one.outerHTML)"""
HEADINGS: Final = """(() => { let level = 0; const odd = [];
  for (const one of document.querySelectorAll("main h1, main h2, main h3")) {
    const now = Number(one.tagName[1]); if (now > level + 1) odd.push(one.outerHTML); level = now; }
  return document.querySelectorAll("h1").length === 1 ? odd : ["not one h1"]; })()"""
DOUBLE_IDS: Final = """(() => { const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  return ids.filter((id, at) => ids.indexOf(id) !== at); })()"""


class Opens(Protocol):
    """Opens a tab in which somebody is signed in."""

    async def __call__(self, alias: str, size: tuple[int, int] = DESK, *, scripts: bool = True) -> Page: ...


@asynccontextmanager
async def open_tabs(office: Office, chromium: Path, flags: list[str]) -> AsyncIterator[Opens]:
    """A browser; a broken policy, a script error or a foreign request in any of its tabs fails the test."""
    troubles: list[str] = []
    async with async_playwright() as started:
        browser = await started.chromium.launch(executable_path=chromium, args=flags)

        async def signed_in(alias: str, size: tuple[int, int] = DESK, *, scripts: bool = True) -> Page:
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts
            )
            tab = await context.new_page()
            tab.on("pageerror", lambda error: troubles.append(str(error)))
            tab.on(
                "console",
                lambda line: troubles.append(line.text) if "Content Security" in line.text else None,
            )
            tab.on("request", lambda r: None if "//127.0.0.1:" in r.url else troubles.append(r.url))
            await tab.goto(f"{office.base}/enter/{office.link(alias)}")
            await tab.get_by_role("button", name="Sign in here").click()
            return tab

        try:
            yield signed_in
        finally:
            await browser.close()
    assert troubles == []
