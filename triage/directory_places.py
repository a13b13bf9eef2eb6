"""From where a search may take its rows: her part of the country, her country, the Union, everywhere.

A region is only what she chose (B-128). A row that serves part of a country is never offered to the
rest of it, and equal digits in another country are another service: no row crosses a border.
"""

from triage.directory_model import GLOBAL, UNION, Resource

MEMBERS = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905  27 codes read best as a line
)
LOCAL_RANK, NATIONAL_RANK, UNION_RANK, GLOBAL_RANK = range(4)
REACHES = ("local", "national", "eu", "global")


def country_of(region: str | None, desk_country: str | None) -> str | None:
    """The country of a chosen region; the desk's when she chose none."""
    if region is None or region in (GLOBAL, UNION):
        return desk_country
    return region.partition("-")[0]


def reach(resource: Resource, region: str | None, desk_country: str | None) -> int | None:
    """How near a row lies: its rank among `REACHES`, None when it must not be offered here."""
    country = country_of(region, desk_country)
    if resource.country == GLOBAL:
        return GLOBAL_RANK
    if resource.country == UNION:
        return UNION_RANK if country is None or country in MEMBERS else None
    if resource.country != country:
        return None
    if resource.region:
        return LOCAL_RANK if resource.region == region else None
    return NATIONAL_RANK
