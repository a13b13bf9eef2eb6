"""Password or app lost: two people together make a sign-in anew, and neither can use it alone (domain E).

The first gets one half, the second the other; the volunteer needs both. When the second has agreed, every
browser of hers has ended, her chats have gone back to the queue, and nothing she held can be read by anyone.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from bot.services import audit, people, sign_in
from bot.services.house import House
from bot.services.people import Person
from bot.services.permissions import Action, Thing, rights_of
from bot.store import people_tables as p, tables as t

WAITS: Final = timedelta(hours=24) // timedelta(microseconds=1)
HALF: Final = 16  # bytes of each half
_MAY_RESET: Final = "that takes an active coordinator or supervisor"


class CannotReset(ValueError):
    """This person cannot help to reset that one; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Half:
    """One half of a new sign-in: for the one who confirmed, to be handed to the volunteer herself.

    `first`: somebody else must confirm too. `sign_in.joined` makes a one-time link's token of both.
    """

    first: bool
    secret: str


def reset(connection: Connection, house: House, person: str, by: str, now: int) -> Half:
    """One of the two agrees. Raises `CannotReset`, `UnknownPerson`.

    `by` is a person id; `audit.PROGRAM`, the machine, counts as one of the two only where fewer than two
    others could do it.
    """
    connection.execute(select(t.person.c.id).where(t.person.c.id == person).with_for_update()).all()
    known = people.get(connection, house, person)
    refused = _why_not(connection, known, by)
    if refused:
        raise CannotReset(refused)
    secret = house.identifiers.token(HALF)
    asked = connection.execute(
        select(p.reset).where(p.reset.c.person == person, p.reset.c.expires_at > now)
    ).one_or_none()
    if asked is None or asked.asked_by == by:
        connection.execute(delete(p.reset).where(p.reset.c.person == person))
        connection.execute(
            insert(p.reset).values(
                person=person, asked_by=by, half_hash=sign_in.half_mark(secret), expires_at=now + WAITS
            )
        )
        audit.record(connection, house.vault, by, "reset_asked", person, (), now)
        return Half(first=True, secret=secret)
    _make_anew(connection, house, known, bytes(asked.half_hash), secret, now)
    audit.record(connection, house.vault, by, "reset", person, (asked.asked_by,), now)
    return Half(first=False, secret=secret)


def withdraw(connection: Connection, house: House, person: str, by: str, now: int) -> None:
    """Take a reset back that waits for its second, or whose link was not used."""
    connection.execute(delete(p.reset).where(p.reset.c.person == person))
    connection.execute(delete(t.sign_in).where(t.sign_in.c.person == person))
    audit.record(connection, house.vault, by, "reset_withdrawn", person, (), now)


def _make_anew(
    connection: Connection, house: House, known: Person, first_hash: bytes, second: str, now: int
) -> None:
    connection.execute(delete(p.reset).where(p.reset.c.person == known.id))
    sign_in.sign_out_everywhere(connection, known.id)
    bare = replace(known.profile, password=None, totp=None, totp_step=None)
    people.save_profile(connection, house, known.id, bare)
    mark = sign_in.joined_mark(first_hash, second)
    connection.execute(insert(t.sign_in).values(token_hash=mark, person=known.id, expires_at=now + WAITS))


def _why_not(connection: Connection, known: Person, by: str) -> str:
    name = known.profile.alias
    if known.state != "active":
        return f"{name} is {known.state}: there is no sign-in of hers to reset."
    if by == known.id:
        return "Nobody resets herself: two others do it together."
    if by != "program":
        able = rights_of(connection, by).anywhere(Action.RESET, Thing.PERSON)
        return "" if able else f"This person may not reset anybody: {_MAY_RESET}."
    others = _who_could(connection, known.id)
    if others >= 2:
        return f"Two people must do it, each with --as: {_MAY_RESET}. {others} others here can."
    return ""


def _who_could(connection: Connection, person: str) -> int:
    grant, allowed = t.role_grant.c, t.permission.c
    query = (
        select(func.count(func.distinct(grant.person)))
        .join(t.permission, allowed.role == grant.role)
        .join(t.person, t.person.c.id == grant.person)
        .where(
            allowed.action == Action.RESET.value,
            allowed.object == Thing.PERSON.value,
            t.person.c.state == "active",
            grant.person != person,
        )
    )
    return connection.execute(query).scalar_one()
