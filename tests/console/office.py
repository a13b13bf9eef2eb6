"""A town with its console open: volunteers work in browsers of their own, over real HTTP."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientResponse, ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from bot.services import sign_in
from bot.store.store import Store
from bot.web.console.app import console_app
from bot.web.console.doors import ConsoleDoors
from channels.message import Choice
from tests.fakes.channel import Person
from tests.town import Town, make_town


@dataclass
class Bells:
    rung: int = 0

    def after_write(self) -> None:
        self.rung += 1


@dataclass
class Page:
    """What one request brought."""

    status: int
    text: str
    headers: Mapping[str, str]
    path: str

    def form(self, action: str) -> dict[str, str]:
        """The hidden fields of the form with this action; fails when there is none."""
        found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', self.text, re.DOTALL)
        assert found, f"no form for {action} on {self.path}: {self.text}"
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', found[1])
        return {name: html.unescape(value) for name, value in hidden}

    def has_form(self, action: str) -> bool:
        return f'action="{action}"' in self.text

    def field(self, name: str) -> str:
        """What stands in a textarea."""
        found = re.search(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', self.text, re.DOTALL)
        assert found, f"no field {name}"
        return html.unescape(found[1])

    @property
    def words(self) -> str:
        """The page as read, without marks."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.text)).split())


@dataclass
class Browser:
    """One browser: its cookies, and forms sent as a page of ours would send them."""

    base: str
    client: ClientSession
    origin: str = ""
    last: Page | None = None

    def __post_init__(self) -> None:
        self.origin = self.origin or self.base

    async def get(self, path: str, headers: dict[str, str] | None = None, *, follow: bool = True) -> Page:
        async with self.client.get(self.base + path, headers=headers, allow_redirects=follow) as answer:
            return await self._page(answer)

    async def post(
        self,
        path: str,
        fields: dict[str, str],
        headers: dict[str, str] | None = None,
        *,
        follow: bool = True,
    ) -> Page:
        told = {"Origin": self.origin} | (headers or {})
        async with self.client.post(
            self.base + path, data=fields, headers=told, allow_redirects=follow
        ) as answer:
            return await self._page(answer)

    async def press(self, page: Page, action: str, **fields: str) -> Page:
        """Send a form of a page, with what is typed into it."""
        return await self.post(action, page.form(action) | fields)

    async def _page(self, answer: ClientResponse) -> Page:
        self.last = Page(answer.status, await answer.text(), answer.headers.copy(), answer.url.path)
        return self.last


@dataclass
class Office:
    """The town, its console, and who is signed in."""

    town: Town
    doors: ConsoleDoors
    bells: Bells
    base: str
    browsers: list[ClientSession] = field(default_factory=list[ClientSession])

    def browser(self) -> Browser:
        client = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self.browsers.append(client)
        return Browser(self.base, client)

    async def signed_in(self, alias: str) -> Browser:
        """A browser signed in by a one-time link."""
        token = self.link(alias)
        browser = self.browser()
        page = await browser.post(f"/enter/{token}", {})
        assert page.status == 200, page.words
        return browser

    def link(self, alias: str) -> str:
        town, person = self.town, self.town.person_id(alias)
        return town.write(lambda c: sign_in.issue_link(c, town.house, person, town.now))

    async def queued(self, handle: str = "ann", said: str = "", shares: str = "consent.yes") -> Person:
        """A woman in the queue, after the guide's questions; `said` is typed before her yes."""
        woman = self.town.woman(handle)
        woman.arrives()
        await self.town.settle()
        for label in ("Yes", "No"):
            woman.taps(label)
            await self.town.settle()
        if said:
            woman.types(said)
            await self.town.settle()
        while not any(choice.token.startswith("consent.") for choice in newest_choices(woman)):
            woman.taps("Talk to a person")
            await self.town.settle()
        woman.taps(shares)
        await self.town.settle()
        return woman

    async def talking(
        self, alias: str = "Maple", handle: str = "ann", **more: str
    ) -> tuple["Browser", Person, str]:
        """A woman with a volunteer: (browser, woman, path of the chat)."""
        woman = await self.queued(handle, **more)
        browser = await self.signed_in(alias)
        handoff = next(row.id for row in self.town.waiting())
        page = await browser.post(f"/queue/{handoff}/accept", {"form": await self.form_token(browser)})
        assert page.path == f"/chats/{handoff}", page.words
        await self.town.settle()
        return browser, woman, f"/chats/{handoff}"

    async def form_token(self, browser: Browser) -> str:
        return (await browser.get("/")).form("/sign-out")["form"]


def newest_choices(woman: Person) -> tuple[Choice, ...]:
    return next(line.choices for line in reversed(woman.screen) if line.choices)


@asynccontextmanager
async def open_office(
    folder: Path,
    mode: str = "demo",
    names: tuple[str, ...] = ("web",),
    url: str | None = None,
    config_dir: Path | None = None,
) -> AsyncIterator[Office]:
    town = make_town(folder, url, names)
    town.house.mode = mode
    bells = Bells()
    with Store(town.engine) as store:
        doors = ConsoleDoors(store, town.house, town.clock, bells, town.after.extend, config_dir=config_dir)
        if mode == "demo":
            town.write(lambda c: sign_in.demo_links(c, town.house, town.now))
        server = TestServer(console_app(doors))
        await server.start_server()
        office = Office(town, doors, bells, str(server.make_url("/")).rstrip("/"))
        try:
            yield office
        finally:
            for client in office.browsers:
                await client.close()
            await server.close()
    town.closes()
