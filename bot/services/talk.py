"""One conversation being dealt with in one transaction: what the services pass to each other."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.services.house import House
from bot.services.opening import Opened
from bot.store.moments import from_moment
from bot.store.writes import Writes


@dataclass(slots=True)
class Talk:
    """The conversation, the transaction it is open in, and the moment.

    `now` is microseconds since 1970 UTC. Changes to `opened` are kept by the caller at the end.
    """

    connection: Connection
    house: House
    writes: Writes
    opened: Opened
    now: int

    @property
    def at(self) -> datetime:
        """`now` as an aware datetime."""
        return from_moment(self.now)

    @property
    def month(self) -> str:
        """The month events are counted in, "2026-11"."""
        return self.at.strftime("%Y-%m")

    @property
    def language(self) -> str:
        """The language she reads."""
        run = self.opened.state.run
        return run.language if run else "en"

    @property
    def checked(self) -> bool:
        """Whether the safe check has been answered since the page or chat was last opened (B-011)."""
        return self.opened.state.checked

    def count(self, name: str) -> None:
        """Count an event for the desk and month."""
        self.writes.count(self.opened.desk, self.month, name)
