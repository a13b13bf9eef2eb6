"""Bringing a database to the program's own shape, and refusing a newer one.

Alembic is imported only when something is missing: it is a tenth of the program's memory and of its start.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text

from bot.store.crew import anyone_lives

if TYPE_CHECKING:
    from alembic.config import Config

_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"


class OthersServe(Exception):
    """Other processes, of an older Hearthline, serve this database; nothing was changed."""


class NewerDatabase(Exception):
    """The database was made by a newer Hearthline; nothing was changed. Install that version or newer."""


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415  see above

    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    config.attributes["connection"] = connection
    return config


def known() -> frozenset[str]:
    """Every revision this program knows: the numbers its migrations' files begin with."""
    return frozenset(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*_*.py"))


def head() -> str:
    """The revision this program knows as newest."""
    return max(known())


def revision_of(connection: Connection) -> str | None:
    """The revision a database stands at, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def refuse_newer(connection: Connection) -> None:
    """Raise NewerDatabase when the database's revision is unknown to this program."""
    at = revision_of(connection)
    if at is not None and at not in known():
        raise NewerDatabase(
            f"the database is at revision {at}, which this version of Hearthline does not know; "
            "it was made by a newer one. Install that version; nothing was changed."
        )


def _refuse_beside_others(connection: Connection) -> None:
    if anyone_lives(connection):
        raise OthersServe(
            "The database is older than this program, and other processes serve it. They would no longer "
            "understand it. Stop all of them, then start this one first."
        )


def upgrade(engine: Engine) -> None:
    """Apply what is missing, in one transaction; NewerDatabase if there is more than we know.

    Raises OthersServe when something is missing while other processes serve this database.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Two processes that start together: one brings the database up to date, the other waits for it.
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(
                "SELECT pg_advisory_xact_lock(hashtextextended('hearthline tables', 0))"
            )
        refuse_newer(connection)
        if revision_of(connection) == head():
            return
        if connection.dialect.name == "postgresql":
            _refuse_beside_others(connection)
        from alembic import command  # noqa: PLC0415  see above

        command.upgrade(_config(connection), "head")
