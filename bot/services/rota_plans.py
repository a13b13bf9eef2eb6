"""A plan for a desk's rota: changes are prepared as drafts, looked at, published together, undone together.

A draft binds nobody: `final_duty` does not see it. What is published acts from that moment on, in one
transaction; undoing it is a record of its own, and the past stays (rota.md §3.1.3, §3.5).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot.model import Role
from bot.services import audit, people, rota_records, rotas, shift_checks
from bot.services.as_recorded import name_in
from bot.services.audit import PROGRAM
from bot.services.house import House
from bot.services.locking import lock_rota
from bot.services.messenger.calls import Call, Notice, notify
from bot.services.people import Person
from bot.services.permissions import Action, Thing, demand, rights_of
from bot.services.rota_telling import TIER
from bot.services.rotas import Answered
from bot.services.shift_checks import Planned
from bot.store import requests
from bot.store.moments import to_moment
from handoff.model import Tier
from handoff.rota.changes import Act, Add, Change, ChangeStatus, Replace, Undo, active
from handoff.rota.coverage import gaps
from handoff.rota.pattern import Rota
from handoff.rota.planning import UnknownChange, decided
from handoff.rota.preview import WEEKS_SHOWN, Difference, GapsChanged, gaps_changed, preview, with_approved
from handoff.rota.records import write_change
from handoff.rota.shifts import shifts_named
from handoff.rota.spans import ALWAYS
from handoff.shifts import allowed

_BATCH: Final = "plan-"
"""How the reason of a change begins that was published as part of a plan; the rest is the plan's id."""


class NoRota(LookupError):
    """The desk has no rota."""


class NothingPlanned(ValueError):
    """There is no draft to publish, or nothing that was published to undo."""


class PlanMoved(ValueError):
    """The plan is not the one that was looked at any more."""


class NotForHer(ValueError):
    """Somebody would stand in a tier that none of her roles at the desk lets her stand in."""


class StandsInTheWay(ValueError):
    """Somebody may not have a shift that the plan gives her; `planned` says who and why."""

    def __init__(self, planned: tuple[Planned, ...]) -> None:
        super().__init__("Limits are broken that nobody has lifted.")
        self.planned = planned


@dataclass(frozen=True, slots=True)
class Plan:
    """What is prepared at a desk.

    Attributes:
        desk: its id.
        before: the rota as it holds, with the rotas of desks that may help out.
        drafts: what is prepared, in order.
        digest: of exactly these drafts; whoever publishes says which she has seen.
    """

    desk: str
    before: Answered
    drafts: tuple[Change, ...]
    digest: str

    def after(self, now: datetime) -> Answered:
        """The rota as it would be if the plan were published now."""
        seqs = [change.seq for change in self.drafts]
        return replace(self.before, rota=with_approved(self.before.rota, seqs, now))


@dataclass(frozen=True, slots=True)
class Looked:
    """What a plan would change in the next eight weeks.

    `against` is what speaks against shifts that the plan makes, without what spoke against others before.
    """

    differences: Mapping[str, Difference]
    gaps: GapsChanged
    against: tuple[Planned, ...]

    @property
    def in_the_way(self) -> tuple[Planned, ...]:
        """What forbids publishing until a coordinator lifts it, with a reason."""
        return tuple(one for one in self.against if not allowed(one.objections))


@dataclass(frozen=True, slots=True)
class Published:
    """A plan that acts: its id, its changes, when it was published and by whom (id, or `program`)."""

    id: str
    changes: tuple[Change, ...]

    @property
    def at(self) -> datetime | None:
        """When it was published."""
        return self.changes[0].effective_at

    @property
    def by(self) -> str:
        """Who published it."""
        return self.changes[0].approved_by or PROGRAM


def plan_of(connection: Connection, house: House, desk: str, now: datetime) -> Plan:
    """What is prepared at a desk. Raises NoRota."""
    known = rotas.answered(connection, house.vault, now)
    if desk not in known:
        raise NoRota(f"Desk {desk} has no rota. Write one, then `hotline rota import`.")
    drafts = tuple(one for one in known[desk].rota.changes if one.status is ChangeStatus.DRAFT)
    return Plan(desk, known[desk], drafts, _digest(drafts))


def prepare(
    connection: Connection, house: House, desk: str, acts: Iterable[Act], by: str, now: datetime
) -> tuple[Change, ...]:
    """Add drafts to the desk's plan. Raises NotAllowed, NoRota, NotForHer."""
    demand_edit(connection, by, desk)
    rota = plan_of(connection, house, desk, now).before.rota
    acts = tuple(_as_written(rota, act) for act in acts)
    for who, tier in _newly_in(rota, acts):
        _must_be_for(connection, house, desk, who, tier)
    made = tuple(
        rota_records.append(connection, house.vault, desk, act, now, status=ChangeStatus.DRAFT, by=by)
        for act in acts
    )
    audit.record(connection, house.vault, by, "prepare", "rota", (desk, *_numbers(made)), to_moment(now))
    return made


