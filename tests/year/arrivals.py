"""Who comes to her shift and who does not: check-ins, no-shows, and those the service asks to step in."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import Connection

from bot.services import check_in, cover_calls, cover_rows, people
from bot.services.cover_rows import Answer, Cover
from bot.services.desk import DeskRefusal
from bot.services.swap_checks import SwapRefused
from handoff.rota.questions import whole_duties
from tests.year.house import YearTown
from tests.year.plan import DESKS
from tests.year.rota_days import SAYS_YES

STAYS_AWAY: Final = 0.01
A_DAY: Final = timedelta(days=1)
MISSED_AT: Final = timedelta(minutes=6)  # the service asks around five minutes after the beginning
ANSWERS_EVERY: Final = timedelta(minutes=12)


@dataclass
class Arrivals:
    """The volunteers at the beginning of their shifts. `at` says when something happens."""

    town: YearTown
    dice: Random
    counted: Counter[str]
    at: Callable[[datetime, Callable[[], Awaitable[None]]], None]

    def begin(self, day: datetime) -> None:
        """A day begins: everybody whose shift begins in it will come, or will not."""
        for desk in DESKS:
            rota = self.town.house.library.boards[desk].rota
            for duty in whole_duties(rota, day, day + A_DAY):
                if not day <= duty.start < day + A_DAY:
                    continue
                if self.dice.random() < STAYS_AWAY:
                    self.at(duty.start, lambda who=duty.volunteer: self._stays_away(who))
                    self.at(duty.start + MISSED_AT, self._are_asked)
                else:
                    early = timedelta(minutes=self.dice.uniform(0, 10))
                    self.at(duty.start - early, lambda who=duty.volunteer: self._comes(who))

    async def _comes(self, alias: str) -> None:
        town = self.town
        try:
            town.write(lambda c: check_in.check_in(c, town.house, town.ids[alias], town.now))
        except DeskRefusal:
            self.counted["came, and was not on"] += 1  # the shift was changed since the day began
        await town.settle()

    async def _stays_away(self, alias: str) -> None:
        town = self.town
        town.write(lambda c: people.set_present(c, town.ids[alias], False))
        self.counted["no-show"] += 1
        await town.settle()

    async def _are_asked(self) -> None:
        """Whoever was asked to step in says yes or no; when the first says yes the question is over."""
        town = self.town
        waiting = town.read(lambda c: cover_rows.all_open(c, town.house))
        for cover in waiting:
            self._answer(cover)
        if waiting:
            town.boards_anew()
            await town.settle()
            self.at(town.clock.at + ANSWERS_EVERY, self._are_asked)

    def _answer(self, cover: Cover) -> None:
        town = self.town
        said = town.read(lambda c: cover_rows.answers(c, cover.id))
        for person in sorted(one for one, answer in said.items() if answer is Answer.NONE):
            if self.dice.random() < SAYS_YES:
                try:
                    town.write(lambda c, p=person: _yes(c, town, cover.id, p))
                except SwapRefused:
                    continue
                self.counted["stepped in"] += 1
                return
            town.write(lambda c, p=person: cover_calls.say_no(c, town.house, cover.id, p, town.now))


def _yes(connection: Connection, town: YearTown, cover: str, person: str) -> None:
    """She takes what is left of it, and is there."""
    cover_calls.say_yes(connection, town.house, cover, person, person, town.now)
    people.set_present(connection, person, True)
