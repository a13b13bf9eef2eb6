"""Who takes part: women in front of a phone's page, and the staff of the console in their own browsers."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.journeys.program import MARK, Program

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
ELSEWHERE = "https://www.wikipedia.org/"
SHOTS = "JOURNEY_SCREENSHOTS"
"""Environment variable: a folder for pictures of every page; none are taken without it."""


expect.set_options(timeout=15_000)  # several programs may share two cores


def picture(tab: Page, name: str, *, wide: bool = False) -> None:
    """Photograph a page in light and dark, a console's also as wide as a desk, if anybody wants to look."""
    if SHOTS not in os.environ:
        return
    folder, before = Path(os.environ[SHOTS]), tab.viewport_size
    folder.mkdir(parents=True, exist_ok=True)
    shapes = [(1280, 900), (390, 844)] if wide else [(360, 740)]
    for width, height in shapes:
        tab.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            tab.emulate_media(color_scheme=scheme)
            tab.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=wide)
    tab.emulate_media(color_scheme="light")
    if before:
        tab.set_viewport_size(before)


def _elsewhere(route: Route) -> None:
    route.fulfill(content_type="text/html", body="<title>Elsewhere</title><p>An everyday page")


def browser_context(browser: Browser, **options: Any) -> BrowserContext:
    """A browser of one person's own; the everyday page of the exit button is there without a network."""
    shape: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "locale": "en-GB"}
    context = browser.new_context(**shape | options)
    context.set_default_timeout(15_000)
    context.route(f"{ELSEWHERE}**", _elsewhere)
    return context


@dataclass
class Woman:
    """One woman on her phone. Everything is done by what she can see."""

    program: Program
    context: BrowserContext
    tab: Page

    @classmethod
    def with_phone(cls, program: Program, browser: Browser, **options: Any) -> "Woman":
        """Not yet on the page."""
        context = browser_context(browser, **options)
        return cls(program, context, context.new_page())

    @property
    def lines(self) -> list[str]:
        """What is said on her page, oldest first."""
        return self.tab.locator(".said").all_inner_texts()

    @property
    def offered(self) -> list[str]:
        """Labels she can tap."""
        return self.tab.locator(".choice span").all_inner_texts()

    def opens(self) -> None:
        """She opens the page, and is asked whether now is a good time."""
        self.tab.goto(self.program.chat)
        self.sees("Is now a good time")

    def sees(self, text: str) -> None:
        """Wait until a line holds the text."""
        expect(self.said(text).last).to_be_visible()

    def said(self, text: str) -> Locator:
        """Lines that hold the text."""
        return self.tab.locator(".said", has_text=text)

    def choice(self, label: str) -> Locator:
        """The button with exactly this label."""
        return self.tab.locator(".choice", has=self.tab.get_by_text(label, exact=True))

    def taps(self, *labels: str) -> None:
        """She taps one label after the other, each when it is offered."""
        for label in labels:
            button = self.choice(label)
            expect(button).to_be_visible()
            button.click()

    def types(self, *texts: str) -> None:
        """She types and sends."""
        for text in texts:
            self.tab.fill("#box", text)
            self.tab.press("#box", "Enter")

    def past_the_safe_check(self, answer: str = "No") -> None:
        """She opens the page and answers who can see it."""
        self.opens()
        self.taps("Yes")
        self.sees("Could anyone else see")
        self.taps(answer)

    def asks_for_a_person(self, shares: str = "Yes") -> None:
        """From the first page into the queue, in four taps."""
        self.past_the_safe_check()
        self.sees("Type hide at any time")
        self.taps("Talk to a person")
        self.sees("A trained person can join")
        self.taps(shares)
        self.sees("I am asking a person for you")

    def comes_from_elsewhere(self) -> None:
        """She had an everyday page open before."""
        self.tab.goto(f"{ELSEWHERE}before")

    def is_elsewhere(self) -> None:
        """An everyday page is before her, and nothing of the chat is behind it."""
        self.tab.wait_for_url(ELSEWHERE)
        assert MARK not in self.tab.content()
        self.tab.go_back()
        expect(self.tab).to_have_url(f"{ELSEWHERE}before")
        self.tab.go_forward()
        expect(self.tab).to_have_url(ELSEWHERE)
        assert [c for c in self.context.cookies() if c.get("name") == "notes"] == []

    def leaves(self) -> None:
        """By the button that is always there."""
        self.tab.click("button.exit")
        self.tab.wait_for_url(ELSEWHERE)

    def is_gone(self) -> None:
        """Whatever page she is on is left and closed."""
        if self.tab.url.startswith(self.program.chat) and self.tab.locator("button.exit").count():
            self.leaves()
        self.context.close()

    def picture(self, name: str) -> None:
        picture(self.tab, name)


