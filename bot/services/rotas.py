"""Rotas of desks: imported from files, kept sealed under the organisation's key (design §7)."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.services.documents import UnusableFile, blocking
from bot.services.people import active_aliases
from bot.store import tables as t
from bot.store.moments import to_moment
from bot.vault.digests import digest
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.vault import Vault
from handoff.issue import Complaint
from handoff.rota.pattern import Rota
from handoff.rota.reading import read_rota
from triage.reading import SourceFile


def import_rota(
    connection: Connection, vault: Vault, desk: str, source: SourceFile, now: datetime
) -> tuple[Complaint, ...]:
    """Put a rota in the place of the one a desk has; returns the warnings. Raises `UnusableFile`."""
    rota, complaints = read_rota(source.text, source.name, now.date())
    if rota is None:
        raise UnusableFile(blocking(complaints))
    connection.execute(delete(t.rota).where(t.rota.c.desk == desk))
    connection.execute(
        insert(t.rota).values(
            desk=desk,
            document_sealed=seal(vault.organisation, _place(desk), source.text.encode()),
            digest=digest(source.text.encode()),
            imported_at=to_moment(now),
        )
    )
    return complaints


def load(connection: Connection, vault: Vault, now: datetime) -> dict[str, Rota]:
    """Every desk's rota. Raises `UnusableFile` if this program does not read what was imported."""
    found: dict[str, Rota] = {}
    for row in connection.execute(select(t.rota)):
        text = open_sealed(vault.organisation, _place(row.desk), row.document_sealed).decode()
        rota, complaints = read_rota(text, f"the rota of {row.desk}", now.date())
        if rota is None:
            raise UnusableFile(blocking(complaints))
        found[row.desk] = rota
    return found


def answered(connection: Connection, vault: Vault, now: datetime) -> dict[str, Rota]:
    """Every desk's rota without the shifts of people who cannot answer: unknown, invited only, or shut out.

    Hours that only such people hold are not open: a woman must not wait for nobody.
    """
    aliases = active_aliases(connection, vault)
    return {
        desk: replace(rota, patterns=tuple(p for p in rota.patterns if p.who.casefold() in aliases))
        for desk, rota in load(connection, vault, now).items()
    }


def digests(connection: Connection) -> dict[str, str]:
    """Desk → SHA-256 of the file its rota was imported from."""
    return {row.desk: row.digest for row in connection.execute(select(t.rota.c.desk, t.rota.c.digest))}


def _place(desk: str) -> Place:
    return Place("rota", "document_sealed", desk)
