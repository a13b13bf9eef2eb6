"""Periodic jobs and what commands ask of the running service."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.model import Job
from bot.observability.metrics import Metrics
from bot.services import deadlines, overdue, turning, watchdog
from bot.services.erasing_asked import erase_asked
from bot.services.house import House
from bot.services.loading import load_library
from bot.services.staff.mirror import sweep
from bot.store import requests
from bot.store.crew import FREE, HOUSE, LeadLost, Term, require
from bot.store.moments import to_moment
from bot.store.store import Store
from bot.workers.aftermath import Aftermath
from bot.workers.wakes import Wakes
from channels.port import Channel, Watched

log = logging.getLogger(__name__)
EPOCH_LASTS = timedelta(hours=24)


class Jobs:
    """What the due loop calls for rows of kind `periodic`."""

    def __init__(
        self,
        store: Store,
        house: House,
        clock: Clock,
        wakes: Wakes,
        aftermath: Aftermath,
        config_dir: Path | None,
        metrics: Metrics,
        term: Callable[[], Term | None] = lambda: FREE,
    ) -> None:
        """`term` is that in which this process leads the house, if it does."""
        self._store = store
        self._house = house
        self._clock = clock
        self._wakes = wakes
        self._aftermath = aftermath
        self._config_dir = config_dir
        self._metrics = metrics
        self._term = term
        self._seen_version: int | None = None
        self._watched: dict[str, Watched] = {}
        self._unsent: set[str] = set()
        self._serves: Callable[[str], bool] = lambda _: True
        self._told: set[tuple[str, str]] = set()

    def watch(self, channels: Mapping[str, Channel], serves: Callable[[str], bool] = lambda _: True) -> None:
        """Look after the channels that hang on networks of others, while this process `serves` them."""
        self._serves = serves
        self._watched = {name: channel for name, channel in channels.items() if isinstance(channel, Watched)}

    async def do(self, job: str) -> None:
        """Do one job by name; an unknown name is recorded, not raised."""
        if job == Job.TURN_KEYS:
            if self._clock.now() - self._house.vault.epoch_begun >= EPOCH_LASTS:
                await self.turn_keys()
            elif len(self._house.vault.epochs) > 1:
                await self._finish_turn()  # a turn was cut short by a crash
        elif job == Job.FORGET_OLD:
            await self._store.write(lambda c: turning.forget_old(c, self._house, self._clock.now()))
        elif job == Job.REPAIR_DEADLINES:
            await self._repair()
        elif job == Job.LOOK_FOR_CHANGES:
            await self._look_for_changes()
        else:
            log.error("unknown job")

    async def turn_keys(self) -> None:
        """A new epoch: begin, wrap everything anew, commit, shred what is older (PR7). Safe to repeat."""
        turning.begin(self._house, self._clock.now())
        await self._finish_turn()

    async def _finish_turn(self) -> None:
        while await self._store.write(lambda c: turning.rewrap_some(c, self._house)):
            pass
        now = self._clock.now()
        term = self._term()

        def retire(connection: Any) -> frozenset[str]:
            if term is None:
                raise LeadLost(HOUSE)
            require(connection, term)
            return turning.retire(connection, self._house, now)

        retired = await self._store.write(retire)
        turning.shred(self._house, retired)

    async def health(self) -> list[str]:
        """Only what a restart could mend: the database. Empty when well."""
        try:
            await self._store.read(deadlines.in_hand)
        except Exception as failure:  # noqa: BLE001  whatever it is, the answer is "not well"
            return [f"database: {type(failure).__name__}"]
        return []

    async def readiness(self) -> list[str]:
        """What keeps the hotline from serving, in words without content; empty when ready."""
        now = self._clock.now()
        try:
            reasons = await self._store.write(lambda c: overdue.reasons(c, self._house.vault, now))
        except Exception as failure:  # noqa: BLE001  whatever it is, the answer is "not ready"
            return [f"database: {type(failure).__name__}"]
        reasons += [f"{name}: {reason}" for name, reason in self._troubles()]
        for desk, number in sorted(self._house.library.refused.items()):
            reasons.append(
                f"texts: revision {number} of desk {desk} is not offered: two people must sign it, and a "
                "practitioner vouch for its languages"
            )
        return [*reasons, "database: not everything could be stored"] if self._store.troubled else reasons

    def _troubles(self) -> list[tuple[str, str]]:
        mine = [(name, channel) for name, channel in self._watched.items() if self._serves(name)]
        return [(name, reason) for name, channel in mine for reason in channel.reasons()]

    def alarm(self) -> None:
        """Each trouble of a channel rings once when it begins; over the log and the counters, not over it."""
        troubles = set(self._troubles())
        for name, _ in sorted(troubles - self._told):
            log.error("a channel is in trouble: /readyz says which", extra={"channel": name})
            self._metrics.alerted("channel")
        self._told = troubles

    async def _repair(self) -> None:
        self.alarm()
        now = to_moment(self._clock.now())
        late = await self._store.read(lambda c: watchdog.late(c, now))
        if late:
            log.error("somebody waits past a deadline", extra={"count": late})
            self._metrics.alerted("late")
        missing = await self._store.write(lambda c: watchdog.look(c, self._house, now))
        if missing:
            log.error("deadlines missing", extra={"count": missing})
            self._metrics.alerted("unguarded")
        unsent = set(await self._store.read(lambda c: overdue.unsent(c, self._clock.now())))
        if unsent - self._unsent:  # told once, when it begins
            log.error("something does not go out: /readyz says what")
            self._metrics.alerted("unsent")
        self._unsent = unsent
        if missing or late:
            self._wakes.due.set()
        for channel in self._house.staff_channels:
            await self._store.write(lambda c, name=channel: sweep(c, self._house, name, now))
        waiting, live = await self._store.write(deadlines.in_hand)
        self._metrics.queue(waiting)
        self._metrics.live(live)

    async def read_anew(self) -> None:
        """Take in what was published since; every process for itself."""
        version = await self._store.write(requests.version)
        house, now = self._house, self._clock.now()
        ends = house.library.stands_until
        if (self._seen_version is not None and version != self._seen_version) or (ends and now >= ends):
            # Reading takes a good part of a second: beside the writer, not in it.
            fresh = await self._store.read(
                lambda c: load_library(c, house.vault, self._config_dir, now, house.mode)
            )
            house.library = fresh.or_else(house.library, house.desk)
        self._seen_version = version

    async def _look_for_changes(self) -> None:
        await self.read_anew()
        for asked in await self._store.write(requests.pending):
            await self._carry_out(asked)

    async def _carry_out(self, asked: requests.Request) -> None:
        if asked.kind is requests.RequestKind.ROTATE:
            await self.turn_keys()
        elif asked.kind is requests.RequestKind.ERASE:
            now = to_moment(self._clock.now())
            writes = await self._store.write(lambda c: erase_asked(c, self._house, asked.subject, now))
            self._aftermath.follow(tuple(writes.after))
        else:
            log.error("unknown request")
        await self._store.write(lambda c: requests.finish(c, asked.id, requests.RequestState.DONE))
