"""The page in a real browser: leaving, reloading, breaks, traces, digits, layout."""

import re

import pytest
from playwright.async_api import Page as Tab, Route, expect

from channels.message import OutboundKind, OutboundMessage, Speaker
from channels.webchat.words import ENGLISH, WORDS
from tests.webchat.conftest import Visit, lines
from tests.webchat.echo import SAFE_CHECK
from tests.webchat.page import until

pytestmark = pytest.mark.timeout(60)


async def _writes(tab: Tab, text: str) -> None:
    await tab.fill("#box", text)
    await tab.press("#box", "Enter")


async def _talked(visit: Visit) -> Tab:
    """A tab that came from elsewhere and holds a few lines."""
    tab = await visit.tab()
    await tab.goto(f"{visit.elsewhere}/before")
    await tab.goto(visit.line.base)
    await tab.click("text=Yes")
    await _writes(tab, "a secret")
    await expect(tab.locator("text=you wrote a secret")).to_be_visible()
    return tab


async def test_she_writes_and_taps_and_reads_the_answers_in_order(visit: Visit) -> None:
    tab = await _talked(visit)
    assert await lines(tab) == [
        SAFE_CHECK,
        "Yes",
        "you chose safe.yes",
        "a secret",
        "you wrote a secret",
    ]
    assert visit.echo.texts() == ["safe.yes", "a secret"]
    await until(lambda: {"entry1", "entry2", "entry3"} <= visit.echo.seen)
    assert visit.complaints == []


@pytest.mark.parametrize("way", ["button", "escape twice"])
async def test_leaving_is_at_once_and_leaves_nothing_to_go_back_to(visit: Visit, way: str) -> None:
    tab = await _talked(visit)
    if way == "button":
        await tab.click("text=Leave this page")
    else:
        await tab.press("#box", "Escape")
        await tab.press("#box", "Escape")
    await tab.wait_for_url("**/weather")
    await until(lambda: visit.echo.all("left"))
    await tab.go_back()
    assert tab.url == f"{visit.elsewhere}/before"
    await tab.go_forward()
    assert tab.url == f"{visit.elsewhere}/weather"
    assert await tab.context.cookies(visit.line.base) == []


async def test_one_escape_does_not_leave_and_the_button_tells_of_two(visit: Visit) -> None:
    tab = await visit.opened()
    assert await tab.locator(".exit").get_attribute("title") == ENGLISH.exit_key
    await tab.press("#box", "Escape")
    await tab.wait_for_timeout(1_700)
    await tab.press("#box", "Escape")
    await tab.wait_for_timeout(200)
    assert tab.url == f"{visit.line.base}/"


async def test_after_leaving_the_old_session_opens_nothing(visit: Visit) -> None:
    tab = await _talked(visit)
    handle = visit.echo.address().handle
    cookies = await tab.context.cookies()
    await tab.click("text=Leave this page")
    await tab.wait_for_url("**/weather")
    await tab.context.add_cookies([{k: c[k] for k in ("name", "value", "domain", "path")} for c in cookies])  # type: ignore[typeddict-item,misc]
    await tab.goto(visit.line.base)
    await expect(tab.locator(".line.guide")).to_have_count(1)
    assert await lines(tab) == [SAFE_CHECK]
    assert visit.echo.address().handle != handle


async def test_a_reload_shows_the_safe_check_and_no_old_line(visit: Visit) -> None:
    tab = await _talked(visit)
    handle = visit.echo.address().handle
    await tab.reload()
    await expect(tab.locator(".line.guide")).to_have_count(1)
    await tab.wait_for_timeout(300)
    assert await lines(tab) == [SAFE_CHECK]
    assert visit.echo.arrivals() == 2
    assert visit.echo.address().handle == handle
    assert visit.echo.all("left") == []


async def test_going_back_to_the_page_shows_no_old_line(visit: Visit) -> None:
    tab = await _talked(visit)
    await tab.goto(f"{visit.elsewhere}/after")
    await tab.go_back()
    await expect(tab.locator(".line.guide")).to_have_count(1)
    assert await lines(tab) == [SAFE_CHECK]


