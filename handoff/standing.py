"""Whether a planned duty stands when its time comes: training that lapsed meanwhile takes it out.

Applied over the final rota, before anybody is told who is on duty. What does not stand counts as missing:
hours that only such people hold are not open. Leave is the rota's own (`handoff.rota.absence`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from handoff.limits import Span
from handoff.model import Duty
from handoff.training import NO_TRAINING, Completion, Training, lacking

UNIVERSAL: Final = ZoneInfo("UTC")
ONE_SHIFT = timedelta(hours=25)
"""No shift is longer: duties that follow each other without a gap are judged a day at a time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one volunteer. `roles` are those she has at the desk."""

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
        """Those of the duties at `at` that stand."""
        return tuple(duty for duty in duties if self._stands(duty, at))

    def stand_between(self, duty: Duty) -> tuple[Span, ...]:
        """The parts of one duty that stand: all of it, or nothing where training does not hold to its end."""
        return ((duty.start, duty.end),) if self._stands(duty, duty.start) else ()

    def _stands(self, duty: Duty, at: datetime) -> bool:
        known = self.of(duty.volunteer)
        needed = self.training.needed(duty.tier, known.roles)
        ends = min(duty.end, at + ONE_SHIFT)
        return not needed or not lacking(needed, known.completions, ends, self.zone)
