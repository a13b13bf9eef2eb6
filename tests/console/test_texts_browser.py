"""A coordinator in a real browser, with scripts and without: change, mend, try, sign, publish, recall."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.model import Role
from tests.console.office import Office
from tests.console.tabs import DESK, DOUBLE_IDS, HEADINGS, NAMELESS, PHONE, TOO_WIDE, Opens
from tests.console.texts import Texts, open_texts


@pytest.fixture
async def texts(quick_folder: Path) -> AsyncIterator[Texts]:
    """In the mode `demo`: nobody has a password."""
    async with open_texts(quick_folder) as opened:
        opened.invite("Cora", [Role.COORDINATOR, Role.EDITOR])
        opened.invite("Hanna", [Role.REVIEWER])
        yield opened


@pytest.fixture
def office(texts: Texts) -> Office:
    """What the tabs are opened at."""
    return texts.office


@pytest.mark.parametrize(
    ("size", "scripts"),
    [
        pytest.param(DESK, True, id="desk-with scripts"),
        pytest.param(PHONE, False, id="phone-without"),
        pytest.param(PHONE, True, id="phone-with scripts", marks=pytest.mark.long),
        pytest.param(DESK, False, id="desk-without", marks=pytest.mark.long),
    ],
)
async def test_a_coordinators_whole_way(
    texts: Texts, opens: Opens, size: tuple[int, int], scripts: bool
) -> None:
    cora = await opens("Cora", size, scripts=scripts)
    await cora.get_by_role("link", name="Texts").click()
    await cora.get_by_role("link", name="Read and change").click()
    await cora.get_by_role("link", name="Change the texts of menu").click()
    box = cora.get_by_role("group", name="text").get_by_label("English")
    await box.fill("Why did you let it happen?")
    await cora.get_by_role("button", name="Save").click()
    await expect(cora.get_by_text("asks her to justify herself")).to_be_visible()
    await box.fill("What do you need now?")
    await cora.get_by_role("button", name="Save").click()
    await expect(cora.get_by_text("Must be mended")).to_have_count(0)

    await cora.get_by_role("link", name="Try it out").click()
    await cora.get_by_label("Day and hour").fill("2026-11-20T03:00")
    await cora.get_by_label("Who is there").select_option(label="The line is open, and nobody is there")
    await cora.get_by_role("button", name="Begin").click()
    for label in ("1 Yes", "1 No", "2 A person, please", "1 Yes, ask"):
        await cora.get_by_role("button", name=label, exact=True).click()
    await expect(cora.get_by_text("Nobody answered")).to_be_visible()

    await cora.get_by_role("link", name="Revision 3").click()
    await cora.get_by_role("link", name="Sign it …").click()
    await cora.get_by_role("button", name="Sign it").click()
    await expect(cora.get_by_text("Your signature is under this text.")).to_be_visible()
    texts.town.clock.move(seconds=60)
    hanna = await opens("Hanna", size, scripts=scripts)
    await hanna.goto(f"{texts.office.base}/scripts/3/sign")
    await hanna.get_by_role("button", name="Sign it").click()
    await expect(hanna.get_by_text("signed by Cora and Hanna (reviewer), in the demo").first).to_be_visible()

    await cora.reload()
    await cora.get_by_role("link", name="Publish it …").click()
    await expect(cora.get_by_text("What do you need now?").first).to_be_visible()
    await cora.get_by_role("button", name="Publish it").click()
    await expect(cora.get_by_text("This text is live.")).to_be_visible()
    texts.reads_anew()
    live = texts.town.house.library
    assert live.scripts[live.revision_for("demo")].texts["en"]["menu.text"].text == "What do you need now?"

    await cora.get_by_role("link", name="Take it back …").click()
    await cora.get_by_role("link", name="It does harm …").click()
    await cora.get_by_role("button", name="Recall it now").click()
    await expect(cora.get_by_text("Recalled. Nothing more of it is said")).to_be_visible()
    texts.reads_anew()
    assert (texts.town.house.library.revision_for("demo"), texts.states()[3]) == (1, "recalled")


PAGES = (
    "/scripts", "/scripts/2", "/scripts/2?show=findings", "/scripts/2/steps/menu", "/scripts/2/steps/word",
    "/scripts/2/try", "/scripts/2/compare", "/scripts/2/sign", "/scripts/2/publish", "/scripts/1/take-back",
    "/scripts/1/recall", "/scripts/2/languages/ro", "/scripts/99",
)  # fmt: skip


@pytest.mark.parametrize("size", [DESK, PHONE, (320, 640)], ids=["desk", "phone", "small phone"])
async def test_no_page_is_wider_than_its_screen_and_everything_has_a_name(
    texts: Texts, opens: Opens, size: tuple[int, int]
) -> None:
    cora = await opens("Cora", size)
    await cora.goto(f"{texts.office.base}/scripts/1/steps/menu")
    long = cora.get_by_role("group", name="text").get_by_label("English")
    await long.fill("Why? " + "unbreakable" * 30)
    await cora.get_by_role("button", name="Save").click()
    for path in PAGES:
        await cora.goto(texts.office.base + path)
        assert await cora.evaluate(TOO_WIDE) is False, path
        assert await cora.evaluate(NAMELESS) == [], path
        assert await cora.evaluate(HEADINGS) == [], path
        assert await cora.evaluate(DOUBLE_IDS) == [], path


async def test_a_text_is_changed_and_saved_by_keyboard_alone(texts: Texts, opens: Opens) -> None:
    cora = await opens("Cora")
    await cora.goto(f"{texts.office.base}/scripts/1/steps/hello")
    await cora.keyboard.press("Tab")
    await expect(cora.get_by_role("link", name="Skip to the content")).to_be_focused()
    await cora.keyboard.press("Enter")
    for _ in range(10):
        await cora.keyboard.press("Tab")
        if await cora.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    await cora.keyboard.press("Control+A")
    await cora.keyboard.type("Hi. Is this a good time to write here?")
    for _ in range(30):
        await cora.keyboard.press("Tab")
        if await cora.evaluate("document.activeElement.textContent") == "Save":
            break
    await cora.keyboard.press("Enter")
    await expect(cora.get_by_text("Saved as a new draft.")).to_be_visible()
    assert texts.said(2, "hello.text") == "Hi. Is this a good time to write here?"


async def test_enter_sends_what_she_writes_in_a_try(texts: Texts, opens: Opens) -> None:
    cora = await opens("Cora")
    await cora.goto(f"{texts.office.base}/scripts/1/try")
    await cora.get_by_role("button", name="Begin").click()
    await cora.get_by_label("Or she writes").fill("hello there")
    await cora.keyboard.press("Enter")
    chat = cora.get_by_role("region", name="The chat")
    await expect(chat.get_by_text("hello there")).to_be_visible()
    await cora.get_by_role("button", name="One step back").click()
    await expect(chat.get_by_text("hello there")).to_have_count(0)
