"""A desk's week for those who plan it: who is on each day, what is prepared, where somebody is missing.

Read from the database, not from the board a turn reads: whoever has just changed something sees it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.model import NETWORK_DESK
from bot.services import closures, leaves, people, rota_plans
from bot.services.closures import Closure
from bot.services.house import House
from bot.services.people import Person
from bot.services.rota_plans import Plan, Published
from bot.services.rotas import Answered
from handoff.model import Duty
from handoff.rota.coverage import Gap, gaps
from handoff.rota.pattern import Rota
from handoff.rota.planning import horizon
from handoff.rota.questions import whole_duties
from handoff.rota.resolve import final_duty
from handoff.rota.spans import Span
from handoff.rota.zones import Zone, zone_named

DAYS: Final = 7
NEW, GONE = "new", "gone"
NOBODY_AWAY: Final[Mapping[str, tuple[Span, ...]]] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One duty in the week.

    Attributes:
        duty: whole, as long as it is.
        draft: `new` where only the plan has it, `gone` where the plan takes it away, "" where it stays.
        answers: whether she can answer: she has signed in and is not shut out.
        begun: whether it began before now, so that a part of it is past.
    """

    duty: Duty
    draft: str
    answers: bool
    begun: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: its entries by tier, gaps that begin in it, closures and leaves that touch it."""

    day: date
    entries: Mapping[str, tuple[Entry, ...]]
    gaps: tuple[Gap, ...]
    closed: tuple[Span, ...]
    away: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Everything a page about a desk's week shows.

    Attributes:
        monday: its first local day.
        rota: as it holds.
        plan: what is prepared.
        closures: those that hold or lie ahead, whatever week is shown.
        last: the plan published last, if something of it acts.
        away: leaves that end after now: alias and time.
        known: who can be planned: active people, and whoever has been invited.
    """

    desk: str
    monday: date
    zone: Zone
    rota: Rota
    days: tuple[Day, ...]
    plan: Plan
    closures: tuple[Closure, ...]
    last: Published | None
    away: tuple[tuple[str, Span], ...]
    known: tuple[Person, ...]


def week_of(
    connection: Connection, house: House, desk: str, monday: date, now: datetime, *, planning: bool
) -> Week:
    """The week that begins on `monday`, which is moved to a Monday. Raises NoRota.

    Whoever is not `planning` sees what is published, as far as it is: no drafts, no leaves.
    """
    plan = rota_plans.plan_of(connection, house, desk, now)
    if not planning:
        plan = replace(plan, drafts=())
    rota, zone = plan.before.rota, zone_named(plan.before.rota.zone)
    monday -= timedelta(days=monday.weekday())
    edges = [zone.midnight(monday + timedelta(days=n)) for n in range(DAYS + 1)]
    since, until = edges[0], edges[-1]
    everyone = people.everyone(connection, house)
    answering = frozenset(one.profile.alias.casefold() for one in everyone if one.state == "active")
    entries = _entries(plan, now, answering, since, until)
    seen_until = None if planning else horizon(rota, now)
    if seen_until is not None:
        entries = tuple(one for one in entries if one.duty.start < seen_until)
    missing = _missing(house, plan, max(since, now), until) if until > now and planning else ()
    away = leaves.everybodys(connection, house.vault) if planning else NOBODY_AWAY
    names = {one.profile.alias.casefold(): one.profile.alias for one in everyone}
    shut = tuple((one.since, one.until) for one in closures.standing(rota, now))
    days = tuple(
        Day(
            monday + timedelta(days=n),
            _by_tier(entries, edges[n], edges[n + 1], first=n == 0),
            tuple(gap for gap in missing if edges[n] <= gap.start < edges[n + 1]),
            tuple(span for span in shut if span[0] < edges[n + 1] and span[1] > edges[n]),
            tuple(
                names.get(who, who)
                for who, spans in sorted(away.items())
                if any(start < edges[n + 1] and end > edges[n] for start, end in spans)
            ),
        )
        for n in range(DAYS)
    )
    return Week(
        desk,
        monday,
        zone,
        rota,
        days,
        plan,
        closures.standing(rota, now),
        rota_plans.last_published(rota.changes),
        tuple(
            (names.get(who, who), span)
            for who, spans in sorted(away.items())
            for span in spans
            if span[1] > now
        ),
        tuple(one for one in everyone if one.state in {"active", "invited"} and answers_at(one, desk)),
    )


def _missing(house: House, plan: Plan, since: datetime, until: datetime) -> tuple[Gap, ...]:
    known, stands = plan.before, house.library.stands(plan.desk)
    return gaps(known.rota, since, until, None, known.others, stands=stands)


def answers_at(person: Person, desk: str) -> bool:
    """Whether she has any role at the desk."""
    return any(where in {desk, NETWORK_DESK} for _, where in person.grants)


def _entries(
    plan: Plan, now: datetime, answering: frozenset[str], since: datetime, until: datetime
) -> tuple[Entry, ...]:
    """Whoever is planned, whether she can answer or not; and what the plan would change of it."""
    before = _planned(plan.before, since, until)
    after = _planned(plan.after(now), since, until) if plan.drafts else before
    stays, comes = {_key(one) for one in before}, {_key(one) for one in after}
    told = [(one, "" if _key(one) in comes else GONE) for one in before]
    told += [(one, NEW) for one in after if _key(one) not in stays]
    return tuple(
        Entry(duty, draft, bool(duty.desk) or duty.volunteer.casefold() in answering, duty.start < now)
        for duty, draft in sorted(
            told, key=lambda each: (each[0].start, each[0].volunteer.casefold(), each[1])
        )
    )


def _planned(known: Answered, since: datetime, until: datetime) -> tuple[Duty, ...]:
    everybody = replace(known.rota, answering=None)
    own = whole_duties(everybody, since, until)
    helping = final_duty(known.rota, since, until, known.others)
    return (*own, *(duty for duty in helping if duty.desk))


def _key(duty: Duty) -> tuple[object, ...]:
    return duty.volunteer.casefold(), duty.start, duty.end, duty.tier, duty.desk


def _by_tier(
    entries: Iterable[Entry], begins: datetime, ends: datetime, *, first: bool
) -> dict[str, tuple[Entry, ...]]:
    """What begins in the day; in the first of the week also what began before it."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.duty.start < ends and (entry.duty.start >= begins or first):
            found.setdefault(entry.duty.tier.value, []).append(entry)
    return {tier: tuple(held) for tier, held in found.items()}
