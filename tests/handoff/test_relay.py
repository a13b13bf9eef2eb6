"""Words in both directions: plain, harmless, whole, and never a command or a note by mistake."""

import re
import unicodedata

import pytest
from hypothesis import given, settings, strategies as st

from handoff.relay import (
    Note,
    NotRelayed,
    Relayed,
    RelayRefusal,
    Reply,
    clean,
    flagged_topics,
    split,
    take_note,
    to_her,
    to_volunteer,
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("  a  \n b  ", "a\n b"),
        ("a\tb", "a b"),
        ("bell\x07 esc\x1b[31m", "bell esc[31m"),
        ("abc\u202etxt.exe\u202c", "abctxt . exe"),
        ("zero\u200bwidth soft\u00adhyphen \ufeffmark", "zerowidth softhyphen mark"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("e\u0301", "\u00e9"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\U0001f469\u200d\U0001f467", "\U0001f469\u200d\U0001f467"),
        ("ex\u200dample\u200d.org", "example . org"),
    ],
)
def test_text_becomes_plain(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("https://example.org/help?x=1", "example . org/help?x=1"),
        ("see www.example.co.uk now", "see www . example . co . uk now"),
        ("t.me/somebody", "t . me/somebody"),
        ("write to ana@example.org", "write to ana@example . org"),
        ("mailto:ana@example.org", "mailto: ana@example . org"),
        ("tg://resolve?domain=x", "resolve?domain=x"),
        ("hthttp://tp://x.org", "x . org"),
        ("http://http://x.org", "x . org"),
        ("http://10.0.0.1/a", "10 . 0 . 0 . 1/a"),
        ("bücher.de пример.рф 例。中国", "bücher . de пример . рф 例 . 中国"),
        ("a.xn--p1ai", "a . xn--p1ai"),
        ("javascript:alert(1)", "javascript: alert(1)"),
        ("say /stop to it", "say / stop to it"),
    ],
)
def test_links_cannot_be_tapped(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Sună la 0800 500 333, e gratuit.",
        "+40 21 123 45 67",
        "=1+1",
        "-5 or @home",
        "At 10.30 or 11:45, and/or later.",
        "Wait... what? No! I am here. Yes.",
        "e.g. this, a.m.",
        "line one\n\nline two",
    ],
)
def test_ordinary_words_arrive_as_written(text: str) -> None:
    assert to_volunteer(text, 4000) == Relayed((text,))
    assert to_her(Reply(text), 4000) == Relayed((text,))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/close", 1),
        ("!note she is afraid", 1),
        (".", 1),
        ("  /close", 1),
        ("\u200b/close", 1),
        ("\u202e!note", 1),
        ("\u3164/close", 1),
        ("\ufe0f!note", 1),
        ("I am here.\n/note she said", 2),
        ("／close", 1),
        ("...yes", 1),
    ],
)
def test_a_line_that_looks_like_a_command_takes_the_whole_text_out_of_the_relay(text: str, line: int) -> None:
    assert to_her(Reply(text), 4000) == NotRelayed(RelayRefusal.LOOKS_LIKE_COMMAND, line)


def test_she_may_begin_a_line_as_she_likes() -> None:
    assert to_volunteer("!!! help", 4000) == Relayed(("!!! help",))
    assert to_volunteer("/start", 4000) == Relayed(("/ start",), altered=True)


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b\u202e", "https://"])
def test_nothing_readable_is_not_sent(text: str) -> None:
    assert to_her(Reply(text), 4000) == NotRelayed(RelayRefusal.EMPTY)
    assert to_volunteer(text, 4000) == NotRelayed(RelayRefusal.EMPTY)


def test_a_note_cannot_be_relayed() -> None:
    note = take_note("she would rather write in the evening")
    assert note == Note("she would rather write in the evening")
    with pytest.raises(AttributeError):
        to_her(note, 4000)  # pyright: ignore[reportArgumentType] -- the mistake under test


def test_a_note_is_short() -> None:
    assert take_note("x" * 280) == Note("x" * 280)
    assert take_note("x" * 281) == NotRelayed(RelayRefusal.TOO_LONG)
    assert take_note(" ") == NotRelayed(RelayRefusal.EMPTY)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Poliția te poate ajuta", ("politi",)),
        ("POLITIA", ("politi",)),
        ("metropoliția", ()),
        ("x" * 70 + " politia", ("politi",)),
        ("x" * 80 + " politia", ()),
        ("strâns   de gât", ()),
        ("te-a strâns de gât", ("strans de gat",)),
    ],
)
def test_topic_words_on_a_lock_screen_are_flagged(text: str, found: tuple[str, ...]) -> None:
    assert flagged_topics(text, ("politi", "strans de gat", "")) == found


def test_every_part_has_its_own_lock_screen() -> None:
    text = "word " * 30 + "Police can come."
    relayed = to_her(Reply(text), 150, ("police",))
    assert isinstance(relayed, Relayed)
    assert len(relayed.parts) == 2
    assert relayed.flagged == ("police",)


def test_long_words_are_cut_at_sentence_ends_then_spaces_then_anywhere() -> None:
    assert split("First one here. Second one here. Third.", 34) == (
        "First one here. Second one here.",
        "Third.",
    )
    assert split("alpha beta gamma delta", 12) == ("alpha beta", "gamma delta")
    assert split("abcdefghij", 4) == ("abcd", "efgh", "ij")
    assert split("Oh. " + "word " * 8, 20)[0] == "Oh. word word word"
    with pytest.raises(ValueError, match="at least 1"):
        split("a", 0)


# --- properties -------------------------------------------------------------------------------------

nasty = st.text(
    alphabet=st.one_of(
        st.sampled_from("/.!:@ \n\r\t\u200b\u200c\u200d\u202e\u2066\u00ad。．-ahtpx1é中\u0301\u212a"),
        st.characters(),
    ),
    max_size=60,
)
linkish = st.lists(
    st.sampled_from(
        ["http://", "x", ".org", "://", "a.", "/", "tg:", "1.2.3.4", " ", "\u200d", "é", "\n", "xn--a"]
    )
).map("".join)
texts = nasty | linkish


@settings(max_examples=400, deadline=None)
@given(texts)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@settings(max_examples=400, deadline=None)
@given(texts)
def test_what_is_cleaned_holds_no_link_and_no_control(text: str) -> None:
    cleaned = clean(text)
    assert "://" not in cleaned
    assert not re.search(r"\w[.．。｡][^\W\d_]{2}", cleaned)
    for sign in cleaned:
        assert sign in "\n\u200c\u200d" or unicodedata.category(sign) not in {"Cc", "Cf", "Co", "Cs"}
    assert cleaned == cleaned.strip()


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(1, 25))
def test_parts_fit_and_lose_nothing_but_white_space(text: str, limit: int) -> None:
    parts = split(clean(text), limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(clean(text).split())


@settings(max_examples=300, deadline=None)
@given(texts)
def test_no_command_of_a_volunteer_reaches_her(text: str) -> None:
    relayed = to_her(Reply(text), 4000)
    lines = re.sub(r"[\r\u2028\u2029\x0b\x0c\x85\x1c-\x1e]", "\n", text).replace("\t", " ")
    visible = "".join(
        c for c in lines if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"}
    )
    if any(line.strip().startswith(("/", ".", "!")) for line in visible.split("\n")):
        assert isinstance(relayed, NotRelayed)


def test_a_very_long_text_is_cleaned_quickly() -> None:
    for text in ("a." * 8000, "a-" * 8000, "http://" * 2000, "/" * 16000, "ht" * 4000 + "http://" * 500):
        assert clean(text) == clean(clean(text))
