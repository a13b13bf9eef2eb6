"""Somebody cannot have her shift: others are asked in waves, the first yes has it (rota.md §3.10).

A shift she is released from is nobody's until then, and shows as a gap; one she still has is hers until
somebody says yes. Whoever plans is told in time. Every yes is looked at by the same rules as a swap.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.model import DueKind
from bot.services import attendance, audit, calls, cover_rows, covering, people, rota_records, shift_gate
from bot.services.as_recorded import as_recorded, held, name_in
from bot.services.calls import Raised
from bot.services.cover_rows import Cover
from bot.services.house import House
from bot.services.locking import lock_rota
from bot.services.messenger.calls import Call, Notice, notify, take_back
from bot.services.permissions import Action, Thing, demand, rights_of
from bot.services.shift_gate import Asked
from bot.services.swap_checks import SwapRefused
from bot.store import requests
from bot.store.moments import from_moment, month_of, to_moment
from bot.store.writes import Writes
from handoff.calls import CallReason
from handoff.cover_call import Answer, CoverState, alarm_reached, next_look, wave_size
from handoff.eligibility import told
from handoff.model import Duty, Refusal
from handoff.rota.changes import Add, Change, Remove, Replace, Stretch, Undo
from handoff.shifts import Wanted, allowed, what_is_left


def ask_around(
    connection: Connection, house: House, desk: str, person: str, duty: Duty, now: int, *, release: bool
) -> str:
    """Ask for somebody to have this shift of hers; returns the call's id. The first wave goes out at once.

    `release` takes it from her now: she is ill. A call that is open for it already is taken further.
    """
    lock_rota(connection, desk)
    known = cover_rows.open_of(connection, house, desk, person, duty.instance)
    if known is None:
        known = Cover(house.identifiers.new_id(), desk, CoverState.OPEN, person, duty)
        cover_rows.add(connection, house, known)
        look(connection, house, Writes(), known.id, now)
        known = cover_rows.find(connection, house, known.id) or known
    if release and known.released is None and known.state is CoverState.OPEN:
        act = Remove(Stretch(duty.volunteer, instance=duty.instance))
        change = rota_records.append(
            connection, house.vault, desk, act, from_moment(now), by=person, reason="cover"
        )
        requests.bump(connection)
        cover_rows.keep(connection, house, known, released=change.seq)
    return known.id


def look(connection: Connection, house: House, writes: Writes, cover: str, now: int) -> None:
    """The next wave of a call, its alarms, or its end; sets when to look again."""
    known = cover_rows.find(connection, house, cover, lock=False)
    if known is None:
        return
    lock_rota(connection, known.desk)
    known = cover_rows.find(connection, house, cover)
    if known is None or known.state is not CoverState.OPEN:
        return
    at = from_moment(now)
    if known.duty.end <= at:
        cover_rows.keep(connection, house, known, state=CoverState.UNCOVERED)
        _close(connection, house, known, now)
        writes.count(known.desk, month_of(now), "cover.nobody")
        writes.flush(connection)
        return
    if known.released is None and not _has_it(connection, house, known, at):
        cover_rows.keep(connection, house, known, state=CoverState.WITHDRAWN)
        _close(connection, house, known, now)  # whoever plans has given it to somebody
        return
    asked = _next_wave(connection, house, known, now)
    for person in asked:
        cover_rows.note_asked(connection, known.id, person)
        covering.note_asked(connection, house, person, now)
    notice = Notice(Call.COVER, f"cover:{known.id}", subject=known.id, ends_at=to_moment(known.duty.end))
    notify(connection, house, notice, asked, now)
    alarms = alarm_reached(known.duty.start, at)
    if alarms > known.alarms or not asked:
        raised = Raised(known.desk, known.id, CallReason.UNCOVERED_SHIFT)
        calls.raise_all(connection, house, writes, [raised], now)
    if alarms > known.alarms:
        ring_planners(connection, house, known, alarms, now)
    cover_rows.keep(connection, house, known, wave=known.wave + 1, alarms=alarms)
    again = next_look(known.duty.start, known.duty.end, at)
    writes.set_due(house.identifiers.new_id(), DueKind.COVER_STEP.value, known.id, to_moment(again))
    writes.flush(connection)


def ring_planners(connection: Connection, house: House, cover: Cover, alarms: int, now: int) -> None:
    """Whoever plans the desk is told, at each alarm once."""
    told_now = calls.coordinators(connection, cover.desk)
    notify(connection, house, Notice(Call.ROTA, f"cover:{cover.id}:alarm{alarms}"), told_now, now)


def say_yes(connection: Connection, house: House, cover: str, person: str, by: str, now: int) -> Change:
    """She has what is left of the shift, from now on. `by` is she herself, or whoever may change the rota.

    Raises `NotAllowed`, `SwapRefused`: ALREADY_TAKEN, NOT_OPEN, TOO_LATE, or what speaks against it.
    """
    known = _locked(connection, house, cover)
    _may(connection, known, person, by)
    if known.state is CoverState.COVERED:
        raise SwapRefused(Refusal.ALREADY_TAKEN)
    if known.state is not CoverState.OPEN or person == known.person:
        raise SwapRefused(Refusal.NOT_OPEN)
    attendance.lock(connection, [known.person, person])
    fresh = as_recorded(connection, house)
    left = what_is_left(known.duty.start, known.duty.end, from_moment(now))
    if left is None:
        raise SwapRefused(Refusal.TOO_LATE)
    _demand_allowed(connection, fresh, known, person, now, for_coordinator=person != by)
    act = _act(connection, fresh, known, person, left)
    at = from_moment(now)
    change = rota_records.append(connection, house.vault, known.desk, act, at, by=by, reason="cover")
    cover_rows.note_answer(connection, known.id, person, Answer.YES)
    cover_rows.keep(connection, house, known, state=CoverState.COVERED, covered_by=person)
    _close(connection, house, known, now)
    audit.record(connection, house.vault, by, "cover", known.id, (person, known.desk, str(change.seq)), now)
    notify(connection, house, Notice(Call.ROTA, f"cover:{known.id}:found"), [known.person], now)
    return change


def say_no(connection: Connection, house: House, cover: str, person: str, now: int) -> None:
    """Not she; nobody asks why. When all who were asked have said no the next wave goes out at once."""
    known = _locked(connection, house, cover)
    cover_rows.note_answer(connection, known.id, person, Answer.NO)
    said = cover_rows.answers(connection, known.id)
    if known.state is CoverState.OPEN and said and all(answer is Answer.NO for answer in said.values()):
        look(connection, house, Writes(), known.id, now)


def withdraw(connection: Connection, house: House, cover: str, by: str, now: int) -> None:
    """She comes after all: what was taken from her is hers again. Raises `NotAllowed`, `SwapRefused`."""
    known = _locked(connection, house, cover)
    _may(connection, known, known.person, by)
    if known.state is not CoverState.OPEN:
        raise SwapRefused(Refusal.ALREADY_TAKEN if known.state is CoverState.COVERED else Refusal.NOT_OPEN)
    if known.released is not None:
        rota_records.append(
            connection, house.vault, known.desk, Undo(known.released), from_moment(now), by=by, reason="cover"
        )
    cover_rows.keep(connection, house, known, state=CoverState.WITHDRAWN)
    _close(connection, house, known, now)
    audit.record(connection, house.vault, by, "withdraw_cover", known.id, (known.desk,), now)


def may_see(connection: Connection, house: House, by: str) -> tuple[Cover, ...]:
    """Open calls at the desks whose rota `by` may change: for a coordinator's page."""
    rights = rights_of(connection, by)
    return tuple(
        one for one in cover_rows.all_open(connection, house) if rights.may(Action.EDIT, Thing.ROTA, one.desk)
    )


