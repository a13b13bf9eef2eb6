"""Ids and tokens: their form, and that they tell nothing. The clock: aware, in UTC."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import SystemClock
from bot.identifiers import Identifiers

IDENTIFIERS = Identifiers()


def test_an_id_is_26_lower_case_letters_and_digits() -> None:
    assert all(re.fullmatch("[a-z2-7]{26}", IDENTIFIERS.new_id()) for _ in range(200))


def test_ids_and_tokens_do_not_repeat_and_do_not_grow() -> None:
    ids = [IDENTIFIERS.new_id() for _ in range(500)]
    assert len(set(ids)) == 500
    assert ids != sorted(ids)
    assert len({IDENTIFIERS.token() for _ in range(500)}) == 500


def test_a_token_is_safe_in_a_link() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", IDENTIFIERS.token())
    assert len(IDENTIFIERS.token(16)) == 22


def test_digits_keep_their_leading_zeros() -> None:
    drawn = [IDENTIFIERS.digits(6) for _ in range(400)]
    assert all(re.fullmatch("[0-9]{6}", digits) for digits in drawn)
    assert any(digits.startswith("0") for digits in drawn)


def test_a_sample_has_each_place_once_and_any_order() -> None:
    words = ["măr", "barcă", "nor", "lună"]
    drawn = {tuple(IDENTIFIERS.sample(words, 4)) for _ in range(500)}
    assert all(sorted(sample) == sorted(words) for sample in drawn)
    assert len(drawn) == 24
    assert IDENTIFIERS.sample(words, 0) == []
    with pytest.raises(ValueError, match="cannot draw 5 of 4"):
        IDENTIFIERS.sample(words, 5)


def test_a_choice_is_one_of_them_and_not_always_the_same() -> None:
    assert {IDENTIFIERS.choice("abc") for _ in range(200)} == set("abc")


def test_a_seed_has_64_bits() -> None:
    seeds = [IDENTIFIERS.seed() for _ in range(200)]
    assert all(0 <= seed < 2**64 for seed in seeds)
    assert max(seeds) >= 2**60


def test_the_clock_is_aware_and_in_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=10)
