"""How a desk asks its volunteers: one function per strategy, and the one place where another is added.

A strategy says how many people of each tier may be asked at a time once a rung is reached. Broadcast,
sequential and round robin would be functions here and members of `Strategy`.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from handoff.model import Tier

Rungs = Sequence[tuple[Tier, int | None]]
Room = Mapping[Tier, int | None]
"""Tier → how many of it may be asked at a time; None for all."""


class Strategy(StrEnum):
    """How people are asked."""

    WAVES = "waves"  # the best two, then three more, then all of the tier
    PULL = "pull"  # primary volunteers take the next one themselves; the ladder asks the other tiers


def waves(reached: Rungs) -> Room:
    """Everyone a rung so far allows."""
    found: dict[Tier, int | None] = {}
    for tier, at_most in reached:
        earlier = found.get(tier, 0)
        unbounded = earlier is None or at_most is None
        found[tier] = None if unbounded else max(earlier or 0, at_most or 0)
    return found


def pull(reached: Rungs) -> Room:
    """As waves, but primary volunteers are rung for nothing: they take the next one when they are ready."""
    return {tier: at_most for tier, at_most in waves(reached).items() if tier is not Tier.PRIMARY}


ROOM: Final[Mapping[Strategy, Callable[[Rungs], Room]]] = {Strategy.WAVES: waves, Strategy.PULL: pull}
