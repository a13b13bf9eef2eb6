"""An office where texts are written: a small script is live, and people of every role can be at a browser."""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyotp.totp import TOTP
from sqlalchemy import update
from yarl import URL

from bot.model import Role
from bot.services import audit, documents, people, publishing, revisions, sign_in
from bot.services.audit import PROGRAM
from bot.services.judging import judge
from bot.services.loading import load_library
from bot.services.sheets import sheet_of
from bot.store import tables as t
from bot.vault import totp
from tests.cli.house import small_config
from tests.console.office import Browser, Office, Page, open_office

PASSWORD = "four calm words here"
HASH = sign_in.new_password(PASSWORD)
CAST = (
    ("Edda", (Role.EDITOR,)),
    ("Elin", (Role.EDITOR,)),
    ("Reva", (Role.REVIEWER,)),
    ("Rowan", (Role.COORDINATOR,)),
    ("Vera", (Role.VOLUNTEER,)),
)


@dataclass
class Texts:
    """The office, its small configuration, and the secrets of those who may sign."""

    office: Office
    config: Path
    secrets: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def town(self) -> Any:
        return self.office.town

    def invite(self, alias: str, roles: Iterable[Role], desk: str = "network") -> None:
        """Somebody who has finished her first sign-in."""
        self.secrets[alias] = totp.new_secret()
        profile = people.Profile(alias, ["en", "ro"], password=HASH, totp=self.secrets[alias])

        def work(connection):
            grants = [(role, desk) for role in roles]
            person = people.invite(connection, self.town.house, profile, grants, 0)
            connection.execute(update(t.person).where(t.person.c.id == person).values(state="active"))

        self.town.write(work)

    async def at(self, alias: str) -> Browser:
        """A browser she is signed in at, whatever the mode."""
        town, person = self.town, self.town.person_id(alias)
        token = town.write(lambda c: sign_in.begin_visit(c, town.house, person, town.now))
        browser = self.office.browser()
        browser.client.cookie_jar.update_cookies({"console": token}, URL(self.office.base))
        return browser

    def proof(self, alias: str, password: str = PASSWORD) -> dict[str, str]:
        """What she types to prove that it is her; a minute goes by, so that the code is a new one."""
        self.town.clock.move(seconds=60)
        return {"password": password, "code": TOTP(self.secrets[alias]).at(self.town.clock.now())}

    def reads_anew(self) -> None:
        """The service looks for changes."""
        town = self.town
        town.house.library = town.read(
            lambda c: load_library(c, town.house.vault, self.config, town.clock.now(), town.house.mode)
        )

    def states(self) -> dict[int, str]:
        known = self.town.read(lambda c: revisions.revisions(c, self.town.house.vault))
        return {one.id: one.state.value for one in known}

    def said(self, number: int, key: str, language: str = "en") -> str:
        source = self.town.read(lambda c: revisions.source_of(c, self.town.house.vault, number))
        return sheet_of(source).texts[language].get(key, "")

    def acts(self) -> list[tuple[str, str, str]]:
        """The audit: alias, verb, object."""
        town = self.town
        names = {one.id: one.profile.alias for one in town.read(lambda c: people.everyone(c, town.house))}
        entries = town.read(lambda c: list(audit.entries(c, town.house.vault)))
        return [(names.get(one.actor, one.actor), one.verb, one.object_id) for one in entries]


def fields_of(page: Page, action: str) -> dict[str, str]:
    """Everything a form would send as it stands: hidden fields and textareas."""
    sent = page.form(action)
    form = re.search(rf'<form[^>]*action="{re.escape(action)}[^"]*"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert form is not None
    for name in re.findall(r'<textarea id="([^"]+)"', form[1]):
        sent[name] = page.field(name)
    return sent


async def saves(browser: Browser, number: int, step: str, **texts: str) -> Page:
    """She opens a step, writes into fields named `en_go`, and saves."""
    action = f"/scripts/{number}/steps/{step}"
    page = await browser.get(action)
    assert page.status == 200, page.words
    sent = fields_of(page, action)
    for name, text in texts.items():
        language, _, key = name.partition("_")
        sent[f"text:{language}:{step}.{key}"] = text
    return await browser.post(action, sent)


@asynccontextmanager
async def open_texts(folder: Path, mode: str = "demo", url: str | None = None) -> AsyncIterator[Texts]:
    config = small_config(folder)
    async with open_office(folder, mode, url=url, config_dir=config) as office:
        yield _furnished(office, config)


def _furnished(office: Office, config: Path) -> Texts:
    texts = Texts(office, config)
    town = office.town
    source = documents.script_sources(config / "scripts")[0]
    verdict = judge(source, config)

    def first(connection):
        draft = publishing.import_source(connection, town.house, PROGRAM, "network", source, town.clock.now())
        mode, town.house.mode = town.house.mode, "trial"
        publishing.publish(connection, town.house, PROGRAM, draft.id, verdict, town.clock.now())
        town.house.mode = mode

    town.write(first)
    for alias, roles in CAST:
        if town.house.mode != "demo":  # which has people of its own
            texts.invite(alias, roles)
    texts.reads_anew()
    return texts
