"""A form acts once, however often it is sent: a double click must not send her the same words twice."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from bot.web.console import words
from handoff.flags import Flags

MOST_REMEMBERED: Final = 4_000
NO_FLAGS: Final = Flags()


@dataclass(frozen=True, slots=True)
class Refused:
    """What kept an act from being done; `flags` are what to look at before words go out."""

    told: str
    flags: Flags = NO_FLAGS


@dataclass(slots=True)
class Once:
    """Numbers of forms acted upon, each with what came of it; the oldest are forgotten."""

    _done: "OrderedDict[str, asyncio.Future[Refused | None]]" = field(
        default_factory=OrderedDict[str, "asyncio.Future[Refused | None]"]
    )

    async def act(self, number: str, work: Callable[[], Awaitable[Refused | None]]) -> Refused | None:
        """Do `work` unless a form of this number was acted upon: then what came of that is told again.

        After a refusal the number is free: nothing was done.
        """
        if number in self._done:
            return await asyncio.shield(self._done[number])
        came: asyncio.Future[Refused | None] = asyncio.get_running_loop().create_future()
        self._done[number] = came
        while len(self._done) > MOST_REMEMBERED:
            self._done.popitem(last=False)
        refused: Refused | None = Refused(words.REFUSAL["FAILED"])
        try:
            refused = await work()
        finally:
            came.set_result(refused)
            if refused is not None:
                self._done.pop(number, None)
        return refused
