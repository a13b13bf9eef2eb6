"""One claimed entry of the outbox, opened and ready for the wire."""

from dataclasses import dataclass

from bot.vault.envelope import DataKey
from channels.message import OutboundMessage


@dataclass(frozen=True, slots=True)
class Departure:
    """One claimed entry, opened and ready for the wire.

    `not_after` is checked once more just before the wire; None for deletions.
    """

    entry: str
    conversation: str
    message: OutboundMessage
    not_after: int | None
    key: DataKey
    attempts: int
