"""Listed words are found however they are spelt, and nothing else is."""

import pytest
from hypothesis import given, strategies as st

from triage.lint.d21_one_question import count_marks
from triage.lint.d38_no_links import check as check_links
from triage.lint.d39_no_numbers import phone_like
from triage.lint.draft import draft_of
from triage.lint.matching import begins_with, find, fold, sentences
from triage.lint.wording import Wording, wordings
from triage.lint.words import UnknownList, WordLists
from triage.model import Script, TextEntry

ODD = "aZ é?؟;!{}19 .,()\n'*\u0301👋+"


def one(text: str, language: str = "en", key: str = "hello.text") -> Wording:
    script = Script("one", "hello", (language,), {}, {language: {key: TextEntry(text, 7)}})
    return wordings(script)[0]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("violență", "Violenta"),
        ("poliți*", "POLIȚIEI"),
        ("de ce", "… de  ce?"),
        ("don't you", "Don’t you"),
        ("persoan* vizat*", "persoanei vizate"),
        ("100 %", "it is 100 % sure"),
        ("насил*", "Насильство"),
        ("soț", "sot"),
    ],
)
def test_an_entry_is_found_without_case_and_diacritics(entry: str, text: str) -> None:
    assert find((entry,), fold(text)) is not None


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("de ce", "de cele mai multe ori"),
        ("viol", "violet"),
        ("el", "tel"),
        ("he", "the"),
        ("his", "this"),
        ("", "x"),
    ],
)
def test_an_entry_is_not_found_inside_another_word(entry: str, text: str) -> None:
    assert find((entry,), fold(text)) is None


@given(st.text(ODD, max_size=60), st.text(ODD, max_size=20))
def test_whatever_an_author_lists_or_writes_the_search_answers(text: str, entry: str) -> None:
    find((entry,), fold(text))
    sentences(text)
    phone_like(text)


def test_a_sentence_begins_like_a_question_behind_a_dash_or_an_inverted_mark() -> None:
    assert begins_with(("donde",), fold("¿Dónde?"))
    assert not begins_with(("where",), fold("Somewhere"))


def test_sentences_end_with_a_mark_or_a_line_and_not_inside_a_word() -> None:
    assert sentences("One. Two! Three? Four… v1.2 five\nsix") == (
        "One.",
        "Two!",
        "Three?",
        "Four…",
        "v1.2 five",
        "six",
    )
    assert sentences("• •") == ()


@pytest.mark.parametrize(
    "text", ["call 112 now", "0800 500 333", "+40 21 123", "1 1 2", "(021) 12.34", "116-016", "٠٨٠٠"]
)
def test_digits_that_could_be_a_number_are_found(text: str) -> None:
    assert phone_like(text) is not None


@pytest.mark.parametrize(
    "text", ["24/7", "18-30 years", "within 72 hours", "1, 2 or 3", "1. one", "{}", "30 minutes"]
)
def test_other_digits_are_not(text: str) -> None:
    assert phone_like(text) is None


def test_a_row_of_question_marks_is_one_and_greek_ends_a_question_with_a_semicolon() -> None:
    assert count_marks(one("Really??")) == 1
    assert count_marks(one("One? Two؟")) == 2
    assert count_marks(one("this; that")) == 0
    assert count_marks(one("Πού;", "el")) == 1


def test_a_key_is_taken_apart() -> None:
    wording = one("x", key="hello.text.telegram.easy.f")
    assert (wording.step, wording.part, wording.suffixes) == ("hello", "text", ("telegram", "easy", "f"))
    assert wording.base_key == "hello.text"
    assert wording.is_spoken
    assert not wording.is_label


def test_what_she_taps_is_a_label_and_a_language_calls_itself_nothing_else() -> None:
    assert one("x", key="hello.later").is_label
    assert one("x", key="word.hide_label").is_label
    assert one("x", key="word.kept").is_spoken
    name = one("x", key="word.language_name")
    assert not name.is_label
    assert not name.is_spoken


@pytest.mark.parametrize("text", ["www.example.org", "https://x", "See example.ro/a", "casa.eu."])
def test_a_web_address_is_found(text: str) -> None:
    script = Script("one", "hello", ("en",), {}, {"en": {"hello.text": TextEntry(text, 7)}})
    assert [issue.line for issue in check_links(draft_of(script, {}, {}))] == [7]


@pytest.mark.parametrize("text", ["at any time.Me too", "e.g. this", "OK.Go on", "{number}"])
def test_what_is_no_address_is_let_through(text: str) -> None:
    script = Script("one", "hello", ("en",), {}, {"en": {"hello.text": TextEntry(text, 7)}})
    assert list(check_links(draft_of(script, {}, {}))) == []


def test_a_list_that_no_rule_reads_is_refused() -> None:
    assert WordLists.from_plain({"sensitive": ["a", 1]}).sensitive == ("a", "1")
    with pytest.raises(UnknownList, match="sensitiv"):
        WordLists.from_plain({"sensitiv": ["a"]})
