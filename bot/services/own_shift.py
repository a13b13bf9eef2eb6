"""What one of us sees of her own shift beside her chats: breaks, rest, calls, debriefs (rota.md §3.9)."""

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.services import (
    aftercare,
    attendance,
    calling_back,
    calls,
    cover_rows,
    hours,
    pauses,
    people,
    shift_rows,
)
from bot.services.attendance import Pause
from bot.services.calling_back import SeenCallback
from bot.services.calls import OpenCall
from bot.services.desk import DeskRefusal
from bot.services.house import House
from bot.services.pauses import Asked
from bot.services.peeking import chat_name
from bot.services.people import Person
from bot.services.permissions import Action, Thing, rights_of
from bot.store.moments import from_moment, to_moment
from handoff.calls import CallReason, CallState
from handoff.care import DebriefReason
from handoff.model import LoadClass, Refusal, Tier
from handoff.rota.clock_face import stretch_told
from handoff.shift_day import Presence


@dataclass(frozen=True, slots=True)
class SeenCall:
    """A call for a supervisor; `where` is the chat's neutral name, or the desk; `on_it` an alias or ""."""

    id: str
    where: str
    reason: CallReason
    began_at: int
    on_it: str


@dataclass(frozen=True, slots=True)
class SeenDebrief:
    """A debrief that is due; `alias` is whose, "" for one's own."""

    id: str
    alias: str
    due_at: int
    reasons: tuple[DebriefReason, ...]


@dataclass(frozen=True, slots=True)
class SeenComing:
    """One who comes later than planned, or has not come; `expected_at` in microseconds."""

    alias: str
    desk: str
    missing: bool
    expected_at: int


@dataclass(frozen=True, slots=True)
class OwnShift:
    """The shift of one person now. Moments in microseconds.

    Attributes:
        desk: where she is on duty, "" for nowhere; then she asks for no break.
        pause: see `Pause`.
        pause_at: of a break, when it ends.
        cooling_until: she rests from a heavy chat until then, None for no rest.
        one_more: she asked for one chat beyond her limit.
        may_have_more: whether she may ask for it; a trainee may not.
        calls: calls she is called by, oldest first.
        callbacks: promised ones: those that are due while she is on duty, all where she plans the rota.
        debriefs: her own.
        others: those of people she looks after.
        coming: who is late or missing at the desks where she answers calls.
    """

    desk: str
    pause: Pause
    pause_at: int | None
    cooling_until: int | None
    one_more: bool
    may_have_more: bool
    calls: tuple[SeenCall, ...]
    callbacks: tuple[SeenCallback, ...]
    debriefs: tuple[SeenDebrief, ...]
    others: tuple[SeenDebrief, ...]
    coming: tuple[SeenComing, ...] = ()


def own_shift(connection: Connection, house: House, person: str, now: int) -> OwnShift:
    """Everything of it. Raises `UnknownPerson`."""
    known = people.get(connection, house, person)
    there = attendance.of(connection, house, person)
    cooling = there.cooling_until
    own = aftercare.debriefs_of(connection, house, person)
    due = [one for one in aftercare.debriefs_due(connection, house, person) if one.person != person]
    return OwnShift(
        desk=_desk(house, known, now),
        pause=there.pause,
        pause_at=there.pause_at if there.pause is Pause.BREAK else None,
        cooling_until=cooling if cooling is not None and cooling > now else None,
        one_more=there.one_more,
        may_have_more=known.profile.class_on(from_moment(now).date()) is not LoadClass.TRAINEE,
        callbacks=calling_back.promised_for(connection, house, person, now),
        calls=tuple(_call(connection, house, one) for one in calls.open_for(connection, house, person, now)),
        debriefs=tuple(SeenDebrief(one.id, "", one.due_at, one.reasons) for one in own),
        others=tuple(
            SeenDebrief(one.id, people.alias_of(connection, house, one.person), one.due_at, one.reasons)
            for one in due
        ),
        coming=_coming(connection, house, person),
    )


def ask_for_a_break(connection: Connection, house: House, person: str, now: int) -> Asked:
    """A break as soon as the others can do without her. Raises DeskRefusal when she is not on duty."""
    desk = _desk(house, people.get(connection, house, person), now)
    if not desk:
        raise DeskRefusal(Refusal.NOT_ON_DUTY)
    return pauses.ask(connection, house, desk, person, now)


def _desk(house: House, person: Person, now: int) -> str:
    """The desk at which she is on duty now; of several the first by name."""
    alias, at = person.profile.alias.casefold(), from_moment(now)
    return next(
        (
            desk
            for desk, board in sorted(house.library.boards.items())
            for duty in board.at(at)
            if duty.volunteer.casefold() == alias and duty.tier is not Tier.SHADOW
        ),
        "",
    )


def _coming(connection: Connection, house: House, person: str) -> tuple[SeenComing, ...]:
    rights = rights_of(connection, person)
    if not rights.anywhere(Action.TAKE, Thing.CALL):
        return ()
    return tuple(
        SeenComing(
            people.alias_of(connection, house, one.person),
            one.desk,
            one.course.presence is Presence.MISSING,
            to_moment(one.course.expected_at or one.course.start),
        )
        for one in shift_rows.everybodys(connection, house)
        if one.course.presence in {Presence.LATE, Presence.MISSING}
        and rights.may(Action.TAKE, Thing.CALL, one.desk)
    )


def _call(connection: Connection, house: House, one: OpenCall) -> SeenCall:
    acknowledged = one.state is CallState.ACKNOWLEDGED and one.person is not None
    return SeenCall(
        id=one.id,
        where=_where(connection, house, one),
        reason=one.reason,
        began_at=one.began_at,
        on_it=people.alias_of(connection, house, one.person) if acknowledged and one.person else "",
    )


def _where(connection: Connection, house: House, one: OpenCall) -> str:
    """A chat's neutral name, or the desk with the shift that is meant."""
    if one.reason not in calls.OF_A_DESK:
        return chat_name(one.subject)
    zone = hours.desk_zone(house, one.desk)
    if (watched := shift_rows.find(connection, house, one.subject)) is not None:
        alias = people.alias_of(connection, house, watched.person)
        return f"{one.desk}: {alias}, {stretch_told(watched.course.start, watched.course.end, zone)}"
    if (cover := cover_rows.find(connection, house, one.subject, lock=False)) is not None:
        return f"{one.desk}: {stretch_told(cover.duty.start, cover.duty.end, zone)}"
    return one.desk
