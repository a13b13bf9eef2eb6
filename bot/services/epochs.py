"""What the database knows of the key ring's epochs, so that no ring but its own is ever used with it.

The ring is a file, and files get copied. A process with an older copy would take the words of a woman for
erased, because its ring does not open them, and close them. So the database notes when each epoch began and
when it was retired: a ring whose current epoch is retired, or which lacks a newer one, belongs elsewhere.
"""

from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from bot.services.house import House
from bot.store import tables as t
from bot.store.engine import KEYS
from bot.store.moments import to_moment
from bot.vault.errors import OtherRing
from bot.vault.vault import Vault

_OTHERS_WAIT_AT_MOST: Final = "3s"


def note(connection: Connection, vault: Vault) -> None:
    """Note the epochs that lie in the ring and are not known yet."""
    known = set(connection.execute(select(t.epoch.c.id)).scalars())
    fresh = [
        {"id": name, "begun_at": to_moment(begun), "retired_at": None}
        for name, begun in vault.epochs_begun
        if name not in known
    ]
    if fresh:
        connection.execute(insert(t.epoch), fresh)


def retire(connection: Connection, house: House, now: int) -> frozenset[str]:
    """Retire every older epoch that wraps nothing any more; returns all retired ones the ring still holds.

    No other transaction runs at that moment, so nothing can be wrapped by one of them meanwhile; where that
    cannot be had within seconds, the database's error is raised and nothing is retired. Shred what is
    returned after the commit.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_OTHERS_WAIT_AT_MOST}'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({KEYS})")
    note(connection, house.vault)
    named = select(t.data_key.c.epoch).distinct()
    row = t.epoch.c
    connection.execute(
        update(t.epoch)
        .where(
            row.retired_at.is_(None),
            row.id.in_(house.vault.epochs),
            row.id != house.vault.current_epoch,
            row.id.not_in(named),
        )
        .values(retired_at=now)
    )
    retired = select(row.id).where(row.id.in_(house.vault.epochs), row.retired_at.is_not(None))
    return frozenset(connection.execute(retired).scalars())


def refuse_other_ring(connection: Connection, vault: Vault) -> None:
    """Raise `OtherRing` when the ring is an older copy, or of another place. Costs one statement."""
    vault.look_again()
    current, begun = vault.epochs_begun[-1]
    held = set(vault.epochs)
    for row in connection.execute(select(t.epoch)):
        if row.id == current and row.retired_at is not None:
            raise OtherRing(vault.ring_path)
        missing = row.id not in held and row.retired_at is None
        if missing and row.begun_at > to_moment(begun):
            raise OtherRing(vault.ring_path)


def forget(connection: Connection, before: int) -> None:
    """Drop what is known of epochs retired before that moment."""
    connection.execute(delete(t.epoch).where(t.epoch.c.retired_at < before))


def forget_missing(connection: Connection, vault: Vault) -> None:
    """The database is older than the ring: what is not in the ring was retired since."""
    connection.execute(
        delete(t.epoch).where(t.epoch.c.retired_at.is_(None), t.epoch.c.id.not_in(vault.epochs))
    )
