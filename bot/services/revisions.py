"""Revisions of scripts: their rows, their content, and where each one stands (design §7, PR10).

A revision holds the source files as they were taken in, sealed under the organisation's key, and never
changes: whoever changes a text makes another revision. What reads them may grow better; what was published
stays what it was.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from bot.model import NETWORK_DESK
from bot.services.audit import PROGRAM
from bot.services.documents import Overlay, ScriptSource
from bot.store import tables as t
from bot.store.moments import to_moment
from bot.vault.digests import digest
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.vault import Vault
from triage.reading import SourceFile
from triage.reading_yaml import MAX_FILE


class RevisionState(StrEnum):
    """Where a revision stands."""

    DRAFT = "draft"
    REVISED = "revised"  # a later draft took its place
    DISCARDED = "discarded"  # a draft somebody put aside
    PUBLISHED = "published"  # the one newcomers of its desk meet
    REPLACED = "replaced"  # was live, and may be gone back to
    WITHDRAWN = "withdrawn"  # was taken back; conversations that began with it end with it
    RECALLED = "recalled"  # harmful: conversations leave it at their next turn (PR10); it never comes back


KEPT_BY_CONVERSATIONS: Final = (RevisionState.PUBLISHED, RevisionState.REPLACED, RevisionState.WITHDRAWN)
"""States of a revision that open conversations may go on with."""


class UnknownRevision(LookupError):
    """No revision has this number; `hotline scripts revisions` lists them."""


class TooLong(ValueError):
    """A file of a script is longer than any script may be; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a revision comes from; sealed, so that nobody writes another editor into the database.

    Attributes:
        editor: staff id of who made it, or `PROGRAM` for a command that named nobody.
        made_from: the revision it was changed from, None for one made of files.
        over: the live revision of its desk when the work on it began, 0 if there was none, None if unknown.
    """

    editor: str = PROGRAM
    made_from: int | None = None
    over: int | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision without its content. Moments in microseconds since 1970 UTC."""

    id: int
    script: str
    desk: str
    state: RevisionState
    digest: str
    created_at: int
    published_at: int | None
    origin: Origin


def add(
    connection: Connection, vault: Vault, desk: str, source: ScriptSource, origin: Origin, now: datetime
) -> Revision:
    """Keep a script as a new draft of `desk`. Raises `TooLong`."""
    for file in source.files:
        if len(file.text) > MAX_FILE:
            raise TooLong(
                f"{file.name} has {len(file.text):,} characters; a file of a script has at most "
                f"{MAX_FILE:,}. Nothing was kept."
            )
    document = canonical(source)
    # Sealed to its place, which the database names: hence the row first, then its content.
    values = {
        "script": source.name,
        "desk": desk,
        "state": RevisionState.DRAFT.value,
        "digest": digest(document),
        "document_sealed": b"",
        "created_at": to_moment(now),
    }
    number = connection.execute(
        insert(t.script_revision).values(**values).returning(t.script_revision.c.id)
    ).scalar_one()
    plain = json.dumps([origin.editor, origin.made_from, origin.over]).encode()
    connection.execute(
        update(t.script_revision)
        .where(t.script_revision.c.id == number)
        .values(
            document_sealed=seal(vault.organisation, _document_place(number), document),
            origin_sealed=seal(vault.organisation, _origin_place(number), plain),
        )
    )
    return get(connection, vault, number)


def revisions(connection: Connection, vault: Vault, desk: str | None = None) -> tuple[Revision, ...]:
    """Every revision, of one desk or of all, oldest first."""
    query = select(*_WITHOUT_CONTENT).order_by(t.script_revision.c.id)
    if desk is not None:
        query = query.where(t.script_revision.c.desk == desk)
    return tuple(_revision(row, vault) for row in connection.execute(query))


