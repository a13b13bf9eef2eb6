"""The pages about texts, as a browser without a script uses them, from a change to a recall."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import Role
from bot.services import people
from bot.store import tables as t
from tests.console.texts import PASSWORD, Texts, fields_of, open_texts, saves

BLAMES = "Why did you let it happen?"


@pytest.fixture
async def texts(quick_folder: Path) -> AsyncIterator[Texts]:
    """In the mode `trial`: people have passwords."""
    async with open_texts(quick_folder, "trial") as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
async def either_texts(quick_folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Texts]:
    """The same on each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")
    async with open_texts(quick_folder, "trial", url) as opened:
        yield opened


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


# --- signing ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "typed", [{}, {"password": "wrong"}, {"code": "000000"}, {"password": "", "code": ""}]
)
async def test_a_stolen_browser_signs_nothing(texts: Texts, typed: dict[str, str]) -> None:
    reva = await texts.at("Reva")
    page = await reva.get("/scripts/1/sign")
    right = texts.proof("Reva") if typed else {}
    page = await reva.press(page, "/scripts/1/sign", **(right | typed))
    assert page.status == 409
    assert "Password or code are not right" in page.words
    assert texts.town.rows(t.signature) == []


async def test_a_stolen_browser_publishes_nothing_that_nobody_signed(texts: Texts) -> None:
    edda, rowan = await texts.at("Edda"), await texts.at("Rowan")
    await saves(edda, 1, "hello", en_go="Yes, go on")
    page = await rowan.get("/scripts/2/publish")
    assert "Nobody has reviewed this text." in page.words
    refused = await rowan.press(page, "/scripts/2/publish", password="wrong", code="000000")
    assert "Password or code are not right" in refused.words
    proof = texts.proof("Rowan")
    assert "This text is live." in (await rowan.press(page, "/scripts/2/publish", **proof)).words
    await saves(edda, 2, "hello", en_go="Go on here")
    page = await rowan.get("/scripts/3/publish")
    refused = await rowan.press(page, "/scripts/3/publish", **proof)  # the same code once more
    assert "Password or code are not right" in refused.words
    assert texts.states()[3] == "draft"


async def test_the_password_of_another_signs_nothing(texts: Texts) -> None:
    reva = await texts.at("Reva")
    page = await reva.press(await reva.get("/scripts/1/sign"), "/scripts/1/sign", **texts.proof("Edda"))
    assert "Password or code are not right" in page.words


async def test_guessing_is_slowed_down(texts: Texts) -> None:
    reva = await texts.at("Reva")
    page = await reva.get("/scripts/1/sign")
    for _ in range(5):
        await reva.press(page, "/scripts/1/sign", password=PASSWORD, code="000000")
    told = await reva.press(page, "/scripts/1/sign", password=PASSWORD, code="000000")
    assert "tried too often" in told.words


async def test_a_signature_is_for_what_the_page_showed(texts: Texts) -> None:
    edda, reva = await texts.at("Edda"), await texts.at("Reva")
    await saves(edda, 1, "hello", en_go="Yes, go on")
    other = (await reva.get("/scripts/2/sign")).form("/scripts/2/sign")["content"]
    page = await reva.press(
        await reva.get("/scripts/1/sign"), "/scripts/1/sign", content=other, **texts.proof("Reva")
    )
    assert "This signature is for another text" in page.words
    assert texts.town.rows(t.signature) == []


async def test_a_signature_under_a_draft_is_taken_back(texts: Texts) -> None:
    edda, reva = await texts.at("Edda"), await texts.at("Reva")
    await saves(edda, 1, "hello", en_go="Yes, go on")
    await reva.press(await reva.get("/scripts/2/sign"), "/scripts/2/sign", **texts.proof("Reva"))
    page = await reva.press(await reva.get("/scripts/2"), "/scripts/2/unsign")
    assert "Your signature is taken back." in page.words
    assert texts.town.rows(t.signature) == []


async def test_a_language_is_vouched_for_and_let_pass(texts: Texts) -> None:
    reva, edda = await texts.at("Reva"), await texts.at("Edda")
    page = await reva.get("/scripts/1/languages/ro")
    assert "Informații" in page.words  # the public page's words stand there to be read
    page = await reva.press(page, "/scripts/1/languages/ro", **{"as": "native"}, **texts.proof("Reva"))
    assert "Your signature is under this language." in page.words
    assert "Reva vouches for its texts, Reva for its lists and page words" in page.words
    page = await edda.get("/scripts/1/languages/en")
    refused = await edda.press(page, "/scripts/1/languages/en", **{"as": "native"}, **texts.proof("Edda"))
    assert "Edda cannot vouch for en" in refused.words
    for browser, alias in ((edda, "Edda"), (reva, "Reva")):
        page = await browser.get("/scripts/1/languages/en")
        page = await browser.press(
            page, "/scripts/1/languages/en", **{"as": "exception"}, **texts.proof(alias)
        )
    assert "two people let it pass until 2026-12-18" in page.words


