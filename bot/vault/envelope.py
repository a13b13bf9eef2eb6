"""One sealed field: AES-256-GCM, bound to its place, padded so that its length tells little (PR6).

Version 1, frozen byte for byte by `tests/vault/test_vectors.py`:

    1 byte    version, 0x01
    8 bytes   mark of the key: first bytes of SHA-256 over the key's id
    12 bytes  nonce, random
    n bytes   ciphertext of  length (4 bytes, big-endian) ‖ plain ‖ zeros  up to a multiple of 256
    16 bytes  tag

Associated data: version ‖ key id ‖ table ‖ column ‖ row, each of the four preceded by its length (2 bytes).
"""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.randomness import public_random
from bot.vault.errors import Unopenable

PAD = 256
"""Sealed plain text is a multiple of this many bytes, its length prefix included."""

_VERSION = b"\x01"
_MARK_SIZE = 8
_NONCE_SIZE = 12
_TAG_SIZE = 16
_LENGTH_SIZE = 4
_NONCE_AT = 1 + _MARK_SIZE
_BODY_AT = _NONCE_AT + _NONCE_SIZE


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed field lies. A field moved to another place does not open."""

    table: str
    column: str
    row: str

    @property
    def named(self) -> str:
        """The place in words, for errors: ids only, never content."""
        return f"{self.table}.{self.column} of row {self.row}"


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key that seals fields: of one conversation, one contact record, or the organisation.

    `secret` is 32 bytes and never shown. Keep it no longer than the batch at hand.
    """

    id: str
    secret: bytes = field(repr=False)
    mark: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mark", hashlib.sha256(self.id.encode()).digest()[:_MARK_SIZE])


def seal(key: DataKey, place: Place, plain: bytes) -> bytes:
    """Seal `plain` for `place`; the same text sealed twice looks different each time."""
    return _seal_with_nonce(key, place, plain, public_random(_NONCE_SIZE))


def open_sealed(key: DataKey, place: Place, sealed: bytes) -> bytes:
    """Return what was sealed at `place` under `key`.

    Raises `Unopenable`, naming the place and never content: unknown version, another key, another
    place, torn or altered bytes.
    """
    if not sealed:
        raise Unopenable(place.named, "it is empty")
    if sealed[:1] != _VERSION:
        raise Unopenable(place.named, f"version {sealed[0]} is unknown to this release")
    body_size = len(sealed) - _BODY_AT - _TAG_SIZE
    if body_size < PAD or body_size % PAD:
        raise Unopenable(place.named, "it is torn")
    if sealed[1:_NONCE_AT] != key.mark:
        raise Unopenable(place.named, f"it was not sealed under key {key.id}")
    try:
        padded = AESGCM(key.secret).decrypt(
            sealed[_NONCE_AT:_BODY_AT], sealed[_BODY_AT:], _binding(key, place)
        )
    except InvalidTag:
        raise Unopenable(
            place.named, "it was altered, moved from another place, or the key is wrong"
        ) from None
    size = int.from_bytes(padded[:_LENGTH_SIZE], "big")
    if size > len(padded) - _LENGTH_SIZE:
        raise Unopenable(place.named, "its length is impossible")
    return padded[_LENGTH_SIZE : _LENGTH_SIZE + size]


def _seal_with_nonce(key: DataKey, place: Place, plain: bytes, nonce: bytes) -> bytes:
    size = _LENGTH_SIZE + len(plain)
    padded = b"".join((len(plain).to_bytes(_LENGTH_SIZE, "big"), plain, bytes(-size % PAD)))
    body = AESGCM(key.secret).encrypt(nonce, padded, _binding(key, place))
    return b"".join((_VERSION, key.mark, nonce, body))


def _binding(key: DataKey, place: Place) -> bytes:
    """Associated data; the lengths keep ("ab", "c") and ("a", "bc") apart."""
    return b"".join((_VERSION, _long(key.id), _field(place.table, place.column), _long(place.row)))


def _long(part: str) -> bytes:
    encoded = part.encode()
    return len(encoded).to_bytes(2, "big") + encoded


@lru_cache(maxsize=64)
def _field(table: str, column: str) -> bytes:
    """A column's part of the binding: the same for every row."""
    return _long(table) + _long(column)
