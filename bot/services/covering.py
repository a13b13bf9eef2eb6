"""Who is asked first to step in for somebody: lowest hours, then least recently asked (rota.md §3.9)."""

from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from bot.services import hours, people, shift_checks
from bot.services.house import House
from bot.services.people import Person
from bot.services.rota_plans import may_stand
from bot.store import people_tables as p
from bot.store.moments import MICROSECOND, from_moment
from handoff import limits
from handoff.cover import Candidate, asked_first
from handoff.shifts import Objection, Wanted, allowed

ASKS_KEPT = timedelta(days=30) // MICROSECOND


def ask_in_order(
    connection: Connection, house: House, desk: str, wanted: Wanted, now: int
) -> tuple[str, ...]:
    """People to ask for a shift, in order: only who may have it, nobody more often than twice a week."""
    asked = _asked(connection)
    since, until = limits.week_of(wanted.start, hours.desk_zone(house, desk))
    spans = hours.planned(house, since, until)
    everybody = [
        person
        for person in people.everyone(connection, house)
        if person.state == "active" and any(where in {desk, "network"} for _, where in person.grants)
    ]
    against = shift_checks.sign_up_each(connection, house, desk, everybody, wanted, now)
    candidates: list[Candidate] = []
    for person in everybody:
        if not allowed(against[person.id]):
            continue
        own = spans.get(person.profile.alias.casefold(), [])
        week = limits.hours(own, since, until)
        candidates.append(Candidate(person.id, week, tuple(map(from_moment, asked.get(person.id, ())))))
    policy = house.library.staffing_of(desk).care.after
    return asked_first(candidates, from_moment(now), policy)


def who_could(
    connection: Connection, house: House, desk: str, wanted: Wanted, instead_of: str, now: int
) -> tuple[list[Person], list[tuple[Person, tuple[Objection, ...]]]]:
    """Who may have it, in the order in which to ask; and who may not, with the reasons."""
    known: dict[str, Person] = {
        one.id: one
        for one in people.everyone(connection, house)
        if one.state == "active" and may_stand(connection, one, wanted.tier, desk)
    }
    order = [one for one in ask_in_order(connection, house, desk, wanted, now) if one in known]
    rest = [
        (one, shift_checks.sign_up(connection, house, desk, one.id, wanted, now))
        for one in known.values()
        if one.id not in order and one.profile.alias.casefold() != instead_of.casefold()
    ]
    return [known[one] for one in order], rest


def note_asked(connection: Connection, house: House, person: str, now: int) -> None:
    """She has been asked to step in; it counts for a week."""
    connection.execute(delete(p.cover_ask).where(p.cover_ask.c.asked_at < now - ASKS_KEPT))
    connection.execute(insert(p.cover_ask).values(id=house.identifiers.new_id(), person=person, asked_at=now))


def _asked(connection: Connection) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in connection.execute(select(p.cover_ask.c.person, p.cover_ask.c.asked_at)):
        found.setdefault(row.person, []).append(row.asked_at)
    return found
