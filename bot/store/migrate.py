"""Bringing a database to the program's own shape, and refusing a newer one."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine


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


def upgrade(engine: Engine) -> None:
    """Apply what is missing, in one transaction; NewerDatabase if there is more than we know."""
    with engine.begin() as connection:
        refuse_newer(connection)
        command.upgrade(_config(connection), "head")
