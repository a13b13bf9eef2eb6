"""What those who look after people do with one of them, each with its right and its entry in the audit.

A right holds over a person where it is held at one of the desks she has a role at, or for the network.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from bot.model import NETWORK_DESK, Role
from bot.services import admitting, audit, people, qualifying, sign_in
from bot.services.house import House
from bot.services.messenger import addresses
from bot.services.people import Person
from bot.services.permissions import Action, NotAllowed, Rights, Thing, rights_of
from bot.services.profile import NotAProfile, Profile, levelled

LONGEST_ALIAS = 40
GIVEN_HERE = (
    Role.TRAINEE, Role.VOLUNTEER, Role.SUPERVISOR, Role.COORDINATOR, Role.TRAINER, Role.EDITOR, Role.REVIEWER,
)  # fmt: skip
"""Roles a coordinator gives; who holds keys and erases is named at the machine (`hotline people grant`)."""


class CannotBeDone(ValueError):
    """It makes no sense for this person; the text says why."""


def may(rights: Rights, action: Action, person: Person) -> bool:
    """Whether somebody with these rights may do it to this person."""
    desks = {desk for _, desk in person.grants} or {NETWORK_DESK}
    return any(rights.may(action, Thing.PERSON, desk) for desk in desks)


def demand_over(connection: Connection, house: House, by: str, action: Action, person: str) -> Person:
    """The person, where `by` may do it to her now. Raises NotAllowed, UnknownPerson."""
    known = people.get(connection, house, person)
    if not may(rights_of(connection, by), action, known):
        raise NotAllowed(f"{action.value} person")
    return known


def invite(
    connection: Connection,
    house: House,
    by: str,
    alias: str,
    role: Role,
    desk: str,
    languages: Iterable[str],
    now: int,
) -> str:
    """Add somebody; returns the token of her one-time link. Raises NotAllowed, AliasTaken, NotAProfile."""
    if not rights_of(connection, by).may(Action.INVITE, Thing.PERSON, desk):
        raise NotAllowed("invite person")
    if role not in GIVEN_HERE:
        raise CannotBeDone(f"The role {role.value} is given at the machine: `hotline people grant`.")
    tags = [tag.strip() for tag in languages if tag.strip()]
    for tag in tags:
        levelled(tag)
    if not alias.strip() or len(alias) > LONGEST_ALIAS or not alias.isprintable():
        raise NotAProfile(f"An alias has 1 to {LONGEST_ALIAS} letters. It is not her own name.")
    profile = Profile(alias=alias.strip(), languages=tags, invited_by=by)
    person = people.invite(connection, house, profile, [(role, desk)], now)
    audit.record(connection, house.vault, by, "invite", person, (role.value, desk), now)
    return sign_in.issue_link(connection, house, person, now)


def link_again(connection: Connection, house: House, by: str, person: str, now: int) -> str:
    """A new one-time link for somebody who has not signed in yet. Raises NotAllowed, CannotBeDone."""
    known = demand_over(connection, house, by, Action.INVITE, person)
    if known.state != "invited":
        raise CannotBeDone(
            "She has signed in before. Two people make a lost sign-in anew: `hotline people reset`."
        )
    audit.record(connection, house.vault, by, "invite", person, ("again",), now)
    return sign_in.issue_link(connection, house, person, now)


def suspend(connection: Connection, house: House, by: str, person: str, now: int) -> None:
    """Shut her out at once: no sign-in, no chats; hers are passed on. Raises NotAllowed, CannotBeDone."""
    known = demand_over(connection, house, by, Action.SUSPEND, person)
    if known.id == by:
        raise CannotBeDone("Nobody shuts herself out: ask somebody else.")
    if known.state not in {"active", "invited"}:
        raise CannotBeDone(f"She is {known.state} already.")
    people.suspend(connection, person)
    audit.record(connection, house.vault, by, "suspend", person, (), now)


def lift(connection: Connection, house: House, by: str, person: str, now: int) -> None:
    """Let her in again. Raises NotAllowed, CannotBeDone."""
    known = demand_over(connection, house, by, Action.SUSPEND, person)
    if known.state != "suspended":
        raise CannotBeDone(f"She is {known.state}, not shut out.")
    if not known.profile.enrolled and house.mode != "demo":
        raise CannotBeDone("She had never signed in. Invite her anew under another alias.")
    admitting.lift(connection, house, person, by, now)


def train(
    connection: Connection, house: House, by: str, person: str, module: str, on: date, now: int
) -> date | None:
    """She passed a module; returns when it lapses. Raises NotAllowed, UnknownModule, CannotBeDone."""
    demand_over(connection, house, by, Action.VERIFY, person)
    if person == by:
        raise CannotBeDone("Nobody assesses herself.")
    training = house.library.staffing_of(house.desk).training
    return qualifying.passed(connection, house, training, person, module, on, by, now)


def untrain(connection: Connection, house: House, by: str, person: str, module: str, now: int) -> None:
    """A completion counts no more. Raises NotAllowed."""
    demand_over(connection, house, by, Action.VERIFY, person)
    qualifying.not_passed(connection, house, person, module, by, now)


def unlink(connection: Connection, house: House, by: str, person: str, address: str, now: int) -> None:
    """Take a messenger of hers away, such as a lost phone: nothing more goes there. Raises NotAllowed."""
    demand_over(connection, house, by, Action.EDIT, person)
    addresses.unlink(connection, house, person, address, now, by)


def give_role(
    connection: Connection, house: House, by: str, person: str, role: Role, desk: str, now: int, *, back: bool
) -> None:
    """Grant a role at a desk, or take it back. Raises NotAllowed, CannotBeDone."""
    if not rights_of(connection, by).may(Action.GRANT, Thing.PERSON, desk):
        raise NotAllowed("grant person")
    if role not in GIVEN_HERE:
        raise CannotBeDone(f"The role {role.value} is given at the machine: `hotline people grant`.")
    if person == by:
        raise CannotBeDone("Nobody changes her own roles: ask somebody else.")
    known = people.get(connection, house, person)
    if known.state == "left":
        raise CannotBeDone("She has left.")
    if back:
        people.revoke(connection, person, role, desk)
    else:
        people.grant(connection, person, role, desk, now)
    verb = "take_back" if back else "grant"
    audit.record(connection, house.vault, by, verb, person, (role.value, desk), now)
