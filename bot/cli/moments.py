"""Moments as they are typed: with their offset, or `now`."""

from datetime import datetime

from bot.cli.call import WrongUse


def moment(typed: str, now: datetime) -> datetime:
    """`now`, or a moment with its offset. Raises `WrongUse`."""
    if typed == "now":
        return now
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise WrongUse(f"{typed} is not a moment such as 2026-11-20T21:00+02:00.") from None
    if at.tzinfo is None:
        raise WrongUse(f"{typed} has no offset; write it as {typed}+02:00 or {typed}Z.")
    return at
