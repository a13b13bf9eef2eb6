"""Who wakes whom inside the process; a slow poll stands behind every wake-up that another process owes."""

import asyncio
from dataclasses import dataclass, field

POLL = 1.0  # seconds: another process on the same database may have written


class Bell:
    """One bell with an ear for each loop: whoever wakes first does not quieten it for the rest."""

    def __init__(self) -> None:
        self._ears: list[asyncio.Event] = []

    def ear(self) -> asyncio.Event:
        """An event of the caller's own, set at every ring."""
        ear = asyncio.Event()
        self._ears.append(ear)
        return ear

    def drop(self, ear: asyncio.Event) -> None:
        """Whoever listened with this ear has ended."""
        self._ears.remove(ear)

    def set(self) -> None:
        """Ring. Ringing a bell that rings already changes nothing."""
        for ear in self._ears:
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


async def wait(bell: asyncio.Event, seconds: float) -> None:
    """Until the bell rings or `seconds` have passed; the bell is quiet afterwards."""
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        pass
    bell.clear()
