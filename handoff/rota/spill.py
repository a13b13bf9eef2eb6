"""Spill-over: people of another desk who help out while nobody is on at this one (design §7)."""

from dataclasses import dataclass
from enum import StrEnum

from handoff.model import Tier
from handoff.rota.timing import Timing


class SpillWhen(StrEnum):
    """When the other desk's people count here."""

    GAP = "gap"  # while nobody of this desk is on duty as primary
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Spill:
    """One desk whose people help out here.

    Attributes:
        desk: its id.
        when: see `SpillWhen`.
        takes: the tier they are on duty in at home.
        gives: the tier they count in here.
        timing: only at these times of this desk's clock; None for all.
    """

    desk: str
    when: SpillWhen = SpillWhen.GAP
    takes: Tier = Tier.PRIMARY
    gives: Tier = Tier.BACKUP
    timing: Timing | None = None