def discard(
    connection: Connection, house: House, desk: str, by: str, now: datetime, seq: int | None = None
) -> tuple[Change, ...]:
    """Take a draft out of the plan, or all of them. Raises NotAllowed, NoRota, UnknownChange."""
    demand_edit(connection, by, desk)
    drafts = plan_of(connection, house, desk, now).drafts
    gone = tuple(one for one in drafts if seq is None or one.seq == seq)
    if seq is not None and not gone:
        raise UnknownChange(f"The plan has no change number {seq}.")
    for one in gone:
        rota_records.decide(connection, house.vault, desk, one.seq, ChangeStatus.WITHDRAWN, now, by)
    audit.record(connection, house.vault, by, "discard", "rota", (desk, *_numbers(gone)), to_moment(now))
    return gone


def look(connection: Connection, house: House, plan: Plan, now: datetime) -> Looked:
    """For whom the plan changes what, which gaps it makes and fills, and what speaks against it."""
    until = now + WEEKS_SHOWN
    before, after = plan.before, plan.after(now)
    stands = house.library.stands(plan.desk)
    missing = gaps_changed(
        gaps(before.rota, now, until, None, before.others, stands=stands),
        gaps(after.rota, now, until, None, after.others, stands=stands),
    )
    old = {_key(one) for one in _against(connection, house, plan.desk, before, now)}
    new = _against(connection, house, plan.desk, after, now)
    return Looked(
        preview(before.rota, after.rota, now, until),
        missing,
        tuple(one for one in new if _key(one) not in old),
    )


def looked_at(connection: Connection, house: House, desk: str, now: datetime) -> tuple[Plan, Looked]:
    """The plan of a desk with what it would change. Raises NoRota."""
    plan = plan_of(connection, house, desk, now)
    return plan, look(connection, house, plan, now)


def publish(
    connection: Connection, house: House, desk: str, by: str, now: datetime, seen: str | None = None
) -> Published:
    """Let every draft of the plan act from now on, all or none.

    `seen` is the digest of the plan that was looked at, None where the caller has just made it. Raises
    NotAllowed, NoRota, NothingPlanned, PlanMoved, StandsInTheWay.
    """
    demand_edit(connection, by, desk)
    lock_rota(connection, desk)
    plan = plan_of(connection, house, desk, now)
    if not plan.drafts:
        raise NothingPlanned("There is nothing to publish: no change is prepared.")
    if seen is not None and seen != plan.digest:
        raise PlanMoved("The plan was changed meanwhile. Look at what changes now, then decide.")
    looked = look(connection, house, plan, now)
    if looked.in_the_way:
        raise StandsInTheWay(looked.in_the_way)
    identity = house.identifiers.new_id()
    made = tuple(
        replace(decided(one, ChangeStatus.APPROVED, now, by), reason=_BATCH + identity) for one in plan.drafts
    )
    for change in made:
        rota_records.save(connection, house.vault, desk, change)
    requests.bump(connection)
    audit.record(connection, house.vault, by, "publish", "rota", (desk, *_numbers(made)), to_moment(now))
    tell_those(connection, house, looked.differences, f"plan:{identity}", by, now)
    return Published(identity, made)


def last_published(changes: Sequence[Change]) -> Published | None:
    """The newest plan of which something still acts, None where there is none."""
    acting = _acting(changes)
    batches: dict[str, list[Change]] = {}
    for change in changes:
        if change.seq in acting and change.reason.startswith(_BATCH):
            batches.setdefault(change.reason.removeprefix(_BATCH), []).append(change)
    newest = max(batches, key=lambda one: (batches[one][0].effective_at, batches[one][0].seq), default=None)
    return None if newest is None else Published(newest, tuple(batches[newest]))


