"""What a country's rows still lack before a line may open there, and what must be rung again (D-52, D-53)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from triage.directory_model import Directory, Kind, Mode, Resource
from triage.directory_standing import Standing, day_of, fresh_for, is_trusted, standing
from triage.opening_hours import OpeningHours

_WOMEN = (Kind.GENERAL_WOMEN, Kind.DOMESTIC_VIOLENCE)


def _is_always_open(hours: OpeningHours | None) -> bool:
    return hours is not None and hours.always


_PARTS: Mapping[str, Callable[[Resource], bool]] = {
    "emergency": lambda row: row.kind is Kind.EMERGENCY and bool(row.phone),
    "women_day_and_night": lambda row: row.kind in _WOMEN and _is_always_open(row.opening),
    "child": lambda row: row.kind is Kind.CHILD,
    "emotional": lambda row: row.kind is Kind.SUICIDE_CRISIS,
    "sexual_violence": lambda row: row.kind is Kind.SEXUAL_VIOLENCE,
}


@dataclass(frozen=True, slots=True)
class ToRing:
    """A row somebody must ring, and since when; `due` is None for one that was never rung."""

    resource: Resource
    due: date | None


def gaps(directory: Directory, country: str, now: datetime) -> tuple[str, ...]:
    """Codes of what no checked row of the whole country covers; an organisation may state an absence."""
    checked = [
        row
        for row in directory.by_country.get(country, ())
        if not row.region
        and standing(row, day_of(row, now), Mode.OPEN) in (Standing.VERIFIED, Standing.TRUSTED)
    ]
    return tuple(code for code, covers in _PARTS.items() if not any(map(covers, checked)))


def to_ring(directory: Directory, now: datetime) -> tuple[ToRing, ...]:
    """Rows that were never rung or whose limit has passed, longest due first, never rung last.

    Emergency numbers that may be sent without are left out until they were rung once.
    """
    late: list[ToRing] = []
    for row in directory.resources:
        if row.verified_on is None:
            if not is_trusted(row):
                late.append(ToRing(row, None))
        elif (due := row.verified_on + fresh_for(row)) <= day_of(row, now):
            late.append(ToRing(row, due))
    return tuple(sorted(late, key=lambda each: (each.due or date.max, each.resource.id)))
