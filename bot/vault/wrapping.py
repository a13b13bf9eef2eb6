"""Data keys wrapped by the key of an epoch, as rows of `data_key` hold them (PR7).

Version 1: version byte 0x01 ‖ nonce (12) ‖ AES-256-GCM of the 32-byte secret ‖ tag (16), bound to the
key's id and the epoch's id.
"""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.randomness import public_random
from bot.vault.envelope import DataKey
from bot.vault.errors import Unopenable

_VERSION = b"\x01"
_NONCE_SIZE = 12
_WRAPPED_SIZE = 1 + _NONCE_SIZE + 32 + 16


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it lies in the database: worthless once its epoch is shredded."""

    id: str
    epoch: str
    wrapped: bytes = field(repr=False)


def wrap(key: DataKey, epoch: str, epoch_secret: bytes) -> WrappedKey:
    """Wrap `key` under the epoch's key."""
    nonce = public_random(_NONCE_SIZE)
    body = AESGCM(epoch_secret).encrypt(nonce, key.secret, _binding(key.id, epoch))
    return WrappedKey(key.id, epoch, b"".join((_VERSION, nonce, body)))


def unwrap(wrapped: WrappedKey, epoch_secret: bytes) -> DataKey:
    """Return the data key. Raises `Unopenable` if the row was altered or torn."""
    where = f"data_key.wrapped of row {wrapped.id}"
    row = wrapped.wrapped
    if row[:1] != _VERSION or len(row) != _WRAPPED_SIZE:
        raise Unopenable(where, "it is torn or of an unknown version")
    nonce, body = row[1 : 1 + _NONCE_SIZE], row[1 + _NONCE_SIZE :]
    try:
        secret = AESGCM(epoch_secret).decrypt(nonce, body, _binding(wrapped.id, wrapped.epoch))
    except InvalidTag:
        raise Unopenable(where, "it was altered, or belongs to another key or epoch") from None
    return DataKey(wrapped.id, secret)


def _binding(key_id: str, epoch: str) -> bytes:
    parts = (b"hearthline/data-key/1", key_id.encode(), epoch.encode())
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)
