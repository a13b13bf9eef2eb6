"""A coordinator lets one person go over a limit for a time, with a reason; audited (rota.md §3.9)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, insert, select

from bot.services import audit
from bot.services.house import House
from bot.store import people_tables as p
from bot.store.moments import from_moment, to_moment
from bot.vault.envelope import Place, open_sealed, seal
from handoff.limits import OF_LIMITS, Span
from handoff.model import Refusal


class NotAnOverride(ValueError):
    """Only limits are overridden, for a time that has an end, and with a reason."""


@dataclass(frozen=True, slots=True)
class Override:
    """One limit lifted for one person: `by` is who lifted it, `words` why."""

    id: str
    person: str
    code: Refusal
    since: datetime
    until: datetime
    by: str
    words: str


def override(
    connection: Connection,
    house: House,
    person: str,
    code: Refusal,
    span: Span,
    why: tuple[str, str],
    now: int,
) -> str:
    """Lift a limit for a person from then to then; returns its id. `why` is who lifts it, and her reason.

    Training, blocks and what a chat needs are never overridden. Raises `NotAnOverride`.
    """
    by, words = why
    if code not in OF_LIMITS:
        there = ", ".join(OF_LIMITS)
        raise NotAnOverride(f"{code} is not a limit that can be lifted; there are: {there}.")
    if span[1] <= span[0] or not words.strip():
        raise NotAnOverride("An override has an end after its beginning, and a reason.")
    identifier = house.identifiers.new_id()
    plain = orjson.dumps([code.value, by, words.strip()])
    connection.execute(
        insert(p.limit_override).values(
            id=identifier, person=person, from_at=to_moment(span[0]), until_at=to_moment(span[1]),
            override_sealed=seal(house.vault.organisation, _place(identifier), plain),
        )
    )  # fmt: skip
    audit.record(connection, house.vault, by, "override", person, (code.value, words.strip()), now)
    return identifier


def take_back(connection: Connection, house: House, identifier: str, by: str, now: int) -> None:
    """The limit holds again. Raises `NotAnOverride` when there is none of this id."""
    gone = connection.execute(
        delete(p.limit_override)
        .where(p.limit_override.c.id == identifier)
        .returning(p.limit_override.c.person)
    ).scalar_one_or_none()
    if gone is None:
        raise NotAnOverride(f"There is no override {identifier}.")
    audit.record(connection, house.vault, by, "override_ended", gone, (identifier,), now)


def overrides_of(connection: Connection, house: House, person: str) -> tuple[Override, ...]:
    """Every override of a person, oldest first."""
    row = p.limit_override.c
    query = select(p.limit_override).where(row.person == person).order_by(row.from_at, row.id)
    return tuple(_opened(house, found) for found in connection.execute(query))


def lifted_for(connection: Connection, house: House, person: str, span: Span) -> frozenset[Refusal]:
    """The limits that are lifted for all of this time."""
    known = overrides_of(connection, house, person)
    return frozenset(one.code for one in known if one.since <= span[0] and span[1] <= one.until)


def _opened(house: House, row: Row[Any]) -> Override:
    plain = orjson.loads(open_sealed(house.vault.organisation, _place(row.id), row.override_sealed))
    code, by, words = plain
    return Override(
        row.id, row.person, Refusal(code), from_moment(row.from_at), from_moment(row.until_at), by, words
    )


def _place(identifier: str) -> Place:
    return Place("limit_override", "override_sealed", identifier)