async def test_a_page_the_browser_kept_aside_comes_back_empty(visit: Visit) -> None:
    tab = await _talked(visit)
    await tab.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert await tab.locator("body").inner_text() == ""
    await tab.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    await expect(tab.locator(".line.guide")).to_have_count(1)
    assert await lines(tab) == [SAFE_CHECK]


async def test_a_second_tab_takes_over_and_the_first_shows_nothing_more(visit: Visit) -> None:
    first = await _talked(visit)
    second = await visit.opened(first.context)
    await expect(first.locator("text=This page is open in another place.")).to_be_visible()
    assert "secret" not in await first.content()
    await _writes(second, "from the second")
    await expect(second.locator("text=you wrote from the second")).to_be_visible()
    await first.click("text=Go on here")
    await expect(first.locator(".line.guide")).to_have_count(1)
    await expect(second.locator("text=This page is open in another place.")).to_be_visible()


NO_SOCKET = "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.(), 1) } close() {} }"


@pytest.mark.parametrize("wire", ["socket", "long poll"])
async def test_after_a_break_nothing_is_lost_and_nothing_comes_twice(visit: Visit, wire: str) -> None:
    context = await visit.context()
    if wire == "long poll":
        await context.add_init_script(NO_SOCKET)
    tab = await visit.opened(context)
    await _writes(tab, "before")
    await expect(tab.locator("text=you wrote before")).to_be_visible()
    await context.set_offline(True)
    for n in range(3):
        await _writes(tab, f"cut {n}")
    await visit.echo.says(visit.echo.address(), "said meanwhile")
    await expect(tab.locator("#notice")).to_contain_text("No connection")
    assert visit.echo.texts() == ["before"]
    await context.set_offline(False)
    await expect(tab.locator("text=you wrote cut 2")).to_be_visible()
    await expect(tab.locator("text=said meanwhile")).to_have_count(1)
    said = await lines(tab)
    assert visit.echo.texts() == ["before", "cut 0", "cut 1", "cut 2"]
    assert len(said) == len(set(said)) == 3 + 3 + 3 + 1
    assert visit.echo.arrivals() == 1


async def test_an_act_that_a_front_refuses_goes_back_to_her_and_holds_up_no_other(visit: Visit) -> None:
    context = await visit.context()
    await context.add_init_script(NO_SOCKET)
    tab = await visit.opened(context)

    async def front(route: Route) -> None:
        large = "large" in (route.request.post_data or "")
        await (route.fulfill(status=413) if large else route.continue_())

    await context.route("**/poll", front)
    await context.set_offline(True)  # so that both are brought together
    await _writes(tab, "too large")
    await _writes(tab, "small")
    await context.set_offline(False)
    await expect(tab.locator("text=you wrote small")).to_be_visible()
    await expect(tab.locator("#box")).to_have_value("too large")
    assert visit.echo.texts() == ["small"]


async def test_a_restart_of_the_server_is_hardly_noticed(visit: Visit) -> None:
    tab = await _talked(visit)
    await visit.line.stop()
    await _writes(tab, "written while it was away")
    await visit.line.restart()
    await expect(tab.locator("text=you wrote written while it was away")).to_be_visible()
    said = await lines(tab)
    assert len(said) == len(set(said)) == 7
    assert visit.echo.arrivals() == 1
    assert visit.echo.texts() == ["safe.yes", "a secret", "written while it was away"]


async def test_the_browser_keeps_nothing_but_one_session_cookie(visit: Visit) -> None:
    tab = await _talked(visit)
    cookies = await tab.context.cookies()
    assert [(c["expires"], c["httpOnly"], c["sameSite"]) for c in cookies] == [(-1, True, "Strict")]
    kept = await tab.evaluate(
        """async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
        (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length,
        document.cookie, history.state]"""
    )
    assert kept == [0, 0, 0, 0, 0, "", None]


async def test_it_asks_nobody_else_and_breaks_no_rule_of_its_own(visit: Visit) -> None:
    tab = await _talked(visit)
    await tab.click("text=Leave this page")
    await tab.wait_for_url("**/weather")
    ours = [url for url in visit.requests if not url.startswith(visit.elsewhere)]
    assert all(url.startswith(visit.line.base) for url in ours)
    assert {url for url in visit.requests if url not in ours} <= {
        f"{visit.elsewhere}{path}" for path in ("/before", "/weather", "/favicon.ico")
    }
    assert visit.complaints == []


