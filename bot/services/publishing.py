"""Scripts from files to published revisions, and the library the service reads (design §7; PR10, PR14).

A revision holds the source files as they were imported, sealed under the organisation's key; what reads them
may grow better, what was published stays what it was.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from bot.services import documents, rotas
from bot.services.documents import Folder, ScriptSource
from bot.services.library import DutyBoard, Library
from bot.services.resources import names
from bot.store import resources as resource_rows, tables as t
from bot.store.moments import to_moment
from bot.vault.digests import digest
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.vault import Vault
from triage.directory import Directory, Resource
from triage.issue import Issue, Severity
from triage.lint.check import check
from triage.model import Callback, Script
from triage.reading import SourceFile, read_script

SERVICE_NAMES: Final = ("Hearthline", "hotline")
"""Names of the program itself, which a preview must not show (D-20)."""


class RevisionState(StrEnum):
    """Where a revision stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REPLACED = "replaced"
    RECALLED = "recalled"  # harmful: conversations leave it at their next turn (PR10)


class HasErrors(Exception):
    """The linter found errors, so the script is not published (PR14); `issues` holds everything found."""

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        errors = [issue for issue in issues if issue.severity is Severity.ERROR]
        lines = [str(issue) for issue in errors]
        super().__init__("\n".join([*lines, f"{len(lines)} errors stand in the way of publishing."]))
        self.issues = issues


class UnknownRevision(LookupError):
    """No revision has this number; `hotline scripts revisions` lists them."""


class NothingToReturnTo(LookupError):
    """No earlier revision of this desk could take the place of the live one."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision without its content."""

    id: int
    script: str
    desk: str
    state: RevisionState
    digest: str
    created_at: int


def lint(
    source: ScriptSource, config: Folder, organisation: str = ""
) -> tuple[Script | None, tuple[Issue, ...]]:
    """Read a script and try every rule on it, with the words of `config`."""
    script, issues = read_script(source.document, source.texts)
    if script is None:
        return None, issues
    service_names = (*SERVICE_NAMES, *((organisation,) if organisation else ()))
    words, globals_ = documents.word_lists(config), documents.global_words_plain(config)
    found = (*check(script, words, globals_, service_names), *_promised_callbacks(script))
    return script, (*issues, *found)


def _promised_callbacks(script: Script) -> Iterator[Issue]:
    """Steps of a kind this program cannot keep: no page can be rung, and nothing is sent first (PR4)."""
    message = "No channel of this version can keep a callback. Take the step out."
    for step in script.steps.values():
        if isinstance(step.kind, Callback):
            path = f"steps.{step.id}.callback"
            yield Issue(script.file, step.line, 0, "spec", Severity.ERROR, path, message)


def import_source(
    connection: Connection, vault: Vault, desk: str, source: ScriptSource, now: datetime
) -> Revision:
    """Keep a script as a draft of `desk`. The same files again give the revision they gave before."""
    document = _canonical(source)
    key = digest(document)
    same = (
        (t.script_revision.c.desk == desk)
        & (t.script_revision.c.digest == key)
        & (t.script_revision.c.state.in_([RevisionState.DRAFT.value, RevisionState.PUBLISHED.value]))
    )
    known = connection.execute(select(t.script_revision).where(same)).first()
    if known is not None:
        return _revision(known)
    # Sealed to its place, which the database names: hence the row first, then its content.
    values = {"script": source.name, "desk": desk, "state": RevisionState.DRAFT.value, "digest": key}
    row = insert(t.script_revision).values(**values, document_sealed=b"", created_at=to_moment(now))
    number = connection.execute(row.returning(t.script_revision.c.id)).scalar_one()
    sealed = seal(vault.organisation, _place(number), document)
    connection.execute(
        update(t.script_revision).where(t.script_revision.c.id == number).values(document_sealed=sealed)
    )
    return get(connection, number)


def publish(
    connection: Connection, vault: Vault, number: int, config: Folder, organisation: str = ""
) -> tuple[Issue, ...]:
    """Make a revision the one newcomers of its desk meet; returns the warnings.

    Raises `HasErrors` and `UnknownRevision`; then nothing has changed.
    """
    chosen = get(connection, number)
    _, issues = lint(source_of(connection, vault, number), config, organisation)
    if any(issue.severity is Severity.ERROR for issue in issues):
        raise HasErrors(issues)
    _replace_live(connection, chosen.desk, RevisionState.REPLACED)
    _set_state(connection, number, RevisionState.PUBLISHED)
    return issues


def roll_back(connection: Connection, desk: str, *, harmful: bool = False) -> tuple[Revision, Revision]:
    """Put the revision before the live one back, at once; one person is enough (PR14).

    Conversations stay with what they began with, unless it is `harmful`: then they leave it at their next
    turn (PR10). Returns what was withdrawn and what is live. Raises `NothingToReturnTo`.
    """
    live = next((one for one in revisions(connection) if one.desk == desk and one.state == "published"), None)
    earlier = [
        one
        for one in revisions(connection)
        if one.desk == desk and one.state is RevisionState.REPLACED and live is not None and one.id < live.id
    ]
    if live is None or not earlier:
        raise NothingToReturnTo(f"desk {desk} has no earlier revision to return to")
    _replace_live(connection, desk, RevisionState.RECALLED if harmful else RevisionState.REPLACED)
    _set_state(connection, earlier[-1].id, RevisionState.PUBLISHED)
    return get(connection, live.id), get(connection, earlier[-1].id)


