"""Global words, the word grid, the names of countries, the word lists."""

import pytest

from tests.config.shipped import CONFIG, GLOBALS, GRID, LANGUAGES, LISTS, REGION_NAMES, plain
from triage.global_words import GlobalWords
from triage.language import fold
from triage.lint.matching import find, fold as bare
from triage.model import GRID_ROUNDS, GRID_WORDS, GlobalAction

WORDS = [
    (language, action, word)
    for language in LANGUAGES
    for action, words in GLOBALS[language].items()
    for word in words
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_has_a_word(language: str):
    assert set(GLOBALS[language]) == {action.value for action in GlobalAction}


@pytest.mark.parametrize(("language", "word"), [(language, word) for language, _, word in WORDS])
def test_a_global_word_is_short_plain_and_typed_without_diacritics(language: str, word: str):
    assert len(word) <= 12
    assert word == fold(word)
    assert find(LISTS[language].sensitive, bare(word)) is None


def test_no_global_word_stands_for_two_actions_or_twice():
    assert len({word for _, _, word in WORDS}) == len(WORDS)


def test_the_two_urgent_words_of_languages_to_come_clash_with_no_other_word():
    everywhere: dict[str, str] = {word: action for _, action, word in WORDS}
    others = sorted(
        {file.name.split(".")[1] for file in (CONFIG / "words").glob("globals.*.yaml")} - set(LANGUAGES)
    )
    assert others
    for language in others:
        plain_words: dict[str, list[str]] = plain(f"words/globals.{language}.yaml")
        assert set(plain_words) == {"hide", "help_now"}
        for action, words in plain_words.items():
            assert any(word.isascii() for word in words), (language, action)
            for word in words:
                assert len(word) <= 12
                assert everywhere.setdefault(fold(word), action) == action


@pytest.mark.parametrize("written", ["Допоможіть!", "ayuda", "POMOC", "padėkite", "помогите"])
def test_help_is_known_in_languages_the_guide_does_not_speak_yet(written: str):
    folder = CONFIG / "words"
    every = {file.name.split(".")[1]: plain(f"words/{file.name}") for file in folder.glob("globals.*.yaml")}
    assert GlobalWords(every).recognise(written) is GlobalAction.HELP_NOW


@pytest.mark.parametrize("written", ["Ascunde", "ASCUNDE!", "hide", " Hide. "])
def test_hide_is_known_however_it_is_typed(written: str):
    assert GlobalWords(GLOBALS).recognise(written) is GlobalAction.HIDE


@pytest.mark.parametrize("written", ["Înapoi", "inapoi", "ÎNAPOI"])
def test_diacritics_may_be_typed_or_left_out(written: str):
    assert GlobalWords(GLOBALS).recognise(written, ["ro"]) is GlobalAction.BACK


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_grid_has_its_rounds_of_ordinary_words_all_different(language: str):
    grid = GRID[language]
    assert [len(row) for row in grid] == [GRID_WORDS] * GRID_ROUNDS
    words = [word for row in grid for word in row]
    assert len(set(words)) == len(words)
    for word in words:
        assert word == fold(word)
        assert len(word) <= 8
        assert find(LISTS[language].sensitive, word) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_grid_is_a_global_word(language: str):
    global_words = {word for _, _, word in WORDS}
    assert not global_words & {word for row in GRID[language] for word in row}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_of_the_directory_has_a_name(language: str):
    files = {path.stem for path in (CONFIG / "resources").glob("[A-Z][A-Z].yaml")} - {"EU"}
    assert files - REGION_NAMES[language].keys() == set()


def test_both_languages_name_the_same_countries_each_by_its_own_name():
    assert REGION_NAMES["en"].keys() == REGION_NAMES["ro"].keys()
    for names in REGION_NAMES.values():
        assert all(isinstance(code, str) and len(code) == 2 for code in names)
        assert len(set(names.values())) == len(names)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LISTS["en"].__slots__)
def test_no_list_is_empty_or_says_a_thing_twice(language: str, name: str):
    entries: tuple[str, ...] = getattr(LISTS[language], name)
    assert entries
    assert len({bare(entry) for entry in entries}) == len(entries)


def test_the_word_for_done_is_an_answer_and_erases_nothing():
    assert "gata" not in GLOBALS["ro"]["stop"]
