"""The one maker of ids, tokens and choices by lot. All from the system's secure source.

A row's id tells nothing: not the order of arrival, not the time, not the machine (PR6).
"""

import secrets
from collections.abc import Sequence
from typing import TypeVar

from bot.randomness import public_random

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]  # base32, ten bits at a time
_SHIFTS = range(120, -1, -10)

Thing = TypeVar("Thing")


class Identifiers:
    """Makes what must not be guessed. Tests pass a fake with the same methods."""

    def new_id(self) -> str:
        """Return 128 random bits as 26 letters and digits, lower-case base32."""
        number = int.from_bytes(public_random(16)) << 2
        return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])

    def token(self, size: int = 32) -> str:
        """Return `size` random bytes as text that is safe in a link (43 characters for 32 bytes)."""
        return secrets.token_urlsafe(size)

    def digits(self, count: int) -> str:
        """Return `count` decimal digits, leading zeros included."""
        return "".join(secrets.choice("0123456789") for _ in range(count))

    def seed(self) -> int:
        """Return 64 random bits, for the seeded generator a pure function takes."""
        return secrets.randbits(64)

    def choice(self, things: Sequence[Thing]) -> Thing:
        """Draw one of `things`. Raises `IndexError` if there are none."""
        return secrets.choice(things)

    def sample(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """Draw `count` different places of `things`, in random order.

        Raises `ValueError` if there are fewer than `count`.
        """
        if not 0 <= count <= len(things):
            raise ValueError(f"cannot draw {count} of {len(things)}")
        rest = list(things)
        return [rest.pop(secrets.randbelow(len(rest))) for _ in range(count)]
