"""Ways in and out of the console."""

import asyncio
import re
from datetime import timedelta

import pytest
from pyotp.totp import TOTP
from sqlalchemy import select

from bot.model import Role
from bot.services import people, sign_in
from bot.store import tables as t
from bot.vault import passwords
from bot.web.console.throttle import OVERALL, PER_ALIAS, Throttle
from tests.console.office import Browser, Office
from tests.town import NOON

PASSWORD = "four calm words here"


def code_now(office: Office, secret: str) -> str:
    return TOTP(secret).at(office.town.clock.now())


async def enrolled(office: Office, alias: str = "Maple") -> str:
    """Someone who has set password and app; returns the app's secret."""
    browser = office.browser()
    page = await browser.post(f"/enter/{office.link(alias)}", {})
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
    page = await browser.press(
        page, "/enrol", password=PASSWORD, again=PASSWORD, code=code_now(office, secret)
    )
    assert page.path == "/", page.words
    await browser.press(page, "/sign-out")
    office.town.clock.move(seconds=60)
    return secret


async def try_to_sign_in(browser: Browser, alias: str, password: str, code: str, **more: str):
    return await browser.post("/sign-in", {"alias": alias, "password": password, "code": code} | more)


def visits(office: Office) -> int:
    return len(office.town.read(lambda c: c.execute(select(t.console_visit)).all()))


# --- one-time links -----------------------------------------------------------------------------------
async def test_looking_at_a_link_uses_nothing_up_and_names_nobody(office: Office) -> None:
    link = office.link("Maple")
    for _ in range(3):
        page = await office.browser().get(f"/enter/{link}")
        assert page.status == 200
        assert "Maple" not in page.text
        assert "Set-Cookie" not in page.headers
    assert visits(office) == 0
    assert (await office.browser().post(f"/enter/{link}", {})).path == "/"


async def test_a_link_works_once_even_when_two_press_at_the_same_time(office: Office) -> None:
    link = office.link("Maple")
    pages = await asyncio.gather(*(office.browser().post(f"/enter/{link}", {}) for _ in range(4)))
    assert sorted(page.status for page in pages) == [200, 410, 410, 410]
    assert visits(office) == 1


async def test_a_link_is_too_old_after_a_day(office: Office) -> None:
    link = office.link("Maple")
    office.town.clock.move(hours=24)
    assert (await office.browser().get(f"/enter/{link}")).status == 410
    assert (await office.browser().post(f"/enter/{link}", {})).status == 410


async def test_a_link_of_someone_suspended_opens_nothing(office: Office) -> None:
    link, person = office.link("Maple"), office.town.person_id("Maple")
    office.town.write(lambda c: people.suspend(c, person))
    assert (await office.browser().post(f"/enter/{link}", {})).status == 410


async def test_a_new_link_ends_the_one_before(office: Office) -> None:
    first, second = office.link("Maple"), office.link("Maple")
    assert (await office.browser().post(f"/enter/{first}", {})).status == 410
    assert (await office.browser().post(f"/enter/{second}", {})).status == 200


async def test_the_database_holds_no_token(office: Office) -> None:
    link = office.link("Maple")
    browser = office.browser()
    await browser.post(f"/enter/{link}", {})
    cookie = next(iter(browser.client.cookie_jar)).value
    stored = b"".join(file.read_bytes() for file in office.town.folder.glob("hotline.db*"))
    assert link.encode() not in stored
    assert cookie.encode() not in stored


async def test_the_demo_has_its_five_people_and_volunteers_are_ready(office: Office) -> None:
    town = office.town
    links = town.write(lambda c: sign_in.demo_links(c, town.house, town.now))
    assert [(alias, role) for alias, role, _ in links] == [
        ("Maple", "volunteer"), ("Juniper", "volunteer"), ("Alder", "supervisor"), ("Hazel", "reviewer"),
        ("Rowan", "coordinator"),
    ]  # fmt: skip
    rowan = town.read(lambda c: people.find(c, town.house, "Rowan"))
    assert rowan.grants == {
        (Role.COORDINATOR, "demo"), (Role.COORDINATOR, "network"), (Role.EDITOR, "network"),
    }  # fmt: skip
    for _, _, token in links:
        assert (await office.browser().post(f"/enter/{token}", {})).status == 200


