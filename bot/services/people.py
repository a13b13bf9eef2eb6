"""People of the organisation: profiles under the organisation's key, aliases by blind index (B-123)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from bot.model import NETWORK_DESK, PersonId, Role
from bot.services import attendance
from bot.services.giving_back import give_back
from bot.services.house import House
from bot.services.profile import Profile, profile_place
from bot.store import requests, rota_tables as r, tables as t
from bot.vault.envelope import open_sealed, seal
from bot.vault.vault import Vault
from handoff.model import OfferState


class UnknownPerson(LookupError):
    """No person has this alias; `hotline people list` shows the aliases."""


class AliasTaken(ValueError):
    """A person with this alias exists already; choose another."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person with grants (role, desk)."""

    id: PersonId
    profile: Profile
    state: str
    present: bool
    grants: frozenset[tuple[Role, str]]

    def has(self, role: Role, desk: str) -> bool:
        """Whether the role is granted at the desk or for the whole network."""
        return (role, desk) in self.grants or (role, "network") in self.grants


def alias_index(house: House, alias: str) -> bytes:
    """How an alias is looked up without being stored."""
    return house.vault.organisation_index("alias", alias.strip().casefold())


def invite(
    connection: Connection, house: House, profile: Profile, grants: Iterable[tuple[Role, str]], now: int
) -> PersonId:
    """Add a person; AliasTaken if the alias is in use."""
    index = alias_index(house, profile.alias)
    if connection.execute(select(t.person.c.id).where(t.person.c.alias_index == index)).first() is not None:
        raise AliasTaken(f"Somebody here is called {profile.alias} already; choose another alias.")
    person = house.identifiers.new_id()
    connection.execute(
        insert(t.person).values(
            id=person, alias_index=index, profile_sealed=_sealed(house, person, profile), state="invited",
            present=False, created_at=now,
        )
    )  # fmt: skip
    attendance.begin(connection, person)
    for role, desk in grants:
        grant(connection, person, role, desk, now)
    return PersonId(person)


def grant(connection: Connection, person: str, role: Role, desk: str, now: int) -> None:
    """Give a role at a desk; giving it twice changes nothing."""
    held = (
        (t.role_grant.c.person == person)
        & (t.role_grant.c.role == role.value)
        & (t.role_grant.c.desk == desk)
    )
    connection.execute(delete(t.role_grant).where(held))
    connection.execute(insert(t.role_grant).values(person=person, role=role.value, desk=desk, granted_at=now))


def revoke(connection: Connection, person: str, role: Role, desk: str) -> None:
    """Take a role back, at once."""
    held = (
        (t.role_grant.c.person == person)
        & (t.role_grant.c.role == role.value)
        & (t.role_grant.c.desk == desk)
    )
    connection.execute(delete(t.role_grant).where(held))


def suspend(connection: Connection, person: str) -> None:
    """Shut a person out at once: no sign-in, no offers, no chats; browsers and calendar links end."""
    shut_out(connection, person, "suspended")


def shut_out(connection: Connection, person: str, state: str) -> None:
    """Take everything from a person in this commit; her open chats go back to the queue with an honest line.

    Hours that only she held are closed from now on.
    """
    connection.execute(update(t.person).where(t.person.c.id == person).values(state=state, present=False))
    attendance.goes(connection, person)
    connection.execute(delete(t.console_visit).where(t.console_visit.c.person == person))
    connection.execute(delete(t.sign_in).where(t.sign_in.c.person == person))
    connection.execute(delete(r.feed).where(r.feed.c.person == person))
    connection.execute(
        update(t.offer)
        .where(t.offer.c.person == person, t.offer.c.state == OfferState.PENDING.value)
        .values(state=OfferState.RESCINDED.value)
    )
    give_back(connection, person)
    requests.bump(connection)


def set_present(connection: Connection, person: str, present: bool) -> None:  # noqa: FBT001  a fact, not a flag
    """The volunteer is ready for chats, or not."""
    connection.execute(update(t.person).where(t.person.c.id == person).values(present=present))
    (attendance.comes if present else attendance.goes)(connection, person)


