"""Signing, publishing and taking back on the pages: who may, what it takes, what stands in the way."""

import pytest

from bot.model import Role
from bot.services import people
from bot.store import tables as t
from tests.console.texts import PASSWORD, Texts, saves


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