# --- publishing and taking back ---------------------------------------------------------------------------
async def test_in_open_an_unsigned_text_has_no_button_and_no_way(texts: Texts) -> None:
    edda, rowan = await texts.at("Edda"), await texts.at("Rowan")
    await saves(edda, 1, "hello", en_go="Yes, go on")
    form = (await rowan.get("/scripts/2/publish")).form("/scripts/2/publish")
    texts.town.house.mode = "open"
    page = await rowan.get("/scripts/2/publish")
    assert "only a text that two people have signed goes live" in page.words
    assert not page.has_form("/scripts/2/publish")
    page = await rowan.post("/scripts/2/publish", form | texts.proof("Rowan"))
    assert page.status == 409
    assert texts.states()[2] == "draft"


async def test_a_draft_that_would_undo_another_says_so_and_shows_what(texts: Texts) -> None:
    edda, rowan = await texts.at("Edda"), await texts.at("Rowan")
    await saves(edda, 1, "hello", en_go="Yes, go on")
    await saves(edda, 1, "hello", en_later="Not now")
    page = await rowan.get("/scripts/3/publish")
    await rowan.press(await rowan.get("/scripts/2/publish"), "/scripts/2/publish", **texts.proof("Rowan"))
    page = await rowan.press(page, "/scripts/3/publish", **texts.proof("Rowan"))
    assert page.status == 409
    assert "Revision 2 went live meanwhile." in page.words
    assert "before: Yes, go on after: Yes" in page.words
    page = await rowan.press(page, "/scripts/3/publish", **texts.proof("Rowan"))
    assert texts.states() == {1: "replaced", 2: "replaced", 3: "published"}


async def test_two_who_take_back_at_once_take_one_step(texts: Texts) -> None:
    edda, rowan = await texts.at("Edda"), await texts.at("Rowan")
    for base, word in ((1, "one"), (2, "two")):
        await saves(edda, base, "hello", en_go=f"Yes {word}")
        path = f"/scripts/{base + 1}/publish"
        await rowan.press(await rowan.get(path), path, **texts.proof("Rowan"))
    page = await rowan.get("/scripts/3/take-back")
    assert "Taken back." in (await rowan.press(page, "/scripts/3/take-back")).words
    again = await rowan.press(page, "/scripts/3/take-back")
    assert "not live any more" in again.words
    assert texts.states() == {1: "replaced", 2: "published", 3: "withdrawn"}


async def test_where_there_is_nothing_to_go_back_to_the_page_says_what_to_do(texts: Texts) -> None:
    rowan = await texts.at("Rowan")
    for path in ("/scripts/1/take-back", "/scripts/1/recall"):
        page = await rowan.get(path)
        assert "There is no earlier text" in page.words
        assert "whoever runs the machine stops the service" in page.words
        assert not page.has_form(path) or path.endswith("recall")
    page = await rowan.post("/scripts/1/recall", {"form": await texts.office.form_token(rowan)})
    assert page.status == 409
    assert "Mend the text and publish that" in page.words


async def test_a_draft_is_put_aside(texts: Texts) -> None:
    edda = await texts.at("Edda")
    await saves(edda, 1, "hello", en_go="Yes, go on")
    page = await edda.press(await edda.get("/scripts/2"), "/scripts/2/discard")
    assert "The draft is put aside." in page.words
    assert texts.states()[2] == "discarded"


# --- rights -----------------------------------------------------------------------------------------------
async def test_a_volunteer_reads_and_does_nothing(texts: Texts) -> None:
    edda, vera = await texts.at("Edda"), await texts.at("Vera")
    await saves(edda, 1, "hello", en_go="Yes, go on")
    page = await vera.get("/scripts/2")
    assert page.status == 200
    for word in ("Change", "Sign it", "Publish it", "Put this draft aside"):
        assert word not in page.words.replace("What changes", "").replace("Changed", ""), word
    token = await texts.office.form_token(vera)
    for path in (
        "sign",
        "unsign",
        "publish",
        "take-back",
        "recall",
        "discard",
        "languages/en",
        "steps/hello",
    ):
        assert (await vera.post(f"/scripts/2/{path}", {"form": token})).status == 403, path
    for path in ("desks/demo/begin", "desks/network/merge"):
        assert (await vera.post(f"/scripts/{path}", {"form": token})).status == 403, path


async def test_a_role_taken_away_works_at_the_next_press(texts: Texts) -> None:
    rowan, edda = await texts.at("Rowan"), await texts.at("Edda")
    await saves(edda, 1, "hello", en_go="Yes, go on")
    page, proof = await rowan.get("/scripts/2/publish"), texts.proof("Rowan")
    person = texts.town.person_id("Rowan")
    texts.town.write(lambda c: people.revoke(c, person, Role.COORDINATOR, "network"))
    assert (await rowan.press(page, "/scripts/2/publish", **proof)).status == 403
    assert texts.states()[2] == "draft"


async def test_somebody_without_any_right_to_texts_has_no_link_and_no_page(texts: Texts) -> None:
    texts.invite("Stef", [Role.STEWARD])
    stef = await texts.at("Stef")
    assert "Texts" not in (await stef.get("/")).words
    assert (await stef.get("/scripts")).status == 403
    assert (await stef.get("/scripts/1")).status == 403
