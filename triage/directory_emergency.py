"""The emergency number: always an answer, always with its country (PR13, B-030)."""

from collections.abc import Iterable

from triage.directory_model import UNION, Hit, Kind, Mode, Resource, Service
from triage.directory_needs import DANGER
from triage.directory_places import country_of
from triage.directory_search import Search
from triage.directory_standing import Standing, is_expired, last_resort, overdue_for


def emergencies(search: Search) -> tuple[list[Hit], list[str]]:
    """Emergency numbers for a place, best first, and alarms.

    Where none is checked, an unchecked one is sent and marked. Where the country has none at all, the
    number of a part of it, then that of the desk's country are sent, each named for what it is.
    """
    rows = _without_union([row for row in search.within_reach() if _offered(search, row)], search)
    hits = [
        search.hit(row, standing)
        for row in rows
        if (standing := search.standing(row)) is not Standing.WITHHELD
    ]
    alarms = [f"stale:{row.id}" for row in rows if overdue_for(row, search.day_of(row)) is not None]
    if not any(_can_be_rung(hit.resource) for hit in hits):
        spared = [hit.resource.id for hit in hits]
        hits += _last_resorts(search, (row for row in rows if row.id not in spared))
    if not any(_can_be_rung(hit.resource) for hit in hits):
        place = search.region or search.desk_country or "-"
        alarms.append(f"no_emergency:{place}")
        hits += _from_elsewhere(search)
    # Where the mode allows unchecked rows at all, they are no cause for an alarm.
    if hits and all(hit.mark is not None for hit in hits) and search.mode is Mode.OPEN:
        alarms += [f"emergency_unchecked:{hit.resource.id}" for hit in hits]
    return search.ranked(hits), alarms


def _offered(search: Search, row: Resource) -> bool:
    """Who registered for a text service knows it; to everyone else it is a promise that fails."""
    return row.kind is Kind.EMERGENCY and (not row.needs_registration or search.need == DANGER)


def _can_be_rung(row: Resource) -> bool:
    return bool(row.phone) and row.service is not Service.TEXT


def _without_union(rows: list[Resource], search: Search) -> list[Resource]:
    """The number of the union stands in only where the country has none of its own that has not run out."""
    rows = [row for row in rows if not is_expired(row, search.day_of(row))]
    national = [row for row in rows if row.country != UNION]
    return national if any(_can_be_rung(row) for row in national) else rows


def _last_resorts(search: Search, rows: Iterable[Resource], *why: str) -> list[Hit]:
    found: list[Hit] = []
    for row in rows:
        standing = search.standing(row)
        if standing is Standing.WITHHELD:
            standing = last_resort(row, search.day_of(row))
        if standing is not Standing.WITHHELD and not row.needs_registration:
            found.append(search.hit(row, standing, (), *why))
    return found


def _from_elsewhere(search: Search) -> list[Hit]:
    """A part of her country, else the desk's country: better than silence, and named."""
    country = country_of(search.region, search.desk_country)
    for place, why in ((country, "part_of_country"), (search.desk_country, "desk_country")):
        rows = search.directory.by_country.get(place or "", ())
        callable_rows = [row for row in rows if row.kind is Kind.EMERGENCY and _can_be_rung(row)]
        if found := _last_resorts(search, callable_rows, why):
            return found
    return []