async def test_nothing_in_tab_or_history_tells_what_the_page_is(visit: Visit) -> None:
    tab = await _talked(visit)
    assert await tab.title() == "Notes"
    assert tab.url == f"{visit.line.base}/"
    chrome = " ".join(
        getattr(words, field) for words in WORDS.values() for field in words.__dataclass_fields__
    )
    assert not re.search(
        r"viol|abuz|abus|hotline|shelter|women|femei|danger|pericol|police|poli[tț]i", chrome, re.IGNORECASE
    )


async def test_every_choice_shows_its_digit_and_a_digit_alone_answers(visit: Visit) -> None:
    tab = await visit.opened()
    assert await tab.locator(".choice kbd").all_inner_texts() == ["1", "2", "3", "9"]
    await tab.locator("body").press("2")
    await expect(tab.locator("text=you chose safe.no")).to_be_visible()
    await _writes(tab, "1")
    await expect(tab.locator("text=you wrote 1")).to_be_visible()
    await tab.fill("#box", "2 days ago")
    assert visit.echo.texts() == ["safe.no", "1"]


async def test_a_screen_reader_hears_nothing_before_the_safe_check_is_answered(visit: Visit) -> None:
    tab = await visit.opened()
    log = tab.locator("#log")
    assert await log.get_attribute("aria-live") == "off"
    for word in ("a word", "help now"):
        await _writes(tab, word)
        await expect(tab.locator(f"text=you wrote {word}")).to_have_count(1)
    assert await log.get_attribute("aria-live") == "off"
    await tab.click("text=Yes")
    await expect(tab.locator("text=you chose")).to_have_count(1)
    assert await log.get_attribute("aria-live") == "polite"
    visit.echo.checked.clear()
    await visit.echo.says(visit.echo.address(), "asked anew")
    await expect(tab.locator("text=asked anew")).to_have_count(1)
    assert await log.get_attribute("aria-live") == "off"


@pytest.mark.parametrize(("width", "size"), [(360, 16), (320, 16), (320, 32), (1280, 16)])
async def test_it_fits_small_screens_and_large_letters_with_room_for_a_thumb(
    visit: Visit, width: int, size: int
) -> None:
    tab = await visit.opened(viewport={"width": width, "height": 640})
    await tab.evaluate(f"document.documentElement.style.setProperty('font-size', '{size}px')")
    await visit.echo.says(visit.echo.address(), "averyveryverylongwordwithoutanyplacetobreakit" * 3)
    await tab.wait_for_timeout(200)
    assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in await tab.locator("button:visible, textarea:visible").all():
        box = await button.bounding_box()
        assert box is not None
        if await button.get_attribute("tabindex") != "-1":
            assert min(box["width"], box["height"]) >= 44, await button.inner_text()


async def test_focus_can_be_seen_and_the_exit_is_the_first_stop(visit: Visit) -> None:
    tab = await visit.opened()
    await tab.locator("body").press("Tab")
    focused = "document.activeElement"
    assert await tab.evaluate(f"{focused}.textContent") == "Leave this page"
    assert await tab.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
    await tab.evaluate("scrollTo(0, 9999)")
    box = await tab.locator(".exit").bounding_box()
    assert box is not None
    assert box["y"] >= 0


async def test_right_to_left_languages_are_laid_out_from_the_right(visit: Visit) -> None:
    visit.echo.language = "ar"
    tab = await visit.opened()
    await tab.click("text=Yes")
    await expect(tab.locator("text=you chose")).to_have_count(1)
    assert await tab.locator("#chat").get_attribute("dir") == "rtl"
    guide, hers = (
        await tab.locator(".line.guide").first.bounding_box(),
        await tab.locator(".her").bounding_box(),
    )
    assert guide is not None
    assert hers is not None
    assert guide["x"] + guide["width"] > 340
    assert hers["x"] < 20
    digit, label = (
        await tab.locator(".choice kbd").first.bounding_box(),
        await tab.locator(".choice span").first.bounding_box(),
    )
    assert digit is not None
    assert label is not None
    assert digit["x"] > label["x"]


