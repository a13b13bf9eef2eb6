"""A channel's own rows, from and to the database (the port `OwnRows`)."""

from bot.identifiers import Identifiers
from bot.store import own_rows
from bot.store.store import Store
from bot.vault.vault import Vault
from channels.message import OwnRow


class KeptRows:
    """The rows of one channel."""

    def __init__(self, store: Store, vault: Vault, identifiers: Identifiers, channel: str) -> None:
        self._store = store
        self._vault = vault
        self._identifiers = identifiers
        self._channel = channel

    async def load(self) -> tuple[OwnRow, ...]:
        """Every row that can still be opened."""
        return await self._store.write(lambda c: own_rows.load(c, self._vault, self._channel))

    async def save(self, rows: tuple[OwnRow, ...]) -> None:
        """Write rows in a transaction of their own."""
        await self._store.write(
            lambda c: own_rows.write(c, self._vault, self._identifiers, self._channel, rows)
        )
