"""What an edit changes: the difference of two rotas, person by person, and of their gaps (rota.md §3.5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from handoff.model import Duty
from handoff.rota.changes import ChangeStatus
from handoff.rota.coverage import Gap
from handoff.rota.demand import Need
from handoff.rota.pattern import Rota
from handoff.rota.planning import decided
from handoff.rota.resolve import final_duty
from handoff.rota.spans import Span, joined, outside

WEEKS_SHOWN: Final = timedelta(weeks=8)


class Moved(NamedTuple):
    """A shift somebody keeps, at other times or in another tier."""

    before: Duty
    after: Duty


class Difference(NamedTuple):
    """What changes for one person; shifts that stay as they are do not stand here."""

    added: tuple[Duty, ...]
    removed: tuple[Duty, ...]
    moved: tuple[Moved, ...]


def preview(before: Rota, after: Rota, start: datetime, end: datetime) -> Mapping[str, Difference]:
    """Alias → what changes for her from `start` to `end`; only those for whom something does."""
    old, new = _by_person(final_duty(before, start, end)), _by_person(final_duty(after, start, end))
    found: dict[str, Difference] = {}
    for who in sorted({*old, *new}):
        difference = _difference(old.get(who, ()), new.get(who, ()))
        if any(difference):
            found[who] = difference
    return found


def _difference(old: Sequence[Duty], new: Sequence[Duty]) -> Difference:
    same = {_shown(duty) for duty in old} & {_shown(duty) for duty in new}
    gone = [duty for duty in old if _shown(duty) not in same]
    come = [duty for duty in new if _shown(duty) not in same]
    moved: list[Moved] = []
    for duty in list(come):
        # The same shift, or the same part of it: she is not told that it went and came.
        before = next((one for one in gone if one.instance == duty.instance), None)
        if before is not None:
            gone.remove(before)
            come.remove(duty)
            moved.append(Moved(before, duty))
    return Difference(tuple(come), tuple(gone), tuple(moved))


def _shown(duty: Duty) -> tuple[datetime, datetime, str, str]:
    return duty.start, duty.end, duty.tier.value, duty.role


def _by_person(duties: Iterable[Duty]) -> dict[str, list[Duty]]:
    found: dict[str, list[Duty]] = {}
    for duty in duties:
        found.setdefault(duty.volunteer, []).append(duty)
    return found


class GapsChanged(NamedTuple):
    """Times in which somebody is missing who was not, and the other way round, with what and how many."""

    opened: tuple[Gap, ...]
    closed: tuple[Gap, ...]


def gaps_changed(before: Iterable[Gap], after: Iterable[Gap]) -> GapsChanged:
    """What an edit does to the gaps: those it makes, and those it fills."""
    old, new = _by_need(before), _by_need(after)
    return GapsChanged(_not_in(new, old), _not_in(old, new))


def with_approved(rota: Rota, seqs: Iterable[int], now: datetime) -> Rota:
    """The rota as it would be if these changes, which stand as drafts or proposals, were approved now."""
    chosen = frozenset(seqs)
    changes = tuple(
        decided(one, ChangeStatus.APPROVED, now) if one.seq in chosen else one for one in rota.changes
    )
    return replace(rota, changes=changes)


def _by_need(gaps: Iterable[Gap]) -> dict[tuple[Need, int], list[Span]]:
    """Each need with each number up to what is missing of it: "two are missing" is also "one is missing"."""
    found: dict[tuple[Need, int], list[Span]] = {}
    for gap in gaps:
        for need, count in gap.missing:
            for number in range(1, count + 1):
                found.setdefault((need, number), []).append((gap.start, gap.end))
    return found


def _not_in(
    these: Mapping[tuple[Need, int], Sequence[Span]], those: Mapping[tuple[Need, int], Sequence[Span]]
) -> tuple[Gap, ...]:
    spans: dict[Span, dict[Need, int]] = {}
    for (need, number), held in these.items():
        taken = tuple(joined(those.get((need, number), ())))
        for span in joined(held):
            for rest in outside(span, taken):
                counted = spans.setdefault(rest, {})
                counted[need] = counted.get(need, 0) + 1
    made: list[Gap] = []
    for start, end in sorted(spans):
        missing = tuple(sorted(spans[start, end].items()))
        if made and made[-1].end == start and made[-1].missing == missing:
            made[-1] = Gap(made[-1].start, end, missing)
        else:
            made.append(Gap(start, end, missing))
    return tuple(made)
