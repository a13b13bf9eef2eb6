"""Rotas of desks: imported from files, kept sealed under the organisation's key (design §7).

A new import closes the past: the edition before it stays, and still says who was on until then.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from bot.identifiers import Identifiers
from bot.services import rota_records
from bot.services.documents import UnusableFile, blocking
from bot.services.people import active_aliases, takers
from bot.services.rota_documents import RotaDocument, read_stored
from bot.store import rota_tables as r, tables as t
from bot.store.moments import from_moment, to_moment
from bot.vault.digests import digest
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.vault import Vault
from handoff.issue import Complaint
from handoff.rota import clocks as clockwork
from handoff.rota.brought_along import ClockChange
from handoff.rota.clocks import Clocks, ShiftMoved
from handoff.rota.pattern import Rota
from handoff.rota.planning import PastClosed
from handoff.rota.zones import IANA_VERSION
from triage.reading import SourceFile

REMEMBERED: Final = timedelta(days=100)
"""How far back editions are read; older ones stay in the database."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A desk's rota with those who can answer, and the rotas of desks that may help out."""

    rota: Rota
    others: Mapping[str, Rota]


def import_rota(
    connection: Connection,
    vault: Vault,
    desk: str,
    source: SourceFile,
    now: datetime,
    calendars: Mapping[str, str] | None = None,
    since: datetime | None = None,
) -> tuple[Complaint, ...]:
    """Put a rota in the place of the one a desk has, from `since` on; returns the warnings.

    What was before stays as it was, if anybody in it could ever answer. Raises `UnusableFile`, PastClosed.
    """
    document = RotaDocument(source.text, calendars or {})
    rota, complaints = document.read(source.name, now.date())
    if rota is None:
        raise UnusableFile(blocking(complaints))
    if since is not None and since < now:
        raise PastClosed(f"{since.isoformat()} is past: what has been cannot be planned any more")
    begins = _close(connection, vault, desk, to_moment(since or now), planned_ahead=since is not None)
    content = document.to_bytes()
    connection.execute(
        insert(t.rota).values(
            desk=desk,
            document_sealed=seal(vault.organisation, _place(desk), content),
            digest=digest(content),
            imported_at=to_moment(now),
            since=begins,
            clocks_sealed=_sealed_clocks(vault, desk, clockwork.clocks_of(rota, now)),
        )
    )
    return complaints


def stored_document(connection: Connection, vault: Vault, desk: str) -> RotaDocument | None:
    """What a desk's rota was imported from, None if it has none."""
    row = connection.execute(select(t.rota).where(t.rota.c.desk == desk)).one_or_none()
    if row is None:
        return None
    return RotaDocument.from_bytes(open_sealed(vault.organisation, _place(desk), row.document_sealed))


def load(connection: Connection, vault: Vault, now: datetime) -> dict[str, Rota]:
    """Every desk's rota with its history. Raises `UnusableFile` for one this program does not read."""
    earlier = _earlier(connection, vault, to_moment(now - REMEMBERED))
    changes = rota_records.changes(connection, vault)
    absences = rota_records.absences(connection, vault)
    found: dict[str, Rota] = {}
    for row in connection.execute(select(t.rota)):
        content = open_sealed(vault.organisation, _place(row.desk), row.document_sealed)
        found[row.desk] = replace(
            read_stored(content, f"the rota of {row.desk}"),
            since=None if row.since is None else from_moment(row.since),
            earlier=earlier.get(row.desk),
            changes=tuple(changes.get(row.desk, ())),
            absences=tuple(absences),
        )
    return found


def answered(connection: Connection, vault: Vault, now: datetime) -> dict[str, Answered]:
    """Every desk's rota without the shifts of people who cannot answer: unknown, invited only, or shut out.

    Hours that only such people hold are not open: a woman must not wait for nobody. People of another desk
    help out only where they have been given a role.
    """
    aliases = active_aliases(connection, vault)
    loaded = load(connection, vault, now)
    may_take = takers(connection, vault) if any(rota.spill for rota in loaded.values()) else {}
    found: dict[str, Answered] = {}
    for desk, rota in loaded.items():
        here = may_take.get(desk, frozenset())
        others = {
            spill.desk: replace(loaded[spill.desk], answering=here)
            for spill in rota.spill
            if spill.desk in loaded and spill.desk != desk
        }
        found[desk] = Answered(replace(rota, answering=aliases), others)
    return found


def digests(connection: Connection) -> dict[str, str]:
    """Desk → SHA-256 of the document its rota was imported from."""
    return {row.desk: row.digest for row in connection.execute(select(t.rota.c.desk, t.rota.c.digest))}


