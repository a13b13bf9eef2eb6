"""The pages about texts, as a browser without a script uses them, from a change to a recall."""

import re
from typing import get_args

import pytest

from bot.model import Role
from bot.store import tables as t
from bot.web.console.script_words import EFFECT
from tests.console.texts import Texts, fields_of, saves
from triage.effects import Effect

BLAMES = "Why did you let it happen?"


async def test_the_whole_way_of_a_text_from_a_change_to_its_recall(either_texts: Texts) -> None:
    texts = either_texts
    edda, rowan, reva = await texts.at("Edda"), await texts.at("Rowan"), await texts.at("Reva")
    page = await saves(edda, 1, "menu", en_text=BLAMES)
    assert page.path == "/scripts/2/steps/menu"
    assert "Saved as a new draft." in page.words
    assert "Must be mended “why” asks her to justify herself" in page.words
    assert texts.said(1, "menu.text") != BLAMES

    refused = await reva.get("/scripts/2/sign")
    assert "must be mended first" in refused.words
    refused = await rowan.get("/scripts/2/publish")
    assert "must be mended first" in refused.words
    assert not refused.has_form("/scripts/2/publish")

    page = await saves(edda, 2, "menu", en_text="What do you need now?")
    assert page.path == "/scripts/3/steps/menu"
    assert "Must be mended" not in page.words
    assert texts.states() == {1: "published", 2: "revised", 3: "draft"}

    page = await edda.press(await edda.get("/scripts/3/sign"), "/scripts/3/sign", **texts.proof("Edda"))
    assert "Your signature is under this text." in page.words
    assert "Edda signed, a second person who is a reviewer and did not write it is missing" in page.words
    page = await reva.press(await reva.get("/scripts/3/sign"), "/scripts/3/sign", **texts.proof("Reva"))
    assert "signed by Edda and Reva (reviewer)" in page.words

    page = await rowan.get("/scripts/3/publish")
    assert "after: What do you need now?" in page.words
    page = await rowan.press(page, "/scripts/3/publish")
    assert "This text is live." in page.words
    assert texts.states() == {1: "replaced", 2: "revised", 3: "published"}

    page = await rowan.get("/scripts/3/take-back")
    assert "Go back to revision 1" in page.words
    page = await rowan.get("/scripts/3/recall")
    for told in (
        "Nothing more of this text is said",
        "comes to the menu of the live text",
        "never becomes live",
    ):
        assert told in page.words
    page = await rowan.press(page, "/scripts/3/recall")
    assert page.path == "/scripts"
    assert "Recalled." in page.words
    assert texts.states() == {1: "published", 2: "revised", 3: "recalled"}
    kept = [act for act in texts.acts() if act[1] in {"edit", "sign", "publish", "recall"}]
    assert kept[-6:] == [
        ("Edda", "edit", "script.2"), ("Edda", "edit", "script.3"), ("Edda", "sign", "script.3"),
        ("Reva", "sign", "script.3"), ("Rowan", "publish", "script.3"), ("Rowan", "recall", "script.3"),
    ]  # fmt: skip


# --- reading ----------------------------------------------------------------------------------------------
async def test_every_text_of_every_language_stands_beside_what_the_rules_say(texts: Texts) -> None:
    edda = await texts.at("Edda")
    await saves(edda, 1, "menu", en_text=BLAMES, ro_text="De ce?")
    page = await edda.get("/scripts/2")
    for said in (BLAMES, "De ce?", texts.said(1, "hello.text"), texts.said(1, "hello.text", "ro")):
        assert said in page.text.replace("&#39;", "'"), said
    found = await edda.get("/scripts/2?show=findings")
    assert 'id="step-menu"' in found.text
    assert 'id="step-hello"' not in found.text
    changed = await edda.get("/scripts/2?show=changed")
    assert 'id="step-menu"' in changed.text
    assert 'id="step-bye"' not in changed.text
    looked = await edda.get("/scripts/2?find=Why+DID")
    assert 'id="step-menu"' in looked.text
    assert 'id="step-hello"' not in looked.text
    assert "No step fits." in (await edda.get("/scripts/2?find=zzzz")).words


async def test_what_nobody_signed_is_called_so_on_every_page(texts: Texts) -> None:
    vera = await texts.at("Vera")
    for path in ("/", "/scripts", "/scripts/1"):
        assert "texts not signed" in (await vera.get(path)).words
    assert "not signed / not reviewed" in (await vera.get("/scripts")).words
    for alias in ("Edda", "Reva"):
        browser = await texts.at(alias)
        await browser.press(await browser.get("/scripts/1/sign"), "/scripts/1/sign", **texts.proof(alias))
    texts.reads_anew()
    assert "texts not signed" not in (await vera.get("/")).words
    assert "signed by Edda and Reva (reviewer)" in (await vera.get("/scripts")).words


