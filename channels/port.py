"""The channel port: what every adapter offers, when it is called, and what it must not do.

Contract tests in `tests/contract/test_channel.py` hold every adapter and the test fake to it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from channels.message import Address, Batch, Capabilities, OutboundMessage, OwnRow, Receipt

Sink = Callable[[Batch], Awaitable[None]]
"""Stores a batch; returns after the commit, raises if nothing was stored (then do not acknowledge)."""


@runtime_checkable
class DeletesTogether(Protocol):
    """A channel that can take many lines from one screen with one call: hide is quicker for it."""

    async def delete_together(self, messages: Sequence[OutboundMessage]) -> Sequence[Receipt]:
        """Delete lines of one address; a receipt for each, in order. The rules of `Channel.send` hold."""
        ...


class OwnRows(Protocol):
    """Where a channel keeps what it must remember itself: sealed, in the host's database.

    What belongs to a batch goes with it (`Batch.own_rows`); this is for the rest.
    """

    async def load(self) -> tuple[OwnRow, ...]:
        """Every row of this channel that can still be opened."""
        ...

    async def save(self, rows: tuple[OwnRow, ...]) -> None:
        """Write rows; returns after the commit, raises if nothing was written."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A channel that hangs on a network of others, so that somebody must see when it is gone."""

    def reasons(self) -> list[str]:
        """What keeps the channel from working, each with its cure; empty when all is well."""
        ...


@runtime_checkable
class Measured(Protocol):
    """A channel with a connection of its own whose state can be told in numbers."""

    def vitals(self) -> Mapping[str, float]:
        """Numbers for whoever watches, by name; none of them tells of one person."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A channel that keeps rows of its own about an address."""

    def erased(self, handle: str) -> None:
        """The host erased all it kept of an address, the channel's own rows included: forget it too."""
        ...


class Channel(Protocol):
    """One way in and out."""

    @property
    def name(self) -> str:
        """The word used in addresses, rows and metric labels: "web", "telegram", "matrix"."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """Fixed for the life of the adapter."""
        ...

    async def listen(self, cursor: str | None, sink: Sink) -> None:
        """Run until cancelled: receive, translate, hand over, and only then acknowledge (PR1).

        Called after start-up is complete; again, after it was cancelled, where several processes take turns
        (unless `many_listen`). `cursor` is the last one the sink stored. An update
        that cannot be translated is counted in `Batch.poison` and never blocks the batch. If the
        sink raises, the adapter keeps what it took unacknowledged and offers it again.
        """
        ...

    async def send(self, message: OutboundMessage) -> Receipt:
        """Put one message on the wire and say what became of it; never raises for the network.

        The caller holds at most one call in flight per address and has checked the presence window
        just before. The adapter must not retry, queue past the call, or alter the text.
        """
        ...

    async def forget(self, address: Address, *, for_good: bool) -> None:
        """Drop all the adapter holds about an address: sockets closed, page told to leave, caches gone.

        `for_good` after hide, stop and exit: an address the adapter made itself is refused from then on. Not
        so after a close: what was shown is gone, but she may come back from the same address.
        Idempotent; unknown addresses are no error.
        """
        ...

    async def close(self) -> None:
        """Release sockets and files. `listen` has been cancelled before."""
        ...
