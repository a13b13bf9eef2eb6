"""The page without a script by its forms: reloads, restarts, bad bodies, doubles, floods."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from channels.message import DeliveryState, InboundKind, OutboundKind, OutboundMessage
from channels.webchat import admission
from channels.webchat.forms import read_form
from channels.webchat.words import ENGLISH, ROMANIAN
from tests.webchat.echo import SAFE_CHECK, Echo
from tests.webchat.line import Line, line
from tests.webchat.page import Page, until
from tests.webchat.reader import Reader


def _reader(chat: Line, **headers: str) -> Reader:
    return Reader(chat, chat.visit(**headers))


async def test_a_chat_by_forms() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        assert ann.said() == [SAFE_CHECK]
        assert 'value="safe.yes"><kbd>1</kbd> <span>Yes</span>' in ann.html
        await ann.taps("safe.yes")
        assert ann.said() == [SAFE_CHECK, "Yes", "you chose safe.yes"]
        await ann.writes("două\r\nrânduri <i>")
        assert ann.said()[3:] == ["două\nrânduri &lt;i&gt;", "you wrote două\nrânduri &lt;i&gt;"]
        assert chat.host.messages[-1].text == "două\nrânduri <i>"
        await ann.taps("!hide")
        assert len(ann.said()) == 7


async def test_the_same_form_sent_again_shows_nothing_and_does_nothing() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        sent = ann.hidden()
        await ann.writes("a secret")
        await ann.posts(**sent, act="send", text="a secret")
        assert ann.said() == []
        assert "secret" not in ann.html
        assert [m.text for m in chat.host.messages if m.text] == ["a secret"]


async def test_new_words_from_an_old_page_are_kept_and_the_old_lines_are_not_shown() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        old = ann.hidden()
        await ann.writes("first")
        await ann.posts(**old, act="send", text="written after going back")
        assert ann.said() == []
        await until(lambda: chat.host.messages[-1].text == "written after going back")


async def test_a_double_press_is_one_act_and_both_answers_show_the_page() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        again = Reader(chat, ann.visit)
        fields = {**ann.hidden(), "act": "send", "text": "once"}
        await asyncio.gather(ann.posts(**fields), again.posts(**fields))
        assert [m.text for m in chat.host.messages if m.text] == ["once"]
        assert again.said()[-1] == ann.said()[-1] == "you wrote once"


async def test_a_text_too_long_comes_back_in_its_box_with_a_reason() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat, **{"Accept-Language": "ro"})
        await ann.begins()
        await ann.writes("x" * 16_001)
        assert ROMANIAN.too_long in ann.html
        assert "x" * 16_001 in ann.html
        await ann.writes("👩" * 16_000)
        assert chat.host.messages[-1].text == "👩" * 16_000


async def test_an_empty_form_says_so() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        await ann.writes("  ")
        assert ENGLISH.empty in ann.html
        await ann.writes("ok")
        assert ann.said()[-1] == "you wrote ok"


async def test_a_body_too_large_is_refused_kindly() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        kept = ann.hidden()
        await ann.writes("x" * 1_000_000)
        assert ann.status == 413
        assert ENGLISH.too_large in ann.html
        await ann.posts(**kept, act="send", text="shorter")
        assert ann.said()[-1] == "you wrote shorter"


URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"  # what the page's own form sends


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (URLENCODED, b"act=send&text=%ff%fe"),
        (URLENCODED, b"act=send&text=\xff"),
        (MULTIPART, b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhe\xff\r\n--b--\r\n'),
    ],
)
async def test_bytes_that_are_no_utf_8_are_refused_with_a_reason(kind: str, body: bytes) -> None:
    async with line() as chat:
        ann = _reader(chat)
        headers = ann.headers | {"Content-Type": kind}
        async with ann.visit.post(chat.base, data=body, headers=headers) as answer:
            assert answer.status == 400
            assert ENGLISH.bad_text in await answer.text()
        await until(lambda: sum(batch.poison for batch in chat.host.batches) == 1)


async def test_another_site_s_form_is_refused() -> None:
    async with line() as chat:
        ann = _reader(chat)
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        ):
            ann.headers = headers
            await ann.begins()
            assert ann.status == 403
        assert len(chat.chat.reception.views) == 0


async def test_after_a_restart_her_words_are_kept_and_the_page_begins_anew() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        await ann.writes("before")
        kept = ann.hidden()
        await chat.restart()
        await ann.posts(**kept, act="send", text="after")
        assert "before" not in ann.html
        assert SAFE_CHECK in ann.said()
        assert [m.text for m in chat.host.messages if m.text] == ["before", "after"]
        assert len({m.address for m in chat.host.messages}) == 1


async def test_a_line_for_a_page_without_a_script_waits_until_it_asks_and_is_shown_once() -> None:
    host = Echo()
    async with line(host=host) as chat:
        ann = _reader(chat)
        await ann.begins()
        said = OutboundMessage("late", host.address(), OutboundKind.NEW, 50, "said later")
        for _ in range(2):
            receipt = await chat.chat.send(said)
            assert (receipt.state, receipt.reason) == (DeliveryState.FAILED_FOR_NOW, "not_connected")
        assert "late" not in host.seen
        await ann.posts(**ann.hidden(), act="look", text="")
        assert ann.said() == [SAFE_CHECK, "said later"]
        await until(lambda: "late" in host.seen)
        assert (await chat.chat.send(said)).state is DeliveryState.SENT
        await ann.posts(**ann.hidden(), act="look", text="")
        assert ann.said() == [SAFE_CHECK, "said later"]
        assert host.all("presences")


async def test_leaving_by_form_kills_the_session_and_goes_on_by_itself() -> None:
    async with line(host=Echo(), exit_url="https://weather.example/?a=1&b=2") as chat:
        ann = _reader(chat)
        await ann.begins()
        kept = ann.hidden()
        await ann.writes("a secret")
        view = ann.hidden()["view"]
        await ann.posts(act="exit", view=view)
        assert 'http-equiv="refresh" content="0; url=https://weather.example/?a=1&amp;b=2"' in ann.html
        assert len(list(ann.visit.cookie_jar)) == 0
        await until(lambda: chat.host.all("left"))
        await ann.posts(**kept, act="send", text="a secret")
        assert ann.said() == []
        assert [left.external_id for left in chat.host.all("left")] == [f"{view}.left"]


async def test_hide_typed_in_a_form_ends_in_the_blank_page() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        await ann.writes("hide")
        assert 'http-equiv="refresh"' in ann.html
        assert ann.said() == []


async def test_after_a_close_the_old_form_begins_anew_in_the_same_browser_and_loses_no_words() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        await ann.writes("before")
        [cookie] = list(ann.visit.cookie_jar)
        address = chat.host.messages[-1].address
        await chat.chat.forget(address, for_good=False)
        await ann.writes("after")
        assert [c.value for c in ann.visit.cookie_jar] == [cookie.value]
        assert SAFE_CHECK in ann.said()
        assert not any("before" in said for said in ann.said())
        await until(lambda: chat.host.messages[-1].kind is InboundKind.ARRIVED)
        assert [m.text for m in chat.host.messages if m.text] == ["before", "after"]
        assert {m.address for m in chat.host.messages} == {address}


async def test_after_a_close_going_back_begins_nothing() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        told, looked = ann.hidden(), {"act": "look", "text": ""}
        await ann.writes("before")
        kept = ann.hidden()
        await ann.posts(**kept, **looked)
        await chat.chat.forget(chat.host.messages[-1].address, for_good=False)
        stored = len(chat.host.messages)
        for form in ({**kept, **looked}, {**told, "act": "send", "text": "before"}):
            await ann.posts(**form)
            assert ann.said() == []
        # Her words have the id they had before: the inbox refuses the repeat.
        again = chat.host.messages[stored:]
        assert {m.external_id for m in again} <= {m.external_id for m in chat.host.messages[:stored]}
        assert len(chat.chat.reception.views) == 0


async def test_a_page_with_a_script_takes_over_from_one_without() -> None:
    async with line(host=Echo()) as chat:
        ann = _reader(chat)
        await ann.begins()
        page = Page(chat.base, ann.visit)
        chat.pages.append(page)
        await page.open()
        await ann.writes("said in the old one")
        assert ENGLISH.moved in ann.html
        assert ann.said() == []
        await until(lambda: chat.host.messages[-1].text == "said in the old one")


async def test_a_flooded_form_shows_the_number_at_once_and_keeps_what_she_writes() -> None:
    async with line(host=Echo(), pages_per_source=0, busy={"en": "Emergency: 112."}) as chat:
        ann = _reader(chat)
        await ann.begins()
        assert ann.said() == ["Emergency: 112."]
        assert chat.host.messages == []
        await ann.writes("help now")
        assert ann.said()[:3] == ["Emergency: 112.", "help now", "Emergency: 112."]
        assert [m.kind for m in chat.host.messages] == [InboundKind.ARRIVED, InboundKind.TEXT]


async def test_lines_keep_the_order_of_their_sequence() -> None:
    host = Echo(quiet=True)
    async with line(host=host, answer_within=0.1) as chat:
        ann = _reader(chat)
        await ann.begins()
        for n in (3, 1, 2):
            await chat.chat.send(OutboundMessage(f"e{n}", host.address(), OutboundKind.NEW, n, f"line {n}"))
        await ann.posts(**ann.hidden(), act="look", text="")
        assert ann.said() == ["line 1", "line 2", "line 3"]


@given(st.dictionaries(st.sampled_from(["view", "page", "act", "text", "choice"]), st.text(max_size=50)))
def test_any_fields_are_a_form(fields: dict[str, str]) -> None:
    form = read_form(fields)
    assert form.act in ("begin", "send", "look", "exit")


@given(
    st.binary(max_size=300),
    st.sampled_from(["multipart/form-data; boundary=x", "multipart/form-data", "", "ș"]),
)
def test_any_body_is_fields_or_a_bad_form(raw: bytes, content_type: str) -> None:
    try:
        fields = admission.form(raw, content_type)
    except admission.BadForm:
        return
    assert all(isinstance(value, str) for value in fields.values())


async def test_a_line_whose_window_has_passed_is_not_shown_by_a_form_and_the_host_has_it_back() -> None:
    host = Echo()
    async with line(host=host) as chat:
        ann = _reader(chat)
        await ann.begins()
        until_then = chat.clock() + timedelta(minutes=2)
        said = OutboundMessage(
            "late", host.address(), OutboundKind.NEW, 50, "said in time", not_after=until_then
        )
        await chat.chat.send(said)
        chat.clock.ahead += timedelta(minutes=3)
        await ann.posts(**ann.hidden(), act="look", text="")
        assert ann.said() == [SAFE_CHECK]
        await until(lambda: host.all("reconnections"))
        again = replace(said, not_after=chat.clock() + timedelta(minutes=2))
        await chat.chat.send(again)  # released by her act, under its own name
        await ann.posts(**ann.hidden(), act="look", text="")
        assert ann.said() == [SAFE_CHECK, "said in time"]