async def test_what_is_too_long_stays_in_her_box(visit: Visit) -> None:
    tab = await visit.opened()
    await _writes(tab, "x" * 16_001)
    await expect(tab.locator("#notice")).to_have_text(ENGLISH.too_long)
    assert len(await tab.input_value("#box")) == 16_001
    await _writes(tab, "ș" * 16_000)
    await until(lambda: visit.echo.texts() == ["ș" * 16_000])


async def test_the_server_refusing_a_text_gives_it_back(visit: Visit) -> None:
    tab = await visit.opened()
    await tab.evaluate("box.value = 'half \\ud83d of a sign'")
    await tab.press("#box", "Enter")
    await expect(tab.locator("#notice")).to_have_text(ENGLISH.bad_text)
    assert "of a sign" in await tab.input_value("#box")


async def test_lines_are_changed_and_removed_in_place(visit: Visit) -> None:
    tab = await _talked(visit)
    echo, woman = visit.echo, visit.echo.address()
    status = await echo.says(woman, "•")
    await echo.says(woman, "• •", kind=OutboundKind.EDIT, target=status.entry_id)
    await expect(tab.locator(".said", has_text="• •")).to_have_count(1)
    await echo.says(woman, "", kind=OutboundKind.DELETE, target=echo.messages[-1].external_id)
    await echo.says(woman, "", kind=OutboundKind.DELETE, target=status.entry_id)
    await expect(tab.locator("text=• •")).to_have_count(0)
    await expect(tab.locator(".said", has_text=re.compile("^a secret$"))).to_have_count(0)


async def test_markup_in_a_line_is_text(visit: Visit) -> None:
    tab = await visit.opened()
    await visit.echo.says(visit.echo.address(), "<img src=x onerror=alert(1)> &amp;")
    await expect(tab.locator(".said").last).to_have_text("<img src=x onerror=alert(1)> &amp;")
    assert await tab.locator("img").count() == 0


async def test_a_person_speaks_under_her_name(visit: Visit) -> None:
    tab = await visit.opened()
    said = OutboundMessage(
        "p1",
        visit.echo.address(),
        OutboundKind.NEW,
        99,
        "I am here.",
        speaker=Speaker.PERSON,
        speaker_name="Maria",
    )
    await visit.line.chat.send(said)
    await expect(tab.locator(".line.person .who")).to_have_text("Maria")


async def test_hide_covers_the_page_and_leaves(visit: Visit) -> None:
    tab = await _talked(visit)
    await _writes(tab, "hide")
    await tab.wait_for_url("**/weather")
    await until(lambda: len(visit.line.chat.reception.views) == 0)
    await tab.go_back()
    assert tab.url == f"{visit.elsewhere}/before"


async def test_fifteen_minutes_without_life_end_what_the_open_page_shows(visit: Visit) -> None:
    tab = await _talked(visit)
    handle = visit.echo.address().handle
    visit.line.clock.ahead = visit.line.settings.idle_for
    visit.line.chat.reception.sweep()
    await expect(tab.locator(".line.guide")).to_have_count(1)
    assert await lines(tab) == [SAFE_CHECK]
    assert visit.echo.address().handle == handle  # the same browser, a new page, nothing earlier
    assert visit.echo.all("left") == []


async def test_a_closed_chat_covers_the_page_and_leaves_but_the_browser_may_come_back(visit: Visit) -> None:
    tab = await _talked(visit)
    address = visit.echo.address()
    await visit.line.chat.forget(address, for_good=False)
    await tab.wait_for_url("**/weather")
    await tab.wait_for_timeout(200)
    assert visit.echo.all("left") == []
    await tab.goto(visit.line.base)
    await expect(tab.locator(".line.guide")).to_have_count(1)
    assert await lines(tab) == [SAFE_CHECK]
    assert visit.echo.address() == address


async def test_a_hidden_page_sends_no_sign_of_life(visit: Visit) -> None:
    tab = await visit.opened()
    await until(lambda: visit.echo.all("presences"))
    await tab.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    before = len(visit.echo.all("presences"))
    await tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await visit.echo.says(visit.echo.address(), "not seen")
    await tab.wait_for_timeout(300)
    assert len(visit.echo.all("presences")) == before
    assert f"entry{visit.echo._sequence}" not in visit.echo.seen
