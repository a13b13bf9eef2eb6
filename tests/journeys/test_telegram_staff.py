"""Volunteers on Telegram: she writes over Telegram, or on the web page; hide clears both sides."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import WomanMaker
from tests.journeys.people import SHOTS, Colleague, words
from tests.journeys.phones import Caller, Network
from tests.journeys.program import MARK, Program, config_with_volunteers_on_telegram, free_port
from tests.journeys.test_main_journey import assert_no_words_on_disk

pytestmark = [pytest.mark.timeout(240), pytest.mark.long]
WAYS = ("polling", "webhook")


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module", autouse=True)
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with pictures of what each of them sees; pytest keeps it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = Path(os.environ.get(SHOTS) or tmp_path_factory.mktemp("pictures"))
        patch.setenv(SHOTS, str(folder))
        yield folder


@pytest.fixture(scope="module")
def network(way: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Fetched, volunteers have topics; brought, they answer lines."""
    topics = ["--topics"] if way == "polling" else []
    network = Network.started(tmp_path_factory.mktemp(way), 2, *topics, staff=1)
    yield network
    network.stop()


@pytest.fixture(scope="module")
def program(way: str, network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    port, folder = free_port(), tmp_path_factory.mktemp("hotline")
    hook = {
        "HOTLINE_PUBLIC_BIND": f"127.0.0.1:{port}",
        "HOTLINE_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram/updates",
        "HOTLINE_TELEGRAM_WEBHOOK_SECRET": "a-secret-of-this-test",
    }
    line = {
        "HOTLINE_CONFIG_DIR": str(config_with_volunteers_on_telegram(folder)),
        "HOTLINE_TELEGRAM_TOKEN": network.token,
        "HOTLINE_TELEGRAM_STAFF_TOKEN": network.staff_token,
        "HOTLINE_TELEGRAM_API_URL": network.api,
    }
    program = Program(folder, extra={**line, **(hook if way == "webhook" else {})})
    program.start()
    yield program
    program.stop()


@pytest.fixture(scope="module")
def phone(browser: Browser, network: Network, maple: Colleague, juniper: Colleague) -> Iterator[Caller]:
    """Maple's, linked by the code her own page shows; Juniper has no chats for now."""
    juniper.rests()
    maple.is_ready()
    maple.tab.goto(f"{maple.program.console}/me")
    maple.tab.click("button:has-text('Link a messenger')")
    code = maple.tab.locator(".code code").inner_text()
    phone = Caller.with_phone(browser, network.phones[-1])
    phone.types(code)
    phone.sees("Maple")
    yield phone
    phone.context.close()


def accepts(phone: Caller) -> None:
    key = phone.tab.locator(".keys button", has_text=re.compile(r"^\S+ Accept$"))
    expect(key.last).to_be_visible()
    phone.taps_any("Accept")


def answers(program: Program, phone: Caller, line: str, text: str) -> None:
    """The line has its receipt: nobody answers within the milliseconds of one."""
    phone.sees(line)
    program.waits_until("SELECT count(*) = 0 FROM staff_post WHERE state IN ('pending', 'sending')")
    phone.answers(line, text)


def knows_no_word(phone: Caller) -> None:
    expect(phone.tab.locator("#chat")).not_to_contain_text(MARK)


def test_both_on_telegram_talk_and_hide_empties_both_sides(
    program: Program, browser: Browser, phone: Caller, network: Network, way: str
) -> None:
    ann = Caller.with_phone(browser, network.phones[0])
    ann.starts()
    ann.taps("Yes", "No", "Talk to a person", "Yes")
    ann.sees("I am asking a person for you")
    accepts(phone)
    ann.sees("You are now writing with Maple")
    ann.types(words("I do not know where to begin"))
    answers(program, phone, "I do not know where to begin", words("Take your time. I am here."))
    ann.sees("Maple: Take your time.")
    ann.picture(f"both-{way}-hers")
    phone.picture(f"both-{way}-the-volunteers")
    assert_no_words_on_disk(program)
    ann.types("hide")
    ann.has_an_empty_chat()
    knows_no_word(phone)
    ann.picture(f"both-{way}-hers-after-hide")
    phone.picture(f"both-{way}-the-volunteers-after-hide")
    program.waits_until("SELECT count(*) = 0 FROM outbox")
    assert_no_words_on_disk(program)
    ann.heard_nothing()
    ann.context.close()


def test_she_on_the_page_and_the_volunteer_on_telegram_talk_and_hide_empties_both_sides(
    program: Program, phone: Caller, woman: WomanMaker, way: str
) -> None:
    ann = woman()
    ann.comes_from_elsewhere()
    ann.asks_for_a_person()
    accepts(phone)
    ann.sees("You are now writing with Maple")
    ann.types(words("is anybody there"))
    answers(program, phone, "is anybody there", words("I am with you."))
    ann.sees("I am with you.")
    ann.picture(f"mixed-{way}-hers")
    phone.picture(f"mixed-{way}-the-volunteers")
    ann.types("hide")
    ann.is_elsewhere()
    knows_no_word(phone)
    phone.picture(f"mixed-{way}-the-volunteers-after-hide")
    program.waits_until("SELECT count(*) = 0 FROM outbox")
    assert_no_words_on_disk(program)
