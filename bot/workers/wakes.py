"""Who wakes whom inside the process; a slow poll stands behind every wake-up that another process owes."""

import asyncio
from dataclasses import dataclass, field

POLL = 1.0  # seconds: another process on the same database may have written


@dataclass(slots=True)
class Wakes:
    """One bell for each loop. Ringing a bell that rings already changes nothing."""

    inbox: asyncio.Event = field(default_factory=asyncio.Event)
    outbox: asyncio.Event = field(default_factory=asyncio.Event)
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
