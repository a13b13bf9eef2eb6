"""The network in a process of its own, and women on its phones: pages a browser can show and photograph."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.people import browser_context, picture
from tests.journeys.program import ROOT

STARTS_WITHIN = 20.0


class NoNetwork(Exception):
    """The double did not start; the text is what it wrote."""


@dataclass
class Network:
    """`python -m tests.botapi`: a bot's token, and an address for each phone; the last are volunteers'."""

    printed: Path
    api: str
    token: str
    staff_token: str
    phones: list[str]
    _process: "subprocess.Popen[bytes]"

    @classmethod
    def started(cls, folder: Path, people: int, *more: str, staff: int = 0) -> "Network":
        printed = folder / "network"
        with printed.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.botapi", "--people", str(people), "--staff", str(staff), *more],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        until = monotonic() + STARTS_WITHIN
        while monotonic() < until and process.poll() is None:
            told = printed.read_text(encoding="utf-8")
            phones = re.findall(r"phone \d+: (\S+)$", told, re.MULTILINE)
            if len(phones) == people + staff and told.endswith("\n"):
                set_to = dict(re.findall(r"^HOTLINE_TELEGRAM_(\w+)=(\S+)$", told, re.MULTILINE))
                second = set_to.get("STAFF_TOKEN", "")
                return cls(printed, set_to["API_URL"], set_to["TOKEN"], second, phones, process)
            sleep(0.02)
        raise NoNetwork(printed.read_text(encoding="utf-8"))

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)
        assert "Traceback" not in self.printed.read_text(encoding="utf-8")


@dataclass
class Caller:
    """One woman with Telegram on her phone. Everything is done by what she can see."""

    context: BrowserContext
    tab: Page

    @classmethod
    def with_phone(cls, browser: Browser, address: str) -> "Caller":
        context = browser_context(browser)
        one = cls(context, context.new_page())
        one.tab.goto(address)
        return one

    def starts(self) -> None:
        """She opens the chat and presses Start."""
        self.tab.click("#start")
        self.sees("Is now a good time")

    def said(self, text: str) -> Locator:
        """Lines that hold the text."""
        return self.tab.locator(".said", has_text=text)

    def sees(self, text: str) -> None:
        expect(self.said(text).last).to_be_visible()

    def taps(self, *labels: str) -> None:
        """She taps one label after the other, each when the last message offers it."""
        for label in labels:
            keys = self.tab.locator("#chat > :last-child.keys")
            key = keys.locator("button", has_text=re.compile(rf"^\S+ {re.escape(label)}$"))
            expect(key).to_be_visible()
            line = keys.locator("button").first.get_attribute("data-key")
            key.click()
            expect(self.tab.locator("#chat > :last-child.keys button").first).not_to_have_attribute(
                "data-key", line or ""
            )

    def taps_last(self, label: str) -> None:
        """She taps a label after which nothing more is offered."""
        self.tab.locator("#chat > :last-child.keys button", has_text=label).click()

    def types(self, text: str) -> None:
        self.tab.fill("#box", text)
        self.tab.press("#box", "Enter")

    def answers(self, line: str, text: str) -> None:
        """She chooses a line, and what she types answers it; in a topic it goes into that."""
        chosen = self.tab.locator(".line", has_text=line).last
        chosen.locator(".meta").click()
        expect(self.tab.locator(".line.chosen")).to_have_count(1)
        self.types(text)

    def taps_any(self, label: str) -> None:
        """She taps the newest button with this label, wherever it stands."""
        self.tab.locator(".keys button", has_text=re.compile(rf"^\S+ {re.escape(label)}$")).last.click()

    def has_an_empty_chat(self) -> None:
        expect(self.tab.locator("#chat .line")).to_have_count(0)

    def heard_nothing(self) -> None:
        """No message came with a sound."""
        expect(self.tab.locator("#notices")).to_contain_text("0 with a sound")

    def picture(self, name: str) -> None:
        picture(self.tab, name)
