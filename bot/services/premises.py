"""An existing hotline opened for one command: its keys and its database, nothing running (design §6)."""

import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import SQLITE_FULL

from sqlalchemy import Connection, Engine, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from bot.identifiers import Identifiers
from bot.services import turning
from bot.services.epochs import refuse_other_ring
from bot.services.house import House
from bot.services.library import empty_library
from bot.settings import Settings
from bot.store import requests, tables as t
from bot.store.crew import anyone_lives
from bot.store.engine import is_sqlite, open_engine
from bot.store.folder_lock import FolderHeld, hold_folder
from bot.store.migrate import head, refuse_newer, revision_of
from bot.store.moments import to_moment
from bot.store.requests import RequestKind, RequestState
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import MasterKey, load_master_key
from bot.vault.vault import Vault

PATIENCE = 5.0
"""Seconds a command waits for the running service to carry out what it asked for."""

_LOOK_EVERY = 0.1

Transaction = Connection
"""What `Premises.write` and `Premises.read` give a command, to hand on to services."""


class DatabaseAway(Exception):
    """The database cannot be reached or read."""


class NotBegun(Exception):
    """There is no hotline here yet."""


class SchemaBehind(Exception):
    """The database is older than this program."""


@dataclass(frozen=True, slots=True)
class Premises:
    """Keys and database of a hotline."""

    settings: Settings
    engine: Engine
    vault: Vault

    @contextmanager
    def write(self) -> Generator[Connection]:
        """A transaction that is kept, and told to the running service."""
        with self.engine.begin() as connection:
            yield connection
            requests.bump(connection)

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A look at the database that changes nothing."""
        with self.engine.connect().execution_options(reads_only=True) as connection, connection.begin():
            yield connection

    def house(self) -> House:
        """A house for work on people and keys, that needs nothing of what is published."""
        return House(
            vault=self.vault,
            identifiers=Identifiers(),
            library=empty_library(),
            desk=self.settings.desk,
            mode=self.settings.mode.value,
            organisation=self.settings.organisation or "",
        )


@contextmanager
def open_premises(settings: Settings) -> Generator[Premises]:
    """Open keys and database, as `run` does, without the folder's lock.

    Raises `VaultError`, `DatabaseAway`, `NewerDatabase`, `SchemaBehind`, `NotBegun`.
    """
    if not KeyRing.exists(settings.key_ring_folder) and not settings.data_dir.exists():
        raise NotBegun(f"There is no hotline in {settings.data_dir}. Run `hotline init` first.")
    vault = Vault(KeyRing.open(settings.key_ring_folder, master_key(settings)))
    with reachable_database(settings) as engine:
        with engine.connect() as connection:
            refuse_newer(connection)
            at = _revision(connection)
        if at != head():
            raise SchemaBehind(
                "The database is older than this program. With the service stopped, copy database and key "
                "ring, both; then start the service once: it brings the database up to date."
            )
        with engine.connect() as connection:
            refuse_other_ring(connection, vault)
        yield Premises(settings, engine, vault)


@contextmanager
def reachable_database(settings: Settings) -> Generator[Engine]:
    """The database; its own errors become `DatabaseAway`, which tells nothing of what was asked."""
    file = database_file(settings)
    if file is not None and not file.exists():
        # Opening it would make an empty one.
        raise DatabaseAway(
            f"There is no database at {file}. If it lies on another volume, make it available."
        )
    engine = open_engine(settings.database)
    try:
        with database_errors(settings):
            yield engine
    finally:
        engine.dispose()


@contextmanager
def database_errors(settings: Settings) -> Generator[None]:
    """Turn the database's own errors into `DatabaseAway`."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = type(error.__cause__ or error).__name__
        where = "HOTLINE_DATABASE_URL" if settings.database_url else str(settings.data_dir / "hotline.db")
        if getattr(error.__cause__, "sqlite_errorcode", None) == SQLITE_FULL or cause == "DiskFull":
            raise DatabaseAway(
                f"The disk of the database ({where}) has no room left. Free some, and start again."
            ) from error
        raise DatabaseAway(
            f"The database ({where}) could not be used: {cause}. Is it there, is its disk writable "
            "and not full, and is its server running?"
        ) from error


def expect_begun(settings: Settings) -> None:
    """Raise `NotBegun` or `DatabaseAway` where a start would make a new and empty database."""
    if not settings.data_dir.is_dir() and not KeyRing.exists(settings.key_ring_folder):
        raise NotBegun(f"There is no hotline in {settings.data_dir}. Run `hotline init` first.")
    with reachable_database(settings) as engine, engine.connect() as connection:
        _revision(connection)


def _revision(connection: Connection) -> str:
    at = revision_of(connection)
    if at is None:
        raise NotBegun(
            "The database is empty. Run `hotline init`, or put back database and key ring from one copy."
        )
    return at


def database_file(settings: Settings) -> Path | None:
    """The file of an embedded database, None for a server's."""
    url = make_url(settings.database)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def desks(connection: Connection) -> tuple[str, ...]:
    """Ids of all desks, by name."""
    return tuple(connection.execute(select(t.desk.c.id).order_by(t.desk.c.id)).scalars())


def master_key(settings: Settings) -> MasterKey:
    """The master key or the passphrase that the settings name. Raises `MasterKeyError`, `OSError`."""
    passphrase = None
    if settings.passphrase_file is not None:
        passphrase = settings.passphrase_file.read_text(encoding="utf-8").strip()
    return load_master_key(settings.master_key_path, passphrase)


def ask_and_wait(premises: Premises, kind: RequestKind, subject: str, now: datetime) -> RequestState:
    """Leave a request for the running service and wait; `ASKED` means that it has not been done yet."""
    request = Identifiers().new_id()
    with premises.engine.begin() as connection:
        requests.ask(connection, request, kind, subject, to_moment(now))
    until = time.monotonic() + PATIENCE
    state = RequestState.ASKED
    while state is RequestState.ASKED and time.monotonic() < until:
        time.sleep(_LOOK_EVERY)
        with premises.read() as connection:
            state = requests.state_of(connection, request) or RequestState.DONE
    return state


def served_elsewhere(premises: Premises) -> bool:
    """Whether some machine serves this database now; on SQLite the data folder says it (`holding`)."""
    if is_sqlite(premises.engine):
        return False
    with premises.read() as connection:
        return anyone_lives(connection)


@contextmanager
def holding(folder: Path) -> Generator[bool]:
    """Hold the data folder if nobody does; False where the service holds it and must be asked."""
    with ExitStack() as stack:
        try:
            stack.enter_context(hold_folder(folder))
        except FolderHeld:
            yield False
        else:
            yield True


def rotate(premises: Premises, now: datetime) -> tuple[str, ...]:
    """Turn the key epoch here and now; returns the epochs that were shredded. Hold the folder."""
    house = premises.house()
    turning.begin(house, now)
    rewrapped = 1
    while rewrapped:
        with premises.engine.begin() as connection:
            rewrapped = turning.rewrap_some(connection, house)
    with premises.engine.begin() as connection:
        retired = turning.retire(connection, house, now)
    return turning.shred(house, retired)
