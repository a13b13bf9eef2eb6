"""Words that work everywhere, as intake and the engine find them (design §4, PR5)."""

import pytest

from triage.global_words import GlobalWords, UnknownAction
from triage.model import GlobalAction

WORDS = GlobalWords(
    {
        "en": {"hide": ["Hide", "hide it"], "help_now": ["help"], "menu": ["menu"], "stop": ["stop"]},
        "ro": {"hide": ["ascunde"], "menu": ["meniu"], "back": ["înapoi"], "stop": ["oprește"]},
        "lt": {"menu": ["stop"], "person": ["ascunde"]},
    }
)


@pytest.mark.parametrize("typed", ["hide", "HIDE!", " hide it. ", "ascunde", "Ascunde…"])
def test_hide_is_found_in_every_language(typed: str) -> None:
    assert WORDS.recognise(typed) is GlobalAction.HIDE
    assert WORDS.recognise(typed, ("lt",)) is GlobalAction.HIDE


def test_other_words_are_found_in_her_languages_and_english_only() -> None:
    assert WORDS.recognise("inapoi") is None
    assert WORDS.recognise("INAPOI", ("ro",)) is GlobalAction.BACK
    assert WORDS.recognise("înapoi", ("lt", "ro-MD")) is GlobalAction.BACK
    assert WORDS.recognise("menu", ("ro",)) is GlobalAction.MENU


def test_her_own_language_goes_before_english() -> None:
    assert WORDS.recognise("stop", ("lt",)) is GlobalAction.MENU
    assert WORDS.recognise("stop", ("ro",)) is GlobalAction.STOP


@pytest.mark.parametrize("typed", ["please hide", "", "?", "hide " * 50, "hid"])
def test_only_the_whole_text_counts(typed: str) -> None:
    assert WORDS.recognise(typed, ("en", "ro")) is None


def test_intake_finds_hide_stop_and_help_now_in_every_language_and_nothing_else() -> None:
    assert WORDS.recognise_urgent("ascunde") is GlobalAction.HIDE
    assert WORDS.recognise_urgent("help") is GlobalAction.HELP_NOW
    assert WORDS.recognise_urgent("Oprește!") is GlobalAction.STOP
    assert WORDS.recognise_urgent("menu") is None
    assert WORDS.recognise_urgent("") is None


def test_hide_and_help_now_survive_a_missing_list() -> None:
    assert GlobalWords().recognise("hide") is GlobalAction.HIDE
    assert GlobalWords({"ro": {}}).recognise_urgent("help now") is GlobalAction.HELP_NOW


def test_an_action_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownAction, match="hid"):
        GlobalWords({"en": {"hid": ["hide"]}})


def test_the_first_word_is_the_one_shown() -> None:
    assert WORDS.first(GlobalAction.HIDE, "en") == "Hide"
    assert WORDS.first(GlobalAction.BACK, "ro-MD") == "înapoi"
    assert WORDS.first(GlobalAction.HELP_NOW, "ro") == "help"
    assert WORDS.first(GlobalAction.HELP_NOW, "xx") == "help"
    assert WORDS.first(GlobalAction.PERSON_OFF, "en") == "person off"
