"""What an edit changes for whom: the difference of two rotas' final duty, person by person (rota.md §3.5)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from handoff.model import Duty
from handoff.rota.pattern import Rota
from handoff.rota.resolve import final_duty

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
