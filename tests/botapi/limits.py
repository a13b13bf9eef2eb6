"""Flood limits as published: thirty messages a second in all, one to a chat, twenty a minute to a group."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from math import ceil
from time import monotonic

from tests.botapi.refusals import Refusal, flood


@dataclass
class Limits:
    """(messages, seconds) for everything, for one chat, for one group; None is no limit.

    A short burst to one chat passes. How long a one is not published: ten in five seconds is our guess.
    """

    overall: tuple[int, float] | None = (30, 1.0)
    chat: tuple[int, float] | None = (10, 5.0)
    group: tuple[int, float] | None = (20, 60.0)
    refused: int = 0
    _sent: dict[object, deque[float]] = field(
        default_factory=lambda: defaultdict[object, deque[float]](deque)
    )
    _until: dict[object, float] = field(default_factory=dict[object, float])

    @classmethod
    def off(cls) -> "Limits":
        return cls(None, None, None)

    def refuse(self, chat: int, *, seconds: int) -> None:
        """This chat is told to wait, whatever it sent."""
        self._until[chat] = monotonic() + seconds

    def check(self, chat: int, *, is_group: bool) -> None:
        """Count one message. Raises Refusal when it is one too many; then a wait begins."""
        now = monotonic()
        asked = [("overall", self.overall), (chat, self.group if is_group else self.chat)]
        for key, limit in asked:
            if now < self._until.get(key, 0.0):
                raise self._flood(self._until[key] - now)
            if limit is None:
                continue
            most, seconds = limit
            sent = self._sent[key]
            while sent and sent[0] <= now - seconds:
                sent.popleft()
            if len(sent) >= most:
                self._until[key] = sent[0] + seconds
                raise self._flood(self._until[key] - now)
        for key, limit in asked:
            if limit is not None:
                self._sent[key].append(now)

    def _flood(self, seconds: float) -> Refusal:
        self.refused += 1
        return flood(max(1, ceil(seconds)))
