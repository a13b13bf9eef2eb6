"""Hashes of tokens and the audit chain."""

from hypothesis import given, strategies as st

from bot.vault.digests import chain, digest, token_hash

rows = st.lists(st.binary(min_size=1, max_size=40), min_size=2, max_size=8)


def chained(ciphertexts: list[bytes]) -> bytes:
    value = b""
    for ciphertext in ciphertexts:
        value = chain(value, ciphertext)
    return value


@given(rows=rows, at=st.integers(0, 7))
def test_an_audit_row_left_out_or_altered_breaks_the_chain(rows: list[bytes], at: int) -> None:
    at %= len(rows)
    altered = rows.copy()
    altered[at] = altered[at] + b"x"
    assert chained(altered) != chained(rows)
    assert chained(rows[:at] + rows[at + 1 :]) != chained(rows)


@given(one=st.binary(min_size=1, max_size=40), other=st.binary(min_size=1, max_size=40))
def test_audit_rows_that_change_places_break_the_chain(one: bytes, other: bytes) -> None:
    assert (chained([one, other]) == chained([other, one])) is (one == other)


def test_previous_value_and_row_do_not_run_together() -> None:
    assert chain(b"ab", b"c") != chain(b"a", b"bc")


def test_a_token_is_not_stored_as_it_is_nor_as_a_plain_hash() -> None:
    assert len(token_hash("a-token")) == 32
    assert token_hash("a-token").hex() != digest(b"a-token")
    assert token_hash("a-token") != token_hash("a-tokem")
