"""A chat has left its volunteer, by whatever way: she rests, is owed a debrief, and the queue is served.

Nothing of the chat is kept with her but codes, sealed under the organisation's key (domain E).
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, delete, insert, select

from bot.model import DueKind
from bot.services import attendance, audit, calls
from bot.services.house import House
from bot.services.looking_again import look_again
from bot.services.permissions import Action, NotAllowed, Thing, rights_of
from bot.services.talk import Talk
from bot.store import people_tables as p
from bot.store.moments import MICROSECOND, from_moment
from bot.store.writes import Writes
from bot.vault.envelope import Place, open_sealed, seal
from handoff.care import DebriefReason, cools_for, debrief_reasons
from handoff.model import HIGH_RISK, Outcome, Urgency

DEBRIEF_WAITS: Final = 24 * 3_600_000_000
"""Microseconds until a supervisor is told that nobody has talked with her yet."""


@dataclass(frozen=True, slots=True)
class Debrief:
    """A debrief that is due; `due_at` in microseconds."""

    id: str
    person: str
    desk: str
    due_at: int
    reasons: tuple[DebriefReason, ...]


def chat_over(talk: Talk, row: Row[Any], *, spoke: bool, outcome: Outcome | None = None) -> None:
    """The chat of `row` is not with its volunteer any more; `spoke`: she had written to her.

    The rows of handoff and conversation are locked by the caller; attendance comes after them.
    """
    connection, house, now = talk.connection, talk.house, talk.now
    calls.end(connection, talk.writes, [row.id])
    look_again(connection, now, row.desk)
    if row.person is None:
        return
    if not spoke:
        attendance.change(connection, row.person, idle_since=now)
        return
    state = talk.opened.state
    urgency = Urgency(state.urgency)
    reasons = debrief_reasons(urgency, state.reasons, state.need, outcome)
    policy = house.library.staffing_of(row.desk).care.after
    cools = cools_for(urgency, reasons, policy) // MICROSECOND
    cooling_until = now + cools if cools else None
    attendance.change(
        connection, row.person, idle_since=now, **({"cooling_until": cooling_until} if cools else {})
    )
    if cooling_until is not None:
        identifier = house.identifiers.new_id()
        talk.writes.set_due(identifier, DueKind.COOLING_ENDS.value, row.person, cooling_until)
    if urgency in HIGH_RISK:
        day = from_moment(now).date().isoformat()
        heavy = attendance.exposed(connection, house, row.person, day)
        if heavy >= policy.heavy_in_a_week:
            talk.writes.set_due(house.identifiers.new_id(), DueKind.EXPOSURE.value, row.person, now)
    if reasons:
        _owe(connection, house, talk.writes, row, tuple(sorted(reasons)), now)


def debriefs_of(connection: Connection, house: House, person: str) -> tuple[Debrief, ...]:
    """The debriefs this person is owed, oldest first."""
    query = select(p.debrief).where(p.debrief.c.person == person).order_by(p.debrief.c.due_at)
    return tuple(_opened(house, row) for row in connection.execute(query))


def debriefs_due(connection: Connection, house: House, person: str) -> tuple[Debrief, ...]:
    """Every debrief that is owed at desks this person looks after."""
    rights = rights_of(connection, person)
    rows = connection.execute(select(p.debrief).order_by(p.debrief.c.due_at))
    return tuple(_opened(house, row) for row in rows if rights.may(Action.VIEW, Thing.DEBRIEF, row.desk))


def debriefed(
    connection: Connection, house: House, debrief: str, person: str, now: int, *, declined: bool = False
) -> None:
    """Somebody talked with her, or she does not want it: said by herself or by who looks after her.

    Nothing of what was said is kept. Raises `NotAllowed`.
    """
    row = connection.execute(select(p.debrief).where(p.debrief.c.id == debrief)).one_or_none()
    if row is None:
        return
    if row.person != person and not rights_of(connection, person).may(Action.CLOSE, Thing.DEBRIEF, row.desk):
        raise NotAllowed(f"{Action.CLOSE.value} {Thing.DEBRIEF.value}")
    connection.execute(delete(p.debrief).where(p.debrief.c.id == debrief))
    writes = Writes()
    writes.drop_due(DueKind.DEBRIEF_OPEN.value, debrief)
    writes.flush(connection)
    verb = "debrief_declined" if declined else "debriefed"
    audit.record(connection, house.vault, person, verb, row.person, (), now)


def still_open(connection: Connection, writes: Writes, debrief: str) -> None:
    """A day has passed: a supervisor is told, once. The debrief stays open until somebody closes it."""
    row = connection.execute(select(p.debrief.c.person).where(p.debrief.c.id == debrief)).one_or_none()
    if row is not None:
        writes.after.append(("alert", "debrief", row.person))


def _owe(
    connection: Connection,
    house: House,
    writes: Writes,
    row: Row[Any],
    reasons: tuple[DebriefReason, ...],
    now: int,
) -> None:
    identifier = house.identifiers.new_id()
    plain = orjson.dumps([reason.value for reason in reasons])
    connection.execute(
        insert(p.debrief).values(
            id=identifier, person=row.person, desk=row.desk, due_at=now,
            reason_sealed=seal(house.vault.organisation, _place(identifier), plain),
        )
    )  # fmt: skip
    due = house.identifiers.new_id()
    writes.set_due(due, DueKind.DEBRIEF_OPEN.value, identifier, now + DEBRIEF_WAITS)


def _opened(house: House, row: Row[Any]) -> Debrief:
    plain = orjson.loads(open_sealed(house.vault.organisation, _place(row.id), row.reason_sealed))
    return Debrief(row.id, row.person, row.desk, row.due_at, tuple(map(DebriefReason, plain)))


def _place(debrief: str) -> Place:
    return Place("debrief", "reason_sealed", debrief)
