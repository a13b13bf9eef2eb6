"""Language choice, and how typed words are compared."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from triage.language import MAX_MATCHED, choose_language, fold, local_time


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (("ro",), "ro"),
        (("ro-MD",), "ro"),
        (("RO_md",), "ro"),
        (("pt-br",), "pt-BR"),
        (("pt",), "en"),
        (("fi", "ro"), "ro"),
        ((None, "", "ro"), "ro"),
        ((), "en"),
        (("-",), "en"),
    ],
)
def test_the_first_published_wish_is_taken(wanted: tuple[str | None, ...], chosen: str) -> None:
    assert choose_language(("en", "ro", "pt-BR"), *wanted) == chosen


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("HIDE", "hide"),
        ("  Hide it!  ", "hide it"),
        ("Înapoi", "inapoi"),
        ("ajută-mă", "ajuta ma"),
        ("don’t", "dont"),
        ("СТОП.", "стоп"),
        ("Straße", "strasse"),
        ("３", "3"),
        ("٣", "3"),
        ("3️⃣", "3"),
        ("İstanbul", "istanbul"),
        ("…", ""),
        ("👍", ""),
        ("x" * (MAX_MATCHED + 1), ""),
    ],
)
def test_typed_words_are_compared_bare(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_time_is_told_as_a_day_and_an_hour_of_the_place() -> None:
    at = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert local_time(at, "Europe/Bucharest", "en") == "Monday 09:00"
    assert local_time(at, "Europe/Bucharest", "ro-RO") == "luni 09:00"
    assert local_time(at, "Europe/Prague", "cs") == "02.03. 08:00"
