"""The time on the double's side: real, and set forward when a test says so."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class VirtualClock:
    """Seconds since 1970; what lasts days passes in a moment."""

    ahead: float = 0.0

    def now(self) -> float:
        return time.time() + self.ahead

    def moves(self, **by: float) -> None:
        self.ahead += timedelta(**by).total_seconds()

    def at(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)
