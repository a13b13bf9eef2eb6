"""The shifts of one person at every desk, as far ahead as they are published."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.services.house import House
from handoff.model import Duty
from handoff.rota.planning import horizon
from handoff.rota.questions import whole_duties

SHOWN_AHEAD: Final = timedelta(days=56)
"""How far ahead she sees her shifts where the rota sets no bound."""
LONGEST_AHEAD: Final = timedelta(days=100)
"""How far ahead a single shift of hers is looked for."""


@dataclass(frozen=True, slots=True)
class OwnDuty:
    """One shift, or part of one, that she has at a desk."""

    desk: str
    duty: Duty


def shifts_of(
    house: House, alias: str, since: datetime, until: datetime, now: datetime
) -> tuple[OwnDuty, ...]:
    """Everything she has that lies partly between the two and is published, by its beginning."""
    who = alias.casefold()
    found: list[OwnDuty] = []
    for desk, board in sorted(house.library.boards.items()):
        ends = horizon(board.rota, now)
        last = until if ends is None else min(until, ends)
        if last <= since:
            continue
        found += [
            OwnDuty(desk, duty)
            for duty in whole_duties(board.rota, since, last)
            if duty.volunteer.casefold() == who and (ends is None or duty.start < ends)
        ]
    return tuple(sorted(found, key=lambda one: (one.duty.start, one.desk, one.duty.instance)))
