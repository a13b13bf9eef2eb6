"""Shifts that are looked after, as they are kept: a row for each person and shift, from three days before."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from bot.services.cover_rows import shift_index
from bot.services.house import House
from bot.store import day_tables as d
from bot.store.moments import from_moment, to_moment
from bot.vault.envelope import Place, open_sealed, seal
from handoff.model import Tier
from handoff.shift_day import Course, Presence, Stage


@dataclass(frozen=True, slots=True)
class Watched:
    """One shift of one person: `instance` and `tier` say which, `course` how far it has got."""

    id: str
    desk: str
    person: str
    instance: str
    tier: Tier
    course: Course


def add(connection: Connection, house: House, watched: Watched) -> None:
    """Keep a new one."""
    connection.execute(
        insert(d.shift_watch).values(
            id=watched.id, desk=watched.desk, person=watched.person,
            shift_index=shift_index(house, watched.desk, watched.instance),
            body_sealed=_sealed(house, watched), **_course(watched.course),
        )
    )  # fmt: skip


def keep(connection: Connection, watched: Watched, course: Course) -> Watched:
    """Write how far it has got; returns it as it is now."""
    row = d.shift_watch.c
    connection.execute(update(d.shift_watch).where(row.id == watched.id).values(_course(course)))
    return replace(watched, course=course)


def drop(connection: Connection, watched: str) -> None:
    """It is over, or not hers any more."""
    connection.execute(delete(d.shift_watch).where(d.shift_watch.c.id == watched))


def find(connection: Connection, house: House, watched: str) -> Watched | None:
    """The one with this id."""
    found = _many(connection, house, select(d.shift_watch).where(d.shift_watch.c.id == watched))
    return found[0] if found else None


def everybodys(connection: Connection, house: House) -> tuple[Watched, ...]:
    """All of them, by their beginnings."""
    return _many(connection, house, select(d.shift_watch))


def of_person(connection: Connection, house: House, person: str) -> tuple[Watched, ...]:
    """One person's, by their beginnings."""
    return _many(connection, house, select(d.shift_watch).where(d.shift_watch.c.person == person))


def _many(connection: Connection, house: House, query: Select[Any]) -> tuple[Watched, ...]:
    rows = connection.execute(query.order_by(d.shift_watch.c.starts_at, d.shift_watch.c.id))
    return tuple(_opened(house, row) for row in rows)


def _course(course: Course) -> dict[str, Any]:
    return {
        "starts_at": to_moment(course.start),
        "ends_at": to_moment(course.end),
        "done": int(course.done),
        "presence": course.presence.value,
        "expected_at": None if course.expected_at is None else to_moment(course.expected_at),
    }


def _sealed(house: House, watched: Watched) -> bytes:
    plain = orjson.dumps([watched.instance, watched.tier.value])
    return seal(house.vault.organisation, _place(watched.id), plain)


def _opened(house: House, row: Row[Any]) -> Watched:
    instance, tier = orjson.loads(open_sealed(house.vault.organisation, _place(row.id), row.body_sealed))
    expected = None if row.expected_at is None else from_moment(row.expected_at)
    course = Course(
        from_moment(row.starts_at),
        from_moment(row.ends_at),
        Stage(row.done),
        Presence(row.presence),
        expected,
    )
    return Watched(row.id, row.desk, row.person, instance, Tier(tier), course)


def _place(watched: str) -> Place:
    return Place("shift_watch", "body_sealed", watched)
