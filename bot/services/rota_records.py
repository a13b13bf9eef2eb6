"""Changes and absences as sealed rows: appended, never edited (rota.md §3.1.3).

Asking, offering, taking and approving are built on these; here is only what is kept.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from bot.services.locking import lock_rota
from bot.store import rota_tables as r
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.vault import Vault
from handoff.rota.absence import Absence
from handoff.rota.changes import Act, Change, ChangeStatus
from handoff.rota.planning import UnknownChange, away_from, back, decided, recorded
from handoff.rota.records import read_absence, read_change, write_absence, write_change


class UnknownAbsence(LookupError):
    """No absence has this id."""


def changes(connection: Connection, vault: Vault) -> dict[str, list[Change]]:
    """Desk → its changes, in order."""
    found: dict[str, list[Change]] = {}
    query = select(r.rota_change).order_by(r.rota_change.c.desk, r.rota_change.c.seq)
    for row in connection.execute(query):
        plain = open_sealed(vault.organisation, _change_place(row.desk, row.seq), row.record_sealed)
        found.setdefault(row.desk, []).append(read_change(json.loads(plain)))
    return found


def has_changes(connection: Connection, desk: str) -> bool:
    """Whether anything was ever changed at a desk."""
    query = select(r.rota_change.c.seq).where(r.rota_change.c.desk == desk).limit(1)
    return connection.execute(query).first() is not None


def append(
    connection: Connection,
    vault: Vault,
    desk: str,
    act: Act,
    now: datetime,
    *,
    status: ChangeStatus = ChangeStatus.APPROVED,
    by: str | None = None,
    reason: str = "",
) -> Change:
    """Record a change that somebody makes or proposes; it acts from now on. Raises UnknownChange."""
    lock_rota(connection, desk)
    known = changes(connection, vault).get(desk, [])
    approved_by = by if status is ChangeStatus.APPROVED else None
    change = recorded(known, act, now, status=status, proposed_by=by, approved_by=approved_by, reason=reason)
    sealed = _sealed_change(vault, desk, change)
    connection.execute(insert(r.rota_change).values(desk=desk, seq=change.seq, record_sealed=sealed))
    return change


def decide(
    connection: Connection, vault: Vault, desk: str, seq: int, status: ChangeStatus, now: datetime, by: str
) -> Change:
    """Approve, reject, withdraw or let expire what was proposed. Raises UnknownChange, PastClosed."""
    known = {one.seq: one for one in changes(connection, vault).get(desk, ())}
    if seq not in known:
        raise UnknownChange(f"desk {desk} has no change number {seq}")
    change = decided(known[seq], status, now, by)
    save(connection, vault, desk, change)
    return change


def save(connection: Connection, vault: Vault, desk: str, change: Change) -> None:
    """Keep what was decided about a change that acted not yet."""
    sealed = _sealed_change(vault, desk, change)
    where = (r.rota_change.c.desk == desk) & (r.rota_change.c.seq == change.seq)
    connection.execute(update(r.rota_change).where(where).values(record_sealed=sealed))


def absences(connection: Connection, vault: Vault) -> Sequence[Absence]:
    """Everybody's absences."""
    return tuple(absences_by_id(connection, vault).values())


def absences_by_id(connection: Connection, vault: Vault) -> Mapping[str, Absence]:
    """The same by their ids."""
    return {
        row.id: read_absence(
            json.loads(open_sealed(vault.organisation, _absence_place(row.id), row.record_sealed))
        )
        for row in connection.execute(select(r.rota_absence).order_by(r.rota_absence.c.id))
    }


def note_absence(
    connection: Connection, vault: Vault, identity: str, absence: Absence, now: datetime
) -> Absence:
    """Keep that somebody is away, under an id of the caller's; it holds from now on."""
    kept = away_from(absence, now)
    sealed = _sealed_absence(vault, identity, kept)
    connection.execute(insert(r.rota_absence).values(id=identity, record_sealed=sealed))
    return kept


def end_absence(connection: Connection, vault: Vault, identity: str, now: datetime) -> Absence:
    """Somebody is back, or is not going away after all. Raises UnknownAbsence."""
    row = connection.execute(select(r.rota_absence).where(r.rota_absence.c.id == identity)).one_or_none()
    if row is None:
        raise UnknownAbsence(f"there is no absence {identity}")
    known = read_absence(
        json.loads(open_sealed(vault.organisation, _absence_place(identity), row.record_sealed))
    )
    kept = back(known, now)
    sealed = _sealed_absence(vault, identity, kept)
    connection.execute(
        update(r.rota_absence).where(r.rota_absence.c.id == identity).values(record_sealed=sealed)
    )
    return kept


def _sealed_change(vault: Vault, desk: str, change: Change) -> bytes:
    place = _change_place(desk, change.seq)
    return seal(vault.organisation, place, json.dumps(write_change(change)).encode())


def _sealed_absence(vault: Vault, identity: str, absence: Absence) -> bytes:
    return seal(vault.organisation, _absence_place(identity), json.dumps(write_absence(absence)).encode())


def _change_place(desk: str, seq: int) -> Place:
    return Place("rota_change", "record_sealed", f"{desk}/{seq}")


def _absence_place(identity: str) -> Place:
    return Place("rota_absence", "record_sealed", identity)
