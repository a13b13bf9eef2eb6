"""A file sealed by the master key: the key ring, and the organisation's part of it in a backup.

8 bytes   what it is, and its version
1 byte    0: key file, 1: passphrase
16 bytes  salt            ┐
12 bytes  passes, memory in KiB, lanes (4 each)   ┘ zeros for a key file
12 bytes  nonce
n bytes   AES-256-GCM ciphertext and tag, bound to all of the above
32 bytes  SHA-256 of all of the above: tells a torn file from a wrong master key
"""

import hashlib
import os
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.vault.errors import WrongMasterKey
from bot.vault.master_key import MasterKey, Stretching

RING: Final = b"HLRING\x00\x01"
ORGANISATION: Final = b"HLORGA\x00\x01"

_HEADER = struct.Struct(">8sB16sIII12s")
_CHECKSUM_SIZE = 32
_TAG_SIZE = 16
_MOST_MEMORY = 4 * 1024 * 1024  # KiB; a header that asks for more is torn, not strong
_MOST_PASSES = 100
_MOST_LANES = 64


class Torn(ValueError):
    """The bytes are not a whole container of this kind. The message says which part is wrong."""


def pack(kind: bytes, master: MasterKey, stretching: Stretching | None, plain: bytes) -> bytes:
    """Seal `plain` under the master key."""
    nonce = os.urandom(12)
    if stretching is None:
        header = _HEADER.pack(kind, 0, bytes(16), 0, 0, 0, nonce)
    else:
        cost = (stretching.passes, stretching.memory, stretching.lanes)
        header = _HEADER.pack(kind, 1, stretching.salt, *cost, nonce)
    sealed = header + AESGCM(master.secret_for(stretching)).encrypt(nonce, plain, header)
    return sealed + hashlib.sha256(sealed).digest()


def unpack(kind: bytes, master: MasterKey, packed: bytes) -> tuple[Stretching | None, bytes]:
    """Return the stretching of the header and what was sealed. Raises `Torn` or `WrongMasterKey`."""
    if len(packed) < _HEADER.size + _TAG_SIZE + _CHECKSUM_SIZE:
        raise Torn("it is too short")
    if packed[: len(kind)] != kind:
        raise Torn("it is of another kind, or written by a newer release")
    sealed, checksum = packed[:-_CHECKSUM_SIZE], packed[-_CHECKSUM_SIZE:]
    if hashlib.sha256(sealed).digest() != checksum:
        raise Torn("its checksum does not fit")
    header = sealed[: _HEADER.size]
    _, by_passphrase, salt, passes, memory, lanes, nonce = _HEADER.unpack(header)
    stretching = Stretching(salt, passes, memory, lanes) if by_passphrase else None
    if stretching is not None and not _is_sensible(stretching):
        raise Torn("the cost in its header is impossible")
    try:
        return stretching, AESGCM(master.secret_for(stretching)).decrypt(
            nonce, sealed[_HEADER.size :], header
        )
    except InvalidTag:
        raise WrongMasterKey(
            "The key ring is whole, but this master key did not seal it. Look for the master key it was made "
            "with (a copy kept elsewhere, an older credential). Do not make a new one: it would open nothing."
        ) from None


def _is_sensible(stretching: Stretching) -> bool:
    return (
        1 <= stretching.passes <= _MOST_PASSES
        and 1 <= stretching.lanes <= _MOST_LANES
        and 8 * stretching.lanes <= stretching.memory <= _MOST_MEMORY
    )
