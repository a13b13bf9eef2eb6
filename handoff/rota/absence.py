"""Time in which somebody is not on duty, whatever the rota plans: leave, and being blocked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handoff.rota.spans import Span, joined


class AbsenceKind(StrEnum):
    """Why; the reason itself is nobody's business here."""

    LEAVE = "leave"
    BLOCKED = "blocked"  # a certificate lapsed, or somebody was suspended: counts as missing


@dataclass(frozen=True, slots=True)
class Absence:
    """Nobody is on duty while she is away, not even by a swap that was agreed later.

    Attributes:
        volunteer: alias.
        start, end: half-open moments; `end` None as long as nobody ends it.
        kind: see `AbsenceKind`.
        effective_at: what lies before this stays as it was; None: nothing is closed.
        withdrawn_at: from then on it holds no more, None while it stands.
        recorded_at: when it became known, None where nobody asks.
    """

    volunteer: str
    start: datetime
    end: datetime | None = None
    kind: AbsenceKind = AbsenceKind.LEAVE
    effective_at: datetime | None = None
    withdrawn_at: datetime | None = None
    recorded_at: datetime | None = None

    def span(self, until: datetime) -> Span:
        """The time it takes from her, as far as `until`; may be empty."""
        start = self.start if self.effective_at is None else max(self.start, self.effective_at)
        ends = (self.end, self.withdrawn_at, until)
        return start, min(moment for moment in ends if moment is not None)


def away(absences: Iterable[Absence], until: datetime) -> Mapping[str, tuple[Span, ...]]:
    """Casefolded alias → disjoint spans in order in which she is away, as far as `until`."""
    spans: dict[str, list[Span]] = {}
    for absence in absences:
        spans.setdefault(absence.volunteer.casefold(), []).append(absence.span(until))
    return {who: tuple(joined(each)) for who, each in spans.items()}
