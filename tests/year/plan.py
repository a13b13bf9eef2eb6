"""Three desks and their people: a week of shifts that keeps every limit, drawn with a seed.

Each desk has twenty volunteers: sixteen primary with four shifts of four hours a week, two backup, two
supervisors. One is on at every hour of the day, two from noon to midnight, by the desk's own clock.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from handoff.model import Tier

DESKS: Final[Mapping[str, str]] = {
    "south": "Europe/Bucharest",
    "west": "Europe/Prague",
    "north": "Europe/Vilnius",
}
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BLOCK: Final = 4  # hours
WEEK: Final = 7 * 24
APART: Final = 15  # hours between the beginnings of two shifts: eleven of rest
FREE: Final = 40  # hours without a duty, once a week


@dataclass(slots=True)
class Member:
    """One volunteer and the hours of the week her shifts begin at."""

    alias: str
    tier: Tier
    begins: list[int] = field(default_factory=list[int])

    def may_begin(self, hour: int) -> bool:
        """Whether one shift more leaves her the rest and the free time of every week."""
        if any(min((hour - other) % WEEK, (other - hour) % WEEK) < APART for other in self.begins):
            return False
        points = sorted([*self.begins, hour])
        rests = [later - earlier - BLOCK for earlier, later in itertools.pairwise(points)]
        return max([*rests, points[0] + WEEK - points[-1] - BLOCK]) >= FREE


def crew_of(desk: str, dice: Random) -> list[Member]:
    """Twenty people and their week."""
    name = desk.capitalize()
    members = [Member(f"{name} {number:02}", _tier(number)) for number in range(20)]
    for tier, most in ((Tier.PRIMARY, 4), (Tier.BACKUP, 4), (Tier.SUPERVISOR, 4)):
        mine = [one for one in members if one.tier is tier]
        for hour in _wanted(tier):
            able = [one for one in mine if len(one.begins) < most and one.may_begin(hour)]
            if able:
                fewest = min(len(one.begins) for one in able)
                dice.choice([one for one in able if len(one.begins) == fewest]).begins.append(hour)
    return members


def document(desk: str, members: list[Member]) -> str:
    """The desk's rota as a coordinator would write it."""
    lines = [
        f"  - {{who: {one.alias}, tier: {one.tier.value}, days: [{DAYS[hour // 24]}], "
        f"from: '{hour % 24:02}:00', to: '{(hour % 24 + BLOCK) % 24:02}:00'}}"
        for one in members
        for hour in sorted(one.begins)
    ]
    return f"zone: {DESKS[desk]}\nshifts:\n" + "\n".join(lines) + "\n"


def _tier(number: int) -> Tier:
    return Tier.PRIMARY if number < 16 else Tier.BACKUP if number < 18 else Tier.SUPERVISOR


def _wanted(tier: Tier) -> list[int]:
    """Hours of the week at which a shift of this tier is wanted: the hardest to fill first."""
    every = [day * 24 + hour for day in range(7) for hour in range(0, 24, BLOCK)]
    if tier is Tier.PRIMARY:
        return [*every, *(hour for hour in every if hour % 24 >= 12)]
    wanted = 20 if tier is Tier.BACKUP else 16
    return [hour for hour in every if hour % 24 == wanted]
