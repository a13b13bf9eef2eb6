"""How far each channel has been read; saved with the inbox and never before it (PR1)."""

from sqlalchemy import Connection, delete, insert, select

from bot.store import tables as t
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.vault import Vault


def save_cursor(connection: Connection, vault: Vault, channel: str, value: str) -> None:
    """Remember `value` for `channel`."""
    connection.execute(delete(t.cursor).where(t.cursor.c.channel == channel))
    connection.execute(
        insert(t.cursor).values(
            channel=channel, value_sealed=seal(vault.organisation, _place(channel), value.encode())
        )
    )


def load_cursor(connection: Connection, vault: Vault, channel: str) -> str | None:
    """The last cursor of `channel`, None at the very first start."""
    row = connection.execute(
        select(t.cursor.c.value_sealed).where(t.cursor.c.channel == channel)
    ).one_or_none()
    return (
        None if row is None else open_sealed(vault.organisation, _place(channel), row.value_sealed).decode()
    )


def _place(channel: str) -> Place:
    return Place("cursor", "value_sealed", channel)
