"""The year itself: women write, volunteers answer, fall ill, swap; everything drawn with one seed.

A stepped clock goes from one thing to the next: what a person does, or what the service stored as due.
"""

import heapq
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.services import calling_back, people
from bot.services.claims import DeskRefusal
from bot.store import people_tables as p, tables as t
from bot.store.callback_table import callback
from channels.message import InboundKind
from handoff.model import Outcome
from tests.fakes.channel import Person
from tests.services.test_callbacks import PING
from tests.town import Chat
from tests.year.arrivals import Arrivals
from tests.year.house import YearTown
from tests.year.plan import DESKS
from tests.year.rota_days import RotaDays

_AWAY: Final = select(p.attendance.c.person).where(p.attendance.c.pause == "away")
A_DAY: Final = 40  # conversations, over all desks
SURGE: Final = 3.0  # on one day in ten the evening brings so many times more
BY_HOUR: Final = (2, 1, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6, 6, 6, 7, 8, 9, 10, 10, 9, 6, 4)
IN_DANGER: Final = 0.06
TALKS: Final = timedelta(minutes=22)
TOKENS: Final = ("hello.yes", "safe_check.no", "notice3.person", "consent.yes")
COMES_BACK: Final = 0.7  # of those who are called back
MISSES: Final = 0.06  # offers nobody looks at


@dataclass
class Woman:
    """One conversation, from her side."""

    handle: str
    desk: str
    person: Person
    came: datetime
    urgency: str = ""
    waited: float = -1.0  # seconds until somebody accepted
    end: str = ""  # answered, called_back, promised, told, left


