"""Whether a planned duty stands when its time comes: leave, having left, and training that lapsed meanwhile.

Applied over the final rota, before anybody is told who is on duty (rota.md §3.5: "leave and blocked, then
duty"). What does not stand counts as missing: hours that only such people hold are not open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from handoff.limits import Span, joined
from handoff.model import Duty
from handoff.training import NO_TRAINING, Completion, Training, lacking

UNIVERSAL: Final = ZoneInfo("UTC")
ONE_SHIFT = timedelta(hours=25)
"""No shift is longer: duties that follow each other without a gap are judged a day at a time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one volunteer. `roles` are those she has at the desk."""

    away: tuple[Span, ...] = ()
    completions: tuple[Completion, ...] = ()
    roles: frozenset[str] = frozenset()


NOTHING_KNOWN = Standing()


@dataclass(frozen=True, slots=True)
class Standings:
    """What is known of everybody at a desk, by casefolded alias; whoever is not named stands."""

    people: Mapping[str, Standing] = field(default_factory=dict[str, Standing])
    training: Training = NO_TRAINING
    zone: ZoneInfo = UNIVERSAL

    def of(self, alias: str) -> Standing:
        """One volunteer's."""
        return self.people.get(alias.casefold(), NOTHING_KNOWN)

    def stand(self, duties: Iterable[Duty], at: datetime) -> tuple[Duty, ...]:
        """Those of the duties at `at` that stand; each ends when a leave begins."""
        kept = (self._standing(duty, at) for duty in duties)
        return tuple(duty for duty in kept if duty is not None)

    def stand_between(self, duty: Duty) -> tuple[Span, ...]:
        """The parts of one duty that stand: without leave, and with training that holds to its end."""
        edges = {duty.start, duty.end, *(edge for span in self.of(duty.volunteer).away for edge in span)}
        inside = sorted(edge for edge in edges if duty.start <= edge <= duty.end)
        pieces = ((start, end) for start, end in pairwise(inside))
        return tuple((start, end) for start, end in pieces if self._standing(duty, start) is not None)

    def next_edge(self, at: datetime) -> datetime | None:
        """The first moment after `at` when somebody's leave begins or ends, or a completion may lapse."""
        spans = [span for one in self.people.values() for span in one.away]
        edges = [edge for span in spans for edge in span if edge > at]
        return min(edges, default=None)

    def _standing(self, duty: Duty, at: datetime) -> Duty | None:
        known = self.of(duty.volunteer)
        away = joined(known.away)
        if any(start <= at < end for start, end in away):
            return None
        begins = max([duty.start, *(end for _, end in away if end <= at)])
        ends = min([duty.end, *(start for start, _ in away if start > at)])
        needed = self.training.needed(duty.tier, known.roles)
        if needed and lacking(needed, known.completions, min(ends, at + ONE_SHIFT), self.zone):
            return None
        return replace(duty, start=begins, end=ends)
