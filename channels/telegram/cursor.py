"""How far the updates were read. Pure.

After a week without updates Telegram may go on with any number, also a lower one: then an old offset would
confirm, and so destroy, what nobody here has seen. So an offset is only ever given while it is fresh.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

FRESH: Final = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the reading stands; times aware.

    Attributes:
        bot: whose updates: another bot's numbers are others.
        last: number of the last update stored, None for none yet.
        came_at: when that one was stored.
        drained_at: when the network last had nothing older for us: whatever comes next happened later.
    """

    bot: int
    last: int | None
    came_at: datetime
    drained_at: datetime

    @classmethod
    def begin(cls, bot: int, now: datetime) -> "Cursor":
        """Nothing was read yet."""
        return cls(bot, None, now, now)

    def offset(self, now: datetime) -> int | None:
        """What confirms everything up to here; None where it could hit something new."""
        if self.last is None or not timedelta(0) <= now - self.came_at < FRESH:
            return None
        return self.last + 1

    def after(self, last: int | None, now: datetime, *, drained: bool) -> "Cursor":
        """The next one: an answer came `now`; `drained`: there was no more to come."""
        return Cursor(
            self.bot,
            self.last if last is None else last,
            self.came_at if last is None else now,
            max(self.drained_at, now) if drained else self.drained_at,
        )

    def stored(self) -> str:
        """As the house keeps it."""
        last = "-" if self.last is None else str(self.last)
        return f"{self.bot} {last} {int(self.came_at.timestamp())} {int(self.drained_at.timestamp())}"


def read_cursor(stored: str | None, bot: int) -> Cursor | None:
    """The inverse of `stored`; None for nothing, for what somebody else wrote, and for another bot's."""
    parts = (stored or "").split(" ")
    if len(parts) != 4 or not all(part.isdecimal() for part in (parts[0], *parts[2:])):
        return None
    if parts[1] != "-" and not parts[1].isdecimal():
        return None
    if int(parts[0]) != bot:
        return None
    last = None if parts[1] == "-" else int(parts[1])
    came, drained = (datetime.fromtimestamp(int(part), UTC) for part in parts[2:])
    return Cursor(bot, last, came, drained)
