"""No page without sign-in, right, form token and our own origin: tried on every route there is."""

import itertools
import re

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import insert

from bot.model import Role
from bot.services import people
from bot.services.permissions import PERMISSIONS
from bot.services.sign_in import Visit
from bot.store import tables as t
from bot.web.console.app import all_doors, console_app
from bot.web.console.doors import ConsoleDoors
from bot.web.console.entrance import Entrance
from bot.web.console.gate import Door, Gate
from bot.web.console.pages import Pages
from tests.console.office import Browser, Office


def doors(office: Office) -> list[Door]:
    pages = Pages(office.doors)
    return all_doors(office.doors, pages, Entrance(office.doors, pages, Gate(office.doors, pages)))


async def knock(browser: Browser, door: Door, fields: dict[str, str] | None = None, **headers: str):
    path = re.sub(r"\{\w+\}", "abc", door.path)
    if door.method == "GET":
        return await browser.get(path, headers, follow=False)
    return await browser.post(path, fields or {}, headers, follow=False)


async def test_a_stranger_gets_no_page(office: Office) -> None:
    for door in doors(office):
        page = await knock(office.browser(), door)
        assert page.status in {401, 303}, door.path
        assert page.headers.get("Location", "/sign-in").startswith("/sign-in"), door.path


async def test_no_form_is_taken_without_the_token_of_this_visit(office: Office) -> None:
    browser, other = await office.signed_in("Alder"), await office.signed_in("Alder")
    others_token = await office.form_token(other)
    for door in doors(office):
        if door.method == "POST":
            for form in ({}, {"form": ""}, {"form": others_token}, {"form": "ö" * 43}):
                page = await knock(browser, door, form)
                assert page.status == 403, (door.path, form)
    assert (await browser.get("/")).status == 200  # not even signed out


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_no_form_of_another_site_is_taken(office: Office, headers: dict[str, str]) -> None:
    browser = await office.signed_in("Maple")
    token = await office.form_token(browser)
    for door in doors(office):
        if door.method == "POST":
            page = await knock(browser, door, {"form": token}, **headers)
            assert page.status == 403, door.path
    link = office.link("Juniper")
    assert (await browser.post(f"/enter/{link}", {}, headers)).status == 403
    assert (await browser.post("/sign-in", {}, headers)).status == 403
    assert (await browser.post(f"/enter/{link}", {})).status == 200  # the link was not used up


async def test_a_page_without_referrer_may_send_its_form(office: Office) -> None:
    link = office.link("Maple")
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert (await office.browser().post(f"/enter/{link}", {}, headers)).status == 200


@pytest.mark.parametrize("role", list(Role))
async def test_every_role_passes_exactly_the_doors_its_rights_open(office: Office, role: Role) -> None:
    town = office.town
    town.add_person("Moss", role)
    browser = await office.signed_in("Moss")
    token = await office.form_token(browser)
    for door in doors(office):
        if door.needs is None:
            continue
        page = await knock(browser, door, {"form": token})
        allowed = (role, *door.needs) in PERMISSIONS
        assert (page.status != 403) is allowed, (door.method, door.path)


async def test_a_right_at_another_desk_takes_no_chat_here(office: Office) -> None:
    town = office.town
    town.write(lambda c: c.execute(insert(t.desk).values(id="other", created_at=0)))
    person = town.add_person("Moss", Role.VOLUNTEER)
    town.write(lambda c: people.revoke(c, person, Role.VOLUNTEER, "demo"))
    town.write(lambda c: people.grant(c, person, Role.VOLUNTEER, "other", 0))
    browser = await office.signed_in("Moss")
    await office.queued()
    handoff = town.waiting()[0].id
    page = await browser.post(f"/queue/{handoff}/accept", {"form": await office.form_token(browser)})
    assert page.status == 403
    assert town.handoff(handoff).state == "waiting"
    assert "Ordinary" not in (await browser.get("/")).words


async def test_every_answer_carries_the_headers(office: Office) -> None:
    browser = await office.signed_in("Maple")
    anyone = ["/sign-in", "/enter/x", "/static/console.css", "/static/console.js", "/nothing-here"]
    pages = [await browser.get(path) for path in ["/", "/now.json", "/chats/x", *anyone]]
    pages += [
        await office.browser().get("/", follow=False),
        await browser.post("/sign-in", {}, {"Origin": "x"}),
    ]
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        for part in ("form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_borrowed_name_opens_nothing(office: Office) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "127.0.0.1:x"):
        assert (await office.browser().get("/sign-in", {"Host": host})).status == 421
    assert (await office.browser().get("/sign-in", {"Host": "localhost:1"})).status == 200


async def test_over_https_the_cookie_is_secure_and_its_name_says_so(office: Office) -> None:
    town = office.town
    outside = ConsoleDoors(
        office.doors.store,
        town.house,
        town.clock,
        office.bells,
        town.after.extend,
        "https://console.example.org",
    )
    async with TestClient(TestServer(console_app(outside))) as client:
        headers = {"Host": "console.example.org", "Origin": "https://console.example.org"}
        path = f"/enter/{office.link('Maple')}"
        plain = headers | {"Origin": "http://console.example.org"}
        async with client.post(path, headers=plain, allow_redirects=False) as answer:
            assert answer.status == 403
        async with client.post(path, headers=headers, allow_redirects=False) as answer:
            told = answer.headers["Set-Cookie"]
    assert told.startswith("__Host-console=")
    for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in told


async def test_what_a_form_cannot_be_read_as_is_refused_plainly(office: Office) -> None:
    browser = await office.signed_in("Maple")
    for kind, body in itertools.product(
        ("application/x-www-form-urlencoded; charset=utf-16", "application/json", "multipart/form-data"),
        (b"\xff\xfe{", b""),
    ):
        headers = {"Content-Type": kind, "Origin": browser.base}
        async with browser.client.post(f"{browser.base}/ready", data=body, headers=headers) as answer:
            assert answer.status == 403
    async with browser.client.post(
        f"{browser.base}/ready", data={"text": "x" * 300_000}, headers={"Origin": browser.base}
    ) as answer:
        assert answer.status == 413


def test_every_handler_behind_the_gate_is_told_who_comes() -> None:
    """The gate's contract: a door's handler takes the visit; a route without one cannot be in the table."""
    assert Door.__annotations__["handler"].__args__[1] is Visit
