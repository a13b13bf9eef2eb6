"""The public page "what we hold": plain, neutral, in her language, and true to what was written down."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from bot.identifiers import Identifiers
from bot.services import documents
from bot.services.house import House
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import create_master_key
from bot.vault.vault import Vault
from bot.web.guards import HEADERS
from bot.web.holding import PATH, HoldPage
from bot.web.public import public_app
from handoff.accountability import Accountability
from handoff.desks import RescuePolicy
from tests.shipped import NOON, shipped_library
from triage.lint.matching import find, fold

WRITTEN = Accountability(
    "Women's House <North>",
    "privacy@north.example",
    date(2026, 9, 1),
    "the board",
    {"en": "We ask a lawyer."},
)


@pytest.fixture
def house(tmp_path) -> House:
    vault = Vault(KeyRing.create(tmp_path / "keys", create_master_key(tmp_path / "key"), NOON))
    hold = documents.hold_words(documents.config_folder(None))
    library = replace(shipped_library(), hold=hold)
    return House(vault, Identifiers(), library, mode="trial", organisation="House North")


@pytest.fixture
async def address(house: House) -> AsyncIterator[str]:
    async def ready() -> list[str]:
        return []

    server = TestServer(public_app(HoldPage(house, "https://weather.example/").routes(), ready))
    await server.start_server()
    yield str(server.make_url("/")).rstrip("/")
    await server.close()


async def page(address: str, query: str = "", **headers: str) -> str:
    async with ClientSession() as visit, visit.get(f"{address}{PATH}{query}", headers=headers) as answer:
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        return await answer.text()


async def test_it_says_what_is_kept_and_names_no_matter(address: str, house: House) -> None:
    text = await page(address)
    assert "<title>Information</title>" in text
    assert "24 hours" in text
    assert "House North" in text
    assert "<script" not in text
    lists = documents.word_lists(documents.config_folder(None))
    for language in ("en", "ro"):
        said = await page(address, f"?language={language}")
        read = fold(re.sub(r"<[^>]+>", " ", said))
        assert find(lists[language].sensitive, read) is None
    assert house.mode == "trial"


@pytest.mark.parametrize(
    ("query", "accepts", "expected"),
    [
        ("", "", "en"), ("", "ro-RO,ro;q=0.9,en;q=0.5", "ro"), ("?language=ro", "en", "ro"),
        ("?language=xx", "de", "en"), ("?language=" + "r" * 5_000, "ö", "en"),
    ],
)  # fmt: skip
async def test_it_comes_in_the_language_asked_for(
    address: str, query: str, accepts: str, expected: str
) -> None:
    text = await page(address, query, **{"Accept-Language": accepts})
    assert f'<html lang="{expected}"' in text


async def test_a_language_that_is_not_offered_has_no_page(address: str, house: House) -> None:
    library = house.library
    script = replace(library.scripts[1], languages=("en",))
    house.library = replace(library, scripts={1: script})
    assert '<html lang="en"' in await page(address, "?language=ro")
    house.library = replace(house.library, hold={})
    async with ClientSession() as visit, visit.get(address + PATH) as answer:
        assert answer.status == 404


async def test_while_it_is_tried_out_it_says_so_and_in_open_it_does_not(address: str, house: House) -> None:
    assert "its texts are not reviewed" in await page(address)
    house.mode = "open"
    assert "its texts are not reviewed" not in await page(address)
    house.library = replace(house.library, passing={"ro": datetime(2026, 12, 18, tzinfo=UTC)})
    assert "2026-12-18" not in await page(address)
    assert "Termenul este 2026-12-18" in await page(address, "?language=ro")


async def test_who_answers_for_it_is_told_once_it_is_written_down(address: str, house: House) -> None:
    assert "Who answers for it" not in await page(address)
    house.library = replace(house.library, accountable={"demo": WRITTEN})
    text = await page(address)
    assert "Women&#39;s House &lt;North&gt;. privacy@north.example" in text
    assert "last examined on 2026-09-01" in text
    assert "We ask a lawyer." in text
    assert "Who decides then: the board." in text
    assert "We ask a lawyer." not in await page(address, "?language=ro")


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (RescuePolicy.NONE, "Otherwise we call nobody"),
        (RescuePolicy.CONSENT_ONLY, "only if you say yes"),
        (RescuePolicy.IMMINENT_RISK, "we may call for help without your yes"),
    ],
)
async def test_the_rescue_policy_is_told_in_the_words_of_the_notice(
    address: str, house: House, policy: RescuePolicy, said: str
) -> None:
    library = house.library
    desk = replace(library.desks["demo"], rescue_policy=policy)
    house.library = replace(library, desks={"demo": desk})
    assert said in await page(address)


async def test_its_way_out_leads_to_an_everyday_page(address: str) -> None:
    assert '<a href="https://weather.example/" rel="noreferrer">Leave this page</a>' in await page(address)


def test_every_placeholder_of_the_shipped_words_is_filled(house: House) -> None:
    until = datetime(2026, 12, 18, tzinfo=UTC)
    house.library = replace(
        house.library,
        accountable={"demo": replace(WRITTEN, legal_requests={"en": "x", "ro": "y"})},
        passing={"en": until, "ro": until},
    )
    for language in ("en", "ro"):
        text = HoldPage(house, "https://weather.example/").render(language, ("en", "ro"))
        assert "{" not in text
