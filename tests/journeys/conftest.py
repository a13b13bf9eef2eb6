"""The program, a browser, and its people, shared by the journeys of a file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.people import Colleague, Woman
from tests.journeys.program import Program

WomanMaker = Callable[..., Woman]


@pytest.fixture(scope="module")
def browser(chromium: Path, chromium_flags: list[str]) -> Iterator[Browser]:
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=str(chromium), args=chromium_flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Running, with everybody of the demo on duty."""
    program = Program(tmp_path_factory.mktemp("hotline"))
    program.start()
    yield program
    program.stop()


@pytest.fixture(scope="module")
def maple(program: Program, browser: Browser) -> Iterator[Colleague]:
    one = Colleague.signed_in(program, browser, "Maple")
    yield one
    one.context.close()


@pytest.fixture(scope="module")
def juniper(program: Program, browser: Browser) -> Iterator[Colleague]:
    one = Colleague.signed_in(program, browser, "Juniper")
    yield one
    one.context.close()


@pytest.fixture
def woman(program: Program, browser: Browser) -> Iterator[WomanMaker]:
    """Makes women, each with a phone of her own; all have left by the end of the test."""
    made: list[Woman] = []

    def make(**options: object) -> Woman:
        made.append(Woman.with_phone(program, browser, **options))
        return made[-1]

    yield make
    for one in reversed(made):
        one.is_gone()
