"""People of the organisation: profiles under the organisation's key, aliases by blind index (B-123)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from bot.model import NETWORK_DESK, PersonId, Role
from bot.services.giving_back import give_back
from bot.services.house import House
from bot.store import tables as t
from bot.store.moments import from_moment
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.vault import Vault
from handoff.model import Duty, HandoffState, OfferState, Tier, Urgency, Volunteer
from handoff.rota.questions import offered


class UnknownPerson(LookupError):
    """No person has this alias; `hotline people list` shows the aliases."""


class AliasTaken(ValueError):
    """A person with this alias exists already; choose another."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a person, sealed.

    Attributes:
        alias: the only name anyone sees.
        languages: tags.
        skills: codes.
        max_chats: chats at once, 1 to 3; 1 while new.
        password: Argon2id hash, None until set.
        totp: secret, None until set.
        totp_step: last accepted step, so that a code works once.
    """

    alias: str
    languages: list[str] = field(default_factory=list[str])
    skills: list[str] = field(default_factory=list[str])
    max_chats: int = 1
    password: str | None = None
    totp: str | None = None
    totp_step: int | None = None


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


def profile_place(person: str) -> Place:
    """Where a profile is sealed."""
    return Place("person", "profile_sealed", person)


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
    connection.execute(
        update(t.person).where(t.person.c.id == person).values(state="suspended", present=False)
    )
    connection.execute(delete(t.console_visit).where(t.console_visit.c.person == person))
    connection.execute(delete(t.sign_in).where(t.sign_in.c.person == person))
    connection.execute(delete(t.feed).where(t.feed.c.person == person))
    connection.execute(
        update(t.offer)
        .where(t.offer.c.person == person, t.offer.c.state == OfferState.PENDING.value)
        .values(state=OfferState.RESCINDED.value)
    )
    give_back(connection, person)


def set_present(connection: Connection, person: str, present: bool) -> None:  # noqa: FBT001  a fact, not a flag
    """The volunteer is ready for chats, or not."""
    connection.execute(update(t.person).where(t.person.c.id == person).values(present=present))


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


def volunteers_on_duty(connection: Connection, house: House, desk: str, now: int) -> list[Volunteer]:
    """Everyone on duty at the desk as dispatch sees them, with what they hold (PR8, PR11)."""
    board = house.library.boards.get(desk)
    at = from_moment(now)
    duties = board.at(at) if board else ()
    if board is None or not duties:
        return []
    by_alias = {duty.volunteer.casefold() for duty in duties}
    people = {
        p.profile.alias.casefold(): p
        for p in everyone(connection, house)
        if p.profile.alias.casefold() in by_alias
    }
    holding = _holding(connection, [p.id for p in people.values()])
    return [
        _volunteer(house, people[duty.volunteer.casefold()], duty, desk, holding, now)
        for duty in duties
        if duty.volunteer.casefold() in people
    ]


def _volunteer(
    house: House, person: Person, duty: Duty, desk: str, holding: dict[str, list[Urgency]], now: int
) -> Volunteer:
    if duty.desk:  # she helps out: what her own desk's rota says of her goes with her
        brings = duty.offers
    else:
        brings = offered(house.library.boards[desk].rota, duty.volunteer, duty.tier, from_moment(now))
    return Volunteer(
        person=person.id,
        alias=person.profile.alias,
        tier=duty.tier,
        duty_ends=duty.end,
        # The rota speaks first; her profile where it is silent.
        languages=brings.languages or frozenset(person.profile.languages),
        skills=(brings.skills or frozenset(person.profile.skills)) | _of_tier(duty.tier),
        present=person.present,
        holding=tuple(holding.get(person.id, ())),
        max_chats=person.profile.max_chats,
        suspended=person.state in {"suspended", "left"},
    )


def _of_tier(tier: Tier) -> frozenset[str]:
    """A supervisor may be asked for as one: under 18, where a desk says so (`speech.skills_for`)."""
    return frozenset({tier.value}) if tier is Tier.SUPERVISOR else frozenset()


def _holding(connection: Connection, people: list[PersonId]) -> dict[str, list[Urgency]]:
    """Urgencies of the chats each has open or is being offered."""
    held: dict[str, list[Urgency]] = {}
    active = select(t.handoff.c.person, t.handoff.c.urgency).where(
        t.handoff.c.person.in_(people), t.handoff.c.state == HandoffState.ACTIVE.value
    )
    pending = (
        select(t.offer.c.person, t.handoff.c.urgency)
        .join(t.handoff, t.handoff.c.id == t.offer.c.handoff)
        .where(t.offer.c.person.in_(people), t.offer.c.state == OfferState.PENDING.value)
    )
    for person, urgency in connection.execute(active.union_all(pending)):
        held.setdefault(person, []).append(Urgency(urgency or "U2"))
    return held


def _load(connection: Connection, house: House, condition: object) -> list[Person]:
    rows = connection.execute(select(t.person).where(condition)).all()  # pyright: ignore[reportArgumentType]  a column expression
    grants: dict[str, set[tuple[Role, str]]] = {}
    for row in connection.execute(
        select(t.role_grant).where(t.role_grant.c.person.in_([r.id for r in rows]))
    ):
        grants.setdefault(row.person, set()).add((Role(row.role), row.desk))
    return [
        Person(
            PersonId(row.id),
            Profile(
                **orjson.loads(
                    open_sealed(house.vault.organisation, profile_place(row.id), row.profile_sealed)
                )
            ),
            row.state,
            row.present,
            frozenset(grants.get(row.id, ())),
        )
        for row in rows
    ]


def _alias_in(vault: Vault, person: str, sealed: bytes) -> str:
    profile = orjson.loads(open_sealed(vault.organisation, profile_place(person), sealed))
    return str(profile["alias"]).casefold()


def _sealed(house: House, person: str, profile: Profile) -> bytes:
    return seal(house.vault.organisation, profile_place(person), orjson.dumps(asdict(profile)))
