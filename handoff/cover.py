"""Who is asked first to step in: lowest hours, then least recently asked, at most twice a week (§3.9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handoff.care import DEFAULT_CARE, CarePolicy

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who could step in, and nothing speaks against it.

    Attributes:
        person: id.
        hours: planned in the week of the shift.
        asked_at: when she was asked to step in before.
        credit: what the fairness ledger says; 0 until there is one, and then it counts before hours.
    """

    person: str
    hours: float
    asked_at: tuple[datetime, ...] = ()
    credit: float = 0.0


def asked_first(
    candidates: Iterable[Candidate], now: datetime, policy: CarePolicy = DEFAULT_CARE
) -> tuple[str, ...]:
    """People to ask, in order; whoever was asked often enough in the last seven days is left out."""

    def place(one: Candidate) -> tuple[float, float, float, str]:
        last = max((at.timestamp() for at in one.asked_at), default=float("-inf"))
        return one.credit, one.hours, last, one.person

    may = [one for one in candidates if len(_lately(one, now)) < policy.asks_in_a_week]
    return tuple(one.person for one in sorted(may, key=place))


def _lately(candidate: Candidate, now: datetime) -> list[datetime]:
    return [at for at in candidate.asked_at if now - WEEK < at]
