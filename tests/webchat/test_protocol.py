"""Frames from the page: what is taken, what is refused and why, and that nothing else gets through."""

import json

import pytest
from hypothesis import given, strategies as st

from channels.message import Address, Choice, InboundKind, OutboundKind, OutboundMessage
from channels.webchat import protocol
from channels.webchat.protocol import Act, Hello, Ping, Sight, Unreadable

VIEW = "v" * 43
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _act(**fields: object) -> str:
    return json.dumps({"t": "act", "n": 1, "kind": "text", "text": "hi"} | fields)


def test_the_four_frames_of_a_page_are_read() -> None:
    assert protocol.read_frame(json.dumps({"t": "hello", "view": VIEW, "after": 7})) == Hello(VIEW, 7)
    assert protocol.read_frame(_act(text=" ș\n")) == Act(1, InboundKind.TEXT, " ș\n")
    assert protocol.read_frame(_act(kind="choice", choice="safe.yes")) == Act(
        1, InboundKind.CHOICE, choice="safe.yes"
    )
    assert protocol.read_frame('{"t":"seen","ids":["a","b"]}') == Sight(("a", "b"))
    assert protocol.read_frame('{"t":"ping"}') == Ping()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("x" * 16_001, "too_long"),
        ("a\0b", "bad_text"),
        ("half \ud83d", "bad_text"),
    ],
)
def test_a_text_that_cannot_be_taken_is_refused_by_number_and_reason(text: str, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        protocol.read_frame(_act(n=5, text=text))
    assert (refused.value.n, refused.value.reason) == (5, reason)


def test_the_longest_text_is_taken_whole_and_fits_a_frame() -> None:
    text = "👩" * protocol.MAX_TEXT
    raw = json.dumps({"t": "act", "n": 1, "kind": "text", "text": text}, ensure_ascii=False)
    assert len(raw.encode()) <= protocol.MAX_BODY
    read = protocol.read_frame(raw)
    assert isinstance(read, Act)
    assert read.text == text


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "[]",
        "null",
        "{",
        "[" * 100_000,
        '{"t":"shout"}',
        _act(n=0),
        _act(n=True),
        _act(n=1.0),
        _act(n=2**60),
        _act(kind="arrived"),
        _act(kind="choice", choice=""),
        _act(kind="choice", choice="c" * 300),
        '{"t":"hello","view":"short","after":0}',
        json.dumps({"t": "hello", "view": VIEW, "after": -1}),
        json.dumps({"t": "seen", "ids": ["a"] * 300}),
        '{"t":"seen","ids":[1]}',
        '{"t":"act","n":' + "9" * 5_000 + "}",
        b'{"t":"\xff"}',
    ],
)
def test_what_no_page_of_ours_sends_is_unreadable(raw: str | bytes) -> None:
    with pytest.raises(Unreadable):
        protocol.read_frame(raw)


@given(json_values)
def test_any_json_is_read_or_unreadable_and_nothing_else(value: object) -> None:
    for raw in (json.dumps(value), json.dumps({"t": "act", "n": value, "kind": value, "text": value})):
        try:
            read = protocol.read_frame(raw)
        except Unreadable:
            continue
        assert not isinstance(read, Act) or (read.n >= 1 and protocol.trouble(read.text) is None)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_poll_or_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        protocol.read_poll(raw)


def test_one_bad_act_in_a_poll_does_not_hold_up_the_others() -> None:
    frames = [json.loads(_act(n=1)), json.loads(_act(n=2, text="")), json.loads(_act(n=3))]
    poll = protocol.read_poll(json.dumps({"view": VIEW, "after": 2, "frames": frames}).encode())
    assert [frame.n for frame in poll.frames if isinstance(frame, Act)] == [1, 3]
    assert [(one.n, one.reason) for one in poll.refused] == [(2, "empty")]
    assert poll.visible is False


def test_a_line_carries_its_choices_with_digits_and_its_direction() -> None:
    message = OutboundMessage(
        "e1",
        Address("web", "h"),
        OutboundKind.NEW,
        4,
        "سلام",
        (Choice("a", "Yes"), Choice("!hide", "Hide", "9")),
        language="ar-EG",
    )
    frame = protocol.outbound(message)
    assert (frame["id"], frame["seq"], frame["dir"]) == ("e1", 4, "rtl")
    assert [(c["digit"], c["token"]) for c in frame["choices"]] == [("1", "a"), ("9", "!hide")]
    assert json.loads(protocol.write(frame)) == frame