async def test_two_revisions_are_compared_in_words(texts: Texts) -> None:
    edda = await texts.at("Edda")
    await saves(edda, 1, "hello", en_go="Yes, go on")
    page = await edda.get("/scripts/2/compare")
    assert "What changes from revision 1 to 2" in page.words
    assert "The choice “go” English before: Yes after: Yes, go on" in page.words
    assert "Nothing that a woman could notice changes." in (await edda.get("/scripts/2/compare?with=2")).words


@pytest.mark.parametrize("number", ["99", "0", "x", "1e9", "11111111111", "-1"])
async def test_a_text_that_is_not_there_is_told_calmly(texts: Texts, number: str) -> None:
    rowan = await texts.at("Rowan")
    for path in ("", "/compare", "/try", "/sign", "/publish", "/take-back", "/recall", "/languages/en"):
        page = await rowan.get(f"/scripts/{number}{path}")
        assert page.status == 404, path
        assert "There is no such text" in page.words
    edda = await texts.at("Edda")
    assert (await edda.get("/scripts/1/steps/nowhere")).status == 404
    assert (await rowan.get("/scripts/1/languages/xx")).status == 404


# --- changing ---------------------------------------------------------------------------------------------
async def test_two_who_change_one_draft_lose_nothing(either_texts: Texts) -> None:
    texts = either_texts
    edda, elin = await texts.at("Edda"), await texts.at("Elin")
    action = "/scripts/2/steps/hello"
    await saves(edda, 1, "bye", en_text="Take care.")
    before = fields_of(await elin.get(action), action)
    await saves(edda, 2, "hello", en_go="Yes, please")
    page = await elin.post(action, before | {"text:en:hello.later": "Not now"})
    assert page.status == 409
    assert "Edda saved this draft while you were writing." in page.words
    assert "You did not change the same texts." in page.words
    assert page.field("text:en:hello.later") == "Not now"
    assert page.field("text:en:hello.go") == "Yes, please"
    onto = "/scripts/3/steps/hello"
    page = await elin.post(onto, fields_of(page, onto))
    assert page.path == "/scripts/4/steps/hello"
    assert (texts.said(4, "hello.go"), texts.said(4, "hello.later")) == ("Yes, please", "Not now")


async def test_where_both_changed_one_text_both_are_shown_and_she_decides(texts: Texts) -> None:
    edda, elin = await texts.at("Edda"), await texts.at("Elin")
    await saves(edda, 1, "bye", en_text="Take care.")
    action, onto = "/scripts/2/steps/hello", "/scripts/3/steps/hello"
    before = fields_of(await elin.get(action), action)
    await saves(edda, 2, "hello", en_go="Yes, please")
    page = await elin.post(action, before | {"text:en:hello.go": "Yes <b>now</b>"})
    assert "Edda wrote: Yes, please" in page.words
    assert page.field("text:en:hello.go") == "Yes <b>now</b>"
    assert "<b>now</b>" not in page.text
    page = await elin.post(onto, fields_of(page, onto) | {"text:en:hello.go": "Yes, both"})
    assert texts.said(4, "hello.go") == "Yes, both"


async def test_a_double_click_on_save_makes_one_draft_and_no_alarm(texts: Texts) -> None:
    edda = await texts.at("Edda")
    await saves(edda, 1, "bye", en_text="Take care.")
    action = "/scripts/2/steps/hello"
    sent = fields_of(await edda.get(action), action) | {"text:en:hello.go": "Yes, please"}
    first, second = await edda.post(action, sent), await edda.post(action, sent)
    assert first.path == second.path == "/scripts/3/steps/hello"
    assert second.status == 200


async def test_a_text_that_cannot_be_saved_stays_on_the_page(texts: Texts) -> None:
    edda = await texts.at("Edda")
    page = await saves(edda, 1, "hello", en_go="x" * 4_001)
    assert page.status == 409
    assert "longer than 4,000 characters" in page.words
    assert page.field("text:en:hello.go") == "x" * 4_001
    page = await saves(edda, 1, "hello", en_nothing="x")
    assert "There is no text hello.nothing in en." in page.words
    assert texts.states() == {1: "published"}


async def test_a_draft_that_cannot_be_read_is_shown_as_far_as_it_can(texts: Texts) -> None:
    edda = await texts.at("Edda")
    page = await saves(edda, 1, "menu", en_text="")
    assert page.path == "/scripts/2/steps/menu"
    assert "`menu.text` has no text." in page.words
    page = await edda.post("/scripts/2/try", {"form": await texts.office.form_token(edda), "act": "anew"})
    assert "This draft has errors and cannot be tried out yet." in page.words


