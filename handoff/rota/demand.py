"""Who is needed when: demand windows with attributes (rota.md §3.2, §3.11)."""

from dataclasses import dataclass
from enum import StrEnum

from handoff.model import Tier
from handoff.rota.series import Series
from handoff.rota.timing import Timing


class Source(StrEnum):
    """Where a demand window comes from; a forecast may write windows of its own, nobody does yet."""

    MANUAL = "manual"
    FORECAST = "forecast"


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """What can be missing: people of a tier, or those of them with an attribute.

    `attribute` is `language`, `skill` or another code, "" for the number of people alone; `value` is its
    value.
    """

    tier: Tier
    attribute: str = ""
    value: str = ""

    def __str__(self) -> str:  # pyright: ignore[reportImplicitOverride] -- typing.override came with 3.12
        return f"{self.tier}" if not self.attribute else f"{self.tier} {self.attribute}={self.value}"


@dataclass(frozen=True, slots=True)
class DemandWindow:
    """So many people are needed in each time of this window.

    Attributes:
        timing: when, on the wall clock of the rota; None where `series` says it.
        tier: of whom.
        total: how many.
        needs: attribute, value, how many of the `total` have it.
        series: windows of a calendar, None where `timing` says it; an event's X-REQUIRED is its total.
        source: see `Source`.
    """

    timing: Timing | None
    tier: Tier = Tier.PRIMARY
    total: int = 1
    needs: tuple[tuple[str, str, int], ...] = ()
    series: Series | None = None
    source: Source = Source.MANUAL
