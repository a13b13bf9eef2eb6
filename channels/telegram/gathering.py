"""Translations become batches the sink can store: in order, and a leaving ends its batch.

Within a batch the house takes a leaving as the last act of its address; what she does after it belongs to the
next batch, or it would be withdrawn with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from channels.message import Address, Batch, InboundMessage, Left
from channels.telegram.translate import Errand, Translation


@dataclass(slots=True)
class Gathered:
    """One batch in the making, and the errands that follow its commit."""

    messages: list[InboundMessage] = field(default_factory=list[InboundMessage])
    left: list[Left] = field(default_factory=list[Left])
    errands: list[Errand] = field(default_factory=list[Errand])
    poison: int = 0

    def add(self, one: Translation) -> None:
        """One update more."""
        self.messages += one.messages
        self.left += one.left
        self.errands += one.errands

    def must_end_before(self, one: Translation) -> bool:
        """Whether somebody who left in this batch acts again."""
        gone: set[Address] = {left.address for left in self.left}
        return bool(gone) and any(message.address in gone for message in one.messages)

    def batch(self, channel: str, cursor: str | None = None) -> Batch:
        """For the sink."""
        return Batch(channel, tuple(self.messages), left=tuple(self.left), cursor=cursor, poison=self.poison)


def gather(translations: Iterable[Translation | None]) -> list[Gathered]:
    """At least one batch; None is an update that could not be translated."""
    batches = [Gathered()]
    for one in translations:
        if one is None:
            batches[-1].poison += 1
            continue
        if batches[-1].must_end_before(one):
            batches.append(Gathered())
        batches[-1].add(one)
    return batches