# --- the cookie and the visit -------------------------------------------------------------------------
async def test_the_cookie_is_for_this_site_and_no_script(office: Office) -> None:
    page = await office.browser().post(f"/enter/{office.link('Maple')}", {}, follow=False)
    told = page.headers["Set-Cookie"]
    assert "HttpOnly" in told
    assert "SameSite=Strict" in told
    assert "Secure" not in told  # plain http on this machine: a Secure cookie would be dropped
    assert "expires" not in told.lower()
    assert "max-age" not in told.lower()


async def test_half_an_hour_without_anyone_locks_it(strict_office: Office) -> None:
    office = strict_office
    secret = await enrolled(office)
    browser = office.browser()
    await try_to_sign_in(browser, "Maple", PASSWORD, code_now(office, secret))
    office.town.clock.move(minutes=29)
    assert (await browser.get("/")).path == "/"
    office.town.clock.move(minutes=29)
    await browser.get("/now.json")  # the page asks by itself: nobody is there
    await browser.get("/?still=1")
    office.town.clock.move(minutes=2)
    assert (await browser.get("/")).path == "/sign-in"
    assert (await browser.get("/now.json")).status == 401


async def test_a_touch_of_the_page_keeps_it_open(strict_office: Office) -> None:
    office = strict_office
    secret = await enrolled(office)
    browser = office.browser()
    await try_to_sign_in(browser, "Maple", PASSWORD, code_now(office, secret))
    for _ in range(3):
        office.town.clock.move(minutes=29)
        assert (await browser.get("/now.json", {"X-Here": "1"})).status == 200


async def test_after_twelve_hours_it_ends_whatever_happens(office: Office) -> None:
    browser = await office.signed_in("Maple")
    for _ in range(23):
        office.town.clock.move(minutes=30)
        assert (await browser.get("/")).path == "/"
    office.town.clock.move(minutes=30)
    assert (await browser.get("/")).path == "/sign-in"


async def test_signing_out_ends_this_browser_and_everywhere_ends_all(office: Office) -> None:
    town, maple = office.town, office.town.person_id("Maple")
    first, second = await office.signed_in("Maple"), await office.signed_in("Maple")
    await first.press(await first.get("/"), "/sign-out")
    assert (await first.get("/")).path == "/sign-in"
    assert town.read(lambda c: people.get(c, town.house, maple)).present
    third = await office.signed_in("Maple")
    await second.press(await second.get("/"), "/sign-out-everywhere")
    for browser in (second, third):
        assert (await browser.get("/")).path == "/sign-in"
    assert not town.read(lambda c: people.get(c, town.house, maple)).present


async def test_suspending_someone_ends_her_browser_at_once(office: Office) -> None:
    browser, person = await office.signed_in("Maple"), office.town.person_id("Maple")
    office.town.write(lambda c: people.suspend(c, person))
    assert (await browser.get("/")).path == "/sign-in"


# --- enrolment ----------------------------------------------------------------------------------------
async def test_a_link_outside_the_demo_leads_to_enrolment_and_nowhere_else(strict_office: Office) -> None:
    browser = strict_office.browser()
    page = await browser.post(f"/enter/{strict_office.link('Maple')}", {})
    assert page.path == "/enrol"
    for path in ("/", "/chats/x"):
        assert (await browser.get(path)).path == "/enrol"
    picture = await browser.get("/enrol/code.svg")
    assert picture.status == 200
    assert picture.headers["Content-Type"].startswith("image/svg+xml")
    assert "<svg" in picture.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"password": "short", "again": "short"}, "twelve characters"),
        ({"password": PASSWORD, "again": "another one altogether"}, "not the same"),
        ({"password": PASSWORD, "again": PASSWORD, "code": "000000"}, "did not match"),
    ],
)
async def test_enrolment_says_what_is_wrong(strict_office: Office, fields: dict[str, str], told: str) -> None:
    browser = strict_office.browser()
    page = await browser.post(f"/enter/{strict_office.link('Maple')}", {})
    page = await browser.press(page, "/enrol", **fields)
    assert page.status == 422
    assert told in page.words


async def test_after_enrolment_the_picture_is_gone(strict_office: Office) -> None:
    office = strict_office
    secret = await enrolled(office)
    browser = office.browser()
    await try_to_sign_in(browser, "Maple", PASSWORD, code_now(office, secret))
    assert (await browser.get("/enrol/code.svg")).status == 404
    assert (await browser.get("/enrol")).path == "/"


