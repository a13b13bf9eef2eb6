"""A sealed field opens with its key at its place, and in no other case (PR6)."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, strategies as st

from bot.vault.envelope import PAD, DataKey, Place, _binding, open_sealed, seal
from bot.vault.errors import Unopenable

KEY = DataKey("hers", bytes(range(32)))
PLACE = Place("inbox", "body_sealed", "17")

plains = st.binary(max_size=3 * PAD)
names = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
places = st.builds(Place, table=names, column=names, row=names)
keys = st.builds(DataKey, id=names, secret=st.binary(min_size=32, max_size=32))


@given(key=keys, place=places, plain=plains)
def test_what_is_sealed_opens_again(key: DataKey, place: Place, plain: bytes) -> None:
    assert open_sealed(key, place, seal(key, place, plain)) == plain


@given(plain=plains, share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_bit_flipped_makes_it_unopenable(plain: bytes, share: float, bit: int) -> None:
    sealed = bytearray(seal(KEY, PLACE, plain))
    sealed[int(share * len(sealed))] ^= 1 << bit
    with pytest.raises(Unopenable):
        open_sealed(KEY, PLACE, bytes(sealed))


def test_every_single_bit_counts() -> None:
    sealed = seal(KEY, PLACE, b"every one")
    for at in range(len(sealed)):
        for bit in range(8):
            altered = bytearray(sealed)
            altered[at] ^= 1 << bit
            with pytest.raises(Unopenable):
                open_sealed(KEY, PLACE, bytes(altered))


@given(plain=plains, share=st.floats(0, 1, exclude_max=True))
def test_a_torn_one_is_unopenable(plain: bytes, share: float) -> None:
    sealed = seal(KEY, PLACE, plain)
    with pytest.raises(Unopenable):
        open_sealed(KEY, PLACE, sealed[: int(share * len(sealed))])


@given(plain=plains, more=st.binary(min_size=1, max_size=2 * PAD))
def test_one_with_bytes_added_is_unopenable(plain: bytes, more: bytes) -> None:
    with pytest.raises(Unopenable):
        open_sealed(KEY, PLACE, seal(KEY, PLACE, plain) + more)


@given(noise=st.binary(max_size=600))
def test_noise_is_unopenable_and_nothing_worse(noise: bytes) -> None:
    with pytest.raises(Unopenable):
        open_sealed(KEY, PLACE, noise)


@given(here=places, there=places, plain=plains)
def test_one_moved_to_another_place_is_unopenable(here: Place, there: Place, plain: bytes) -> None:
    if here == there:
        there = replace(there, row=there.row + "x")
    with pytest.raises(Unopenable):
        open_sealed(KEY, there, seal(KEY, here, plain))


def test_names_that_run_together_alike_are_still_two_places() -> None:
    sealed = seal(KEY, Place("note", "body", "1"), b"words")
    for there in (Place("noteb", "ody", "1"), Place("note", "body1", ""), Place("", "notebody", "1")):
        with pytest.raises(Unopenable):
            open_sealed(KEY, there, sealed)


def test_another_key_does_not_open_it() -> None:
    sealed = seal(KEY, PLACE, b"words")
    with pytest.raises(Unopenable, match="not sealed under key another"):
        open_sealed(DataKey("another", KEY.secret), PLACE, sealed)
    with pytest.raises(Unopenable):
        open_sealed(DataKey(KEY.id, bytes(32)), PLACE, sealed)


def test_a_length_that_does_not_fit_is_refused_even_from_a_holder_of_the_key() -> None:
    nonce = bytes(12)
    padded = (PAD - 3).to_bytes(4, "big") + bytes(PAD - 4)
    body = AESGCM(KEY.secret).encrypt(nonce, padded, _binding(KEY, PLACE))
    with pytest.raises(Unopenable, match="its length is impossible"):
        open_sealed(KEY, PLACE, b"\x01" + KEY.mark + nonce + body)


def test_a_later_version_is_refused_by_name() -> None:
    sealed = b"\x02" + seal(KEY, PLACE, b"words")[1:]
    with pytest.raises(Unopenable, match="version 2 is unknown"):
        open_sealed(KEY, PLACE, sealed)


def test_the_error_names_the_place_and_shows_neither_words_nor_key() -> None:
    sealed = seal(KEY, PLACE, b"he is at the door")
    with pytest.raises(Unopenable) as caught:
        open_sealed(KEY, Place("outbox", "body_sealed", "18"), sealed)
    said = f"{caught.value!s} {caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.where == "outbox.body_sealed of row 18"
    assert "outbox.body_sealed of row 18" in said
    assert "door" not in said
    assert KEY.secret.hex() not in said


@given(one=st.binary(max_size=PAD - 4), other=st.binary(max_size=PAD - 4))
def test_texts_within_one_pad_have_one_length(one: bytes, other: bytes) -> None:
    assert len(seal(KEY, PLACE, one)) == len(seal(KEY, PLACE, other))


@given(plain=plains)
def test_padded_is_a_multiple_of_256(plain: bytes) -> None:
    head_and_tag = 1 + 8 + 12 + 16
    padded = len(seal(KEY, PLACE, plain)) - head_and_tag
    assert padded % PAD == 0
    assert 0 <= padded - 4 - len(plain) < PAD


def test_the_same_words_look_different_each_time() -> None:
    assert len({seal(KEY, PLACE, b"again") for _ in range(50)}) == 50


def test_a_key_shows_its_id_and_never_its_secret() -> None:
    secret = bytes(range(100, 132))
    shown = f"{DataKey('hers', secret)!r} {DataKey('hers', secret)}"
    assert "hers" in shown
    assert repr(secret) not in shown
    assert str(secret) not in shown
    assert secret.hex() not in shown


def test_a_key_of_the_wrong_size_seals_nothing() -> None:
    with pytest.raises(ValueError, match="key"):
        seal(DataKey("short", b"short"), PLACE, b"words")
