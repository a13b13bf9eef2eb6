"""Calling a supervisor: stored, it climbs until somebody is on it, and ends when its cause has (B-097).

A call reserves nobody. What it is about is offered, taken and answered meanwhile as if there were no call.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from bot.model import NETWORK_DESK, DueKind, Role
from bot.services import audit, crew
from bot.services.house import House
from bot.services.messenger.calls import Call, ring
from bot.services.permissions import Action, Thing, rights_of
from bot.store import day_tables as d, people_tables as p, tables as t
from bot.store.callback_table import callback
from bot.store.moments import from_moment, month_of, to_moment
from bot.store.writes import Writes
from handoff.calls import Called, CallReason, CallState, climb, looked_at_again
from handoff.cover_call import CoverState
from handoff.model import HandoffState, Tier, Urgency
from handoff.shift_day import Presence

Found = Row[*tuple[Any, ...]]
IN_A_CHAT: Final = frozenset({CallReason.UNANSWERED, CallReason.ASKED})
"""Reasons that lie in a chat under way: a supervisor may join it by a tap."""
LEFT_TO_HER: Final = frozenset({CallReason.ASKED, CallReason.NOT_THERE, CallReason.UNCOVERED_SHIFT})
"""Reasons for which a call that somebody has answered does not open again: she sees to it from there."""
OF_A_DESK: Final = frozenset(
    {CallReason.UNCOVERED, CallReason.NOT_THERE, CallReason.UNCOVERED_SHIFT}
    | {CallReason.CALLBACK, CallReason.CALLBACK_UNSTAFFED}
)
"""Reasons that lie in no chat: what is shown of them is the desk."""
LOOKED_AT: Final = timedelta(seconds=60)
"""How often a call that has climbed to the end is looked at: is its cause still there?"""


class NoSuchCall(LookupError):
    """There is no such call, or it is over, or it is not this person's to answer: all look the same."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A call to raise: at which desk, about which hand-off (or the desk itself), why."""

    desk: str
    subject: str
    reason: CallReason


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call as those who are called see it.

    `who` is everybody called so far, by rung; `began_at` in microseconds; `person` who is on it.
    """

    id: str
    desk: str
    subject: str
    reason: CallReason
    state: CallState
    who: tuple[Called, ...]
    began_at: int
    person: str | None


def raise_all(
    connection: Connection, house: House, writes: Writes, called: Sequence[Raised], now: int
) -> None:
    """Raise these calls; where one is open already it stays as it is. The first rung comes at once."""
    if not called:
        return
    wanted = {one.subject: one for one in called}
    known = set(connection.execute(_SUBJECTS, {"b_subjects": sorted(wanted)}).scalars())
    fresh = [wanted[subject] for subject in sorted(wanted.keys() - known)]
    if not fresh:
        return
    connection.execute(
        insert(p.supervisor_call),
        [
            {
                "id": house.identifiers.new_id(), "desk": one.desk, "subject": one.subject,
                "reason": one.reason.value, "state": CallState.OPEN.value, "rung": -1, "began_at": now,
                "person": None,
            }
            for one in fresh
        ],
    )  # fmt: skip
    for one in fresh:
        writes.set_due(house.identifiers.new_id(), DueKind.CALL_STEP.value, one.subject, now)
        writes.count(one.desk, month_of(now), "call.raised")


def ask(connection: Connection, house: House, desk: str, handoff: str, person: str, now: int) -> None:
    """The volunteer who holds a chat asks for a supervisor; the chat goes on meanwhile."""
    writes = Writes()
    again = connection.execute(_SUBJECTS, {"b_subjects": [handoff]}).first() is not None
    raise_all(connection, house, writes, [Raised(desk, handoff, CallReason.ASKED)], now)
    if again:  # what climbs already climbs on; whoever asks again is heard at once
        ring_supervisors(connection, house, desk, f"{handoff}:again:{now}", now, joins=handoff)
    # Whoever asks for help wants more than what the ladder of her silence had called for.
    connection.execute(
        update(p.supervisor_call)
        .where(p.supervisor_call.c.subject == handoff)
        .values(reason=CallReason.ASKED.value, state=CallState.OPEN.value, person=None)
    )
    writes.set_due(house.identifiers.new_id(), DueKind.CALL_STEP.value, handoff, now)
    writes.flush(connection)
    audit.record(connection, house.vault, person, "call", handoff, (CallReason.ASKED.value,), now)


def acknowledge(connection: Connection, house: House, call: str, person: str, now: int) -> OpenCall:
    """Somebody is on it: nobody further is called. Raises `NoSuchCall`."""
    row = connection.execute(
        select(p.supervisor_call).where(p.supervisor_call.c.id == call).with_for_update()
    ).one_or_none()
    if row is None or not rights_of(connection, person).may(Action.TAKE, Thing.CALL, row.desk):
        raise NoSuchCall(call)
    connection.execute(
        update(p.supervisor_call)
        .where(p.supervisor_call.c.id == call)
        .values(state=CallState.ACKNOWLEDGED.value, person=person)
    )
    urgency = _urgencies(connection, [row.subject]).get(row.subject, Urgency.U2)
    writes = Writes()
    again = to_moment(looked_at_again(from_moment(now), urgency))
    writes.set_due(house.identifiers.new_id(), DueKind.CALL_STEP.value, row.subject, again)
    writes.flush(connection)
    audit.record(connection, house.vault, person, "acknowledge", row.subject, (row.reason,), now)
    return _open_call(row, CallState.ACKNOWLEDGED, person)


def open_for(connection: Connection, house: House, person: str, now: int) -> tuple[OpenCall, ...]:
    """The calls this person is called by now: by her rights, her duty, and the rung each has reached."""
    rights = rights_of(connection, person)
    rows = connection.execute(select(p.supervisor_call).order_by(p.supervisor_call.c.began_at)).all()
    desks = {row.desk for row in rows if rights.may(Action.TAKE, Thing.CALL, row.desk)}
    on_duty = {desk: person in supervisors(connection, house, desk, now) for desk in sorted(desks)}
    coordinates = _coordinates(connection, person)
    shown: list[OpenCall] = []
    for row in rows:
        if row.desk not in desks:
            continue
        call = _open_call(row, CallState(row.state), row.person)
        wider = Called.COORDINATOR in call.who and bool({row.desk, "network"} & coordinates)
        if on_duty[row.desk] or wider or row.person == person:
            shown.append(call)
    return tuple(shown)


def supervisors(connection: Connection, house: House, desk: str, now: int) -> frozenset[str]:
    """Supervisors on duty at a desk, whether ready for chats or not."""
    there = crew.volunteers_on_duty(connection, house, desk, now)
    return frozenset(one.person for one in there if one.tier is Tier.SUPERVISOR and not one.suspended)


def ring_supervisors(
    connection: Connection, house: House, desk: str, about: str, now: int, *, joins: str = ""
) -> int:
    """Ring every supervisor on duty, once, without a call that climbs: what waits for her can wait.

    `about` and `joins` as for `messenger.calls.ring`; returns how many rings were written.
    """
    there = sorted(supervisors(connection, house, desk, now))
    return ring(connection, house, Call.SUPERVISOR, there, about, now, joins=joins)


def step(connection: Connection, house: House, writes: Writes, subject: str, now: int) -> None:
    """The next rung of one call, once; or its end, when what it was about has passed."""
    row = connection.execute(
        select(p.supervisor_call).where(p.supervisor_call.c.subject == subject).with_for_update()
    ).one_or_none()
    if row is None:
        return
    if not _still_needed(connection, house, row, now):
        connection.execute(delete(p.supervisor_call).where(p.supervisor_call.c.id == row.id))
        writes.drop_due(DueKind.CALL_STEP.value, subject)
        return
    reason, state = CallReason(row.reason), CallState(row.state)
    if state is CallState.ACKNOWLEDGED and reason in LEFT_TO_HER:
        return  # she has come: what follows is between the two of them
    urgency = _urgencies(connection, [subject]).get(subject, Urgency.U2)
    # Somebody said that she is on it, and nothing has changed since: it climbs anew.
    began = row.began_at if state is CallState.OPEN else now
    rung = row.rung if state is CallState.OPEN else -1
    climbed = climb(from_moment(began), rung, from_moment(now), urgency)
    connection.execute(
        update(p.supervisor_call)
        .where(p.supervisor_call.c.id == row.id)
        .values(state=CallState.OPEN.value, person=None, began_at=began, rung=climbed.rung)
    )
    writes.after += [("alert", who.value, subject) for who in climbed.call]
    for who in climbed.call:
        rung = _rung(connection, house, row.desk, who, now)
        about, joins = f"{subject}:{began}:{who.value}", ""
        if who is Called.SUPERVISOR and reason in IN_A_CHAT:
            joins = subject
        ring(connection, house, Call.SUPERVISOR, rung, about, now, joins=joins)
    again = climbed.next_at or from_moment(now) + LOOKED_AT
    writes.set_due(house.identifiers.new_id(), DueKind.CALL_STEP.value, subject, to_moment(again))


def end(connection: Connection, writes: Writes, subjects: Collection[str]) -> None:
    """What these calls were about has passed."""
    row = p.supervisor_call.c
    gone = connection.execute(
        delete(p.supervisor_call).where(row.subject.in_(sorted(subjects))).returning(row.subject)
    ).scalars()
    for subject in gone:
        writes.drop_due(DueKind.CALL_STEP.value, subject)


def unguarded(connection: Connection) -> list[str]:
    """Open calls without a stored deadline: must be empty."""
    row = p.supervisor_call.c
    guarded = select(t.due.c.id).where(
        t.due.c.kind == DueKind.CALL_STEP.value, t.due.c.subject == row.subject
    )
    asked = (row.state == CallState.ACKNOWLEDGED.value) & row.reason.in_([one.value for one in LEFT_TO_HER])
    return list(connection.execute(select(row.subject).where(~guarded.exists(), ~asked)).scalars())


def _still_needed(connection: Connection, house: House, row: Found, now: int) -> bool:
    reason = CallReason(row.reason)
    if reason is CallReason.UNCOVERED:
        return crew.is_uncovered(crew.volunteers_on_duty(connection, house, row.desk, now))
    if reason is CallReason.NOT_THERE:
        shift = select(d.shift_watch.c.presence).where(d.shift_watch.c.id == row.subject)
        return connection.execute(shift).scalar() == Presence.MISSING.value
    if reason is CallReason.UNCOVERED_SHIFT:
        cover = select(d.cover.c.state).where(d.cover.c.id == row.subject)
        return connection.execute(cover).scalar() == CoverState.OPEN.value
    if reason in {CallReason.CALLBACK, CallReason.CALLBACK_UNSTAFFED}:
        promised = connection.execute(select(callback.c.id).where(callback.c.id == row.subject)).first()
        return promised is not None  # the call ends with what keeps, staffs or ends it
    chat = t.handoff.c
    found = connection.execute(
        select(chat.state, _OWED.label("owed")).where(chat.id == row.subject)
    ).one_or_none()
    if found is None:
        return False
    if reason in {CallReason.DANGER_NOW, CallReason.UNACCEPTED}:
        return found.state == HandoffState.WAITING.value
    talking = found.state == HandoffState.ACTIVE.value
    return talking and (reason is CallReason.ASKED or bool(found.owed))


def _rung(connection: Connection, house: House, desk: str, who: Called, now: int) -> list[str]:
    """Whose messengers ring at a rung: supervisors on duty, then coordinators; a second number is outside."""
    if who is Called.SUPERVISOR:
        return sorted(supervisors(connection, house, desk, now))
    return coordinators(connection, desk) if who is Called.COORDINATOR else []


def coordinators(connection: Connection, desk: str) -> list[str]:
    """Active coordinators of a desk, or of the whole network."""
    grant = t.role_grant.c
    query = (
        select(grant.person)
        .join(t.person, t.person.c.id == grant.person)
        .where(
            grant.role == Role.COORDINATOR.value,
            grant.desk.in_([desk, NETWORK_DESK]),
            t.person.c.state == "active",
        )
        .distinct()
        .order_by(grant.person)
    )
    return list(connection.execute(query).scalars())


def _urgencies(connection: Connection, subjects: Iterable[str]) -> dict[str, Urgency]:
    rows = connection.execute(_URGENCIES, {"b_ids": sorted(subjects)})
    return {row.id: Urgency(row.urgency) for row in rows if row.urgency is not None}


def _coordinates(connection: Connection, person: str) -> frozenset[str]:
    held = select(t.role_grant.c.desk).where(
        t.role_grant.c.person == person, t.role_grant.c.role == Role.COORDINATOR.value
    )
    return frozenset(connection.execute(held).scalars())


def _open_call(row: Found, state: CallState, person: str | None) -> OpenCall:
    called = tuple(Called)[: row.rung + 1]
    return OpenCall(
        row.id, row.desk, row.subject, CallReason(row.reason), state, called, row.began_at, person
    )


_OWED: Final = (
    select(t.due.c.id)
    .where(t.due.c.kind == DueKind.TAKE_BACK.value, t.due.c.subject == t.handoff.c.conversation)
    .exists()
)
_SUBJECTS: Final = select(p.supervisor_call.c.subject).where(
    p.supervisor_call.c.subject.in_(bindparam("b_subjects", expanding=True))
)
_URGENCIES: Final = select(t.handoff.c.id, t.handoff.c.urgency).where(
    t.handoff.c.id.in_(bindparam("b_ids", expanding=True))
)
