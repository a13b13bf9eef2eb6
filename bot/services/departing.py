"""Gone for good: what was hers is taken back at once (domain E, "Leaving"). For a time: `leaves`."""

from sqlalchemy import Connection, delete, or_, select, update

from bot.services import admitting, audit, people
from bot.services.house import House
from bot.services.profile import Profile
from bot.store import people_tables as p, tables as t


def leave_for_good(connection: Connection, house: House, person: str, by: str, now: int) -> None:
    """She leaves the organisation: sign-ins, offers and roles end in this commit, her chats are passed on.

    Of her profile only the alias stays, so that nobody else is given it and the audit can be read. Whom she
    vouched for and is active stays active.
    """
    known = people.get(connection, house, person)
    people.shut_out(connection, person, "left")
    connection.execute(delete(t.role_grant).where(t.role_grant.c.person == person))
    connection.execute(delete(p.reset).where(p.reset.c.person == person))
    admitting.forget_vouches(connection, person)
    people.save_profile(connection, house, person, Profile(alias=known.profile.alias))
    _forget_care(connection, person)
    audit.record(connection, house.vault, by, "left", person, (), now)


def _forget_care(connection: Connection, person: str) -> None:
    """What was kept to look after her."""
    debriefs = select(p.debrief.c.id).where(p.debrief.c.person == person)
    connection.execute(delete(t.due).where(t.due.c.subject.in_(debriefs)))
    connection.execute(delete(p.debrief).where(p.debrief.c.person == person))
    pair = p.blocked_pair.c
    connection.execute(delete(p.blocked_pair).where(or_(pair.person == person, pair.other == person)))
    for table in (p.limit_override, p.cover_ask):
        connection.execute(delete(table).where(table.c.person == person))
    connection.execute(
        update(p.attendance).where(p.attendance.c.person == person).values(exposure_sealed=None)
    )