def moved_by_zone_data(
    connection: Connection, vault: Vault, desk: str, rota: Rota, now: datetime
) -> tuple[str, Sequence[ShiftMoved]] | None:
    """The version of the zone data the desk's shifts were planned by, and what this version moves.

    None where it is the same version, or nothing was kept.
    """
    row = connection.execute(select(t.rota.c.clocks_sealed).where(t.rota.c.desk == desk)).one_or_none()
    if row is None or row.clocks_sealed is None:
        return None
    before = _opened_clocks(vault, desk, row.clocks_sealed)
    if before.iana == IANA_VERSION:
        return None
    return before.iana, clockwork.moved_by_zone_data(rota, before, now)


def accept_zone_data(connection: Connection, vault: Vault, desk: str, rota: Rota, now: datetime) -> None:
    """The zone data in use is what the desk plans by from now on; the people concerned have been told."""
    sealed = _sealed_clocks(vault, desk, clockwork.clocks_of(rota, now))
    connection.execute(update(t.rota).where(t.rota.c.desk == desk).values(clocks_sealed=sealed))


def _close(
    connection: Connection, vault: Vault, desk: str, begins: int, *, planned_ahead: bool
) -> int | None:
    """Set the current edition aside; returns from when on the next one holds, None for always.

    As long as nobody in it has ever signed in, nothing has been: then it is simply replaced.
    """
    row = connection.execute(select(t.rota).where(t.rota.c.desk == desk)).one_or_none()
    if row is None:
        return begins if planned_ahead else None
    connection.execute(delete(t.rota).where(t.rota.c.desk == desk))
    content = open_sealed(vault.organisation, _place(desk), row.document_sealed)
    try:
        old = read_stored(content, desk)
    except UnusableFile:
        return begins if planned_ahead else None  # no program reads it any more: it can say nothing
    if not planned_ahead and not _has_history(connection, vault, desk, old):
        return None
    if row.since is None or row.since < begins:
        identity = Identifiers().new_id()
        connection.execute(
            insert(r.rota_edition).values(
                id=identity,
                desk=desk,
                since=row.since,
                until=begins,
                document_sealed=seal(vault.organisation, _past_place(identity), content),
            )
        )
    return begins


def _has_history(connection: Connection, vault: Vault, desk: str, rota: Rota) -> bool:
    kept = select(r.rota_edition.c.id).where(r.rota_edition.c.desk == desk).limit(1)
    if connection.execute(kept).first() is not None or rota_records.has_changes(connection, desk):
        return True
    known = active_aliases(connection, vault, ever=True)
    return any(who.casefold() in known for who in rota.planned)


def _earlier(connection: Connection, vault: Vault, after: int) -> dict[str, Rota]:
    """Desk → its editions before the current one, each with the one before it."""
    query = select(r.rota_edition).where(r.rota_edition.c.until > after).order_by(r.rota_edition.c.until)
    found: dict[str, Rota] = {}
    for row in connection.execute(query):
        content = open_sealed(vault.organisation, _past_place(row.id), row.document_sealed)
        rota = read_stored(content, f"an earlier rota of {row.desk}")
        since = None if row.since is None else from_moment(row.since)
        found[row.desk] = replace(rota, since=since, earlier=found.get(row.desk))
    return found


def _sealed_clocks(vault: Vault, desk: str, clocks: Clocks) -> bytes:
    changes = {
        name: [[one.at.isoformat(), one.before.total_seconds(), one.after.total_seconds()] for one in each]
        for name, each in clocks.changes.items()
    }
    plain = json.dumps({"iana": clocks.iana, "changes": changes}).encode()
    return seal(vault.organisation, _clocks_place(desk), plain)


def _opened_clocks(vault: Vault, desk: str, sealed: bytes) -> Clocks:
    plain = json.loads(open_sealed(vault.organisation, _clocks_place(desk), sealed))
    changes = {
        name: tuple(
            ClockChange(datetime.fromisoformat(at), timedelta(seconds=before), timedelta(seconds=after))
            for at, before, after in each
        )
        for name, each in plain["changes"].items()
    }
    return Clocks(plain["iana"], changes)


def _place(desk: str) -> Place:
    return Place("rota", "document_sealed", desk)


def _clocks_place(desk: str) -> Place:
    return Place("rota", "clocks_sealed", desk)


def _past_place(identity: str) -> Place:
    return Place("rota_edition", "document_sealed", identity)
