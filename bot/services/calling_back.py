"""A callback is kept by whoever is on duty when its hours begin (design §4, "Callback"; PR4).

It is a task then: one of them says that she is ready, and only then the one line goes out, within the hours,
once. If nobody does, they are rung again, then a supervisor is called; missed, it is never sent late, and she
is told so when she writes again. If the rota loses the hours beforehand, whoever plans it is called.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, select, update

from bot.model import DueKind, Stage
from bot.services import audit, blocking, calls, crew, newcomers
from bot.services.callback_hours import answered
from bot.services.callback_rows import drop, end_opt_in
from bot.services.callbacks import lines_of
from bot.services.calls import Raised
from bot.services.claims import DeskRefusal
from bot.services.entries import Body, Purpose, post
from bot.services.house import House
from bot.services.messenger.calls import Call, ring
from bot.services.opening import OpenedContact, keep, open_contacts, open_conversation
from bot.services.permissions import Action, Thing, rights_of
from bot.services.presence import ALONE
from bot.services.talk import Talk
from bot.store.callback_table import callback
from bot.store.moments import from_moment, month_of, to_moment
from bot.store.writes import Writes
from handoff.callbacks import CallbackState, Hours, Look, Span, is_staffed, look
from handoff.calls import CallReason
from handoff.eligibility import told
from handoff.model import Refusal, Tier, Volunteer

_HERE = ALONE // timedelta(microseconds=1)
_ANSWERING = frozenset({Tier.PRIMARY, Tier.BACKUP, Tier.SUPERVISOR})


def step(connection: Connection, house: House, writes: Writes, subject: str, now: int) -> None:
    """A deadline of one callback: those on duty are rung, a supervisor is called, at last it is over."""
    row = connection.execute(select(callback).where(callback.c.id == subject).with_for_update()).one_or_none()
    if row is None:
        return
    hours = Hours(from_moment(row.starts_at), from_moment(row.ends_at))
    found, again = look(hours, from_moment(now))
    rung = row.state == CallbackState.RUNG.value
    if again is None:
        if not rung:
            writes.count(row.desk, month_of(now), "callback.missed")
        drop(connection, writes, [row.contact])
        end_opt_in(connection, house, writes, row.contact, now, missed=not rung)
        return
    if not rung and found in {Look.DUE, Look.REMINDED, Look.ALARM}:
        there = [one.person for one in _able(connection, house, row.desk, now)]
        ring(connection, house, Call.CALLBACK, there, f"{row.id}:{found.value}", now)
        if found is Look.ALARM or not there:
            raised = Raised(row.desk, row.id, CallReason.CALLBACK)
            calls.raise_all(connection, house, writes, [raised], now)
    writes.set_due(house.identifiers.new_id(), DueKind.CALLBACK.value, row.id, to_moment(again))


def take(connection: Connection, house: House, identifier: str, person: str, now: int) -> bool:
    """Somebody on duty is ready for her: the one line goes out now. False: she is writing here already.

    Raises `DeskRefusal`: ALREADY_TAKEN, TOO_LATE or NOT_YET_OPEN for the hours, NOT_ON_DUTY, NOT_PRESENT,
    NOT_OPEN where it can reach nobody any more.
    """
    row = connection.execute(
        select(callback).where(callback.c.id == identifier).with_for_update()
    ).one_or_none()
    if row is None or row.state != CallbackState.PROMISED.value:
        raise DeskRefusal(Refusal.ALREADY_TAKEN)
    if not row.starts_at <= now < row.ends_at:
        raise DeskRefusal(Refusal.NOT_YET_OPEN if now < row.starts_at else Refusal.TOO_LATE)
    _demand_ready(connection, house, row.desk, person, now)
    contact = open_contacts(connection, house, [row.contact]).get(row.contact)
    if contact is None or blocking.blocked(connection, house, [contact.address], now):
        raise DeskRefusal(Refusal.NOT_OPEN)
    if person in contact.record.never_with:
        raise DeskRefusal(told(Refusal.BLOCKED_PAIR))
    writes = Writes()
    sent = _write_to_her(connection, house, writes, contact, row.ends_at, now)
    connection.execute(update(callback).where(callback.c.id == row.id).values(state=CallbackState.RUNG.value))
    calls.end(connection, writes, [row.id])
    writes.count(row.desk, month_of(now), "callback.kept")
    writes.flush(connection)
    audit.record(connection, house.vault, person, "call_back", row.id, (), now)
    return sent


def look_over(connection: Connection, house: House, now: int) -> int:
    """Call for whoever plans where the rota has lost the hours of a promise; returns how many lack somebody.

    Supervisors on duty hear of it at once and coordinators after them, until somebody is on it; it ends by
    itself when somebody is planned again.
    """
    rows = connection.execute(
        select(callback).where(callback.c.state == CallbackState.PROMISED.value, callback.c.ends_at > now)
    ).all()
    if not rows:
        return 0
    writes, lacking, at = Writes(), 0, from_moment(now)
    known = open_contacts(connection, house, {row.contact for row in rows})
    spans: dict[tuple[str, str], list[Span]] = {}  # one look at the rota for all of a desk and language
    for row in rows:
        record = known[row.contact].record if row.contact in known else None
        where = (row.desk, record.ping[1] if record is not None and record.ping else "")
        if where not in spans:
            spans[where] = answered(connection, house, *where, at)
        hours = Hours(from_moment(row.starts_at), from_moment(row.ends_at))
        staffed = is_staffed(spans[where], hours, at)
        lacking += not staffed
        if staffed == (not row.unstaffed):
            continue
        connection.execute(update(callback).where(callback.c.id == row.id).values(unstaffed=not staffed))
        if staffed:
            calls.end(connection, writes, [row.id])
        else:
            raised = Raised(row.desk, row.id, CallReason.CALLBACK_UNSTAFFED)
            calls.raise_all(connection, house, writes, [raised], now)
            writes.count(row.desk, month_of(now), "callback.unstaffed")
    writes.flush(connection)
    return lacking


# --- seeing ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SeenCallback:
    """A promised callback as one of us sees it: hours, and nothing of her. Moments in microseconds."""

    id: str
    desk: str
    starts_at: int
    ends_at: int
    due: bool
    unstaffed: bool


def promised_for(connection: Connection, house: House, person: str, now: int) -> tuple[SeenCallback, ...]:
    """Those this person may see: due ones of desks where she could write, all where she plans the rota."""
    rows = connection.execute(
        select(callback)
        .where(callback.c.state == CallbackState.PROMISED.value, callback.c.ends_at > now)
        .order_by(callback.c.starts_at, callback.c.id)
    ).all()
    if not rows:
        return ()
    rights = rights_of(connection, person)
    desks = {row.desk for row in rows if rights.may(Action.TAKE, Thing.LIVE_CHAT, row.desk)}
    on_duty = {
        desk for desk in desks if person in {one.person for one in _able(connection, house, desk, now)}
    }
    return tuple(
        SeenCallback(row.id, row.desk, row.starts_at, row.ends_at, row.starts_at <= now, row.unstaffed)
        for row in rows
        if (row.desk in on_duty and row.starts_at <= now) or rights.may(Action.EDIT, Thing.ROTA, row.desk)
    )


# --- inside ------------------------------------------------------------------------------------------------
def _write_to_her(
    connection: Connection, house: House, writes: Writes, contact: OpenedContact, until: int, now: int
) -> bool:
    """Write the one line, unless she is here already; whoever answers it stands at the front."""
    address = contact.address
    place = newcomers.find_or_make(connection, house, writes, [address], (), now)[address]
    writes.flush(connection)
    opened = open_conversation(connection, house, place.conversation)
    if opened is None:
        raise DeskRefusal(Refusal.NOT_OPEN)
    talk = Talk(connection, house, writes, opened, now)
    opened.state.called_back = until
    asks = opened.stage in {Stage.WAITING, Stage.LIVE}
    silent = place.last_act_at + _HERE < now  # one that was made just now has no act
    if silent and not asks:
        name, language = contact.record.ping
        lines = lines_of(house, language)
        text = lines.get(name) or next(iter(lines.values()), "")
        if not text:
            raise DeskRefusal(Refusal.NOT_OPEN)
        post(talk, Body(text=text, language=language), Purpose.PING, until=until)
        # Unanswered, the line is taken from her screen when the hours are over.
        writes.set_due(house.identifiers.new_id(), DueKind.IDLE_CLOSE.value, opened.id, until)
    keep(writes, opened)
    writes.flush(connection)
    return silent and not asks


def _demand_ready(connection: Connection, house: House, desk: str, person: str, now: int) -> None:
    if not rights_of(connection, person).may(Action.TAKE, Thing.LIVE_CHAT, desk):
        raise DeskRefusal(Refusal.NOT_ALLOWED)
    mine = [one for one in _on_duty(connection, house, desk, now) if one.person == person]
    if not mine:
        raise DeskRefusal(Refusal.NOT_ON_DUTY)
    if not mine[0].present:
        raise DeskRefusal(Refusal.NOT_PRESENT)
    if mine[0].on_break:
        raise DeskRefusal(Refusal.ON_BREAK)


def _on_duty(connection: Connection, house: House, desk: str, now: int) -> list[Volunteer]:
    there = crew.volunteers_on_duty(connection, house, desk, now)
    return [one for one in there if one.tier in _ANSWERING and not one.suspended and not one.unfit]


def _able(connection: Connection, house: House, desk: str, now: int) -> list[Volunteer]:
    return [one for one in _on_duty(connection, house, desk, now) if not one.on_break]
