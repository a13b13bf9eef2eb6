"""Hashes without a key: of tokens we gave out, of documents, of the audit chain."""

import hashlib


def token_hash(token: str) -> bytes:
    """Return what is stored of a random token (sign-in link, signed-in browser): 32 bytes.

    Tokens carry 128 bits or more, so a plain hash cannot be searched back. Never for what a person chose.
    """
    return hashlib.sha256(b"hearthline/token/1\x00" + token.encode()).digest()


def digest(document: bytes) -> str:
    """Return SHA-256 of a public or canonical document, 64 hex digits."""
    return hashlib.sha256(document).hexdigest()


def chain(previous: bytes, ciphertext: bytes) -> bytes:
    """Return the audit chain's next value, 32 bytes, over ciphertext, so that erasing keeps it valid.

    `previous` is the value before it, or empty at the beginning.
    """
    head = b"hearthline/audit/1\x00" + len(previous).to_bytes(2, "big")
    return hashlib.sha256(b"".join((head, previous, ciphertext))).digest()
