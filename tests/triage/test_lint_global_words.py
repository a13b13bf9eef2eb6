"""The words that work everywhere: there in every language, short, neutral, and each for one action."""

from tests.broken_scripts import loading
from triage.issue import Issue
from triage.lint.check import check

Globals = dict[str, dict[str, tuple[str, ...]]]


def issues_with(language: str, **words: tuple[str, ...]) -> tuple[Issue, ...]:
    globals_: Globals = {**loading.GLOBALS, language: {**loading.GLOBALS[language], **words}}
    return check(loading.script(), loading.WORDS, globals_)


def told(issues: tuple[Issue, ...]) -> list[tuple[str, str, str]]:
    return [(issue.rule, issue.file, issue.path) for issue in issues]


def test_the_words_of_the_clean_script_are_clean() -> None:
    assert issues_with("en") == ()


def test_a_language_without_a_word_for_hide_or_stop_is_told() -> None:
    assert told(issues_with("ro", hide=())) == [("D-02", "clean.ro.yaml", "ro")]
    assert told(issues_with("ro", stop=())) == [("D-02", "clean.ro.yaml", "ro")]


def test_a_language_without_a_word_for_help_now_or_a_person_is_told() -> None:
    assert told(issues_with("ro", help_now=())) == [("D-01", "clean.ro.yaml", "ro")]
    assert told(issues_with("ro", person=())) == [("D-07", "clean.ro.yaml", "ro")]


def test_a_word_that_hides_in_one_language_may_do_nothing_else_in_another() -> None:
    assert told(issues_with("ro", menu=("Hide",))) == [("D-51", "clean.ro.yaml", "globals.ro.menu")]


def test_a_word_may_stand_for_one_action_only() -> None:
    assert told(issues_with("en", menu=("list",), back=("list",))) == [
        ("D-51", "clean.en.yaml", "globals.en.back")
    ]


def test_a_word_may_mean_different_things_in_two_languages_if_neither_hides_nor_calls_help() -> None:
    assert issues_with("ro", menu=("person",)) == ()


def test_a_long_word_and_a_word_that_gives_her_away_are_told() -> None:
    assert told(issues_with("en", menu=("thirteen char",))) == [("D-51", "clean.en.yaml", "globals.en.menu")]
    assert told(issues_with("en", menu=("violence",))) == [("D-51", "clean.en.yaml", "globals.en.menu")]