@dataclass
class Colleague:
    """One of the staff at the console."""

    program: Program
    alias: str
    context: BrowserContext
    tab: Page

    @classmethod
    def signed_in(cls, program: Program, browser: Browser, alias: str, **options: Any) -> "Colleague":
        """By the one-time link the program printed, with its button."""
        shape: dict[str, Any] = {"viewport": DESK, "has_touch": False}
        context = browser_context(browser, **shape | options)
        one = cls(program, alias, context, context.new_page())
        one.tab.goto(program.links[alias])
        one.tab.click("text=Sign in here")
        expect(one.tab.locator(".who bdi")).to_have_text(alias)
        return one

    def is_ready(self) -> None:
        """Ready for chats."""
        self.tab.goto(self.program.console)
        if self.tab.locator("#ready").inner_text() == "I am ready":
            self.tab.click("#ready")
        expect(self.tab.locator("#readiness")).to_contain_text("You are ready for chats")

    def rests(self) -> None:
        """No chats for now."""
        self.tab.goto(self.program.console)
        if self.tab.locator("#ready").inner_text() == "Pause":
            self.tab.click("#ready")
        expect(self.tab.locator("#readiness")).to_contain_text("You are not taking chats")

    def looks(self) -> None:
        """Back to the first page."""
        self.tab.goto(self.program.console)

    def is_offered(self) -> Locator:
        """The button that accepts the chat offered to her, once there is one."""
        self.looks()
        button = self.tab.locator("#offers button.go")
        expect(button).to_have_count(1)
        return button

    def accepts(self) -> str:
        """She takes the one chat offered; returns its path."""
        self.is_offered().click()
        self.tab.wait_for_url(re.compile("/chats/"))
        return self.tab.url.removeprefix(self.program.console)

    def line(self, text: str) -> Locator:
        """Lines of the chat that hold the text."""
        return self.tab.locator("#lines .line", has_text=text)

    def reads(self, text: str) -> None:
        """Wait until a line of the chat holds the text."""
        expect(self.line(text)).to_be_visible()

    def writes(self, text: str) -> None:
        """She writes to the woman, and reads her own line."""
        self.tab.fill("#text", text)
        self.tab.click("button:has-text('Send to her')")
        self.reads(text)

    def sees_that_she_left(self) -> None:
        """The page says so by itself and holds no word any more; she confirms."""
        expect(self.tab.locator(".left-box h2")).to_have_text("She had to leave")
        assert MARK not in self.tab.content()
        self.tab.click("text=I have seen it")
        expect(self.tab.locator(".done")).to_contain_text("That chat is over.")

    def sees_delivery(self, text: str, delivery: str) -> None:
        """Wait until a line of hers has come that far."""
        expect(self.line(text).locator(".delivery")).to_have_text(delivery)

    def notes(self, text: str) -> None:
        """A note for colleagues."""
        self.tab.click("summary:has-text('Write a note')")
        self.tab.fill("#note", text)
        self.tab.click("button:has-text('Keep this note')")
        expect(self.tab.locator("#note-list")).to_contain_text(text)

    def passes_on(self) -> None:
        """To somebody else."""
        self.tab.click("summary:has-text('Pass on')")
        self.tab.click("button:has-text('Pass on now')")
        expect(self.tab.locator(".done")).to_contain_text("Passed on.")

    def closes(self, outcome: str = "We talked") -> None:
        """The chat has ended well."""
        self.tab.select_option("#outcome", label=outcome)
        self.tab.click("button:has-text('Close this chat')")
        expect(self.tab.locator(".done")).to_contain_text("The chat is closed.")

    def takes(self, woman: Woman) -> str:
        """A woman asks for a person, and this one accepts; returns the path of the chat."""
        woman.asks_for_a_person()
        path = self.accepts()
        woman.sees(f"You are now writing with {self.alias}")
        return path

    def picture(self, name: str) -> None:
        picture(self.tab, name, wide=True)


def words(text: str) -> str:
    """Words as people type them here: with the mark nothing else has."""
    return f"{text} {MARK}"