def revisions(connection: Connection) -> tuple[Revision, ...]:
    """Every revision, oldest first."""
    rows = connection.execute(select(t.script_revision).order_by(t.script_revision.c.id))
    return tuple(_revision(row) for row in rows)


def get(connection: Connection, number: int) -> Revision:
    """One revision. Raises `UnknownRevision`."""
    query = select(t.script_revision).where(t.script_revision.c.id == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownRevision(f"There is no revision {number}; `hotline scripts revisions` lists them.")
    return _revision(row)


def source_of(connection: Connection, vault: Vault, number: int) -> ScriptSource:
    """The files a revision was imported from, to the letter. Raises `UnknownRevision`."""
    return _source(_document(connection, vault, number))


def live_revision(connection: Connection, desk: str) -> Revision | None:
    """What newcomers of a desk meet, None if nothing is published."""
    return next((one for one in revisions(connection) if one.desk == desk and one.state == "published"), None)


def digest_of(source: ScriptSource) -> str:
    """SHA-256 of the canonical form, to tell whether files and a revision are the same."""
    return digest(_canonical(source))


def load_library(connection: Connection, vault: Vault, config_dir: Path | None, now: datetime) -> Library:
    """Everything published, as one value: scripts and rotas from the database, words and desks from files.

    Raises `UnusableFile` when a file cannot be used.
    """
    config = documents.config_folder(config_dir)
    begun = set(
        connection.execute(
            select(t.conversation.c.revision).where(t.conversation.c.revision.is_not(None)).distinct()
        ).scalars()
    )
    known = revisions(connection)
    live = {one.desk: one.id for one in known if one.state is RevisionState.PUBLISHED}
    scripts: dict[int, Script] = {}
    # The live ones first: whoever asks for "any script" gets one that is published.
    kept = begun & {one.id for one in known}
    for number in (*live.values(), *sorted(kept - set(live.values()))):
        script = _parsed(_document(connection, vault, number))
        if script is not None:
            scripts[number] = script
    languages = sorted({tag for script in scripts.values() for tag in script.languages} | {"en"})
    desks = [name for name in connection.execute(select(t.desk.c.id)).scalars() if name != "network"]
    folders = documents.desk_names(config)
    return Library(
        scripts=scripts,
        live={desk: number for desk, number in live.items() if number in scripts},
        recalled=frozenset(one.id for one in known if one.state is RevisionState.RECALLED),
        globals=documents.global_words(config),
        signals=documents.signals(config),
        directory=_directory(connection, desks),
        desks={name: documents.desk(config, name) for name in desks if name in folders},
        boards={desk: DutyBoard(rota) for desk, rota in rotas.answered(connection, vault, now).items()},
        grid=documents.grids(config),
        region_names={tag: names(tag, config) for tag in languages},
        sensitive=documents.sensitive(config),
        organisation=documents.network(config).organisation,
        staff=documents.staff_words(config),
        answers=documents.ready_answers(config),
    )


def _directory(connection: Connection, desks: list[str]) -> Directory:
    """What the desks and the network may send."""
    rows: dict[str, Resource] = {}
    for desk in ("network", *desks):
        rows |= {row.id: row for row in resource_rows.load_directory(connection, desk).resources}
    return Directory.of(rows.values())


def _replace_live(connection: Connection, desk: str, state: RevisionState) -> None:
    live = (t.script_revision.c.desk == desk) & (t.script_revision.c.state == RevisionState.PUBLISHED.value)
    connection.execute(update(t.script_revision).where(live).values(state=state.value))


def _set_state(connection: Connection, number: int, state: RevisionState) -> None:
    connection.execute(
        update(t.script_revision).where(t.script_revision.c.id == number).values(state=state.value)
    )


def _document(connection: Connection, vault: Vault, number: int) -> bytes:
    query = select(t.script_revision.c.document_sealed).where(t.script_revision.c.id == number)
    sealed = connection.execute(query).scalar()
    if sealed is None:
        raise UnknownRevision(f"There is no revision {number}; `hotline scripts revisions` lists them.")
    return open_sealed(vault.organisation, _place(number), sealed)


@lru_cache(maxsize=16)
def _parsed(document: bytes) -> Script | None:
    """The script of a stored document; None if this program no longer reads what an earlier one took in."""
    source = _source(document)
    script, _ = read_script(source.document, source.texts)
    return script


def _canonical(source: ScriptSource) -> bytes:
    plain = {
        "name": source.name,
        "document": [source.document.name, source.document.text],
        "texts": {tag: [file.name, file.text] for tag, file in source.texts.items()},
    }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _source(document: bytes) -> ScriptSource:
    plain: Mapping[str, Any] = json.loads(document)
    texts = {tag: SourceFile(*file) for tag, file in plain["texts"].items()}
    return ScriptSource(plain["name"], SourceFile(*plain["document"]), texts)


def _place(number: int) -> Place:
    return Place("script_revision", "document_sealed", str(number))


def _revision(row: Row[Any]) -> Revision:
    return Revision(row.id, row.script, row.desk, RevisionState(row.state), row.digest, row.created_at)
