"""Placing words for a channel: nothing is lost, nothing is too long, digits are what they say."""

from dataclasses import replace

from hypothesis import given, strategies as st

from channels.message import Choice
from channels.rendering import digits, render, shorten_label, split_text, units
from tests.fakes.channel import MATRIX, WEB

texts = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=400)


def _letters(text: str) -> str:
    return "".join(text.split())


@given(texts, st.integers(4, 120))
def test_parts_hold_every_letter_and_none_is_too_long(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert _letters("".join(parts)) == _letters(text)
    assert all(units(part) <= limit for part in parts)


def test_a_long_text_is_cut_at_the_end_of_a_sentence() -> None:
    text = "Here is the first. Here is the second one. And a third."
    assert split_text(text, 45) == ("Here is the first. Here is the second one.", "And a third.")


def test_paragraphs_are_cut_before_sentences() -> None:
    assert split_text("One. Two.\n\nThree. Four.", 18) == ("One. Two.", "Three. Four.")


def test_a_word_longer_than_a_part_is_cut_without_tearing_a_letter() -> None:
    assert split_text("aaaa👩🏽bbb", 6) == ("aaaa", "👩🏽bb", "b")


def test_short_text_stays_whole_and_empty_text_is_one_part() -> None:
    assert split_text("hi", 10) == ("hi",)
    assert split_text("", 10) == ("",)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=80), st.integers(5, 40))
def test_a_label_is_shortened_to_its_limit(label: str, limit: int) -> None:
    short = shorten_label(label, limit)
    assert units(short) <= limit
    assert short == label or short.endswith("…")


def test_a_label_is_cut_between_words() -> None:
    assert shorten_label("I would rather talk to a person", 18) == "I would rather…"


def test_a_choice_has_its_own_digit_or_its_place() -> None:
    choices = (
        Choice("a", "Yes"),
        Choice("b", "No"),
        Choice("!hide", "Hide", "9"),
        Choice("!more", "More", "0"),
    )
    assert digits(choices) == ("1", "2", "9", "0")


def test_choices_become_buttons_or_numbered_lines() -> None:
    choices = (Choice("a", "Yes"), Choice("!hide", "Hide", "9"))
    shown = render("Safe?", choices, WEB)
    assert shown.parts == ("Safe?",)
    assert [(b.digit, b.token) for b in shown.buttons] == [("1", "a"), ("9", "!hide")]
    assert render("Safe?", choices, MATRIX).parts == ("Safe?\n\n1 Yes\n9 Hide",)
    assert render("Safe?", choices, replace(WEB, max_choices=1)).buttons == ()
    assert render("", choices, MATRIX).parts == ("1 Yes\n9 Hide",)