def save_profile(connection: Connection, house: House, person: str, profile: Profile) -> None:
    """Write a changed profile."""
    connection.execute(
        update(t.person)
        .where(t.person.c.id == person)
        .values(profile_sealed=_sealed(house, person, profile), alias_index=alias_index(house, profile.alias))
    )


def find(connection: Connection, house: House, alias: str) -> Person:
    """The person with this alias; UnknownPerson if there is none."""
    found = _load(connection, house, t.person.c.alias_index == alias_index(house, alias))
    if not found:
        raise UnknownPerson(f"Nobody here is called {alias}; `hotline people list` shows the aliases.")
    return found[0]


def get(connection: Connection, house: House, person: str) -> Person:
    """The person with this id; UnknownPerson if there is none."""
    found = _load(connection, house, t.person.c.id == person)
    if not found:
        raise UnknownPerson(f"Nobody here has the id {person}; `hotline people list` shows who is here.")
    return found[0]


def everyone(connection: Connection, house: House) -> list[Person]:
    """All people, by alias."""
    return sorted(
        _load(connection, house, t.person.c.id.is_not(None)), key=lambda p: p.profile.alias.casefold()
    )


def active_aliases(connection: Connection, vault: Vault, *, ever: bool = False) -> frozenset[str]:
    """Aliases of people who have signed in and are not shut out, casefolded; with `ever`, of these too."""
    counts = t.person.c.state != "invited" if ever else t.person.c.state == "active"
    rows = connection.execute(select(t.person.c.id, t.person.c.profile_sealed).where(counts))
    return frozenset(_alias_in(vault, row.id, row.profile_sealed) for row in rows)


def takers(connection: Connection, vault: Vault) -> dict[str, frozenset[str]]:
    """Desk → casefolded aliases of active people whose role lets them take a chat there."""
    query = (
        select(t.role_grant.c.desk, t.person.c.id, t.person.c.profile_sealed)
        .join(t.person, t.person.c.id == t.role_grant.c.person)
        .join(t.permission, t.permission.c.role == t.role_grant.c.role)
        .where(
            t.person.c.state == "active",
            t.permission.c.action == "take",
            t.permission.c.object == "live_chat",
        )
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.desk, set()).add(_alias_in(vault, row.id, row.profile_sealed))
    everywhere = found.get(NETWORK_DESK, set())
    desks = connection.execute(select(t.desk.c.id)).scalars()
    return {desk: frozenset(found.get(desk, set()) | everywhere) for desk in desks}


def alias_of(connection: Connection, house: House, person: str) -> str:
    """A person's alias."""
    return get(connection, house, person).profile.alias


def called(connection: Connection, house: House, aliases: Iterable[str]) -> dict[str, Person]:
    """The people with these aliases, by casefolded alias; whom nobody knows is left out."""
    indexes = [alias_index(house, alias) for alias in aliases]
    found = _load(connection, house, t.person.c.alias_index.in_(indexes))
    return {one.profile.alias.casefold(): one for one in found}


def _load(connection: Connection, house: House, condition: object) -> list[Person]:
    rows = connection.execute(select(t.person).where(condition)).all()  # pyright: ignore[reportArgumentType]  a column expression
    grants: dict[str, set[tuple[Role, str]]] = {}
    for row in connection.execute(
        select(t.role_grant).where(t.role_grant.c.person.in_([one.id for one in rows]))
    ):
        grants.setdefault(row.person, set()).add((Role(row.role), row.desk))
    return [
        Person(
            PersonId(row.id),
            Profile.from_bytes(
                open_sealed(house.vault.organisation, profile_place(row.id), row.profile_sealed)
            ),
            row.state,
            row.present,
            frozenset(grants.get(row.id, ())),
        )
        for row in rows
    ]


def _alias_in(vault: Vault, person: str, sealed: bytes) -> str:
    profile = Profile.from_bytes(open_sealed(vault.organisation, profile_place(person), sealed))
    return profile.alias.casefold()


def _sealed(house: House, person: str, profile: Profile) -> bytes:
    return seal(house.vault.organisation, profile_place(person), profile.to_bytes())
