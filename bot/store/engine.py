"""Opening the database with the durability and secrecy the promises need (PR1, PR6, PR7)."""

from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool

from bot.store.tally import keep_tally

__all__ = [
    "KEYS",
    "NAMED",
    "Engine",
    "UnknownDatabase",
    "is_sqlite",
    "open_engine",
    "session_name",
    "sqlite_url",
]

NAMED: Final = "hearthline"
"""What a session on PostgreSQL calls itself; a member of a crew adds its id."""

KEYS: Final = 0x4845_4152_5448
"""Advisory lock every transaction shares; whoever retires an epoch holds it alone (`services.epochs`)."""

# A server that went away without a word is noticed in seconds, not in the two hours of the system's default.
_SERVER_AWAY: Final = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
# Who stands still in the middle of a transaction must not keep what it locked; nobody waits for ever.
_NOBODY_WAITS_FOR_EVER: Final = "-c idle_in_transaction_session_timeout=20s -c lock_timeout=15s"
_AT_ONCE_OR_NOT: Final = "-c lock_timeout=500ms -c statement_timeout=2s"


class UnknownDatabase(ValueError):
    """The database URL names a backend Hearthline does not know; the message says which ones it does."""


def open_engine(url: str, member: str = "", *, hurried: bool = False) -> Engine:
    """An engine for `url`: `sqlite:///path` or `postgresql+psycopg://…`.

    Parameters never reach an exception's text or a log (`hide_parameters`). `member` names the process among
    several on one PostgreSQL, so that the others can end its sessions once it hangs. `hurried` gives up on a
    PostgreSQL that does not answer as soon as its driver can: for whoever destroys.
    """
    backend = make_url(url).get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(url)
    if backend == "postgresql":
        return _open_postgresql(url, member, hurried=hurried)
    raise UnknownDatabase(f"HOTLINE_DATABASE_URL must begin with sqlite: or postgresql:, not {backend}:")


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


def is_sqlite(engine: Engine) -> bool:
    """True for the embedded database."""
    return engine.dialect.name == "sqlite"


def session_name(member: str) -> str:
    """What the sessions of a member are called in `pg_stat_activity`."""
    return f"{NAMED} {member}" if member else NAMED


def _open_postgresql(url: str, member: str, *, hurried: bool) -> Engine:
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_size=4,
        pool_pre_ping=True,
        connect_args={
            **_SERVER_AWAY,
            **({"connect_timeout": 1} if hurried else {}),
            "options": _AT_ONCE_OR_NOT if hurried else _NOBODY_WAITS_FOR_EVER,
            "application_name": session_name(member),
        },
    )
    event.listen(engine, "begin", _share_keys)
    keep_tally(engine)
    return engine


def _share_keys(connection: Connection) -> None:
    # A key that is read and opened in this transaction is not shredded meanwhile by another process.
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return  # a member's own session opens none, and must not wait
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({KEYS})")


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=NullPool,
        connect_args={"check_same_thread": False, "timeout": 30},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: SqliteConnection, _record: Any) -> None:
    # The driver's own BEGIN comes too late (before the first write only); ours is explicit.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "busy_timeout=30000",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a transaction that reads and then writes must not fail half-way on another writer.
    options = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN" if options.get("reads_only") else "BEGIN IMMEDIATE")
