"""Version 1 of everything that lies in a database, byte for byte.

If one of these fails, a new release no longer opens what an old one sealed. Add a version; change no vector.
"""

import hashlib

import pytest

from bot.vault import digests
from bot.vault.envelope import DataKey, Place, _seal_with_nonce, open_sealed
from bot.vault.passwords import verify_secret
from bot.vault.wrapping import WrappedKey, unwrap

KEY = DataKey("conversation-1", bytes(range(32)))
PLACE = Place("inbox", "body_sealed", "42")
NONCE = bytes(range(12))

WHOLE = (
    "01413055e0cb3a7c6d000102030405060708090a0b4702d602888cef7ead27e5e2d22dfb43a386e8fc6b127f0a571587ec226900b2"
    "0110aefcafc1129874a47fed88872838ee59608d5ad6a3da3f972a1918e3f5eef03cc67ad3d126611c54aa6eef8f0ee8388ac96276"
    "635368fdfd9ecc78f0b98dcbf859e6a441c81a9e1c3eb24875217fba6762abe3c5259a4dff57cd82e66e0ebb5200c6b4d7cb5308e1"
    "48a13dda4cc236f4e3353511934a8c5fe877fad2e9ee93979e15e9ffcc7ea763ddfadf8086bb9dceca228bab73bc65dfc0c771c5b7"
    "f3134c8afa0dddd6c93756d3e6ba41d984e17ef8763d00baf171919ac741488ffa4323d4afe62003255247b808b5117c51a893b975"
    "9d3089a5176b67738b9c428138ee57bdfc5301affe7b1cc3b0bd0de9"
)
WORDS = "Mi-e frică. Poți vorbi?".encode()

SEALED_SHA256 = [
    (b"", "ff6b34abe8e3f4f73bf0adec2c0c4408dcd54e2b7775109b307712c9fe80dcd6"),
    (WORDS, "aba83f305ce5ca5b5430acde526339489c3d3426dd76a321fb65f0edce2ce521"),
    (b"x" * 252, "a123cd06bb66f2cdf0e3ecaf9dbcb9b1353f98814aa5c01181d7ea694dbd1026"),
    (b"x" * 253, "bf29ca5f1943f8f8a9dcf331247132eedfffd95e738db2b64214dcee727036af"),
]

WRAPPED = (
    "0143c29bc7c5c93eb60139e0dd11bf3e3d754f418bdacbeb3a9712d41cf39f1de3a03df422bab68a07fe1e42042f153d4207"
    "ebaebb7cd45f4f222e7bb5"
)
TOKEN_HASH = "aae0000dffb66f3bab44d3a9f7c2c427b7be7935561e76d0af416b32e2f0ab0c"
CHAIN_FIRST = "3eb8c1ac900a5a7a824012872bb6dfe61f850f76fb15b20bbeb6bf7f3ae9bf23"
CHAIN_SECOND = "765b09bb8e8fba4090794439e07ceb39e4b6aec2b01c793debceec3c42caf57e"
PHRASE_HASH = (
    "$argon2id$v=19$m=47104,t=2,p=1$21UXEhiPZ/4h2IWRns31vg$Cl6z7ox6AAbuEBXqy9K1XwB1wMjcIfiAB5rg3EPjzQs"
)


@pytest.mark.parametrize(("plain", "expected"), SEALED_SHA256, ids=["empty", "words", "one pad", "two pads"])
def test_an_envelope_is_the_same_to_the_byte(plain: bytes, expected: str) -> None:
    sealed = _seal_with_nonce(KEY, PLACE, plain, NONCE)
    assert hashlib.sha256(sealed).hexdigest() == expected


def test_an_envelope_sealed_by_the_first_release_opens() -> None:
    assert open_sealed(KEY, PLACE, bytes.fromhex(WHOLE)) == WORDS


def test_a_data_key_wrapped_by_the_first_release_unwraps() -> None:
    row = bytes.fromhex(WRAPPED)
    assert unwrap(WrappedKey("conversation-1", "20250714abcdefgh", row), bytes(range(32, 64))) == KEY


def test_digests_are_the_same_to_the_byte() -> None:
    assert digests.token_hash("a-token").hex() == TOKEN_HASH
    assert digests.chain(b"", b"first").hex() == CHAIN_FIRST
    assert digests.chain(bytes.fromhex(CHAIN_FIRST), b"second").hex() == CHAIN_SECOND
    assert digests.digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_phrase_hashed_by_the_first_release_verifies() -> None:
    assert verify_secret(PHRASE_HASH, "măr barcă nor")
    assert not verify_secret(PHRASE_HASH, "măr barcă lună")
