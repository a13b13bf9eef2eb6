"""Public holidays of the countries a desk answers for: shown to those who plan, never decided upon alone."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final

import holidays

LANGUAGE: Final = "en_US"


def between(regions: Iterable[str], first: date, last: date) -> Mapping[date, tuple[str, ...]]:
    """Day → "Christmas Day (RO, CZ)", from `first` to `last`; a country without a list has none.

    Which those are `without_list` tells: no holiday and no list must never look the same.
    """
    found: dict[date, dict[str, list[str]]] = {}
    for region in regions:
        for year in range(first.year, last.year + 1):
            for day, name in _of(region, year):
                if first <= day <= last:
                    found.setdefault(day, {}).setdefault(name, []).append(region)
    return {
        day: tuple(f"{name} ({', '.join(where)})" for name, where in found[day].items())
        for day in sorted(found)
    }


def without_list(regions: Iterable[str]) -> tuple[str, ...]:
    """The regions whose holidays are not known here, in their order; days off there must be looked up."""
    return tuple(region for region in regions if not _has_list(region))


@lru_cache(maxsize=256)
def _of(region: str, year: int) -> tuple[tuple[date, str], ...]:
    if not _has_list(region):
        return ()
    return tuple(sorted(holidays.country_holidays(region, years=year, language=LANGUAGE).items()))


@lru_cache(maxsize=256)
def _has_list(region: str) -> bool:
    try:
        holidays.country_holidays(region)
    except NotImplementedError:
        return False
    return True