async def test_a_desk_says_some_things_its_own_way(texts: Texts) -> None:
    texts.invite("Nora", [Role.EDITOR, Role.COORDINATOR, Role.REVIEWER], desk="demo")
    nora = await texts.at("Nora")
    page = await nora.get("/scripts")
    page = await nora.press(page, "/scripts/desks/demo/begin")
    assert page.path == "/scripts/2"
    await saves(nora, 2, "hello", en_go="Yes, here")
    page = await nora.press(await nora.get("/scripts/3/publish"), "/scripts/3/publish", **texts.proof("Nora"))
    assert "This text is live." in page.words
    edda = await texts.at("Edda")
    await saves(edda, 1, "hello", en_later="Not now")
    rowan = await texts.at("Rowan")
    await rowan.press(await rowan.get("/scripts/4/publish"), "/scripts/4/publish", **texts.proof("Rowan"))
    page = await nora.get("/scripts")
    assert "To review: it was made over revision 1, and revision 4 of every desk is live now." in page.words
    page = await nora.press(page, "/scripts/desks/demo/merge")
    assert page.path == "/scripts/5"
    assert (texts.said(5, "hello.go"), texts.said(5, "hello.later")) == ("Yes, here", "Not now")
    for path in ("/scripts/4/take-back", "/scripts/4/publish", "/scripts/4/sign", "/scripts/4/steps/hello"):
        assert (await nora.get(path)).status == 404, path  # the network's texts are not hers
    assert (await nora.get("/scripts/4")).status == 200  # she reads them


# --- trying out -------------------------------------------------------------------------------------------
async def test_three_in_the_morning_with_nobody_there(texts: Texts) -> None:
    rowan = await texts.at("Rowan")
    form = {"form": await texts.office.form_token(rowan), "language": "en", "rota": "none",
            "at": "2026-11-20T03:00", "channel": "telegram", "region": "RO", "act": "anew"}  # fmt: skip
    page = await rowan.post("/scripts/1/try", form)
    assert "Is now a good time to write here?" in page.words
    for digit in ("1", "1", "2"):
        page = await rowan.post(
            "/scripts/1/try", form | {"replies": page_replies(page.text), "act": "", "tap": digit}
        )
    assert "She taps A person, please" in page.words
    page = await rowan.post("/scripts/1/try", form | {"replies": page_replies(page.text), "tap": "1"})
    assert "A person is asked for" in page.words
    assert "Nobody answered" in page.words
    before = page.words
    page = await rowan.post(
        "/scripts/1/try", form | {"replies": page_replies(page.text), "act": "say", "reply": "<i>hello</i>"}
    )
    assert "She writes <i>hello</i>" in page.words
    assert "<i>hello" not in page.text
    page = await rowan.post("/scripts/1/try", form | {"replies": page_replies(page.text), "act": "back"})
    assert page.words == before
    assert (texts.town.rows(t.conversation), texts.town.rows(t.outbox)) == ([], [])


async def test_while_the_line_is_closed_nobody_is_asked(texts: Texts) -> None:
    rowan = await texts.at("Rowan")
    form = {"form": await texts.office.form_token(rowan), "language": "en", "rota": "closed",
            "at": "2026-11-20T03:00", "channel": "telegram", "region": "RO", "replies": "#1\n#1",
            "tap": "2"}  # fmt: skip
    page = await rowan.post("/scripts/1/try", form)
    assert "Nobody can come, so nobody is asked" in page.words
    assert "A person is asked for" not in page.words


def test_whatever_the_guide_does_has_a_name_in_a_rehearsal() -> None:
    names = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one.__name__).lower() for one in get_args(Effect)}
    assert names - set(EFFECT) == {"speak"}


def page_replies(text: str) -> str:
    return text.split('aria-hidden="true" tabindex="-1">\n', 1)[1].split("</textarea>", 1)[0]


@pytest.mark.parametrize("reply", ["@+10x", "!dance", "!accept", "// comment", "#9", "x" * 5_000])
async def test_odd_replies_and_settings_are_answered_calmly(texts: Texts, reply: str) -> None:
    vera = await texts.at("Vera")
    form = {"form": await texts.office.form_token(vera), "language": "xx", "rota": "?", "at": "soon",
            "channel": "fax", "region": "??", "as_of": "never", "act": "say", "reply": reply}  # fmt: skip
    page = await vera.post("/scripts/1/try", form)
    assert page.status == 200
    assert "Is now a good time" in page.words
