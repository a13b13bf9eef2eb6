"""Who wakes whom inside the process; a slow poll stands behind every wake-up that another process owes."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

POLL = 1.0  # seconds: another process on the same database may have written


class Bell:
    """One bell with an ear for each loop: whoever wakes first does not quieten it for the rest."""

    def __init__(self) -> None:
        self._ears: dict[asyncio.Event, str | None] = {}

    def ear(self, of: str | None = None) -> asyncio.Event:
        """An event of the caller's own, set at every ring; but not at those for others than `of`."""
        ear = asyncio.Event()
        self._ears[ear] = of
        return ear

    def drop(self, ear: asyncio.Event) -> None:
        """Whoever listened with this ear has ended."""
        del self._ears[ear]

    def set(self) -> None:
        """Ring. Ringing a bell that rings already changes nothing."""
        for ear in self._ears:
            ear.set()

    def set_for(self, names: Collection[str]) -> None:
        """Ring for those of `names` and for all who said no name."""
        for ear, name in self._ears.items():
            if name is None or name in names:
                ear.set()


@dataclass(slots=True)
class Wakes:
    """One bell for each kind of loop; the outbox has a loop for each channel."""

    inbox: asyncio.Event = field(default_factory=asyncio.Event)
    outbox: Bell = field(default_factory=Bell)
    due: asyncio.Event = field(default_factory=asyncio.Event)

    def after_write(self) -> None:
        """Something was written that any loop may have to look at."""
        self.outbox.set()
        self.due.set()

    def after_turns(self, channels: Collection[str]) -> None:
        """Women on these channels were answered: the other women's outboxes sleep on."""
        self.outbox.set_for(channels)


async def wait(bell: asyncio.Event, seconds: float) -> None:
    """Until the bell rings or `seconds` have passed; the bell is quiet afterwards."""
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        pass
    bell.clear()
