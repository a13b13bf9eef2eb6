"""Time zones from the pinned `tzdata`, never from the host: a wall in, a moment out (rota.md P2).

A *wall* is what a clock on the wall shows: a naive datetime. A *moment* is an aware datetime in UTC.
A wall that comes twice means its first occurrence; one that never comes is read with the offset before
the gap. Starts and ends follow the same rule, so shifts that meet on the wall clock meet in time.
"""

from datetime import UTC, date, datetime, time, tzinfo
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

import tzdata

from handoff.rota.windows_zones import IANA_OF_WINDOWS

IANA_VERSION: Final = tzdata.IANA_VERSION
"""Version of the zone data in use, such as 2026f."""

_MOST_REMEMBERED: Final = 50_000
_MIDNIGHT: Final = time()


class UnknownZone(ValueError):
    """No zone of the pinned data has this name."""


class Oddity(StrEnum):
    """What a change of the clocks does to a wall."""

    GAP = "gap"  # it never comes: the clocks were put forward over it
    FOLD = "fold"  # it comes twice: the clocks were put back


class Zone:
    """The clock on the wall of one place.

    `rules` says what the clock shows: a zone of the pinned data, or one that a calendar brought along.
    """

    __slots__ = ("_moments", "_rules", "name")

    def __init__(self, name: str, rules: tzinfo) -> None:
        self.name = name
        self._rules = rules
        self._moments: dict[datetime, datetime] = {}

    def __repr__(self) -> str:  # pyright: ignore[reportImplicitOverride] -- typing.override came with 3.12
        return f"Zone({self.name!r})"

    def moment(self, wall: datetime) -> datetime:
        """The moment at which the clock shows `wall` (P2). A rota asks for the same walls over and over."""
        found = self._moments.get(wall)
        if found is None:
            if len(self._moments) >= _MOST_REMEMBERED:
                self._moments.clear()
            found = wall.replace(tzinfo=self._rules, fold=0).astimezone(UTC)
            self._moments[wall] = found
        return found

    def midnight(self, day: date) -> datetime:
        """The moment a local day begins."""
        return self.moment(datetime.combine(day, _MIDNIGHT))

    def local(self, moment: datetime) -> datetime:
        """The same moment with this place's offset."""
        return moment.astimezone(self._rules)

    def wall(self, moment: datetime) -> datetime:
        """What the clock shows at a moment."""
        return moment.astimezone(self._rules).replace(tzinfo=None, fold=0)

    def oddity(self, wall: datetime) -> Oddity | None:
        """Whether this wall never comes, or comes twice."""
        first = wall.replace(tzinfo=self._rules, fold=0).utcoffset()
        second = wall.replace(tzinfo=self._rules, fold=1).utcoffset()
        if first == second or first is None or second is None:
            return None
        return Oddity.GAP if first < second else Oddity.FOLD


@cache
def zone_named(name: str) -> Zone:
    """The zone with this IANA name. Raises UnknownZone."""
    if name not in zone_names():
        raise UnknownZone(f"{name!r} is not a time zone such as Europe/Bucharest")
    place = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with place.open("rb") as file:
        return Zone(name, ZoneInfo.from_file(file, key=name))


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name of the pinned data, old names included."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@cache
def _by_folded_name() -> dict[str, str]:
    windows = {name.casefold(): iana for name, iana in IANA_OF_WINDOWS.items()}
    return windows | {name.casefold(): name for name in zone_names()}


def iana_name(name: str) -> str | None:
    """The IANA name for what a calendar calls a zone: an IANA or a Windows name, in any case; else None."""
    return name if name in zone_names() else _by_folded_name().get(name.strip().casefold())


UTC_ZONE: Final = zone_named("UTC")