def get(connection: Connection, vault: Vault, number: int) -> Revision:
    """One revision. Raises `UnknownRevision`."""
    query = select(*_WITHOUT_CONTENT).where(t.script_revision.c.id == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownRevision(f"There is no revision {number}; `hotline scripts revisions` lists them.")
    return _revision(row, vault)


def locked(connection: Connection, vault: Vault, number: int) -> Revision:
    """One revision, its desk kept from every other change until the transaction ends. Raises as `get`."""
    desk = get(connection, vault, number).desk
    lock_desk(connection, desk)
    return get(connection, vault, number)


def lock_desk(connection: Connection, desk: str) -> None:
    """Two people who publish, edit or take back at a desk do it one after the other.

    The network first, always: what a desk lays over its text must not go live while that is recalled.
    """
    for name in dict.fromkeys((NETWORK_DESK, desk)):
        connection.execute(select(t.desk.c.id).where(t.desk.c.id == name).with_for_update()).all()


def live_revision(connection: Connection, vault: Vault, desk: str) -> Revision | None:
    """What newcomers of a desk meet, None if nothing is published."""
    live = (t.script_revision.c.desk == desk) & (t.script_revision.c.state == RevisionState.PUBLISHED.value)
    row = connection.execute(select(*_WITHOUT_CONTENT).where(live)).one_or_none()
    return None if row is None else _revision(row, vault)


def set_state(
    connection: Connection, number: int, state: RevisionState, published_at: int | None = None
) -> None:
    """Write where a revision stands, and, for one that becomes live, since when."""
    values: dict[str, object] = {"state": state.value}
    if published_at is not None:
        values["published_at"] = published_at
    connection.execute(update(t.script_revision).where(t.script_revision.c.id == number).values(values))


def source_of(connection: Connection, vault: Vault, number: int) -> ScriptSource:
    """The files a revision was made of, to the letter. Raises `UnknownRevision`."""
    return source_from(document_of(connection, vault, number))


def document_of(connection: Connection, vault: Vault, number: int) -> bytes:
    """The canonical content of a revision. Raises `UnknownRevision`."""
    query = select(t.script_revision.c.document_sealed).where(t.script_revision.c.id == number)
    sealed = connection.execute(query).scalar()
    if sealed is None:
        raise UnknownRevision(f"There is no revision {number}; `hotline scripts revisions` lists them.")
    return open_sealed(vault.organisation, _document_place(number), sealed)


def base_of(connection: Connection, vault: Vault, revision: Revision) -> int | None:
    """The revision of the network a desk's changes are laid over; None for a script of its own."""
    if revision.desk == NETWORK_DESK:
        return None
    overlay = source_of(connection, vault, revision.id).overlay
    return overlay.base if overlay is not None else None


def digest_of(source: ScriptSource) -> str:
    """SHA-256 of the canonical form: every file, with every text of every language."""
    return digest(canonical(source))


def canonical(source: ScriptSource) -> bytes:
    """The one form of a script that is stored, compared and signed."""
    plain: dict[str, Any] = {
        "name": source.name,
        "document": _plain(source.document),
        "texts": {tag: _plain(file) for tag, file in source.texts.items()},
    }
    if source.overlay is not None:
        plain["overlay"] = {
            "document": _plain(source.overlay.document),
            "texts": {tag: _plain(file) for tag, file in source.overlay.texts.items()},
            "base": source.overlay.base,
            "base_digest": source.overlay.base_digest,
        }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def source_from(document: bytes) -> ScriptSource:
    """The inverse of `canonical`."""
    plain: Mapping[str, Any] = json.loads(document)
    over = plain.get("overlay")
    overlay = None
    if over is not None:
        texts = {tag: SourceFile(*file) for tag, file in over["texts"].items()}
        overlay = Overlay(SourceFile(*over["document"]), texts, over["base"], over["base_digest"])
    texts = {tag: SourceFile(*file) for tag, file in plain["texts"].items()}
    return ScriptSource(plain["name"], SourceFile(*plain["document"]), texts, overlay)


def _plain(file: SourceFile) -> list[str]:
    return [file.name, file.text]


def _document_place(number: int) -> Place:
    return Place("script_revision", "document_sealed", str(number))


def _origin_place(number: int) -> Place:
    return Place("script_revision", "origin_sealed", str(number))


_WITHOUT_CONTENT: Final = tuple(column for column in t.script_revision.c if column.name != "document_sealed")


def _revision(row: Row[Any], vault: Vault) -> Revision:
    origin = Origin()
    if row.origin_sealed is not None:
        plain = open_sealed(vault.organisation, _origin_place(row.id), row.origin_sealed)
        origin = Origin(*json.loads(plain))
    state = RevisionState(row.state)
    return Revision(row.id, row.script, row.desk, state, row.digest, row.created_at, row.published_at, origin)
