"""Checks of what is published: scripts and who signed them, resources, rota, people (design §7)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.model import NETWORK_DESK
from bot.services import audit, documents, overlaying, people, revisions, rotas, signing
from bot.services.checking import Check, fault, good, warning
from bot.services.checks_opening import emergency_rows, run_opening_checks
from bot.services.documents import UnusableFile
from bot.services.library import Library
from bot.services.loading import load_library
from bot.services.resources import read_folder
from bot.services.revisions import Revision, RevisionState
from bot.services.rota_documents import document_of
from bot.settings import Mode, Settings
from bot.store import resources as resource_rows
from bot.store.moments import from_moment
from bot.vault.digests import digest
from bot.vault.vault import Vault
from handoff.desks import StaffSurface
from handoff.rota.zones import IANA_VERSION
from triage.directory_standing import overdue_for

REVIEW_LASTS: Final = timedelta(days=180)
"""After this long the signatures under a live text are old, and it should be read again (D-57)."""


def run_checks(
    connection: Connection, vault: Vault, settings: Settings, now: datetime, *, opening: bool
) -> Iterator[Check]:
    """Everything that can be seen of what is published. For the opening: as the mode `open` would have it."""
    mode = Mode.OPEN if opening else settings.mode
    try:
        library = load_library(connection, vault, settings.config_dir, now, mode.value)
        yield from _script(connection, vault, library, settings, now)
        yield from _resources(connection, library, settings, now)
        yield from _rota(connection, library, settings, now)
        yield from _zone_data(connection, vault, settings, now)
        yield from _people(connection, vault, settings, now)
        yield from surface_checks(library, settings)
        if opening:
            yield from run_opening_checks(connection, vault, library, settings, now)
    except UnusableFile as error:
        yield fault("configuration", str(error), "Mend the file, or go back to the one before.")


def surface_checks(library: Library, settings: Settings) -> Iterator[Check]:
    """Whether the messenger a desk rings its volunteers on is there at all."""
    desk = library.desks.get(settings.desk)
    if desk is None:
        return
    cure = (
        "Set `staff_surface: console` in desk.yaml, telegram with HOTLINE_TELEGRAM_STAFF_TOKEN, or matrix "
        "with HOTLINE_MATRIX_STAFF_USER."
    )
    if desk.staff_surface is StaffSurface.MATRIX and settings.matrix_staff_user is None:
        yield warning("staff surface", "the desk names Matrix, and there is no account for volunteers", cure)
    elif desk.staff_surface is StaffSurface.TELEGRAM and settings.telegram_staff_token is None:
        yield warning("staff surface", "the desk names Telegram, and there is no bot for volunteers", cure)


def _script(
    connection: Connection, vault: Vault, library: Library, settings: Settings, now: datetime
) -> Iterator[Check]:
    desk = settings.desk
    if desk not in library.desks:
        known = ", ".join(library.desks) or "none"
        yield fault(
            "desk", f"there is no desk {desk}; there are: {known}", "Set HOTLINE_DESK to one of them."
        )
        return
    live = revisions.live_revision(connection, vault, desk)
    live = live or revisions.live_revision(connection, vault, NETWORK_DESK)
    if live is None:
        yield fault("script", f"nothing is published for desk {desk}", "Run `hotline scripts publish PATH`.")
        return
    yield good("script", f"revision {live.id} is published")
    yield from _signatures(connection, vault, live, now)
    yield from _drift(connection, vault, settings, live)
    for one in overlaying.to_review(connection, vault):
        yield warning(
            "desk texts",
            f"to review: revision {one.revision} of desk {one.desk} was made over revision {one.base}, and "
            f"revision {one.live} of the network is live now",
            f"`hotline scripts diff {one.base} {one.live}` tells what changed; then "
            f"`hotline scripts merge --desk {one.desk}`.",
        )
    if undone := _undone_recalls(connection, vault):
        yield fault(
            "recalled",
            f"revision {undone[0]} was recalled as harmful, and the database says something else",
            "Somebody changed the database by hand. Keep a copy, and take the text back: "
            "`hotline scripts rollback --harmful`.",
        )


def _signatures(connection: Connection, vault: Vault, live: Revision, now: datetime) -> Iterator[Check]:
    forged = signing.forged(connection, vault)
    if forged:
        yield fault(
            "signatures",
            f"{len(forged)} of them were made by nobody here, the first under {forged[0]}; they do not count",
            "Somebody changed the database by hand. Keep a copy, and tell the steward.",
        )
    standing = signing.standing(connection, vault, live.id, demo=False)
    if not standing.signed:
        yield warning(
            "signatures",
            f"revision {live.id}: {standing.told}",
            f"Two people read it, one of them a reviewer: `hotline scripts sign {live.id} --as ALIAS`.",
        )
        return
    newest = from_moment(max(one.at for one in standing.signatures))
    if now - newest > REVIEW_LASTS:
        yield warning(
            "signatures",
            f"revision {live.id} was last signed {newest:%Y-%m-%d}, more than {REVIEW_LASTS.days} days ago",
            "Read it again as it is; change it, or import it anew and have it signed.",
        )
    elif not forged:
        yield good("signatures", f"revision {live.id}: {standing.told}")


def _drift(connection: Connection, vault: Vault, settings: Settings, live: Revision) -> Iterator[Check]:
    """Files are import sources: one that differs from what is live is told, never served."""
    config = documents.config_folder(settings.config_dir)
    sources = documents.desk_scripts(config, live.desk) if live.desk != NETWORK_DESK else ()
    kept = revisions.source_of(connection, vault, live.id)
    for source in sources or documents.script_sources(config / documents.SCRIPTS):
        if source.name == live.script and source.files != kept.files:
            yield warning(
                "script",
                f"the files of {source.name} differ from revision {live.id}; files are never served",
                "Look at them, then `hotline scripts publish`; or `hotline scripts export` what is live.",
            )


def _undone_recalls(connection: Connection, vault: Vault) -> list[int]:
    """Revisions that the audit knows as recalled and the database does not."""
    recalled = {
        int(entry.object_id.partition(".")[2])
        for entry in audit.entries(connection, vault)
        if entry.verb == "recall"
    }
    known = revisions.revisions(connection, vault)
    return [one.id for one in known if one.id in recalled and one.state is not RevisionState.RECALLED]


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
        if not emergency_rows(library.directory, region):
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


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:3]) + (" and others" if len(ids) > 3 else "")
