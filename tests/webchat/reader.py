"""A page without a script and without a browser: the forms of the web chat as she would send them."""

import asyncio
import contextlib
import html as entities
import re
from dataclasses import dataclass, field

import aiohttp

from tests.webchat.line import Line


@dataclass
class Reader:
    """A browser without a script."""

    chat: Line
    visit: aiohttp.ClientSession
    html: str = ""
    status: int = 0
    headers: dict[str, str] = field(
        default_factory=lambda: {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    )

    async def posts(self, **fields: str) -> None:
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields.items():
            form.add_field(name, value)
        async with self.visit.post(self.chat.base, data=form, headers=self.headers) as answer:
            self.status, self.html = answer.status, await answer.text()

    def hidden(self) -> dict[str, str]:
        named = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', self.html))
        return {name: named[name] for name in ("view", "page")}

    async def begins(self) -> None:
        await self.posts(act="begin")

    async def writes(self, text: str) -> None:
        await self.posts(**self.hidden(), act="send", text=text)

    async def taps(self, token: str) -> None:
        await self.posts(**self.hidden(), choice=token, text="")

    async def looks(self) -> None:
        await self.posts(**self.hidden(), act="look", text="")

    def said(self) -> list[str]:
        return re.findall(r'<span class="said">(.*?)</span>', self.html, re.DOTALL)

    def offered(self) -> dict[str, str]:
        """Label → token."""
        buttons = re.findall(
            r'name="choice" value="([^"]*)">(?:<kbd>\d+</kbd> )?<span>(.*?)</span>', self.html, re.DOTALL
        )
        return {entities.unescape(label): token for token, label in buttons}


@dataclass
class FormWoman:
    """Her side of the page without a script, who asks for what is new over and over."""

    reader: Reader
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _looking: "asyncio.Task[None] | None" = None
    _away: bool = False

    def look(self) -> None:
        self._away = False
        self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while not self._away and 'name="page"' in self.reader.html:
            async with self._turn:
                await self.reader.looks()
            await asyncio.sleep(0.02)

    async def types(self, text: str) -> str:
        async with self._turn:
            named = self.reader.hidden()
            await self.reader.writes(text)
        return f"{named['view']}.{named['page']}"

    async def taps(self, label: str) -> str:
        async with self._turn:
            named = self.reader.hidden()
            await self.reader.taps(self.reader.offered()[label])
        return f"{named['view']}.{named['page']}"

    def texts(self) -> list[str]:
        return [entities.unescape(text) for text in self.reader.said()]

    def offers(self) -> list[str]:
        return list(self.reader.offered())

    def sounds(self) -> int:
        return 0  # a page has neither sound nor notice

    async def disconnects(self) -> None:
        """She asks for nothing meanwhile; what she has asked for is answered."""
        self._away = True
        if self._looking is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def reconnects(self) -> None:
        async with self._turn:
            await self.reader.looks()
        self.look()

    async def leaves(self) -> None:
        await self.disconnects()
        await self.reader.posts(act="exit", view=self.reader.hidden()["view"])
