"""The console in a real browser: its script updates the page and leaves alone what is being typed."""

from playwright.async_api import expect

from tests.console.office import Office
from tests.console.tabs import Opens


async def test_an_offer_appears_and_leads_to_the_chat_by_keyboard(office: Office, opens: Opens) -> None:
    page = await opens("Maple")
    await expect(page.get_by_text("Nothing right now.")).to_be_visible()
    await office.queued()
    accept = page.get_by_role("button", name="Accept")
    await expect(accept).to_be_visible(timeout=15_000)
    await expect(page).to_have_title("(1) Now")
    await accept.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Reply to her, as Maple")).to_be_focused()


async def test_new_lines_come_while_she_types_and_nothing_typed_is_lost(office: Office, opens: Opens) -> None:
    page = await opens("Maple")
    ann = await office.queued()
    await page.reload()
    await page.get_by_role("button", name="Accept").click()
    box = page.get_by_label("Reply to her, as Maple")
    await box.fill("half a sen")
    await box.press_sequentially("t")
    office.town.clock.move(seconds=5)
    ann.types("<b>are you there?</b>")
    await office.town.settle()
    await expect(page.get_by_text("<b>are you there?</b>")).to_be_visible(timeout=15_000)
    await expect(box).to_have_value("half a sent")
    await expect(box).to_be_focused()
    await page.get_by_text("Write a note").click()
    await page.get_by_label("Note for a colleague").fill("short lines")
    await page.get_by_role("button", name="Keep this note").click()
    await expect(page.get_by_text("short lines")).to_be_visible()
    await expect(box).to_have_value("half a sent")
    await box.fill("whole")
    await box.press("Control+Enter")
    await expect(page.locator(".line.volunteer")).to_contain_text("whole")


async def test_when_she_leaves_her_words_leave_the_screen(office: Office, opens: Opens) -> None:
    page = await opens("Maple")
    ann = await office.queued(said="words of before")
    await page.reload()
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_text("words of before")).to_be_visible()
    await page.get_by_label("Reply to her, as Maple").fill("half")
    ann.types("hide")
    await office.town.settle()
    await expect(page.get_by_role("alert")).to_contain_text("She had to leave", timeout=15_000)
    await expect(page.get_by_text("words of before")).to_have_count(0)
    await expect(page.get_by_label("Reply to her, as Maple")).to_have_value("half")


async def test_a_locked_console_shows_no_words(office: Office, opens: Opens) -> None:
    page = await opens("Maple")
    await office.queued(said="words of before")
    await page.reload()
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_text("words of before")).to_be_visible()
    office.town.clock.move(hours=13)
    await expect(page.get_by_role("alert")).to_contain_text("You are signed out", timeout=15_000)
    await expect(page.get_by_text("words of before")).to_have_count(0)
