"""Where a channel's own rows lie in tests without a host: in memory, as stored, sealed by nobody."""

import asyncio
from dataclasses import dataclass, field

from channels.message import OwnRow


@dataclass
class MemoryRows:
    """The port `OwnRows`. What was saved is what the next start finds."""

    stored: dict[str, OwnRow] = field(default_factory=dict[str, OwnRow])
    saves: int = 0
    refuse: bool = False

    async def load(self) -> tuple[OwnRow, ...]:
        await asyncio.sleep(0)
        return tuple(self.stored.values())

    async def save(self, rows: tuple[OwnRow, ...]) -> None:
        await asyncio.sleep(0)
        if self.refuse:
            raise RuntimeError("the database is away")
        self.saves += 1
        self.write(rows)

    def write(self, rows: tuple[OwnRow, ...]) -> None:
        for row in rows:
            if row.body is None:
                self.stored.pop(row.id, None)
            else:
                self.stored[row.id] = row
