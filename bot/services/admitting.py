"""Who becomes one of us: invited by one, vouched for by two others, then active on probation (domain E, 003).

The first three people found the organisation: there is nobody yet who could vouch. Founding is over for good
once three people have ever been active, whatever becomes of them.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from bot.services import audit, people
from bot.services.house import House
from bot.services.people import Person
from bot.services.permissions import Action, Thing, rights_of
from bot.store import people_tables as p, requests, tables as t
from bot.store.moments import from_moment

VOUCHERS: Final = 2
FOUNDERS: Final = 3
_EVER_ACTIVE: Final = ("active", "suspended", "left")


class CannotVouch(ValueError):
    """This person cannot vouch for that one; the text says why."""


def vouch(connection: Connection, house: House, person: str, voucher: str, now: int) -> bool:
    """`voucher` vouches for `person`; True once she is active by it.

    Raises `CannotVouch`, `UnknownPerson`.
    """
    connection.execute(select(t.person.c.id).where(t.person.c.id == person).with_for_update()).all()
    newcomer = people.get(connection, house, person)
    refused = _why_not(connection, newcomer, people.get(connection, house, voucher), now)
    if refused:
        raise CannotVouch(refused)
    connection.execute(insert(p.vouch).values(person=person, voucher=voucher, at=now))
    audit.record(connection, house.vault, voucher, "vouch", person, (), now)
    return admit(connection, house, person, now)


def vouchers_of(connection: Connection, person: str) -> tuple[str, ...]:
    """Who vouches for a person and is active today: whoever was shut out since has no say."""
    row = p.vouch.c
    query = (
        select(row.voucher)
        .join(t.person, t.person.c.id == row.voucher)
        .where(row.person == person, t.person.c.state == "active")
        .order_by(row.at, row.voucher)
    )
    return tuple(connection.execute(query).scalars())


def still_needed(connection: Connection, house: House, person: str) -> int:
    """How many more must vouch for her before she can be active."""
    if _founding(connection):
        return 0
    inviter = people.get(connection, house, person).profile.invited_by
    counted = {one for one in vouchers_of(connection, person) if one not in {inviter, person}}
    return max(0, VOUCHERS - len(counted))


def admit(connection: Connection, house: House, person: str, now: int) -> bool:
    """Make an invited person active, once she has enrolled and two vouch for her; whether she is now."""
    known = people.get(connection, house, person)
    if known.state == "active":
        return True
    if known.state != "invited" or not known.profile.enrolled or still_needed(connection, house, person):
        return False
    founder = _founding(connection)
    if not founder:
        days = house.library.staffing_of(house.desk).care.after.probation_days
        ends = (from_moment(now) + timedelta(days=days)).date().isoformat()
        fresh = replace(known.profile, probation_until=ends)
        people.save_profile(connection, house, person, fresh)
    activate(connection, person)
    audit.record(connection, house.vault, person, "admitted", person, ("founder",) if founder else (), now)
    return True


def activate(connection: Connection, person: str) -> None:
    """Make a person active without asking who vouches: the demo, and `admit`."""
    connection.execute(update(t.person).where(t.person.c.id == person).values(state="active"))
    requests.bump(connection)  # hours that wait for this person are open from now on


def lift(connection: Connection, house: House, person: str, by: str, now: int) -> None:
    """Let somebody who was suspended in again: she signs in as before. Others are left as they are."""
    connection.execute(
        update(t.person)
        .where(t.person.c.id == person, t.person.c.state == "suspended")
        .values(state="active")
    )
    requests.bump(connection)
    audit.record(connection, house.vault, by, "lift", person, (), now)


def forget_vouches(connection: Connection, person: str) -> None:
    """Whoever left is vouched for by nobody, and vouches for nobody."""
    row = p.vouch.c
    connection.execute(delete(p.vouch).where((row.person == person) | (row.voucher == person)))


def _founding(connection: Connection) -> bool:
    ever = select(func.count()).select_from(t.person).where(t.person.c.state.in_(_EVER_ACTIVE))
    return connection.execute(ever).scalar_one() < FOUNDERS


def _why_not(connection: Connection, newcomer: Person, voucher: Person, now: int) -> str:
    """Why this one cannot vouch for that one, "" when she can."""
    name, who = newcomer.profile.alias, voucher.profile.alias
    if newcomer.state != "invited":
        return f"Nobody needs to vouch for {name}: she is {newcomer.state}."
    if voucher.id == newcomer.id:
        return "Nobody vouches for herself."
    if newcomer.profile.invited_by == voucher.id:
        return f"{who} has invited {name}: two others must vouch for her."
    if voucher.profile.on_probation(from_moment(now).date()):
        return f"{who} is on probation herself and cannot vouch for others yet."
    if not rights_of(connection, voucher.id).anywhere(Action.VOUCH, Thing.PERSON):
        return f"{who} may not vouch: that takes an active volunteer, supervisor, coordinator or trainer."
    if voucher.id in vouchers_of(connection, newcomer.id):
        return f"{who} vouches for {name} already. Somebody else must do it too."
    return ""