def undo(
    connection: Connection, house: House, desk: str, by: str, now: datetime, plan: str | None = None
) -> Published:
    """Undo the newest plan, from now on; `plan` is its id where one was looked at.

    Whatever speaks against what it gives back was there before, and does not forbid it. Raises NotAllowed,
    NoRota, NothingPlanned, PlanMoved.
    """
    demand_edit(connection, by, desk)
    lock_rota(connection, desk)
    before = plan_of(connection, house, desk, now).before.rota
    last = last_published(before.changes)
    if last is None:
        raise NothingPlanned("There is nothing to undo: no published plan acts any more.")
    if plan is not None and plan != last.id:
        raise PlanMoved("Another plan was published or undone meanwhile. Look at what holds now.")
    for change in reversed(last.changes):
        rota_records.append(connection, house.vault, desk, Undo(change.seq), now, by=by)
    requests.bump(connection)
    numbers = _numbers(last.changes)
    audit.record(connection, house.vault, by, "undo", "rota", (desk, *numbers), to_moment(now))
    after = plan_of(connection, house, desk, now).before.rota
    differences = preview(before, after, now, now + WEEKS_SHOWN)
    tell_those(connection, house, differences, f"plan:{last.id}:undone", by, now)
    return last


def undo_change(connection: Connection, house: House, desk: str, seq: int, by: str, now: datetime) -> Change:
    """Undo one change, from now on. Raises NotAllowed, NoRota, UnknownChange."""
    demand_edit(connection, by, desk)
    known = plan_of(connection, house, desk, now).before.rota.changes
    if seq not in _acting(known):
        raise UnknownChange(f"No change with the number {seq} acts at desk {desk}.")
    made = rota_records.append(connection, house.vault, desk, Undo(seq), now, by=by)
    requests.bump(connection)
    audit.record(connection, house.vault, by, "undo", "rota", (desk, str(seq)), to_moment(now))
    return made


def tell_those(
    connection: Connection,
    house: House,
    differences: Mapping[str, Difference],
    about: str,
    by: str,
    now: datetime,
) -> None:
    """Tell those for whom something changes, once, on the messengers they linked: that there is something.

    `about` tells one change from another; it is not shown.
    """
    known = people.called(connection, house, differences)
    told = [one.id for one in known.values() if one.state == "active" and one.id != by]
    notify(connection, house, Notice(Call.ROTA, about), told, to_moment(now))


def demand_edit(connection: Connection, by: str, desk: str) -> None:
    """Raise NotAllowed unless she may plan at the desk; a command on the machine may."""
    if by != PROGRAM:
        demand(connection, by, Action.EDIT, Thing.ROTA, desk)


def may_stand(connection: Connection, person: Person, tier: Tier, desk: str) -> bool:
    """Whether her roles let her stand in a tier: hours that nobody can answer in must not be open."""
    if tier is Tier.SUPERVISOR:
        return person.has(Role.SUPERVISOR, desk)
    if tier is Tier.SHADOW and person.has(Role.TRAINEE, desk):
        return True
    if person.state != "active":  # what she may do once she is one of us
        return person.has(Role.VOLUNTEER, desk) or person.has(Role.SUPERVISOR, desk)
    return rights_of(connection, person.id).may(Action.TAKE, Thing.LIVE_CHAT, desk)


def _newly_in(rota: Rota, acts: Iterable[Act]) -> Iterator[tuple[str, Tier]]:
    """Whom these changes put into which tier."""
    for act in acts:
        if isinstance(act, Add):
            yield act.who, act.tier
        elif isinstance(act, Replace) and act.stretch.instance is not None:
            for shift in shifts_named(rota, act.stretch.instance):
                yield act.to, shift.tier


def _as_written(rota: Rota, act: Act) -> Act:
    """The same, with whoever comes in named as the rota names her: a capital letter makes nobody two."""
    if isinstance(act, Add):
        return replace(act, who=name_in(rota, act.who))
    if isinstance(act, Replace):
        return replace(act, to=name_in(rota, act.to))
    return act


def _must_be_for(connection: Connection, house: House, desk: str, who: str, tier: Tier) -> None:
    known = people.called(connection, house, [who]).get(who.casefold())
    if known is not None and not may_stand(connection, known, tier, desk):
        raise NotForHer(f"{who} has no role at desk {desk} that lets her be there as {TIER[tier.value]}.")


def _acting(changes: Iterable[Change]) -> frozenset[int]:
    """The changes that still act: not those that did, and were undone."""
    return frozenset(one.seq for one in active(changes) if one.spans[-1][1] == ALWAYS[1])


def _against(
    connection: Connection, house: House, desk: str, known: Answered, now: datetime
) -> tuple[Planned, ...]:
    return shift_checks.publishable(connection, house, desk, known.rota, to_moment(now))


def _key(one: Planned) -> tuple[object, ...]:
    codes = tuple(each.code for each in one.objections if not each.overridden)
    return one.alias.casefold(), one.duty.start, one.duty.end, one.duty.tier, codes


def _digest(drafts: Iterable[Change]) -> str:
    plain = [write_change(one) for one in drafts]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:32]


def _numbers(changes: Iterable[Change]) -> tuple[str, ...]:
    return tuple(str(one.seq) for one in changes)
