"""Who writes in a language the guide does not know is told once which it knows, and loses nothing (B-134)."""

import pytest

from tests.config.shipped import around, script
from triage import engine
from triage.effects import Effect, Speak, TextKept
from triage.run import Aside, Run, Tapped, Typed
from triage.unread import is_unread

UKRAINIAN = "Доброго дня, мій чоловік б'є мене, я не знаю що робити"
AROUND = around()
OTHER = "word.other_language"


@pytest.mark.parametrize(
    "text", [UKRAINIAN, "допоможіть", "ساعدوني", "Dobrý den, potřebuji pomoc", "necesito ayuda por favor"]
)
def test_another_alphabet_or_words_of_no_text_here_are_not_read(text: str) -> None:
    assert is_unread(script(), text)


@pytest.mark.parametrize(
    "text",
    [
        "he hit me again", "i dont know wat to do", "hlep me pls", "nu stiu ce sa fac", "ma bate sotul",
        "mă bate soțul", "ok", "Jana", "???", "112", "yes yes yes",
    ],
)  # fmt: skip
def test_what_is_written_here_is_read_however_it_is_spelled(text: str) -> None:
    assert not is_unread(script(), text)


def first(text: str) -> tuple[Run, tuple[Effect, ...]]:
    turn = engine.resume(script(), engine.new_run(script(), None, AROUND), Typed(text), AROUND)
    return turn.run, turn.effects


def said(effects: tuple[Effect, ...]) -> list[tuple[str, str]]:
    return [(one.key, one.language) for one in effects if isinstance(one, Speak)]


def test_her_very_first_words_are_kept_and_the_languages_told_in_two_of_them() -> None:
    run, effects = first(UKRAINIAN)
    assert TextKept() in effects
    assert said(effects) == [(OTHER, "ro"), (OTHER, "")]
    assert (run.step, run.aside) == ("hello", Aside.LANGUAGE)
    chosen = engine.resume(script(), run, Tapped("language.ro"), AROUND)
    assert chosen.run.language == "ro"
    assert said(chosen.effects) == [("hello.text", "")]


def test_it_is_told_once_and_a_person_can_be_asked_for_all_the_same() -> None:
    run, _ = first(UKRAINIAN)
    again = engine.resume(script(), run, Typed(UKRAINIAN), AROUND)
    assert OTHER not in [key for key, _ in said(again.effects)]
    assert TextKept() in again.effects
    assert engine.resume(script(), run, Typed("person"), AROUND).run.step == "safe_check"


def test_who_is_read_is_told_nothing_of_languages() -> None:
    assert OTHER not in [key for key, _ in said(first("he hit me again and I am scared")[1])]
