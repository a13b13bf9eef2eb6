"""One claimed entry of the outbox, opened and ready for the wire."""

from dataclasses import dataclass

from bot.vault.envelope import DataKey
from channels.message import OutboundMessage

REPEATED = 1_000
"""Added to the attempts of an entry that is sent once more after "unknown"; tries alone never get there."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One claimed entry, opened and ready for the wire.

    `not_after` is checked once more just before the wire; None for deletions. `attempts` are those before.
    """

    entry: str
    conversation: str
    message: OutboundMessage
    not_after: int | None
    key: DataKey
    attempts: int

    @property
    def repeated(self) -> bool:
        """Whether this goes out once more because nobody knows if it arrived (PR2)."""
        return self.attempts >= REPEATED
