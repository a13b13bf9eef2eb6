"""The journey over Telegram, fetched and brought, with the volunteer at the console; hide in a live chat."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.people import SHOTS, Colleague, words
from tests.journeys.phones import Caller, Network
from tests.journeys.program import MARK, Program, free_port
from tests.journeys.test_main_journey import assert_no_words_on_disk, assert_nothing_is_left

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
    network = Network.started(tmp_path_factory.mktemp(way), people=2)
    yield network
    network.stop()


@pytest.fixture(scope="module")
def program(way: str, network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    port = free_port()
    hook = {
        "HOTLINE_PUBLIC_BIND": f"127.0.0.1:{port}",
        "HOTLINE_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram/updates",
        "HOTLINE_TELEGRAM_WEBHOOK_SECRET": "a-secret-of-this-test",
    }
    line = {"HOTLINE_TELEGRAM_TOKEN": network.token, "HOTLINE_TELEGRAM_API_URL": network.api}
    program = Program(
        tmp_path_factory.mktemp("hotline"), extra={**line, **(hook if way == "webhook" else {})}
    )
    program.start()
    yield program
    program.stop()


def she_is_met_and_finds_numbers(ann: Caller, way: str) -> None:
    ann.starts()
    ann.picture(f"telegram-{way}-hello")
    ann.taps("Yes")
    ann.sees("Could anyone else see")
    ann.taps("No")
    ann.sees("Telegram has its own copy and can read it")  # the channel's own risk (B-005)
    ann.sees("This is a demonstration. Nobody answers here")
    ann.picture(f"telegram-{way}-notice")
    ann.taps("Only information", "Places and numbers", "To talk and ask", "Romania")
    ann.sees("0800 500 333 · Romania")
    ann.picture(f"telegram-{way}-numbers")


def they_talk(program: Program, ann: Caller, maple: Colleague, way: str) -> None:
    ann.types(words("I do not know where to begin"))
    maple.reads("I do not know where to begin")
    maple.writes(words("Take your time. I am here."))
    ann.sees("Maple: Take your time.")
    expect(ann.tab.locator(".line", has_text="Take your time").locator(".meta")).to_contain_text(
        "cannot be forwarded"
    )
    maple.sees_delivery("Take your time.", "sent")
    ann.picture(f"telegram-{way}-talk")
    maple.picture(f"telegram-{way}-console")
    assert_no_words_on_disk(program)


def test_she_finds_help_over_telegram_talks_to_a_person_and_nothing_is_left(
    program: Program, browser: Browser, maple: Colleague, juniper: Colleague, network: Network, way: str
) -> None:
    maple.is_ready()
    juniper.rests()
    ann = Caller.with_phone(browser, network.phones[0])
    she_is_met_and_finds_numbers(ann, way)
    ann.taps("Talk to a person")
    ann.sees("Shall I ask one?")
    ann.taps("Yes")
    ann.sees("I am asking a person for you")
    chat = maple.accepts()
    ann.sees("You are now writing with Maple")
    they_talk(program, ann, maple, way)
    maple.closes()
    ann.sees("Shall I remove everything here")
    ann.picture(f"telegram-{way}-closing")
    ann.taps_last("Remove all")
    ann.has_an_empty_chat()
    ann.heard_nothing()
    ann.picture(f"telegram-{way}-empty")
    program.waits_until("SELECT count(*) = 0 FROM outbox")
    assert_nothing_is_left(program, chat)
    assert_no_words_on_disk(program)
    ann.context.close()


def test_hide_in_the_live_chat_empties_both_sides_and_tells_the_volunteer(
    program: Program, browser: Browser, maple: Colleague, juniper: Colleague, network: Network, way: str
) -> None:
    maple.is_ready()
    juniper.rests()
    bea = Caller.with_phone(browser, network.phones[1])
    bea.starts()
    bea.taps("Yes", "No", "Talk to a person", "Yes")
    bea.sees("I am asking a person for you")
    maple.accepts()
    bea.sees("You are now writing with Maple")
    bea.types(words("he is coming"))
    maple.reads("he is coming")
    maple.writes(words("I am with you"))
    bea.sees("I am with you")
    bea.picture(f"telegram-{way}-before-hide")
    bea.types("hide")
    bea.has_an_empty_chat()
    bea.picture(f"telegram-{way}-after-hide")
    maple.picture(f"telegram-{way}-she-left")
    maple.sees_that_she_left()
    program.waits_until("SELECT count(*) = 0 FROM outbox")
    assert_no_words_on_disk(program)
    assert MARK not in network.printed.read_text(encoding="utf-8")
    bea.context.close()
