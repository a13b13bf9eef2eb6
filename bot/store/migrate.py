"""Bringing a database to the program's own shape, and refusing a newer one."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from bot.store.crew import anyone_lives


class OthersServe(Exception):
    """Other processes, of an older Hearthline, serve this database; nothing was changed."""


class NewerDatabase(Exception):
    """The database was made by a newer Hearthline; nothing was changed. Install that version or newer."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision this program knows as newest."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise RuntimeError("the package holds no migrations")
    return newest


def revision_of(connection: Connection) -> str | None:
    """The revision a database stands at, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def refuse_newer(connection: Connection) -> None:
    """Raise NewerDatabase when the database's revision is unknown to this program."""
    at = revision_of(connection)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if at is not None and at not in known:
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
        if connection.dialect.name == "postgresql" and revision_of(connection) != head():
            _refuse_beside_others(connection)
        command.upgrade(_config(connection), "head")
