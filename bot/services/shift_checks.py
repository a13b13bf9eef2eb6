"""May she have this shift? Asked at sign-up, at publish, when a swap or a cover is accepted (§3.6, §3.9).

The answer is a list of codes, each with what to do about it; the rules are `handoff.shifts`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.services import hours, leaves, overriding, people
from bot.services.house import House
from bot.services.people import Person
from bot.store.moments import from_moment
from handoff.limits import Span
from handoff.model import Duty, Refusal, Tier
from handoff.rota.pattern import Rota
from handoff.rota.resolve import final_duty
from handoff.shifts import Applicant, Objection, Rules, Wanted, allowed, objections, what_is_left

PUBLISHED_AHEAD: Final = timedelta(weeks=8)
"""How far ahead a rota is looked through when it is published."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One planned duty and what speaks against it."""

    alias: str
    duty: Duty
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True)
class Takeover:
    """A swap or a cover: the part that can still change hands (None: nothing), and what speaks against it."""

    left: Span | None
    objections: tuple[Objection, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether she may have it."""
        return self.left is not None and allowed(self.objections)


def sign_up(
    connection: Connection,
    house: House,
    desk: str,
    person: str,
    wanted: Wanted,
    now: int,
    *,
    gives: Iterable[Span] = (),
) -> tuple[Objection, ...]:
    """Everything that speaks against this person having this shift; empty when nothing does.

    `gives` is what she would no longer have then: her side of a swap.
    """
    known = people.get(connection, house, person)
    return sign_up_each(connection, house, desk, [known], wanted, now, gives=gives)[person]


def sign_up_each(
    connection: Connection,
    house: House,
    desk: str,
    everybody: Iterable[Person],
    wanted: Wanted,
    now: int,
    *,
    gives: Iterable[Span] = (),
) -> dict[str, tuple[Objection, ...]]:
    """The same for several people, by id: the rotas are looked through once."""
    shift, given = (wanted.start, wanted.end), tuple(gives)
    spans = hours.planned(house, wanted.start - hours.AROUND, wanted.end + hours.AROUND)
    rules, at = _rules(house, desk), from_moment(now)
    away = leaves.everybodys(connection, house.vault)
    found: dict[str, tuple[Objection, ...]] = {}
    for known in everybody:
        duties = spans.get(known.profile.alias.casefold(), [])
        if given:
            duties = hours.without(duties, given)
        lifted = overriding.lifted_for(connection, house, known.id, shift)
        gone = away.get(known.profile.alias.casefold(), ())
        applicant = _applicant(house, desk, known, duties, wanted, lifted, gone)
        found[known.id] = objections(wanted, applicant, at, rules)
    return found


def take_over(
    connection: Connection, house: House, desk: str, person: str, wanted: Wanted, now: int
) -> Takeover:
    """As `sign_up`, for a shift somebody gives away; what has begun already moves from now on only."""
    left = what_is_left(wanted.start, wanted.end, from_moment(now))
    if left is None:
        return Takeover(None, (Objection(Refusal.TOO_LATE),))
    rest = replace(wanted, start=left[0], end=left[1])
    return Takeover(left, sign_up(connection, house, desk, person, rest, now))


def publishable(connection: Connection, house: House, desk: str, rota: Rota, now: int) -> tuple[Planned, ...]:
    """The duties of a rota in the next eight weeks against which something speaks, with other desks' duties.

    Whom nobody knows under an alias, or who is invited only, is not judged: she holds no hours until she is
    one of us, and the gate is asked again when she is offered a chat.
    """
    at = from_moment(now)
    until = at + PUBLISHED_AHEAD
    rotas = {other: board.rota for other, board in house.library.boards.items()} | {desk: rota}
    spans = hours.planned_in(rotas, at - hours.AROUND, until + hours.AROUND)
    duties = final_duty(rota, at, until)
    supervisors = [(one.start, one.end) for one in duties if one.tier is Tier.SUPERVISOR]
    known = people.called(connection, house, {duty.volunteer for duty in duties})
    away = leaves.everybodys(connection, house.vault)
    found: list[Planned] = []
    for duty in duties:
        person = known.get(duty.volunteer.casefold())
        if person is None or person.state == "invited" or duty.tier is Tier.SHADOW:
            continue
        shift = (duty.start, duty.end)
        supervised = not hours.without([shift], supervisors)
        wanted = Wanted(duty.tier, duty.start, duty.end, supervised=supervised)
        others = hours.without(spans.get(duty.volunteer.casefold(), []), [shift])
        lifted = overriding.lifted_for(connection, house, person.id, shift)
        gone = away.get(duty.volunteer.casefold(), ())
        applicant = _applicant(house, desk, person, others, wanted, lifted, gone)
        against = objections(wanted, applicant, at, _rules(house, desk))
        if against:
            found.append(Planned(duty.volunteer, duty, against))
    return tuple(found)


def _applicant(
    house: House,
    desk: str,
    person: Person,
    duties: Iterable[Span],
    wanted: Wanted,
    lifted: frozenset[Refusal],
    away: tuple[Span, ...],
) -> Applicant:
    profile, zone = person.profile, hours.desk_zone(house, desk)
    day = wanted.start.astimezone(zone).date()
    gone = {"left": Refusal.LEFT, "suspended": Refusal.SUSPENDED, "invited": Refusal.SUSPENDED}
    return Applicant(
        duties=tuple(duties),
        zone=profile.zone_on(day, zone),
        languages=profile.levels,
        skills=profile.skill_levels(wanted.end.astimezone(zone).date()),
        gender=profile.gender,
        load_class=profile.class_on(day),
        roles=frozenset(role.value for role, where in person.grants if where in {desk, "network"}),
        completions=profile.completions,
        away=away,
        gone=gone.get(person.state),
        overridden=lifted,
    )


def _rules(house: House, desk: str) -> Rules:
    staffing = house.library.staffing_of(desk)
    return Rules(
        zone=hours.desk_zone(house, desk),
        limits=staffing.care.limits,
        training=staffing.training,
        language_level=staffing.escalation.policy.language_level,
    )


def in_words(planned: Planned) -> Iterable[str]:
    """A line for each objection: who, when, which code, and from when it would be possible."""
    when = (
        f"{planned.duty.start.astimezone(UTC):%Y-%m-%d %H:%M} to {planned.duty.end.astimezone(UTC):%H:%M} UTC"
    )
    for one in planned.objections:
        more = f", module {one.module}" if one.module else ""
        later = _later(one.next_start)
        kind = "overridden" if one.overridden else one.force.value
        yield f"{planned.alias} {planned.duty.tier} {when}: {one.code} ({kind}{more}){later}"


def _later(moment: datetime | None) -> str:
    return "" if moment is None else f"; possible from {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
