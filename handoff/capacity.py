"""How much one volunteer can hold: load units, not chats (rota.md §3.7).

A calm chat weighs 1, one of high risk 2, one that rests (she has long been silent, nothing is owed) 0.25.
What was offered counts from the moment of the offer. Whoever holds nothing may take any one chat; whoever
holds one of high risk takes no other; nobody ever holds more than three (domain E).
"""

from collections.abc import Iterable
from typing import Final

from handoff.model import HIGH_RISK, LoadClass, Urgency, Volunteer

MOST_CHATS: Final = 3
CALM: Final = 1.0
HEAVY: Final = 2.0
RESTING: Final = 0.25
BY_CLASS: Final = {LoadClass.TRAINEE: 1, LoadClass.STANDARD: 1, LoadClass.SENIOR: 2}
"""Units where nobody set a limit."""


def weight(urgency: Urgency) -> float:
    """Load units of one chat that is under way."""
    return HEAVY if urgency in HIGH_RISK else CALM


def smallest_explicit(limits: Iterable[int | None], load_class: LoadClass) -> int:
    """The limit that holds: the smallest anybody set (volunteer, shift, rota), else the one of her class.

    A trainee holds one chat whatever is set.
    """
    explicit = [limit for limit in limits if limit is not None]
    limit = min(explicit) if explicit else BY_CLASS[load_class]
    return min(limit, 1) if load_class is LoadClass.TRAINEE else limit


def room(volunteer: Volunteer) -> int:
    """Load units she can hold now: her limit, and one more where she asked for it."""
    if volunteer.load_class is LoadClass.TRAINEE:
        return min(volunteer.max_chats, 1)
    return max(volunteer.max_chats, 0) + (1 if volunteer.one_more else 0)


def units(volunteer: Volunteer) -> float:
    """Load units she holds now, offers included."""
    calm = sum(urgency not in HIGH_RISK for urgency in volunteer.holding)
    resting = min(volunteer.resting_chats, calm)
    return sum(map(weight, volunteer.holding)) - resting * (CALM - RESTING)


def load(volunteer: Volunteer) -> float:
    """The part of her room that is taken: 0.0 free, 1.0 full; a heavy chat may make it more than full."""
    most = min(room(volunteer), MOST_CHATS)
    return units(volunteer) / most if most > 0 else 1.0


def has_room(volunteer: Volunteer, urgency: Urgency, *, offered: bool = False) -> bool:
    """Whether one more chat of this urgency fits; `offered`: it is among what she holds already."""
    held = list(volunteer.holding)
    taken = units(volunteer)
    if offered and urgency in held:
        held.remove(urgency)
        taken -= weight(urgency)
    if not HIGH_RISK.isdisjoint(held) or len(held) >= MOST_CHATS or room(volunteer) < 1:
        return False
    return not held or taken + weight(urgency) <= room(volunteer)
