"""Planning: new records and new editions of a rota. What lies before `now` is closed (rota.md §3.1.3, §3.5).

None of these functions can change who was on duty before `now`: a record acts from its effective time on,
and a new edition leaves the old one in force until it begins. Corrections of attendance are records of
another kind, and not made here.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from handoff.model import Duty
from handoff.rota.absence import Absence
from handoff.rota.changes import Act, Change, ChangeStatus, Undo
from handoff.rota.pattern import Rota, ShiftPattern
from handoff.rota.timing import Planned
from handoff.rota.zones import zone_named


class PastClosed(ValueError):
    """Something would have had to happen before now."""


class UnknownChange(LookupError):
    """No change has this number."""


class NotPlanned(LookupError):
    """A line of the rota does not begin a shift where it should be continued."""


def recorded(
    changes: Sequence[Change],
    act: Act,
    now: datetime,
    *,
    effective_at: datetime | None = None,
    status: ChangeStatus = ChangeStatus.APPROVED,
    proposed_by: str | None = None,
    approved_by: str | None = None,
    reason: str = "",
) -> Change:
    """A new record, with the next number; it acts from `effective_at` on, at the earliest from now.

    Raises PastClosed when it would act earlier, UnknownChange when it undoes what is not there.
    """
    acts_at = now if effective_at is None else effective_at
    if acts_at < now:
        raise PastClosed(f"{acts_at.isoformat()} is past: what has been cannot be planned any more")
    if isinstance(act, Undo) and all(change.seq != act.seq for change in changes):
        raise UnknownChange(f"there is no change number {act.seq}")
    return Change(
        seq=max((change.seq for change in changes), default=0) + 1,
        act=act,
        status=status,
        effective_at=acts_at,
        recorded_at=now,
        proposed_by=proposed_by,
        approved_by=approved_by,
        reason=reason,
    )


def decided(change: Change, status: ChangeStatus, now: datetime, by: str | None = None) -> Change:
    """The same record with another status. Approved late, it moves only what is left of its window.

    Raises PastClosed for one that already acts: it is undone by a record of its own.
    """
    if change.status is ChangeStatus.APPROVED:
        raise PastClosed(f"change number {change.seq} acts already: record an undo")
    acts_at = now if change.effective_at is None else max(change.effective_at, now)
    return replace(change, status=status, effective_at=acts_at, approved_by=by or change.approved_by)


def away_from(absence: Absence, now: datetime) -> Absence:
    """An absence as it may be recorded now: what is past of it changes nothing."""
    return replace(absence, effective_at=max(absence.effective_at or now, now), recorded_at=now)


def back(absence: Absence, now: datetime) -> Absence:
    """The same absence, withdrawn: from now on it holds no more."""
    earlier = absence.withdrawn_at
    return replace(absence, withdrawn_at=now if earlier is None else min(earlier, now))


def edited(old: Rota, new: Rota, now: datetime, since: datetime | None = None) -> Rota:
    """The rota with a new edition in force from `since` on, at the earliest from now.

    Changes and absences stay; who was on before stays, too. Raises PastClosed.
    """
    begins = now if since is None else since
    if begins < now:
        raise PastClosed(f"a new edition cannot begin at {begins.isoformat()}, which is past")
    return replace(
        new,
        since=begins,
        earlier=replace(old, changes=(), absences=()),
        changes=old.changes,
        absences=old.absences,
        answering=old.answering,
    )


def continued(pattern: ShiftPattern, day: date, identity: str) -> tuple[ShiftPattern, ShiftPattern]:
    """The line up to the day before, and its successor from `day` on: "this and following".

    Whose turn it is goes on where it was. Raises NotPlanned where no shift of the line begins on the day.
    """
    planned = next(iter(pattern.timing.planned(day, day)), None)
    if planned is None:
        raise NotPlanned(f"{pattern.id} has no shift that begins on {day}")
    before = replace(pattern, timing=replace(pattern.timing, valid_to=day - timedelta(days=1)))
    after = replace(pattern, id=identity, timing=replace(pattern.timing, valid_from=day))
    return before, _carried_over(after, planned)


def _carried_over(pattern: ShiftPattern, planned: Planned) -> ShiftPattern:
    turns = pattern.rotation
    if turns is None:
        return pattern
    at = turns.at(pattern.timing, planned)
    return replace(pattern, rotation=replace(turns, anchor=planned.day, index=at))


def known_at(rota: Rota, moment: datetime) -> Rota:
    """The rota as it was known then: without what was recorded later.

    An edition counts as known from when it came into force; one recorded ahead of that is not told apart.
    """
    edition = rota
    while edition.since is not None and edition.since > moment and edition.earlier is not None:
        edition = edition.earlier
    return replace(
        edition,
        changes=tuple(one for one in rota.changes if one.recorded_at is None or one.recorded_at <= moment),
        absences=tuple(one for one in rota.absences if one.recorded_at is None or one.recorded_at <= moment),
        answering=rota.answering,
    )


def horizon(rota: Rota, now: datetime) -> datetime | None:
    """Until when volunteers see their shifts: whole local days ahead of today; None for no limit."""
    if rota.publish_days is None:
        return None
    zone = zone_named(rota.zone)
    return zone.midnight(zone.wall(now).date() + timedelta(days=rota.publish_days + 1))


def duty_hash(duties: Iterable[Duty]) -> str:
    """SHA-256 over who was on, in what tier, from when to when: the same before and after any edit."""
    lines = sorted(
        f"{duty.start.isoformat()} {duty.end.isoformat()} {duty.tier} {duty.volunteer}" for duty in duties
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