@dataclass
class Year:
    """The loop and the people in it."""

    town: YearTown
    dice: Random
    days: RotaDays
    a_day: int = A_DAY
    women: list[Woman] = field(default_factory=list[Woman])
    by_conversation: dict[str, Woman] = field(default_factory=dict[str, Woman])
    busiest: Counter[str] = field(default_factory=Counter[str])
    ahead: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = field(default_factory=list)
    order: "count[int]" = field(default_factory=count)
    asked: set[str] = field(default_factory=set[str])
    taking: set[str] = field(default_factory=set[str])
    back: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        """The volunteers come to their shifts by the same clock."""
        self.arrivals = Arrivals(self.town, self.dice, self.days.counted, self.at)

    def at(self, moment: datetime, what: Callable[[], Awaitable[None]]) -> None:
        """Something happens then."""
        heapq.heappush(self.ahead, (moment, next(self.order), what))

    def after(self, what: Callable[[], Awaitable[None]], **by: float) -> None:
        """Something happens a while from now."""
        self.at(self.town.clock.at + timedelta(**by), what)

    async def run(self, days: int) -> None:
        """Live so many days; what was begun then is let end."""
        begin = self.town.clock.at
        for day in range(days):
            await self._a_day(begin + timedelta(days=day))
        await self._until(begin + timedelta(days=days))

    async def _a_day(self, day: datetime) -> None:
        await self._until(day)
        self.town.night()
        self.days.begin(day)
        self.arrivals.begin(day)
        for hour in range(0, 24, 2):
            self.at(day + timedelta(hours=hour), self._look)
        surge = SURGE if self.dice.random() < 0.1 else 1.0
        for desk, zone in DESKS.items():
            for hour in range(24):
                local = (day + timedelta(hours=hour)).astimezone(ZoneInfo(zone)).hour
                many = self.a_day / len(DESKS) * BY_HOUR[local] / sum(BY_HOUR)
                many *= surge if local >= 18 else 1.0
                for _ in range(self._drawn(many)):
                    moment = day + timedelta(hours=hour, seconds=self.dice.randrange(3600))
                    self.at(moment, lambda d=desk: self._writes(d))

    def _drawn(self, many: float) -> int:
        """How many come where `many` are expected: arrivals at random."""
        at, found = self.dice.expovariate(1.0), 0
        while at < many:
            at, found = at + self.dice.expovariate(1.0), found + 1
        return found

    async def _until(self, end: datetime) -> None:
        while self.ahead and self.ahead[0][0] <= end:
            moment, _, what = heapq.heappop(self.ahead)
            await self._passes(max(moment, self.town.clock.at))
            await what()
            self._offers()
        await self._passes(end)

    async def _passes(self, moment: datetime) -> None:
        """To `moment`, stopping at what is due; whoever is offered a chat meanwhile looks at it first."""
        town = self.town
        while (due := town.soonest()) is not None and due <= moment:
            await town.goes_to(due, moment)
            self._offers()
            if self.ahead and self.ahead[0][0] < moment and self.ahead[0][0] >= town.clock.at:
                early, _, what = heapq.heappop(self.ahead)
                await self._passes(early)
                await what()
                self._offers()
        town.clock.at = max(town.clock.at, moment)

    async def _look(self) -> None:
        await self.town.watchdog()

    # --- she ------------------------------------------------------------------------------------------
    async def _writes(self, desk: str) -> None:
        town, number = self.town, len(self.women)
        town.house.desk = desk
        handle = f"w{number}"
        woman = Woman(handle, desk, town.woman(handle, "telegram"), town.clock.at)
        self.women.append(woman)
        woman.person.arrives()
        for token in TOKENS:
            woman.person._acts_as(InboundKind.CHOICE, choice=token)
        if self.dice.random() < IN_DANGER:
            woman.person.types("he will kill me")
        await town.settle()
        row = self._newest(woman)
        if row is None:
            await self._out_of_hours(woman)
            return
        self.after(lambda: self._loses_patience(woman), minutes=15 + self.dice.expovariate(1 / 30))

    def _newest(self, woman: Woman) -> str | None:
        rows = self.town.read(
            lambda c: c.execute(
                select(t.handoff.c.id, t.handoff.c.conversation).where(
                    t.handoff.c.state == "waiting", t.handoff.c.desk == woman.desk
                )
            ).all()
        )
        fresh = [row for row in rows if row.conversation not in self.by_conversation]
        for row in fresh:
            self.by_conversation[row.conversation] = woman
        return fresh[0].id if fresh else None

    async def _out_of_hours(self, woman: Woman) -> None:
        """Nobody is on: she picks hours for a callback, or leaves it."""
        labels = {c.label: c.token for line in woman.person.screen for c in line.choices}
        if "The weather" not in labels:
            woman.end = "told"
            return
        woman.person._acts_as(InboundKind.CHOICE, choice=labels["The weather"])
        await self.town.settle()
        choices = [c for line in woman.person.screen for c in line.choices if c.token.startswith("callback.")]
        if choices and self.dice.random() < 0.5:
            woman.person._acts_as(InboundKind.CHOICE, choice=self.dice.choice(choices).token)
            await self.town.settle()
            woman.end = "promised"
        else:
            woman.end = "told"

    async def _loses_patience(self, woman: Woman) -> None:
        if woman.waited >= 0 or woman.end:
            return
        state, told = self._state_of(woman), self.town.seen[woman.handle]
        if state == "closed" and not told.busy:
            # Her window was over when the search ended: the line is held, and her next act brings it (PR4).
            await self._acts_again(woman)
            self.town.counted["told at her next act"] += told.busy
        if state == "closed" and told.busy:
            woman.end = "told"  # all people are busy, and what she can do instead
            return
        if state != "waiting":
            self.town.faults.append(f"{woman.came}: {woman.handle} waits and her hand-off is {state}")
        woman.end = "left"
        woman.person.types("hide")
        await self.town.settle()

    async def _acts_again(self, woman: Woman) -> None:
        """She looks at the chat once more, writes, and answers whether it is safe where she is asked."""
        woman.person.types("is anybody there")
        await self.town.settle()
        for token in TOKENS[:2]:
            if any(choice.token == token for line in woman.person.screen[-3:] for choice in line.choices):
                woman.person._acts_as(InboundKind.CHOICE, choice=token)
                await self.town.settle()

    def _state_of(self, woman: Woman) -> str:
        hers = [talk for talk, known in self.by_conversation.items() if known is woman]
        rows = self.town.rows(t.handoff, t.handoff.c.conversation.in_(hers))
        return "+".join(sorted(f"{row.state}" for row in rows))

    # --- those who answer ------------------------------------------------------------------------------
    def _offers(self) -> None:
        """Who has a new offer looks at it within a minute, or does not."""
        rows = self.town.read(lambda c: c.execute(select(t.offer).where(t.offer.c.state == "pending")).all())
        for row in rows:
            if row.id in self.asked:
                continue
            self.asked.add(row.id)
            if self.dice.random() >= MISSES:
                self.after(
                    lambda o=row: self._accepts(o.handoff, o.person),
                    seconds=6 + self.dice.expovariate(1 / 18),
                )
        for person in self.town.read(lambda c: c.execute(_AWAY).scalars().all()):
            if person not in self.back:  # she missed two offers, reads the ring, and says that she is there
                self.back.add(person)
                self.after(lambda who=person: self._is_back(who), minutes=5 + self.dice.expovariate(1 / 5))
        self._callbacks()

    async def _is_back(self, person: str) -> None:
        self.back.discard(person)
        self.town.write(lambda c: people.set_present(c, person, True))
        await self.town.settle()

    def _callbacks(self) -> None:
        now = self.town.now
        rows = self.town.read(
            lambda c: c.execute(
                select(callback).where(callback.c.state == "promised", callback.c.starts_at <= now)
            ).all()
        )
        for row in rows:
            if row.id not in self.taking:
                self.taking.add(row.id)
                self.after(lambda r=row: self._calls_back(r.id), minutes=2 + self.dice.expovariate(1 / 10))

    async def _calls_back(self, identifier: str) -> None:
        """Somebody of those on duty is ready; if all are busy, they look again."""
        town = self.town
        row = next(iter(town.rows(callback, callback.c.id == identifier)), None)
        if row is None or row.state != "promised":
            return
        board = town.house.library.boards[row.desk]
        there = [duty.volunteer for duty in board.at(town.clock.at)]
        for alias in there:
            person = town.ids[alias]
            try:
                sent = town.write(
                    lambda c, p=person: calling_back.take(c, town.house, identifier, p, town.now)
                )
            except DeskRefusal:
                continue
            town.counted["callback.sent" if sent else "callback.here"] += 1
            await town.settle()
            self._hers(row.desk)
            return
        if town.now < row.ends_at:
            self.after(lambda: self._calls_back(identifier), minutes=10)

    def _hers(self, desk: str) -> None:
        """Whoever has just been written to comes back within minutes, or does not."""
        for woman in self.women:
            if woman.end == "promised" and PING in woman.person.texts():
                woman.end = "called_back"
                if self.dice.random() < COMES_BACK:
                    self.after(
                        lambda w=woman: self._returns(w, desk), minutes=1 + self.dice.expovariate(1 / 4)
                    )

    async def _returns(self, woman: Woman, desk: str) -> None:
        """She answers the line, and asks for a person once more."""
        self.town.house.desk = desk
        for token in TOKENS:
            woman.person._acts_as(InboundKind.CHOICE, choice=token)
        await self.town.settle()
        if self._newest(woman) is not None:
            self.town.counted["callback.answered"] += 1

    async def _accepts(self, handoff: str, person: str) -> None:
        town = self.town
        alias = next(name for name, known in town.ids.items() if known == person)
        row = next(iter(town.rows(t.handoff, t.handoff.c.id == handoff)), None)
        if row is None:
            return
        try:
            chat = town.accept(alias, handoff)
        except DeskRefusal:
            return
        self._check_load(person)
        woman = self.by_conversation[row.conversation]
        if woman.waited < 0:
            woman.waited, woman.urgency = (town.now - row.queued_at) / 1e6, row.urgency
        woman.end = "answered"
        await town.settle()
        length = max(timedelta(minutes=4), timedelta(minutes=self.dice.expovariate(1 / (TALKS.seconds / 60))))
        self.after(lambda: self._speaks(chat, woman, town.clock.at + length), seconds=20)

    def _check_load(self, person: str) -> None:
        """Never above her limit: one chat for everybody here."""
        held = self.town.rows(t.handoff, t.handoff.c.state == "active", t.handoff.c.person == person)
        self.busiest[person] = max(self.busiest[person], len(held))
        if len(held) > 1:
            self.town.faults.append(f"{self.town.clock.at}: somebody holds {len(held)} chats")

    async def _speaks(self, chat: Chat, woman: Woman, ends: datetime) -> None:
        """She writes, a volunteer answers, every few minutes; then the chat is closed."""
        town = self.town
        try:
            if town.clock.at >= ends:
                chat.closes(Outcome.TALKED)
                await town.settle()
                return
            chat.writes("I am here.")
        except DeskRefusal:
            return
        await town.settle()
        woman.person.types("thank you")
        await town.settle()
        self.after(lambda: self._answers(chat, woman, ends), seconds=40 + self.dice.expovariate(1 / 30))

    async def _answers(self, chat: Chat, woman: Woman, ends: datetime) -> None:
        try:
            chat.writes("Take your time.")
        except DeskRefusal:
            return
        await self.town.settle()
        rest = min(self.town.clock.at + timedelta(minutes=8), max(ends, self.town.clock.at))
        self.at(rest, lambda: self._speaks(chat, woman, ends))
