"""What an update becomes: her words and numbers of messages, and nothing else of her."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from channels.message import Address, InboundKind
from channels.telegram.marks import Marks
from channels.telegram.translate import (
    Errand,
    ErrandKind,
    Translation,
    Untranslatable,
    translate,
)
from tests.botapi.phone import MEDIA

MARKS = Marks(b"k" * 32)
AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HER = {
    "id": 5_000_000_001, "is_bot": False, "first_name": "Hername", "last_name": "Surname",
    "username": "hername", "language_code": "ro", "is_premium": True,
}  # fmt: skip
CHAT = {"id": 5_000_000_001, "type": "private", "first_name": "Hername", "username": "hername"}
GROUP = {"id": -1_002_000_000_001, "type": "supergroup", "title": "Her family"}


def message(**more: Any) -> dict[str, Any]:
    return {"message_id": 7, "from": HER, "chat": CHAT, "date": int(AT.timestamp()), **more}


def read(plain: dict[str, Any], update_id: int = 100) -> Translation:
    return translate({"update_id": update_id, **plain}, "telegram", MARKS, AT)


def test_a_text_is_taken_as_it_is_and_nothing_of_her_name_comes_along() -> None:
    words = "  ți-am <b>scris</b>\n\x00 \u202e👩🏽‍🦱 "
    told = read({"message": message(text=words, entities=[{"type": "mention", "offset": 0, "length": 3}])})
    (act,) = told.messages
    assert (act.kind, act.text, act.external_id, act.remote_id) == (
        InboundKind.TEXT,
        words,
        "m5000000001.7",
        "7",
    )
    assert (act.address, act.language, act.sent_at) == (Address("telegram", "5000000001"), "ro", AT)
    assert "ername" not in repr(told)


@pytest.mark.parametrize("kind", [*MEDIA, "story", "checklist", "paid_media", "of_next_year"])
def test_what_is_no_text_is_media_and_nothing_of_it_comes_along(kind: str) -> None:
    told = read({"message": message(**{kind: MEDIA.get(kind, {"secret": "ername"})})})
    (act,) = told.messages
    assert (act.kind, act.text, act.remote_id) == (InboundKind.MEDIA, "", "7")
    for secret in ("f1", "u1", "ername", "+40700000001", "44.4", "street"):
        assert secret not in repr(told)


def test_a_caption_is_her_words_and_counts_beside_the_picture() -> None:
    told = read({"message": message(photo=MEDIA["photo"], caption="he is at the door")})
    assert [(act.kind, act.text) for act in told.messages] == [
        (InboundKind.MEDIA, ""),
        (InboundKind.TEXT, "he is at the door"),
    ]
    assert len({act.external_id for act in told.messages}) == 2


@pytest.mark.parametrize(
    ("typed", "kind", "text"),
    [
        ("/start", InboundKind.ARRIVED, ""),
        ("/start from_the_page", InboundKind.ARRIVED, ""),
        ("/start@notes_bot", InboundKind.ARRIVED, ""),
        ("/hide", InboundKind.TEXT, "hide"),
        ("/hide@notes_bot", InboundKind.TEXT, "hide"),
        ("/help_now", InboundKind.TEXT, "help now"),
        ("/official@notes_bot", InboundKind.TEXT, "/official"),
        ("/started yesterday", InboundKind.TEXT, "/started yesterday"),
        ("/", InboundKind.TEXT, "/"),
        ("/hide the plates", InboundKind.TEXT, "/hide the plates"),
        ("1/2", InboundKind.TEXT, "1/2"),
    ],
)
def test_a_command_is_the_word_behind_its_slash(typed: str, kind: InboundKind, text: str) -> None:
    (act,) = read({"message": message(text=typed)}).messages
    assert (act.kind, act.text) == (kind, text)


def test_an_edit_names_the_line_it_changes_and_each_edit_is_an_act_of_its_own() -> None:
    first = read({"edited_message": message(text="a", edit_date=int(AT.timestamp()) + 5)}, 1).messages[0]
    again = read({"edited_message": message(text="b", edit_date=int(AT.timestamp()) + 5)}, 2).messages[0]
    assert (first.kind, first.refers_to) == (InboundKind.EDIT, "m5000000001.7")
    assert first.external_id != again.external_id
    assert read({"edited_message": message(location=MEDIA["location"])}) == Translation()


def query(data: Any, **more: Any) -> dict[str, Any]:
    return {"callback_query": {"id": "77", "from": HER, "message": message(), "data": data, **more}}


ANSWERED = Translation(errands=(Errand(ErrandKind.ANSWER, "77"),))


def test_a_tap_is_a_choice_only_with_the_mark_of_its_own_chat() -> None:
    marked = MARKS.put(CHAT["id"], "hello.yes")
    told = read(query(marked))
    (act,) = told.messages
    assert (act.kind, act.choice, act.sent_at) == (InboundKind.CHOICE, "hello.yes", AT)
    assert told.errands == ANSWERED.errands
    other = MARKS.put(5_000_000_002, "hello.yes")
    for refused in ("hello.yes", other, marked[:-1], "", "x", None, 7, "a" * 5_000):
        assert read(query(refused)) == ANSWERED


def test_a_tap_of_somebody_else_or_on_nothing_of_ours_does_nothing() -> None:
    marked = MARKS.put(CHAT["id"], "hello.yes")
    assert read(query(marked, **{"from": {**HER, "id": 5_000_000_009}})) == ANSWERED
    assert read(query(marked, **{"from": {**HER, "is_bot": True}})) == ANSWERED
    assert read(query(marked, message=None, inline_message_id="i")) == ANSWERED
    old = {"message_id": 7, "date": 0, "chat": CHAT}
    assert read(query(marked, message=old)).messages[0].choice == "hello.yes"
    in_group = read(query(MARKS.put(GROUP["id"], "hello.yes"), message=message(chat=GROUP)))
    assert in_group.messages == ()


def member(chat: dict[str, Any], status: str) -> dict[str, Any]:
    change = {"chat": chat, "from": HER, "date": 1, "new_chat_member": {"status": status, "user": {}}}
    return {"my_chat_member": change}


def test_groups_are_left_bots_ignored_and_who_blocks_has_left() -> None:
    leave = Translation(errands=(Errand(ErrandKind.LEAVE, GROUP["id"]),))
    assert read({"message": message(chat=GROUP, text="/start")}) == leave
    assert read({"edited_message": message(chat=GROUP, text="x")}) == leave
    assert read(member(GROUP, "administrator")) == leave
    assert read(member(GROUP, "kicked")) == Translation()
    assert read({"message": message(text="x", **{"from": {**HER, "is_bot": True}})}) == Translation()
    blocked = read(member(CHAT, "kicked"))
    assert [left.address.handle for left in blocked.left] == ["5000000001"]
    assert read(member(CHAT, "member")) == Translation()


def test_what_nobody_wrote_is_no_act() -> None:
    assert read({"message": message(pinned_message=message(text="x"))}) == Translation()
    assert read({"message": message(message_auto_delete_timer_changed={"message_auto_delete_time": 1})}) == (
        Translation()
    )
    assert read({"poll": {"id": "1"}}) == Translation()


@pytest.mark.parametrize(
    "update",
    [
        {"brand_new": {"a": 1}},
        {"message": None},
        {"message": []},
        {"message": message(text=7)},
        {"message": message(text="x" * 4_097)},
        {"message": message(text="x" * 1_000_000)},
        {"message": message(text="x", date="yesterday")},
        {"message": message(text="x", message_id="7")},
        {"message": message(text="x", chat={"type": "private"})},
        {"message": message(text="x", chat={**CHAT, "id": True})},
        {"message": {"message_id": 1, "chat": CHAT, "date": 1, "text": "from nobody"}},
        {"callback_query": {"from": HER}},
        {"edited_message": "x"},
        {"my_chat_member": {"chat": CHAT}},
    ],
)
def test_what_has_not_the_documented_form_is_untranslatable(update: dict[str, Any]) -> None:
    with pytest.raises(Untranslatable) as told:
        read(update)
    assert "x" * 10 not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize("update", [None, [], 7, "x", {}, {"update_id": "1", "message": message(text="x")}])
def test_so_is_what_is_no_update_at_all(update: Any) -> None:
    with pytest.raises(Untranslatable):
        translate(update, "telegram", MARKS, AT)


def test_half_a_character_becomes_the_sign_for_one_that_is_missing() -> None:
    (act,) = read({"message": message(text="a\ud83d b")}).messages
    assert act.text == "a\ufffd b"
    act.text.encode()


@pytest.mark.parametrize("date", [0, -5, 10**12, 10**18])
def test_a_time_that_cannot_be_is_no_time(date: int) -> None:
    (act,) = read({"message": message(text="x") | {"date": date}}).messages
    assert act.sent_at is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(
        {"id", "chat", "from", "type", "text", "date", "message", "message_id", "data", "is_bot", "caption",
         "new_chat_member", "status", "edit_date", "language_code", "private", "photo"}
    )), inner, max_size=6),
    max_leaves=25,
)  # fmt: skip
KINDS = st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "poll", "odd"])


@given(st.dictionaries(KINDS, JSON, max_size=2), st.integers() | JSON)
def test_whatever_comes_it_is_translated_or_untranslatable(update: dict[str, Any], number: Any) -> None:
    try:
        told = translate({"update_id": number, **update}, "telegram", MARKS, AT)
    except Untranslatable:
        return
    assert isinstance(told, Translation)
    for act in told.messages:
        act.text.encode()
