"""Who is there and able: missed offers, breaks, rest after heavy chats, one chat more (rota.md §3.8, §3.9).

One row per person. Whoever changes several locks the people first (`lock`), lowest id first: people before
conversations before hand-offs before these rows, in every process.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from bot.services.house import House
from bot.store import people_tables as p, tables as t
from bot.store.moments import from_moment
from bot.vault.envelope import Place, open_sealed, seal
from handoff.attendance import is_away_after

EXPOSURE_DAYS: Final = 35
WEEK: Final = timedelta(days=7)


class Pause(StrEnum):
    """Why she takes no chats although she is on duty; the empty one: she takes them."""

    NONE = ""
    ASKED = "asked"  # a break as soon as the others can do without her; until then she goes on
    BREAK = "break"
    AWAY = "away"  # two offers in a row went unanswered; only she herself ends it


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person's row. Moments in microseconds, None where there is none.

    `heavy` is day (ISO) → chats of high risk.
    """

    missed: int = 0
    one_more: bool = False
    pause: Pause = Pause.NONE
    pause_minutes: int = 0
    pause_at: int | None = None
    cooling_until: int | None = None
    working_since: int | None = None
    idle_since: int | None = None
    heavy: Mapping[str, int] = field(default_factory=dict[str, int])

    def heavy_lately(self, now: int) -> int:
        """Chats of high risk in the last seven days."""
        since = (from_moment(now) - WEEK).date().isoformat()
        return sum(count for day, count in self.heavy.items() if day > since)


NOT_YET: Final = Attendance()


def lock(connection: Connection, people: Iterable[str]) -> None:
    """Lock these people until the end of the transaction: nobody else claims or offers for them meanwhile."""
    ids = sorted(set(people))
    if ids:
        connection.execute(_LOCKED, {"b_ids": ids}).all()


def load(connection: Connection, house: House, people: Collection[str]) -> dict[str, Attendance]:
    """The rows of these people."""
    rows = connection.execute(_ROWS, {"b_ids": sorted(people)})
    return {row.person: _opened(house, row) for row in rows}


def of(connection: Connection, house: House, person: str) -> Attendance:
    """One person's row."""
    return load(connection, house, [person]).get(person, NOT_YET)


def begin(connection: Connection, person: str) -> None:
    """The row of somebody who is new here."""
    connection.execute(
        insert(p.attendance).values(person=person, missed=0, one_more=False, pause="", pause_minutes=0)
    )


def change(connection: Connection, person: str, **values: Any) -> None:
    """Write some of a person's values."""
    connection.execute(update(p.attendance).where(p.attendance.c.person == person).values(**values))


def comes(connection: Connection, person: str) -> None:
    """She says that she is there: nothing that was missed counts, no break, no being away.

    Since when she works is filled in by the watchdog, which knows the time (`note_working`).
    """
    change(connection, person, missed=0, pause=Pause.NONE.value, pause_minutes=0, pause_at=None)


def goes(connection: Connection, person: str) -> None:
    """She takes no chats any more."""
    change(
        connection, person, missed=0, one_more=False, pause=Pause.NONE.value, pause_minutes=0, pause_at=None,
        working_since=None,
    )  # fmt: skip


def answered(connection: Connection, person: str, *, accepted: bool) -> None:
    """She took an offer or declined it: she is there. With a chat taken, the one more is used up."""
    change(connection, person, missed=0, **({"one_more": False} if accepted else {}))


def missed(connection: Connection, people: Iterable[str]) -> tuple[str, ...]:
    """An offer to each of these went unanswered; returns who is away from now on. Locks nobody."""
    ids = sorted(set(people))
    if not ids:
        return ()
    row = p.attendance.c
    known = {r.person: r.missed + 1 for r in connection.execute(_ROWS, {"b_ids": ids})}
    connection.execute(update(p.attendance).where(row.person.in_(ids)).values(missed=row.missed + 1))
    gone = tuple(one for one in ids if is_away_after(known.get(one, 0)))
    if gone:
        connection.execute(update(t.person).where(t.person.c.id.in_(gone)).values(present=False))
        connection.execute(
            update(p.attendance)
            .where(row.person.in_(gone))
            .values(pause=Pause.AWAY.value, pause_at=None, missed=0, one_more=False, working_since=None)
        )
    return gone


def exposed(connection: Connection, house: House, person: str, day: str) -> int:
    """One more chat of high risk on this day; returns how many there were in the last seven days."""
    row = connection.execute(_ROWS.with_for_update(), {"b_ids": [person]}).one_or_none()
    known = NOT_YET if row is None else _opened(house, row)
    days = {**known.heavy, day: known.heavy.get(day, 0) + 1}
    kept = dict(sorted(days.items())[-EXPOSURE_DAYS:])
    sealed = seal(house.vault.organisation, _place(person), orjson.dumps(kept))
    change(connection, person, exposure_sealed=sealed)
    week_ago = (date.fromisoformat(day) - WEEK).isoformat()
    return sum(count for each, count in kept.items() if each > week_ago)


def note_working(connection: Connection, now: int) -> None:
    """Whoever is ready and has no beginning of her work yet has begun it now."""
    ready = select(t.person.c.id).where(t.person.c.present)
    connection.execute(
        update(p.attendance)
        .where(p.attendance.c.person.in_(ready), p.attendance.c.working_since.is_(None))
        .values(working_since=now)
    )


def _opened(house: House, row: Row[tuple[Any, ...]]) -> Attendance:
    heavy: dict[str, int] = {}
    if row.exposure_sealed is not None:
        heavy = orjson.loads(open_sealed(house.vault.organisation, _place(row.person), row.exposure_sealed))
    return Attendance(
        missed=row.missed, one_more=row.one_more, pause=Pause(row.pause), pause_minutes=row.pause_minutes,
        pause_at=row.pause_at, cooling_until=row.cooling_until, working_since=row.working_since,
        idle_since=row.idle_since, heavy=heavy,
    )  # fmt: skip


def _place(person: str) -> Place:
    return Place("attendance", "exposure_sealed", person)


_LOCKED = (
    select(t.person.c.id)
    .where(t.person.c.id.in_(bindparam("b_ids", expanding=True)))
    .order_by(t.person.c.id)
    .with_for_update()
)
_ROWS = select(p.attendance).where(p.attendance.c.person.in_(bindparam("b_ids", expanding=True)))
