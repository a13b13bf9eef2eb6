"""The sink that channels hand their batches to: returns only after the commit (PR1)."""

import logging
from typing import Any

from bot.clock import Clock
from bot.observability.metrics import Metrics
from bot.services.apart import HOUSE_FAULTS
from bot.services.house import House
from bot.services.intake import take_batch
from bot.services.turns import TurnsTaken, take_turns
from bot.store.crew import FREE, Term, require
from bot.store.moments import to_moment
from bot.store.store import Store
from bot.store.writes import Writes
from bot.workers.aftermath import Aftermath
from bot.workers.correspondents import Correspondents
from bot.workers.inbox import follow
from bot.workers.wakes import Wakes
from channels.message import Batch

log = logging.getLogger(__name__)
FEW = 8  # acts answered in the commit that stores them; with more the channel goes on fetching meanwhile


class IntakeDesk:
    """Takes batches of every channel."""

    def __init__(
        self,
        store: Store,
        house: House,
        clock: Clock,
        wakes: Wakes,
        aftermath: Aftermath,
        metrics: Metrics,
        correspondents: Correspondents | None = None,
    ) -> None:
        self._store = store
        self._house = house
        self._clock = clock
        self._wakes = wakes
        self._aftermath = aftermath
        self._metrics = metrics
        self._correspondents = correspondents or Correspondents()

    async def take(self, batch: Batch, term: Term = FREE) -> None:
        """Store a batch, in the term in which its channel is read.

        Raises what the database raised, and `LeadLost`; then nothing of it was stored.
        """
        now = to_moment(self._clock.now())

        def work(connection: Any, *, answer: bool) -> tuple[Writes, TurnsTaken | None]:
            require(connection, term)
            writes = take_batch(connection, self._house, batch, now)
            return writes, self._answer_at_once(connection, now) if answer else None

        try:
            few = 0 < len(batch.messages) <= FEW
            writes, taken = await self._store.write(lambda c: work(c, answer=few))
        except HOUSE_FAULTS:  # of the answers, perhaps: then what came is stored without them
            writes, taken = await self._store.write(lambda c: work(c, answer=False))
        self._correspondents.note(writes.correspondents)
        self._metrics.received(batch.channel, len(batch.messages), batch.poison)
        if taken is not None:
            follow(taken, now, self._wakes, self._aftermath)
        if taken is None or taken.more:
            self._wakes.inbox.set()
        if batch.reconnections or batch.seen:
            self._wakes.outbox.set()
        if writes.after:
            self._aftermath.follow(tuple(writes.after))

    def _answer_at_once(self, connection: Any, now: int) -> TurnsTaken | None:
        """Answer in the same commit: one more would cost every reply its time. What fails is left unread.

        The batch is stored whatever becomes of this; the inbox loop tries again, and tells what is wrong.
        A fault of the house is raised: the database may have undone the batch too (PR1).
        """
        try:
            with connection.begin_nested():
                return take_turns(connection, self._house, now)
        except HOUSE_FAULTS:
            raise
        except Exception as failure:
            log.error("turns failed at intake", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            return None
