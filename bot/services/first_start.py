"""The first start (`init`, `demo`): folder, keys and database are made, the documents published."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select

from bot.identifiers import Identifiers
from bot.model import NETWORK_DESK
from bot.services import audit, documents, overlaying, publishing, revisions, rotas
from bot.services.documents import Folder, ScriptSource, UnusableFile
from bot.services.house import House
from bot.services.judging import judge
from bot.services.library import empty_library
from bot.services.premises import master_key
from bot.services.resources import read_folder
from bot.services.rota_documents import document_of
from bot.settings import Mode, Settings
from bot.store import requests, resources as resource_rows, tables as t
from bot.store.engine import open_engine
from bot.store.folder_lock import hold_folder
from bot.store.migrate import revision_of, upgrade
from bot.store.moments import to_moment
from bot.vault.errors import RingExists
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import MasterKey, create_master_key
from bot.vault.vault import Vault
from triage.issue import Severity


class AlreadyBegun(Exception):
    """There is a hotline here already; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the first start made: places by what lies there, and what is not yet right."""

    places: tuple[tuple[str, Path | str], ...]
    warnings: tuple[str, ...]


def begin(settings: Settings, now: datetime) -> Begun:
    """Make everything a hotline needs before it can run.

    A master key that is there already is used; a key ring or a filled database is never overwritten. Raises
    `AlreadyBegun`, `FolderHeld`, `UnusableFile`, `HasErrors`, `VaultError`, `OSError`.
    """
    config = documents.config_folder(settings.config_dir)
    if settings.desk not in documents.desk_names(config):
        known = ", ".join(documents.desk_names(config))
        raise UnusableFile(f"HOTLINE_DESK: there is no desk {settings.desk}; the configuration has: {known}")
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.data_dir.chmod(0o700)
    with hold_folder(settings.data_dir):
        if KeyRing.exists(settings.key_ring_folder):
            raise AlreadyBegun(str(RingExists(settings.key_ring_folder)))
        engine = open_engine(settings.database)
        try:
            if _is_filled(engine):
                raise AlreadyBegun(
                    "The database holds a hotline already, and its key ring is not at "
                    f"{settings.key_ring_folder}. If the ring lies on another volume, make it available. "
                    "If it is lost, nothing in this database can be opened: begin anew with an empty one."
                )
            master, made = _master_key(settings)
            ring = KeyRing.create(settings.key_ring_folder, master, now)
            try:
                upgrade(engine)
                with engine.begin() as connection:
                    warnings = fill(connection, Vault(ring), settings, now)
            except BaseException:
                # Nothing is sealed under it yet, and with it here `init` could not be tried again.
                KeyRing.destroy(settings.key_ring_folder)
                raise
        finally:
            engine.dispose()
    return Begun(_places(settings, made=made), warnings)


def fill(connection: Connection, vault: Vault, settings: Settings, now: datetime) -> tuple[str, ...]:
    """Import and publish what the configuration folder holds; returns what a person should look at."""
    config = documents.config_folder(settings.config_dir)
    warnings: list[str] = []
    moment = to_moment(now)
    names = (NETWORK_DESK, *documents.desk_names(config))
    known = set(connection.execute(select(t.desk.c.id)).scalars())
    for name in names:
        if name not in known:
            connection.execute(insert(t.desk).values(id=name, created_at=moment))
    for name in documents.desk_names(config):
        documents.desk(config, name)
        found = document_of(config, name)
        if found is None:
            warnings.append(f"desk {name} has no rota: nobody is ever on duty there")
        else:
            source, document = found
            told = rotas.import_rota(connection, vault, name, source, now, document.calendars)
            warnings += [str(one) for one in told]
    warnings += _import_resources(connection, config, now)
    for source in documents.script_sources(config / documents.SCRIPTS)[:1]:
        warnings += _take_in_script(connection, vault, settings, NETWORK_DESK, source, now)
    for name in documents.desk_names(config):
        for source in documents.desk_scripts(config, name)[:1]:
            warnings += _take_in_script(connection, vault, settings, name, source, now)
    audit.record(connection, vault, audit.PROGRAM, "begin", settings.desk, (settings.mode.value,), moment)
    requests.bump(connection)
    return tuple(warnings)


def _take_in_script(
    connection: Connection, vault: Vault, settings: Settings, desk: str, source: ScriptSource, now: datetime
) -> Iterator[str]:
    """Publish a script nobody has met here yet, to be tried out; `open` keeps it as a draft, to be signed.

    What was here once is left as people left it: replaced, taken back or recalled.
    """
    house = House(vault, Identifiers(), empty_library(), mode=settings.mode.value)
    if _is_known(connection, vault, desk, source):
        return
    if overlaying.is_overlay(source):
        try:
            source = overlaying.lay_over_live(connection, vault, source)
        except overlaying.NoOverlay:
            yield f"desk {desk} changes a script that is not published yet: import its changes after that"
            return
    config = documents.config_folder(settings.config_dir)
    organisation = settings.organisation or documents.network(config).organisation
    verdict = judge(source, config, organisation)
    draft = publishing.import_source(connection, house, audit.PROGRAM, desk, source, now)
    if settings.mode is Mode.OPEN:
        verdict.demand_clean(draft.id, draft.digest)
        yield f"revision {draft.id} is a draft: two people sign it (`hotline scripts sign`), then publish it"
    else:
        publishing.publish(connection, house, audit.PROGRAM, draft.id, verdict, now)
    yield from (str(issue) for issue in verdict.issues)


def _is_known(connection: Connection, vault: Vault, desk: str, source: ScriptSource) -> bool:
    return any(
        revisions.source_of(connection, vault, one.id).files == source.files
        for one in revisions.revisions(connection, vault, desk)
    )


def _is_filled(engine: Engine) -> bool:
    with engine.connect() as connection:
        if revision_of(connection) is None:
            return False
        return connection.execute(select(t.desk.c.id)).first() is not None


def _import_resources(connection: Connection, config: Folder, now: datetime) -> list[str]:
    folder = config / "resources"
    found = read_folder(folder, now.date())
    errors = [str(issue) for issue in found.issues if issue.severity is Severity.ERROR]
    if errors:
        raise UnusableFile("\n".join(errors))
    resource_rows.import_rows(connection, NETWORK_DESK, found.resources)
    return [str(issue) for issue in found.issues]


def _master_key(settings: Settings) -> tuple[MasterKey, bool]:
    """The master key that is there, else a new one; and whether it is new."""
    path = settings.master_key_path
    if path is None or path.exists():
        return master_key(settings), False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return create_master_key(path), True


def _places(settings: Settings, *, made: bool) -> tuple[tuple[str, Path | str], ...]:
    master = settings.master_key_path or settings.passphrase_file
    in_file = settings.database_url is None
    return (
        ("data folder", settings.data_dir),
        ("database", settings.data_dir / "hotline.db" if in_file else "as HOTLINE_DATABASE_URL says"),
        ("key ring", settings.key_ring_folder),
        (f"master key ({'new: copy it to another place now' if made else 'as it was'})", str(master)),
    )


def refresh(settings: Settings, now: datetime) -> None:
    """Take in what changed in the configuration since the demo was made. Raises as `begin`."""
    with hold_folder(settings.data_dir):
        vault = Vault(KeyRing.open(settings.key_ring_folder, master_key(settings)))
        engine = open_engine(settings.database)
        try:
            upgrade(engine)
            with engine.begin() as connection:
                fill(connection, vault, settings, now)
        finally:
            engine.dispose()
