"""A channel's own rows, from and to the database (the port `OwnRows`)."""

from typing import Any

from bot.identifiers import Identifiers
from bot.store import own_rows
from bot.store.crew import LeadLost, channel_lead, require
from bot.store.store import Store
from bot.vault.vault import Vault
from bot.workers.leads import Crew
from channels.message import OwnRow


class KeptRows:
    """The rows of one channel; written by whoever leads it only."""

    def __init__(
        self, store: Store, vault: Vault, identifiers: Identifiers, channel: str, crew: Crew
    ) -> None:
        self._store = store
        self._vault = vault
        self._identifiers = identifiers
        self._channel = channel
        self._crew = crew

    async def load(self) -> tuple[OwnRow, ...]:
        """Every row that can still be opened."""
        return await self._store.write(lambda c: own_rows.load(c, self._vault, self._channel))

    async def save(self, rows: tuple[OwnRow, ...]) -> None:
        """Write rows in a transaction of their own. Raises `LeadLost`: another process has the channel."""
        lead = channel_lead(self._channel)
        term = self._crew.term_of(lead)
        if term is None:
            raise LeadLost(lead)

        def work(connection: Any) -> None:
            require(connection, term)
            own_rows.write(connection, self._vault, self._identifiers, self._channel, rows)

        await self._store.write(work)
