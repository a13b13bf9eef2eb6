"""Revisions as people look at them: where each stands, who made it, who signed."""

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.services import people, revisions, signing
from bot.services.audit import PROGRAM
from bot.services.house import House
from bot.services.people import UnknownPerson
from bot.services.revisions import Revision
from bot.services.signing import Standing

A_COMMAND = "a command"
"""Who made a revision that a command took in without naming anybody."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One revision. `by` is the alias of who made it."""

    revision: Revision
    standing: Standing
    by: str


def listed(connection: Connection, house: House, desk: str | None = None) -> tuple[Listed, ...]:
    """Every revision, of one desk or of all, oldest first."""
    return tuple(
        of_revision(connection, house, one) for one in revisions.revisions(connection, house.vault, desk)
    )


def of_revision(connection: Connection, house: House, revision: Revision) -> Listed:
    """One revision with who made and who signed it."""
    demo = house.mode == "demo"
    standing = signing.standing(connection, house.vault, revision.id, demo=demo)
    return Listed(revision, standing, alias_of(connection, house, revision.origin.editor))


def alias_of(connection: Connection, house: House, person: str) -> str:
    """How somebody who acted on a script is called."""
    if person == PROGRAM:
        return A_COMMAND
    try:
        return people.alias_of(connection, house, person)
    except UnknownPerson:
        return "somebody who is not here any more"
