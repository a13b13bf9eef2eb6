"""One round over the web chat: a page is opened, written on, answered, and removed with `stop`.

It speaks the wire of the page and nothing else: the service knows no sign by which to treat it otherwise,
so that an answer means that the whole way works (door, database, turn, outbox, page). It never asks for a
person, so it neither waits in the queue nor rings anybody; `stop` erases conversation and contact record.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

GREETING: Final = "hello"
STOP: Final = "!stop"
AGAIN_AFTER: Final = 1.0  # seconds between tries while nothing answers
ONE_REQUEST: Final = 35.0  # seconds; a long poll is held open for 25
_FAULTS: Final = (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError, TypeError)


class Stage(StrEnum):
    """How far a round came; what it waited for when its time was over."""

    OPENED = "opened"
    STORED = "stored"
    ANSWERED = "answered"
    ERASED = "erased"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one round.

    Attributes:
        waited_for: WHOLE when it was answered and erased, else what did not come.
        seconds: from the first try until the answer, or the whole time it waited.
    """

    waited_for: Stage
    seconds: float

    @property
    def whole(self) -> bool:
        """Whether it was answered, and erased afterwards."""
        return self.waited_for is Stage.WHOLE


class _Over(Exception):
    """The page was told that it is over."""


@dataclass(slots=True)
class WebVisit:
    """A visitor of the web chat.

    The cookie is kept until a round is whole: a round the service broke off is taken up by the next one,
    whose `stop` then removes both.

    Attributes:
        base: origin of the page, such as https://chat.example.org.
        patience: seconds without an answer that are silence.
    """

    base: str
    patience: float
    _jar: aiohttp.CookieJar | None = None
    _stage: Stage = Stage.OPENED
    _view: str = ""
    _after: int = 0
    _number: int = 0
    _seen: list[str] = field(default_factory=list[str])

    async def once(self) -> Round:
        """One round; never raises for what the service or the network does."""
        if self._jar is None:
            self._jar = aiohttp.CookieJar(unsafe=_is_number(self.base))
        began, answered = time.monotonic(), 0.0
        self._stage = Stage.OPENED
        try:
            async with (
                asyncio.timeout(self.patience),
                aiohttp.ClientSession(
                    cookie_jar=self._jar, timeout=aiohttp.ClientTimeout(total=ONE_REQUEST)
                ) as browser,
            ):
                await self._ask(browser)
                answered = time.monotonic() - began
                self._stage = Stage.ERASED
                await self._stop(browser)
        except TimeoutError:
            return Round(self._stage, time.monotonic() - began)
        self._jar = None
        return Round(Stage.WHOLE, answered)

    async def _ask(self, browser: aiohttp.ClientSession) -> None:
        """Write, until a line answers; a page that is over meanwhile is opened anew."""
        while True:
            try:
                self._stage = Stage.OPENED
                await self._open(browser)
                self._stage = Stage.STORED
                held = await self._act(browser, {"kind": "text", "text": GREETING})
                self._stage = Stage.ANSWERED
                while self._after <= held:
                    await self._poll(browser, [])
            except _Over:
                await asyncio.sleep(AGAIN_AFTER)
            else:
                return

    async def _stop(self, browser: aiohttp.ClientSession) -> None:
        """Write `stop`, until the page is told to go."""
        try:
            await self._act(browser, {"kind": "choice", "choice": STOP})
            while True:
                await self._poll(browser, [])
        except _Over:
            return

    async def _open(self, browser: aiohttp.ClientSession) -> None:
        while True:
            told = await self._post(browser, "/open", {})
            if told is not None and isinstance(view := told.get("view"), str):
                self._view, self._after, self._number = view, 0, 0
                self._seen.clear()
                return
            await asyncio.sleep(AGAIN_AFTER)

    async def _act(self, browser: aiohttp.ClientSession, act: dict[str, str]) -> int:
        """Write until it is stored, as the same act; returns what the page held when it was."""
        self._number += 1
        frame = {"t": "act", "n": self._number, **act}
        while True:
            held = self._after  # an answer may come with the word that it is stored
            if {"t": "ack", "n": self._number} in await self._poll(browser, [frame]):
                return held

    async def _poll(self, browser: aiohttp.ClientSession, acts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One long poll; raises _Over when the page is told that it is over."""
        frames = acts + ([{"t": "seen", "ids": self._seen[:]}] if self._seen else [])
        asked = {"view": self._view, "after": self._after, "visible": True, "frames": frames}
        told = await self._post(browser, "/poll", asked)
        if told is None:
            await asyncio.sleep(AGAIN_AFTER)
            return []
        self._seen.clear()
        came: list[dict[str, Any]] = told["frames"]
        for frame in came:
            if frame["t"] in {"gone", "moved"}:
                raise _Over
            if sequence := frame.get("seq"):  # the page's own lines have none: they answer nothing
                self._after = max(self._after, int(sequence))
                self._seen.append(str(frame["id"]))
        return came

    async def _post(
        self, browser: aiohttp.ClientSession, path: str, body: dict[str, Any]
    ) -> dict[str, Any] | None:
        """The answer, None where there is none that a page could use."""
        headers = {"Origin": self.base, "Accept-Language": "en"}
        try:
            async with browser.post(self.base + path, data=json.dumps(body), headers=headers) as answer:
                if answer.status != 200:
                    return None
                told = json.loads(await answer.text())
        except _FAULTS:
            return None
        return told if isinstance(told, dict) else None  # pyright: ignore[reportUnknownVariableType]  checked by whoever reads it


def _is_number(base: str) -> bool:
    """A host given as an address: cookies for it must be allowed."""
    try:
        ip_address(urlsplit(base).hostname or "")
    except ValueError:
        return False
    return True
