"""Public holidays of the countries a desk answers for: shown to those who plan, never decided upon alone."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final

import holidays

LANGUAGE: Final = "en_US"


def between(regions: Iterable[str], first: date, last: date) -> Mapping[date, tuple[str, ...]]:
    """Day → "Christmas Day (RO, CZ)", from `first` to `last`; a country this list does not know has none."""
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


@lru_cache(maxsize=256)
def _of(region: str, year: int) -> tuple[tuple[date, str], ...]:
    try:
        known = holidays.country_holidays(region, years=year, language=LANGUAGE)
    except NotImplementedError:
        return ()
    return tuple(sorted(known.items()))
