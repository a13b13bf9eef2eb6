"""When silence is called, how often, and when it is called off. Pure: moments are seconds of any clock."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

AGAIN_EVERY: Final = 3600.0
"""A silence that lasts is called again: the first call may have been slept through."""
LOOKS_AGAIN: Final = 60.0
"""While it lasts the line is written to more often, so that its end is noticed."""


class News(Enum):
    """What a call is about."""

    SILENT = "silent"
    WELL = "well"
    TRIAL = "trial"


@dataclass(slots=True)
class Watch:
    """What is known of one channel.

    Attributes:
        every: seconds between rounds while all is well.
        silent: the last round had no answer.
        called_at: when the silence was last called by a way that took it, None if nobody knows of it.
    """

    every: float
    silent: bool = False
    called_at: float | None = None

    def after(self, now: float, *, whole: bool) -> News | None:
        """A round is over: what is to be called now. A call that no way took is asked for again."""
        self.silent = not whole
        if whole:
            return News.WELL if self.called_at is not None else None
        due = self.called_at is None or now - self.called_at >= AGAIN_EVERY
        return News.SILENT if due else None

    def told(self, news: News, now: float) -> None:
        """The call was taken by at least one way."""
        self.called_at = now if news is News.SILENT else None

    def rest(self, took: float) -> float:
        """Seconds until the next round, counted from the beginning of the last."""
        every = min(self.every, LOOKS_AGAIN) if self.silent or self.called_at is not None else self.every
        return max(0.0, every - took)