# --- password and code --------------------------------------------------------------------------------
async def test_password_and_code_open_the_console_where_she_wanted_to_go(strict_office: Office) -> None:
    office = strict_office
    secret = await enrolled(office)
    browser = office.browser()
    asked = await browser.get("/chats/abc")
    assert 'name="to" value="/chats/abc"' in asked.text
    page = await try_to_sign_in(browser, " mAPLE ", PASSWORD, code_now(office, secret), to="/chats/abc")
    assert page.path == "/chats/abc"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb"])
async def test_nobody_is_sent_to_another_site(strict_office: Office, target: str) -> None:
    office = strict_office
    secret = await enrolled(office)
    browser = office.browser()
    page = await try_to_sign_in(browser, "Maple", PASSWORD, code_now(office, secret), to=target)
    assert page.path == "/"


async def test_all_failures_look_the_same(strict_office: Office) -> None:
    office = strict_office
    secret = await enrolled(office)
    await enrolled(office, "Juniper")
    person = office.town.person_id("Juniper")
    office.town.write(lambda c: people.suspend(c, person))
    code = code_now(office, secret)
    pages = [
        await try_to_sign_in(office.browser(), "Nobody", PASSWORD, code),
        await try_to_sign_in(office.browser(), "Maple", "not the password", code),
        await try_to_sign_in(office.browser(), "Maple", PASSWORD, "000000"),
        await try_to_sign_in(office.browser(), "Juniper", PASSWORD, code),
        await try_to_sign_in(office.browser(), "Alder", PASSWORD, code),  # never enrolled
    ]
    assert {page.status for page in pages} == {403}
    assert len({page.text for page in pages}) == 1
    assert not any("Set-Cookie" in page.headers for page in pages)


async def test_every_failure_costs_one_hash(strict_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = strict_office
    secret = await enrolled(office)
    worked: list[str | None] = []

    def counting(known: str | None, text: str) -> bool:
        worked.append(known)
        return passwords.verify_secret(known, text)

    monkeypatch.setattr(sign_in, "verify_secret", counting)
    for alias, password in (("Nobody", PASSWORD), ("Maple", "wrong"), ("Alder", PASSWORD)):
        await try_to_sign_in(office.browser(), alias, password, code_now(office, secret))
    assert len(worked) == 3


async def test_a_code_works_once_even_when_two_use_it_at_the_same_time(strict_office: Office) -> None:
    office = strict_office
    secret = await enrolled(office)
    code = code_now(office, secret)
    pages = await asyncio.gather(
        *(try_to_sign_in(office.browser(), "Maple", PASSWORD, code) for _ in range(2))
    )
    assert sorted(page.status for page in pages) == [200, 403]
    assert (await try_to_sign_in(office.browser(), "Maple", PASSWORD, code)).status == 403


async def test_guessing_at_one_alias_is_slowed_and_others_are_not(strict_office: Office) -> None:
    office = strict_office
    secret = await enrolled(office)
    other = await enrolled(office, "Juniper")
    for _ in range(PER_ALIAS[0]):
        assert (await try_to_sign_in(office.browser(), "Maple", "guess", "000000")).status == 403
    right = await try_to_sign_in(office.browser(), "Maple", PASSWORD, code_now(office, secret))
    assert right.status == 429
    juniper = await try_to_sign_in(office.browser(), "Juniper", PASSWORD, code_now(office, other))
    assert juniper.path == "/"
    office.town.clock.move(minutes=1)
    right = await try_to_sign_in(office.browser(), "Maple", PASSWORD, code_now(office, secret))
    assert right.path == "/"


def test_guessing_at_many_aliases_is_slowed_as_a_whole() -> None:
    throttle = Throttle()
    allowed = [throttle.allow(str(number).encode(), NOON) for number in range(OVERALL[0] + 5)]
    assert allowed.count(True) == OVERALL[0]
    assert throttle.allow(b"later", NOON + timedelta(seconds=2))


def test_a_clock_set_back_locks_nobody_out_for_longer() -> None:
    throttle = Throttle()
    for _ in range(PER_ALIAS[0]):
        throttle.allow(b"maple", NOON)
    assert not throttle.allow(b"maple", NOON - timedelta(hours=5))
    assert throttle.allow(b"maple", NOON - timedelta(hours=5) + timedelta(seconds=60))
