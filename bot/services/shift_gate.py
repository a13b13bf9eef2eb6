"""May she have a shift that somebody else has now? Asked when a swap or a cover is taken, and at approval.

Beside hours, rest, leave and training (`shift_checks`): a role at the desk that the tier needs, and nobody
there from whom she is kept apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.model import NETWORK_DESK, Role
from bot.services import hours, pairs, people, shift_checks
from bot.services.house import House
from bot.services.people import Person
from bot.store.moments import from_moment
from handoff.limits import Span
from handoff.model import Duty, Refusal, Tier
from handoff.rota.resolve import final_duty
from handoff.shifts import Objection, Wanted, what_is_left

ANSWERS = (Role.VOLUNTEER, Role.SUPERVISOR)
ROLES_FOR = {Tier.PRIMARY: ANSWERS, Tier.BACKUP: ANSWERS, Tier.SUPERVISOR: (Role.SUPERVISOR,)}
"""The role somebody must have at the desk; a shadow needs any."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of somebody: a piece of duty at a desk, which `holder` has now (a person id)."""

    desk: str
    duty: Duty
    holder: str
    gives: tuple[Span, ...] = ()
    closes_at: datetime | None = None


def against(
    connection: Connection, house: House, asked: Asked, everybody: Iterable[Person], now: int
) -> dict[str, tuple[Objection, ...]]:
    """Person id → everything that speaks against her having what is left of it; `house` as recorded."""
    known = list(everybody)
    left = what_is_left(asked.duty.start, asked.duty.end, from_moment(now))
    if left is None:
        return {person.id: (Objection(Refusal.TOO_LATE),) for person in known}
    there = _there(house, asked, left)
    supervisors = [(duty.start, duty.end) for duty in there if duty.tier is Tier.SUPERVISOR]
    wanted = Wanted(
        asked.duty.tier, *left, closes_at=asked.closes_at, supervised=not hours.without([left], supervisors)
    )
    by_rules = shift_checks.sign_up_each(connection, house, asked.desk, known, wanted, now, gives=asked.gives)
    colleagues = people.called(connection, house, {duty.volunteer for duty in there}).values()
    present = {asked.holder, *(person.id for person in colleagues)}
    found: dict[str, tuple[Objection, ...]] = {}
    for person in known:
        more = [] if _has_role(person, asked) else [Objection(Refusal.NOT_ALLOWED)]
        if pairs.kept_from(connection, person.id, now) & (present - {person.id}):
            more.append(Objection(Refusal.BLOCKED_PAIR))
        found[person.id] = (*by_rules[person.id], *more)
    return found


def _there(house: House, asked: Asked, left: Span) -> list[Duty]:
    """Who else is on duty at the desk in this time."""
    board = house.library.boards[asked.desk]
    holder = asked.duty.volunteer.casefold()
    duties = final_duty(board.rota, *left, board.others)
    return [duty for duty in duties if duty.volunteer.casefold() != holder]


def _has_role(person: Person, asked: Asked) -> bool:
    needed = ROLES_FOR.get(asked.duty.tier)
    if needed is None:
        return any(where in {asked.desk, NETWORK_DESK} for _, where in person.grants)
    return any(person.has(role, asked.desk) for role in needed)
