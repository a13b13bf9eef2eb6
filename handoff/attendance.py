"""Offers that nobody answers: two in a row, and she is away until she says that she is back (§3.8)."""

from typing import Final

AWAY_AFTER: Final = 2


def is_away_after(missed: int) -> bool:
    """Whether so many missed offers in a row mean that she is not there. Nobody is blamed for it."""
    return missed >= AWAY_AFTER
