"""The directory: which regional resources may be sent now, to whom, and with what said beside them.

Kept here: PR13 (only checked numbers, never an empty answer), B-126 (limits of age), B-128 (region by
choice), B-129 (open now first), B-130 (three at most).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from triage.directory_emergency import emergencies
from triage.directory_model import (
    Confidence,
    Directory,
    Found,
    Group,
    Hit,
    Kind,
    Mark,
    Mode,
    Resource,
    Scope,
    Service,
    Source,
)
from triage.directory_needs import DANGER, MEDICAL, SILENT, Audience, chain, suits
from triage.directory_places import country_of
from triage.directory_search import Search
from triage.directory_standing import Standing, overdue_for

__all__ = [
    "LIMIT",
    "Audience",
    "Confidence",
    "Directory",
    "Found",
    "Group",
    "Hit",
    "Kind",
    "Mark",
    "Mode",
    "Resource",
    "Scope",
    "Service",
    "Source",
    "find",
]

LIMIT = 3  # rows in one message (B-130)


def find(
    directory: Directory,
    *,
    region: str | None,
    need: str,
    language: str,
    now: datetime,
    mode: str,
    desk_country: str | None = None,
    audience: str = Audience.ADULT,
) -> Found:
    """Look for resources; at most `LIMIT` to send now, the rest in `more`.

    Args:
        directory: what is published.
        region: what she chose, ISO 3166-1 or 3166-2; None when she skipped it, never a guess.
        need: a key of `triage.directory_needs.NEEDS`; any other is answered as `general_women`.
        language: tag of the language she reads; breaks ties only.
        now: aware.
        mode: "demo", "trial" or "open"; another raises ValueError.
        desk_country: whose numbers are shown, with its name, while no region is chosen.
        audience: a value of `Audience`; another raises ValueError.
    """
    search = Search(directory, region, need, language, now, Mode(mode), desk_country, Audience(audience))
    urgent, alarms = emergencies(search)
    if need in (DANGER, MEDICAL):
        return _found(search, urgent, alarms)
    kinds = chain(need, search.audience)
    lines, passed_over = _lines(search, kinds)
    alarms = [*alarms, *passed_over]
    if need == SILENT:
        writing = [hit for hit in (*urgent, *lines) if hit.resource.writes]
        return _found(search, [replace(hit, silent=True) for hit in writing] or urgent, alarms)
    if not lines or all(hit.mark is Mark.STALE for hit in lines):
        place = search.region or search.desk_country or "-"
        return _found(search, [*urgent[:1], *lines], [*alarms, f"none_checked:{need}:{place}"])
    return _found(search, _with_emergency(lines, urgent[:1], kinds), alarms)


def _lines(search: Search, kinds: Sequence[Kind]) -> tuple[list[Hit], list[str]]:
    """Rows of these kinds, best first, and alarms for what has become too old."""
    hits: list[Hit] = []
    alarms: list[str] = []
    for row in search.within_reach():
        if row.kind not in kinds or not suits(row, search.need, search.audience):
            continue
        if overdue_for(row, search.day_of(row)) is not None:
            alarms.append(f"stale:{row.id}")
        standing = search.standing(row)
        if standing is not Standing.WITHHELD:
            hits.append(search.hit(row, standing, kinds))
    if search.mode is Mode.OPEN and any(hit.mark is None for hit in hits):
        hits = [hit for hit in hits if hit.mark is None]
    return search.ranked(hits, kinds), alarms


def _with_emergency(lines: Sequence[Hit], urgent: Sequence[Hit], kinds: Sequence[Kind]) -> list[Hit]:
    """Lines with the emergency number in a free place, ahead of what is closed now.

    The first line of the need's own kind is among the first three even when it is closed: an open line
    that is only the next best must not hide, at night, that the right one exists. Second numbers of a
    line and lines for a narrower group stand behind: they take no one's place.
    """
    ahead = [hit for hit in lines if not _stands_back(hit, lines)]
    behind = [hit for hit in lines if _stands_back(hit, lines)]
    answering = [hit for hit in ahead if hit.open_now is not False]
    closed = [hit for hit in ahead if hit.open_now is False]
    best = min((kinds.index(hit.resource.kind) for hit in ahead), default=None)
    met = any(kinds.index(hit.resource.kind) == best for hit in answering[:LIMIT])
    own = [] if met else [hit for hit in closed if kinds.index(hit.resource.kind) == best][:1]
    places = LIMIT - len(own)
    rest = [*answering[places:], *(hit for hit in closed if hit not in own), *behind]
    if len(answering) < places:
        return [*answering, *urgent, *own, *rest]
    return [*answering[:places], *own, *urgent, *rest]


def _stands_back(hit: Hit, lines: Iterable[Hit]) -> bool:
    row = hit.resource
    return bool(row.only_for) or any(other.resource.id == row.second_to for other in lines)


def _found(search: Search, hits: Sequence[Hit], alarms: Sequence[str]) -> Found:
    return Found(
        rows=tuple(hits[:LIMIT]),
        more=tuple(hits[LIMIT:]),
        parts=_parts(search),
        alarms=tuple(dict.fromkeys(alarms)),
    )


def _parts(search: Search) -> tuple[str, ...]:
    """Parts of her country that have lines of their own for this, worth asking about."""
    country = country_of(search.region, search.desk_country)
    if search.region is None or "-" in search.region or country is None:
        return ()
    kinds = chain(search.need, search.audience)
    rows = search.directory.by_country.get(country, ())
    return tuple(
        sorted(
            {
                row.region
                for row in rows
                if row.region
                and row.kind in kinds
                and suits(row, search.need, search.audience)
                and search.standing(row) is not Standing.WITHHELD
            }
        )
    )
