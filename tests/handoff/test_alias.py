"""Names for chats."""

from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from handoff.alias import ALIASES, choose_alias


def test_the_same_seed_chooses_the_same_name() -> None:
    first = [choose_alias("en", (), Random(7).randrange) for _ in range(3)]
    assert len(set(first)) == 1
    assert first[0] in ALIASES["en"]


def test_a_region_borrows_from_its_language_and_an_unknown_one_from_english() -> None:
    assert choose_alias("ro-MD", (), lambda _: 0) == ALIASES["ro"][0]
    assert choose_alias("xx", (), lambda _: 0) == ALIASES["en"][0]


def test_when_every_name_is_taken_a_number_is_added() -> None:
    assert choose_alias("en", ALIASES["en"], lambda _: 0) == f"{ALIASES['en'][0]} 2"


@settings(deadline=None)
@given(st.sampled_from(sorted(ALIASES)), st.integers(0, 70), st.integers())
def test_no_two_open_chats_share_a_name(language: str, count: int, seed: int) -> None:
    dice = Random(seed)
    taken: set[str] = set()
    for _ in range(count):
        alias = choose_alias(language, {name.upper() for name in taken}, dice.randrange)
        assert alias not in taken
        taken.add(alias)


@pytest.mark.parametrize("language", sorted(ALIASES))
def test_names_are_single_words_each_once_and_none_is_a_demo_volunteers(language: str) -> None:
    names = ALIASES[language]
    assert len(set(names)) == len(names) == 30
    assert all(name.isalpha() and name[0].isupper() and len(name) <= 12 for name in names)
    assert {"Maple", "Juniper", "Alder"}.isdisjoint(names)
