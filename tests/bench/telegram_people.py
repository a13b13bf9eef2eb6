"""People in front of the double: each acts again once her act is answered whole; how long it took is kept."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from time import perf_counter

from bot.services.library import Library
from channels.message import InboundKind
from tests.bench.rig import ACTS_IN_A_TALK, Act
from tests.botapi.chats import Message
from tests.botapi.phone import Phone
from tests.faults.oracle import Oracle

MARK = 3  # characters behind a token in a button's data


def plan(library: Library, seed: int) -> tuple[Act, ...]:
    """A walk through the default script by taps, known beforehand: start, safe check, notice, then on."""
    dice, oracle = Random(seed), Oracle(library, channel="telegram", client_language="en")
    walked = [Act(InboundKind.ARRIVED, None, len(oracle.arrives().messages))]
    opening = ["hello.yes", "safe_check.no", "notice3.ok"]
    while len(walked) < ACTS_IN_A_TALK:
        token = opening.pop(0) if opening else oracle.next_tap(dice)
        walked.append(Act(InboundKind.CHOICE, token, len(oracle.taps(token).messages)))
    return tuple(walked)


@dataclass(slots=True, eq=False)
class Person:
    """Somebody who acts when told to; `new_phone` gives her another account for each talk."""

    new_phone: Callable[[], Phone]
    plans: list[tuple[Act, ...]] | None = None  # None: she writes, and is echoed
    latencies: list[float] = field(default_factory=list[float])
    acts: int = 0
    messages: int = 0
    _phone: Phone | None = None
    _talks: int = 0
    _next: int = 0
    _missing: int = 0
    _keys: dict[str, tuple[str, Message]] = field(default_factory=dict[str, tuple[str, Message]])
    _answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def live(self) -> None:
        """Act after act until cancelled."""
        while True:
            await self.act(perf_counter())

    async def act(self, since: float) -> None:
        """The next act, and all that answers it."""
        phone = self._phone or self._begin()
        self._answered.clear()
        if self.plans is None:
            self._missing = 1
            phone.writes("hello")
        else:
            plan = self.plans[self._talks % len(self.plans)]
            step = plan[self._next]
            self._missing = step.answers
            self._play(phone, step)
            self._next += 1
            if self._next == len(plan):
                self._talks, self._next, self._phone = self._talks + 1, 0, None
        if self._missing:
            await self._answered.wait()
        self.latencies.append(perf_counter() - since)
        self.acts += 1

    def _begin(self) -> Phone:
        phone = self._phone = self.new_phone()
        phone.on_change = self._see
        return phone

    def _play(self, phone: Phone, step: Act) -> None:
        if step.kind is InboundKind.ARRIVED:
            phone.starts()
            return
        data, message = self._keys[step.choice or ""]
        phone.taps_data(data, message)

    def _see(self, what: str, message: Message) -> None:
        if what != "new" or not message.from_bot:
            return
        if message.keyboard:
            self._keys = {
                key["callback_data"][:-MARK]: (key["callback_data"], message)
                for row in message.keyboard
                for key in row
            }
        self.messages += 1
        self._missing -= 1
        if self._missing == 0:
            self._answered.set()
