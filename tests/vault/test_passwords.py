"""A stranger and a wrong word look the same, in the answer and in the work done (design §4)."""

import pytest
from argon2 import PasswordHasher

from bot.vault import passwords
from bot.vault.errors import SecretHashUnreadable
from bot.vault.passwords import hash_secret, needs_rehash, verify_secret


class CountingHasher:
    """Counts what is asked of the real hasher, and notes at which cost."""

    def __init__(self, real: PasswordHasher) -> None:
        self._real = real
        self.costs: list[str] = []

    def verify(self, hash_text: str, secret: str) -> bool:
        self.costs.append("$".join(hash_text.split("$")[1:4]))
        return self._real.verify(hash_text, secret)


def test_the_right_word_is_right_and_any_other_is_not() -> None:
    stored = hash_secret("măr barcă nor")
    assert verify_secret(stored, "măr barcă nor")
    assert not verify_secret(stored, "măr barcă")
    assert not verify_secret(stored, "")


def test_a_stranger_costs_exactly_what_a_wrong_word_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = hash_secret("măr barcă nor")
    counting = CountingHasher(passwords._HASHER)
    monkeypatch.setattr(passwords, "_HASHER", counting)
    assert verify_secret(stored, "lună") is False
    wrong = counting.costs.copy()
    counting.costs.clear()
    assert verify_secret(None, "lună") is False
    assert counting.costs == wrong
    assert wrong == ["argon2id$v=19$m=47104,t=2,p=1"]


def test_nobody_is_let_in_by_any_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_NOBODYS", hash_secret("found by luck"))
    assert verify_secret(None, "found by luck") is False


def test_the_same_word_is_hashed_differently_each_time() -> None:
    assert hash_secret("once") != hash_secret("once")


def test_composed_and_decomposed_letters_are_one_word() -> None:
    assert verify_secret(hash_secret("\u0219oapt\u0103"), "s\u0326oapta\u0306")


def test_a_hash_of_another_cost_is_to_be_made_anew() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("once")
    assert verify_secret(cheap, "once")
    assert needs_rehash(cheap)
    assert not needs_rehash(hash_secret("once"))


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv"])
def test_what_is_no_hash_is_an_error_not_a_wrong_word(stored: str) -> None:
    with pytest.raises(SecretHashUnreadable):
        verify_secret(stored, "once")
    with pytest.raises(SecretHashUnreadable):
        needs_rehash(stored)
