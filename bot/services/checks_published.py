"""Checks of what is published, and of what the mode `open` asks for besides (design §7)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.services import documents, people, publishing, rotas
from bot.services.checking import Check, fault, good, warning
from bot.services.documents import UnusableFile
from bot.services.library import Library
from bot.services.resources import read_folder
from bot.services.rota_documents import document_of
from bot.settings import Settings
from bot.store import resources as resource_rows
from bot.vault.digests import digest
from bot.vault.vault import Vault
from handoff.rota.coverage import LEAST_COVER, gaps
from handoff.rota.zones import IANA_VERSION
from triage.directory import Directory, Kind, Resource
from triage.directory_standing import overdue_for

AHEAD: Final = timedelta(days=14)
NOT_IN_THIS_VERSION: Final = (
    ("signatures", "two people must have signed each text, one of them a practitioner"),
    ("organisation", "controller, date of the impact assessment, procedure for legal requests"),
    ("what we hold", "the page that tells her what is kept"),
)
"""What `open` asks for and this version has no place to record: it therefore stays closed."""


def run_checks(
    connection: Connection, vault: Vault, settings: Settings, now: datetime, *, opening: bool
) -> Iterator[Check]:
    """Everything that can be seen of what is published."""
    try:
        library = publishing.load_library(connection, vault, settings.config_dir, now)
        yield from _script(connection, library, settings)
        yield from _resources(connection, library, settings, now)
        yield from _rota(connection, library, settings, now)
        yield from _zone_data(connection, vault, settings, now)
        yield from _people(connection, vault, settings, now)
        if opening:
            yield from _opening(library, settings, now)
    except UnusableFile as error:
        yield fault("configuration", str(error), "Mend the file, or go back to the one before.")


def _script(connection: Connection, library: Library, settings: Settings) -> Iterator[Check]:
    desk = settings.desk
    if desk not in library.desks:
        known = ", ".join(library.desks) or "none"
        yield fault(
            "desk", f"there is no desk {desk}; there are: {known}", "Set HOTLINE_DESK to one of them."
        )
        return
    live = library.live.get(desk, library.live.get("network"))
    if live is None:
        yield fault("script", f"nothing is published for desk {desk}", "Run `hotline scripts publish PATH`.")
        return
    yield good("script", f"revision {live} is published")
    config = documents.config_folder(settings.config_dir)
    published = publishing.get(connection, live)
    for source in documents.script_sources(config / documents.SCRIPTS):
        if source.name == published.script and publishing.digest_of(source) != published.digest:
            yield warning(
                "script",
                f"the files of {source.name} differ from revision {live}; files are never served",
                "Look at them, then `hotline scripts publish`; or `hotline scripts export` what is live.",
            )


def _resources(
    connection: Connection, library: Library, settings: Settings, now: datetime
) -> Iterator[Check]:
    rows = library.directory.resources
    if not rows:
        yield fault("resources", "no resource is published", "Run `hotline resources import`.")
        return
    today = now.date()
    stale = [row.id for row in rows if row.verified_on is not None and overdue_for(row, today) is not None]
    unchecked = sum(row.verified_on is None for row in rows)
    yield good("resources", f"{len(rows)} are published, {unchecked} of them never rung by you")
    if stale:
        yield warning(
            "resources",
            f"{len(stale)} were rung too long ago: {_some(stale)}",
            "Ring them, then `hotline resources verify ID --as ALIAS`; or withdraw them.",
        )
    for region in library.desks[settings.desk].regions:
        if not _emergency(library.directory, region):
            yield fault(
                "resources",
                f"no emergency number is published for {region}",
                "Add one to the resource files, then `hotline resources import`.",
            )
    config = documents.config_folder(settings.config_dir)
    files = read_folder(config / "resources", today)
    drift = resource_rows.drifted(connection, "network", files.resources)
    if drift:
        yield warning(
            "resources",
            f"{len(drift)} rows differ between files and what is published: {_some([d.id for d in drift])}",
            "Files are never served. Look at them, then `hotline resources import`.",
        )


def _rota(connection: Connection, library: Library, settings: Settings, now: datetime) -> Iterator[Check]:
    board = library.boards.get(settings.desk)
    if board is None:
        yield warning(
            "rota",
            f"desk {settings.desk} has no rota: nobody is ever on duty",
            "Write one, then `hotline rota import`.",
        )
        return
    if board.open_at(now):
        yield good("rota", f"{len(board.at(now))} people are on duty now")
    else:
        opens = board.next_opening(now)
        when = f"{opens:%Y-%m-%d %H:%M} UTC" if opens else "never"
        yield warning(
            "rota", f"nobody is on duty now; next: {when}", "Plan somebody, or say so in the texts."
        )
    config = documents.config_folder(settings.config_dir)
    found = document_of(config, settings.desk)
    known = rotas.digests(connection).get(settings.desk)
    if found is not None and known != digest(found[1].to_bytes()):
        yield warning(
            "rota",
            "its file differs from what was imported; files are never served",
            "`hotline rota import` takes it in.",
        )


def _zone_data(connection: Connection, vault: Vault, settings: Settings, now: datetime) -> Iterator[Check]:
    """What was planned by another version of the time-zone data may lie at another time now."""
    rota = rotas.load(connection, vault, now).get(settings.desk)
    moved = None if rota is None else rotas.moved_by_zone_data(connection, vault, settings.desk, rota, now)
    if moved is not None:
        before, shifts = moved
        yield warning(
            "zone data",
            f"the rota was planned by version {before}, {IANA_VERSION} is in use: {len(shifts)} shifts move",
            "`hotline rota clocks` lists them; tell the people, then `hotline rota clocks --accept`.",
        )


def _people(connection: Connection, vault: Vault, settings: Settings, now: datetime) -> Iterator[Check]:
    """Shifts of people who cannot answer are no opening hours: whoever planned them should know."""
    rota = rotas.load(connection, vault, now).get(settings.desk)
    if rota is None:
        return
    planned = rota.planned
    active = people.active_aliases(connection, vault)
    missing = sorted(name for name in planned if name.casefold() not in active)
    if missing:
        yield warning(
            "people",
            f"{len(missing)} of {len(planned)} people in the rota cannot answer, so their shifts do not "
            f"count: {_some(missing)}. They are unknown here, have not signed in yet, or are shut out",
            "`hotline people list` tells which. `hotline people invite ALIAS` lets somebody sign in; or give "
            "their shifts to others, then `hotline rota import`.",
        )
    else:
        yield good("people", f"all {len(planned)} people in the rota can sign in")


def _opening(library: Library, settings: Settings, now: datetime) -> Iterator[Check]:
    desk = library.desks[settings.desk]
    if settings.rescue_policy is None:
        yield fault(
            "rescue policy", "it is not set", "Decide it together, then set HOTLINE_RESCUE_POLICY (B-032)."
        )
    elif settings.rescue_policy is not desk.rescue_policy:
        yield fault(
            "rescue policy",
            f"the settings say {settings.rescue_policy.value}, the desk says {desk.rescue_policy.value}",
            "Let both say the same: she is told one of them.",
        )
    else:
        yield good("rescue policy", settings.rescue_policy.value)
    for region in desk.regions:
        if any(_rung(row, now) for row in _emergency(library.directory, region)):
            yield good("numbers", f"an emergency number of {region} was rung")
        else:
            yield fault(
                "numbers",
                f"no emergency number of {region} was rung by a person of yours in the last 90 days",
                "Check it with the authority, then `hotline resources verify ID --as ALIAS`.",
            )
    yield from _cover(library, settings, now)
    for name, wanted in NOT_IN_THIS_VERSION:
        yield fault(
            name, f"`open` asks for this: {wanted}", "This version cannot record it yet; run in `trial`."
        )


def _cover(library: Library, settings: Settings, now: datetime) -> Iterator[Check]:
    """D-58: no promised hour of the next two weeks without a volunteer and a supervisor."""
    board = library.boards.get(settings.desk)
    if board is None:
        yield fault("cover", f"desk {settings.desk} has no rota", "Write one, then `hotline rota import`.")
        return
    missing = gaps(board.rota, now, now + AHEAD, LEAST_COVER, board.others)
    if missing:
        first = missing[0]
        yield fault(
            "cover",
            f"{len(missing)} gaps in the next 14 days, the first from {first.start:%Y-%m-%d %H:%M} UTC",
            "Each promised hour needs a volunteer and a supervisor: plan them, or promise fewer hours.",
        )
    else:
        yield good("cover", "a volunteer and a supervisor for each hour of the next 14 days")


def _emergency(directory: Directory, region: str) -> list[Resource]:
    rows = (*directory.by_country.get(region, ()), *directory.by_country.get("EU", ()))
    return [row for row in rows if row.kind is Kind.EMERGENCY]


def _rung(row: Resource, now: datetime) -> bool:
    return row.verified_on is not None and overdue_for(row, now.date()) is None


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:3]) + (" and others" if len(ids) > 3 else "")