# ----------------------------------------------------------------------------------------------------------
def _has_it(connection: Connection, house: House, cover: Cover, at: datetime) -> bool:
    board = as_recorded(connection, house).library.boards.get(cover.desk)
    left = (max(at, cover.duty.start), cover.duty.end)
    return board is not None and bool(held(board.rota, cover.duty.volunteer, cover.duty.instance, left))


def _next_wave(connection: Connection, house: House, cover: Cover, now: int) -> tuple[str, ...]:
    """Who is asked now, in the order of who has least: nobody twice, nobody who may not have it."""
    left = what_is_left(cover.duty.start, cover.duty.end, from_moment(now))
    if left is None:
        return ()
    fresh = as_recorded(connection, house)
    wanted = Wanted(cover.duty.tier, *left)
    ordered = covering.ask_in_order(connection, fresh, cover.desk, wanted, now)
    known = set(cover_rows.answers(connection, cover.id)) | {cover.person}
    free = [people.get(connection, house, one) for one in ordered if one not in known]
    asked = Asked(cover.desk, cover.duty, cover.person)
    against = shift_gate.against(connection, fresh, asked, free, now) if free else {}
    return tuple(one.id for one in free if allowed(against[one.id]))[: wave_size(cover.wave)]


def _demand_allowed(
    connection: Connection, fresh: House, cover: Cover, person: str, now: int, *, for_coordinator: bool
) -> None:
    asked = Asked(cover.desk, cover.duty, cover.person)
    one = people.get(connection, fresh, person)
    found = shift_gate.against(connection, fresh, asked, [one], now)[person]
    hard = tuple(each for each in found if each.stands_in_the_way)
    if hard:
        if not for_coordinator:
            hard = tuple(replace(each, code=told(each.code)) for each in hard)
        raise SwapRefused(hard[0].code, hard)


def _act(
    connection: Connection, fresh: House, cover: Cover, person: str, left: tuple[datetime, datetime]
) -> Add | Replace:
    """Instead of her where she has it still; where she was released of it, in her place."""
    rota, duty = fresh.library.boards[cover.desk].rota, cover.duty
    name = name_in(rota, people.alias_of(connection, fresh, person))
    if cover.released is None and held(rota, duty.volunteer, duty.instance, left):
        return Replace(Stretch(duty.volunteer, instance=duty.instance), name)
    return Add(name, *left, duty.tier, duty.role, duty.instance)


def _close(connection: Connection, house: House, cover: Cover, now: int) -> None:
    """It is over: the question goes from every messenger, nothing more is due."""
    requests.bump(connection)
    take_back(connection, house, _question(cover), now)
    writes = Writes()
    writes.drop_due(DueKind.COVER_STEP.value, cover.id)
    calls.end(connection, writes, [cover.id])
    writes.flush(connection)


def _question(cover: Cover) -> str:
    """Under which subject people were asked."""
    return f"{Call.COVER.value}:cover:{cover.id}"


def _locked(connection: Connection, house: House, cover: str) -> Cover:
    known = cover_rows.find(connection, house, cover, lock=False)
    if known is None:
        raise SwapRefused(Refusal.NOT_OPEN)
    lock_rota(connection, known.desk)
    return cover_rows.find(connection, house, cover) or known


def _may(connection: Connection, cover: Cover, person: str, by: str) -> None:
    thing = (Action.EDIT, Thing.DUTY) if person == by else (Action.EDIT, Thing.ROTA)
    demand(connection, by, *thing, cover.desk)
