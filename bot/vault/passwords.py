"""Hashes of what people choose: staff passwords, and the phrase of a woman who comes back (Argon2id).

46 MiB and two passes: about 70 ms on one core of a small server. The call releases the interpreter
lock; run it off the event loop.
"""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from bot.vault.errors import SecretHashUnreadable

_HASHER = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1, hash_len=32, salt_len=16)

_NOBODYS = "$argon2id$v=19$m=47104,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

_NOT_A_HASH = "what is stored is not an Argon2id hash"


def hash_secret(text: str) -> str:
    """Return the Argon2id hash of a password or phrase, with its salt and cost."""
    return _HASHER.hash(_normal(text))


def verify_secret(hash_text: str | None, text: str) -> bool:
    """Say whether `text` is what was hashed.

    With None (nobody by that name, no phrase set) the same work is done against nobody's hash and the
    answer is no: a stranger and a wrong word look the same in time. Raises `SecretHashUnreadable`.
    """
    try:
        matches = _HASHER.verify(_NOBODYS if hash_text is None else hash_text, _normal(text))
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError):
        raise SecretHashUnreadable(_NOT_A_HASH) from None
    return matches and hash_text is not None


def needs_rehash(hash_text: str) -> bool:
    """Say whether a hash was made at another cost than today's; hash anew at the next right word.

    Raises `SecretHashUnreadable`.
    """
    try:
        return _HASHER.check_needs_rehash(hash_text)
    except InvalidHashError:
        raise SecretHashUnreadable(_NOT_A_HASH) from None


def _normal(text: str) -> str:
    """One keyboard composes ș, another sends s and a comma below: they are one word."""
    return unicodedata.normalize("NFKC", text)
