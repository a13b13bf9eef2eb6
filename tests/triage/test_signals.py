"""Signals: the notation, the languages, the limits."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from ruamel.yaml import YAML

from triage.signals import MOST_BETWEEN, SIGNALS, BadEntry, Signals, UnknownSignal

LISTS = Path(__file__).parents[2] / "config" / "signals"


def shipped() -> Signals:
    yaml = YAML(typ="safe", pure=True)
    return Signals({path.stem: yaml.load(path.read_text("utf-8")) for path in sorted(LISTS.glob("*.yaml"))})


SHIPPED = shipped()


def of(*entries: str) -> Signals:
    return Signals({"en": {"medical": list(entries)}})


def finds(entry: str, text: str) -> bool:
    return of(entry).find(text) == ("medical",)


def test_a_word_matches_whole_and_without_case():
    assert finds("choke", "He tried to CHOKE me")
    assert not finds("choke", "an artichoke")
    assert not finds("choke", "choked")


def test_a_star_stands_for_any_ending():
    assert finds("sugrum*", "m-a sugrumat")
    assert not finds("sugrum*", "nesugrumat")


def test_words_stand_side_by_side():
    assert finds("my neck", "around my neck.")
    assert not finds("my neck", "my long neck")


def test_two_dots_allow_words_between_and_no_more():
    assert finds("hand .. neck", "hand on neck")
    assert finds("hand .. neck", "hand " + "x " * MOST_BETWEEN + "neck")
    assert not finds("hand .. neck", "hand " + "x " * (MOST_BETWEEN + 1) + "neck")
    assert not finds("hand .. neck", "neck and hand")


def test_the_later_of_two_beginnings_is_not_missed():
    assert finds("hand .. neck hurts", "hand on neck, the neck hurts")
    assert finds("a .. b c", "a b b c")


def test_a_slash_separates_alternatives():
    assert finds("he/she hits", "she hits")
    assert finds("he/she hits", "he hits")
    assert not finds("he/she hits", "they hits")


def test_a_range_is_a_number_in_it():
    assert finds("im 8-17", "im 15")
    assert finds("am 8-17 ani", "am 15ani")
    assert not finds("im 8-17", "im 18")
    assert not finds("im 8-17", "im 155555")


def test_an_exclamation_mark_says_what_must_not_follow():
    assert finds("im 8-17 !min*", "im 15")
    assert finds("im 8-17 !min*", "im 15 and afraid")
    assert not finds("im 8-17 !min*", "im 15 minutes away")
    assert finds("im 8-17 !min*", "im 15 minutes away and im 16")


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("cant breathe", "I can’t breathe"),
        ("cant breathe", "i can't breathe"),
        ("kill me", "he will killl mee"),
        ("sufoc*", "mă sufocă"),
        ("strâns de gât", "M-A STRANS DE GAT"),
        ("ma omoara", "m-ă omoară"),
        ("self harm", "self\nharm"),
        ("selfharm", "self-harm"),
    ],
)
def test_spelling_does_not_hide_a_signal(entry: str, text: str):
    assert finds(entry, text)


@pytest.mark.parametrize(
    "entry", ["", "..", ".. neck", "hand ..", "!", "hand !neck head", "my-neck!", "he/ hits", "a/8-17"]
)
def test_an_entry_outside_the_notation_is_refused(entry: str):
    with pytest.raises(BadEntry):
        of(entry)


def test_an_unknown_signal_is_refused():
    with pytest.raises(UnknownSignal, match="en: danger"):
        Signals({"en": {"danger": ["x"]}})


def test_signals_are_sorted_and_each_told_once():
    signals = Signals({"en": {"suicide": ["die"], "medical": ["neck"]}, "ro": {"medical": ["neck"]}})
    assert signals.find("die neck neck") == ("medical", "suicide")


def test_the_lists_of_the_named_languages_are_used():
    signals = Signals({"en": {"medical": ["neck"]}, "ro": {"medical": ["gat"]}})
    assert signals.find("gat", ["ro"]) == ("medical",)
    assert signals.find("gat", ["ro-RO"]) == ("medical",)
    assert signals.find("gat", ["en"]) == ()
    assert signals.find("gat", ["en", "ro"]) == ("medical",)


@pytest.mark.parametrize("languages", [None, [], ["lt"], ["en", "lt"]])
def test_an_unknown_language_uses_all_lists(languages: list[str] | None):
    signals = Signals({"en": {"medical": ["neck"]}, "ro": {"medical": ["gat"]}})
    assert signals.find("gat", languages) == ("medical",)


def test_nothing_is_found_where_nothing_is_written():
    assert SHIPPED.find("") == ()
    assert SHIPPED.find(" \n…!?") == ()


def test_negations_are_not_understood_on_purpose():
    assert "suicide" in SHIPPED.find("i am not suicidal")


@given(st.text(max_size=300))
def test_any_text_is_answered_with_known_signals_in_order(text: str):
    found = SHIPPED.find(text)
    assert set(found) <= set(SIGNALS)
    assert list(found) == sorted(set(found))


@given(st.text(max_size=80), st.text(max_size=80))
def test_more_words_never_take_a_signal_away(before: str, after: str):
    found = SHIPPED.find(f"{before} . x x x x x . he strangled me . x x x x x . {after}")
    assert "medical" in found


HOSTILE = {
    "one letter": "a " * 8_000,
    "no spaces": "x" * 16_000,
    "beginnings only": "hand ma he i strans vreau " * 615,
    "marks": "ăîșțâ̶̷ " * 2_285,
    "joiners": "-'" * 8_000,
    "digits": "15 " * 5_333,
    "all different": " ".join(
        f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(4_000)
    ),
}


def work(text: str) -> int:
    """How many calls it takes to look at a text: the same on every machine, however busy."""
    calls = 0

    def count(_frame: object, _event: str, _argument: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        SHIPPED.find(text)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_hostile_text_is_at_most_twice_the_work(text: str):
    half = text[: len(text) // 2]
    assert work(text) <= 2.2 * work(half) + 500
    assert work(text) <= 60 * len(text.split()) + 2 * len(text) + 500
