"""The words of a check: what was looked at, how it stands, what was found, and the cure."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a check ended."""

    GOOD = "good"
    WARNING = "warning"  # it runs, and somebody should look at it
    FAULT = "fault"  # it does not run like this


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `found` is a sentence; `cure` another, empty when all is well."""

    name: str
    level: Level
    found: str
    cure: str = ""


def good(name: str, found: str) -> Check:
    """All is well."""
    return Check(name, Level.GOOD, found)


def warning(name: str, found: str, cure: str) -> Check:
    """It runs, and somebody should look at it."""
    return Check(name, Level.WARNING, found, cure)


def fault(name: str, found: str, cure: str) -> Check:
    """It does not run like this."""
    return Check(name, Level.FAULT, found, cure)
