"""Leave: one record for every desk, which `final_duty` reads, and so does everybody who asks it (PR11).

What is past of a leave that is noted late stays as it was; a leave that ends early ends for the future only.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import orjson
from sqlalchemy import Connection, select

from bot.services import audit, people, rota_records
from bot.services.house import House
from bot.services.profile import Profile, profile_place
from bot.store import requests, tables as t
from bot.store.moments import from_moment
from bot.vault.envelope import open_sealed
from bot.vault.vault import Vault
from handoff.limits import Span
from handoff.rota.absence import Absence, AbsenceKind, away

FAR = datetime(9000, 1, 1, tzinfo=UTC)
"""A leave nobody has ended yet is told as far as this."""


class NotALeave(ValueError):
    """A leave ends after it begins, and lies ahead."""


def take(
    connection: Connection, house: House, person: str, since: datetime, until: datetime, by: str, now: int
) -> None:
    """She is away from `since` to `until`: her duties in that time count as missing. Raises `NotALeave`."""
    if since.tzinfo is None or until.tzinfo is None or until <= since:
        raise NotALeave("A leave ends after it begins; give both with an offset or as days.")
    at = from_moment(now)
    if until <= at:
        raise NotALeave("This time is over. What has been stays as it was; a leave lies ahead.")
    alias = people.alias_of(connection, house, person)
    absence = Absence(alias, since.astimezone(UTC), until.astimezone(UTC))
    rota_records.note_absence(connection, house.vault, house.identifiers.new_id(), absence, at)
    requests.bump(connection)
    audit.record(connection, house.vault, by, "leave", person, (), now)


def end(connection: Connection, house: House, person: str, by: str, at: datetime, now: int) -> None:
    """She is back: leaves that hold or lie ahead end at `at`; what is past stays as it was."""
    alias = people.alias_of(connection, house, person).casefold()
    for identity, absence in rota_records.absences_by_id(connection, house.vault).items():
        mine = absence.volunteer.casefold() == alias and absence.kind is AbsenceKind.LEAVE
        if mine and _holds(absence, at):
            rota_records.end_absence(connection, house.vault, identity, at)
    requests.bump(connection)
    audit.record(connection, house.vault, by, "back", person, (), now)


def of(connection: Connection, house: House, alias: str) -> tuple[Span, ...]:
    """When somebody is away or was, UTC, as disjoint spans in order."""
    return everybodys(connection, house.vault).get(alias.casefold(), ())


def everybodys(connection: Connection, vault: Vault) -> Mapping[str, tuple[Span, ...]]:
    """The same of everybody, by casefolded alias."""
    return away(rota_records.absences(connection, vault), FAR)


def bring_over(connection: Connection, house: House, now: int) -> int:
    """Leaves that an earlier release kept in profiles become records; returns how many."""
    rows = connection.execute(select(t.person.c.id, t.person.c.profile_sealed)).all()
    moved = 0
    for row in rows:
        sealed = open_sealed(house.vault.organisation, profile_place(row.id), row.profile_sealed)
        for since, until in _kept_before(orjson.loads(sealed).get("away", ())):
            alias = Profile.from_bytes(sealed).alias
            rota_records.note_absence(
                connection, house.vault, house.identifiers.new_id(), Absence(alias, since, until), since
            )
            moved += 1
        if orjson.loads(sealed).get("away"):
            people.save_profile(connection, house, row.id, Profile.from_bytes(sealed))
    if moved:
        requests.bump(connection)
        audit.record(connection, house.vault, audit.PROGRAM, "bring_over", "leaves", (), now)
    return moved


def _kept_before(plain: Iterable[tuple[str, str]]) -> Iterable[Span]:
    for since, until in plain:
        span = datetime.fromisoformat(since).astimezone(UTC), datetime.fromisoformat(until).astimezone(UTC)
        if span[0] < span[1]:
            yield span


def _holds(absence: Absence, at: datetime) -> bool:
    """Whether anything of it lies after `at`."""
    ends = [moment for moment in (absence.end, absence.withdrawn_at) if moment is not None]
    return all(moment > at for moment in ends)
