"""Giving a shift away, taking it, and the coordinator's yes (rota.md §3.3, §3.10).

Each act is one transaction: her right, the rota as it is recorded in that very moment, the rules, the record,
the audit. Whoever acts for another needs the right to change the rota, and stands in the audit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.model import DueKind
from bot.services import attendance, audit, own_rota, people, rota_records, swap_checks, swap_rows
from bot.services.as_recorded import as_recorded, held, name_in
from bot.services.house import House
from bot.services.locking import lock_rota
from bot.services.messenger.calls import Call, Notice, notify
from bot.services.permissions import Action, Thing, demand
from bot.services.swap_checks import SwapRefused, Verdict
from bot.services.swap_rows import Part, Swap
from bot.store import requests
from bot.store.moments import from_moment, to_moment
from bot.store.writes import Writes
from handoff import swaps
from handoff.model import Duty, Refusal
from handoff.rota.changes import Change, Stretch, Swap as Swapped, Undo
from handoff.swaps import SwapAct, SwapApproval, SwapState

EDIT_ROTA = (Action.EDIT, Thing.ROTA)
OWN_DUTY = (Action.EDIT, Thing.DUTY)


@dataclass(frozen=True, slots=True)
class Offered:
    """A shift to be given away.

    Attributes:
        person: whose it is.
        desk, instance: which.
        to: person ids it is offered to; empty: everybody who may have it.
    """

    person: str
    desk: str
    instance: str
    to: tuple[str, ...] = ()


# --- giving away ------------------------------------------------------------------------------------------
def offer(connection: Connection, house: House, offered: Offered, by: str, now: int) -> str:
    """Offer a shift of one's own; returns the swap's id. She stays on duty until it is approved.

    `by` is who does it: herself, or whoever may change the rota. Raises `NotAllowed`, `SwapRefused`
    (NOT_YOURS: she does not have it; ALREADY_TAKEN: it is offered already; TOO_LATE).
    """
    if offered.desk not in house.library.boards:
        raise SwapRefused(Refusal.NOT_YOURS)
    _may(connection, offered.person, by, offered.desk)
    lock_rota(connection, offered.desk)
    fresh, at = as_recorded(connection, house), from_moment(now)
    duty = _own(fresh, people.alias_of(connection, house, offered.person), offered, at)
    waiting = swap_rows.pending(connection, house)
    if any(one.offered_by == offered.person and _names(one, offered) for one in waiting):
        raise SwapRefused(Refusal.ALREADY_TAKEN)
    gives = Part(duty.instance, duty.tier, duty.start, duty.end)
    policy = house.library.staffing_of(offered.desk).care.swaps
    if swaps.expires_at(SwapState.OPEN, gives.start, gives.end, policy) <= at:
        raise SwapRefused(Refusal.TOO_LATE)
    swap = Swap(
        house.identifiers.new_id(), offered.desk, SwapState.OPEN, offered.person, now, gives,
        to=tuple(sorted(set(offered.to) - {offered.person})),
    )  # fmt: skip
    swap_rows.add(connection, house, swap)
    _set_end(connection, house, swap)
    audit.record(connection, house.vault, by, "offer_swap", swap.id, (offered.person, offered.desk), now)
    told = swap.to or swap_checks.who_may(connection, fresh, swap, now)
    notify(connection, house, Notice(Call.ROTA, f"swap:{swap.id}"), told, now)
    return swap.id


def offer_range(
    connection: Connection,
    house: House,
    person: str,
    since: datetime,
    until: datetime,
    to: Sequence[str],
    by: str,
    now: int,
) -> tuple[str, ...]:
    """Offer every shift of hers that begins from `since` on and before `until`, each as a swap of its own.

    What is offered already is left as it is. Raises `NotAllowed`, and `SwapRefused` (NOT_YOURS) for none.
    """
    fresh, at = as_recorded(connection, house), from_moment(now)
    alias = people.alias_of(connection, house, person)
    own = own_rota.shifts_of(fresh, alias, max(since, at), until, at)
    known = [one for one in swap_rows.pending(connection, house) if one.offered_by == person]
    made: list[str] = []
    for one in own:
        offered = Offered(person, one.desk, one.duty.instance, tuple(to))
        if (
            since <= one.duty.start < until
            and at < one.duty.start
            and not any(_names(k, offered) for k in known)
        ):
            made.append(offer(connection, house, offered, by, now))
    if not made:
        raise SwapRefused(Refusal.NOT_YOURS)
    return tuple(made)


def withdraw(connection: Connection, house: House, swap: str, by: str, now: int) -> None:
    """Take an offer back, also one that was taken and not approved. Raises `NotAllowed`, `SwapRefused`."""
    known = _locked(connection, house, swap)
    _may(connection, known.offered_by, by, known.desk)
    _ends(connection, house, known, SwapAct.WITHDRAW, by, now)
    _tell(connection, house, known, "withdrawn", now, known.taken_by)


# --- taking -----------------------------------------------------------------------------------------------
def take(
    connection: Connection,
    house: House,
    swap: str,
    person: str,
    by: str,
    now: int,
    *,
    in_return: str = "",
) -> SwapState:
    """Take a shift, giving one's own shift `in_return` (its id, at the same desk) or nothing.

    Returns APPROVED where the desk wants no further yes, else TAKEN. Raises `NotAllowed`, `SwapRefused`:
    ALREADY_TAKEN, NOT_OPEN (over, not offered to her, not the other's any more), or what speaks against it.
    """
    known = _locked(connection, house, swap)
    _may(connection, person, by, known.desk)
    if known.state is SwapState.TAKEN:
        raise SwapRefused(Refusal.ALREADY_TAKEN)
    if person == known.offered_by or (known.to and person not in known.to):
        raise SwapRefused(Refusal.NOT_OPEN)
    state = _after(known, SwapAct.TAKE)
    attendance.lock(connection, [known.offered_by, person])
    fresh = as_recorded(connection, house)
    back = _return(fresh, people.alias_of(connection, house, person), known.desk, in_return, now)
    verdict = swap_checks.verdict(connection, fresh, known, person, back, now, taking=True)
    verdict.demand(for_coordinator=person != by)
    taken = swap_rows.keep(connection, house, known, state=state, taken_by=person, in_return=back)
    audit.record(connection, house.vault, by, "take_swap", swap, (person,), now)
    if house.library.staffing_of(known.desk).care.swaps.approval is SwapApproval.NOBODY:
        _record(connection, house, fresh, taken, verdict, by, now)
        return SwapState.APPROVED
    _set_end(connection, house, taken)
    notify(connection, house, Notice(Call.ROTA, f"swap:{swap}:taken"), [known.offered_by], now)
    notify(
        connection,
        house,
        Notice(Call.ROTA, f"swap:{swap}:yes"),
        swap_checks.approvers(connection, known.desk),
        now,
    )
    return SwapState.TAKEN


def let_go(connection: Connection, house: House, swap: str, by: str, now: int) -> None:
    """Whoever took it does not want it after all; it is open again. Raises `NotAllowed`, `SwapRefused`."""
    known = _locked(connection, house, swap)
    if known.taken_by is None:
        raise SwapRefused(Refusal.NOT_OPEN)
    _may(connection, known.taken_by, by, known.desk)
    state = _after(known, SwapAct.LET_GO)
    again = swap_rows.keep(connection, house, known, state=state, taken_by=None, in_return=None)
    _set_end(connection, house, again)
    audit.record(connection, house.vault, by, "let_go_swap", swap, (known.taken_by,), now)
    _tell(connection, house, known, f"open:{now}", now, known.offered_by)


# --- the coordinator ----------------------------------------------------------------------------------------
def approve(connection: Connection, house: House, swap: str, by: str, now: int) -> Change:
    """Say yes: recorded as a change of the rota from now on; what is past of the shift stays as it was.

    Everything is looked at once more. Raises `NotAllowed` (needs edit rota), `SwapRefused`.
    """
    known = _locked(connection, house, swap)
    demand(connection, by, *EDIT_ROTA, known.desk)
    _after(known, SwapAct.APPROVE)
    assert known.taken_by is not None  # noqa: S101  a swap that may be approved was taken
    attendance.lock(connection, [known.offered_by, known.taken_by])
    fresh = as_recorded(connection, house)
    verdict = swap_checks.verdict(connection, fresh, known, known.taken_by, known.in_return, now)
    verdict.demand(for_coordinator=True)
    return _record(connection, house, fresh, known, verdict, by, now)


def refuse(connection: Connection, house: House, swap: str, by: str, now: int) -> None:
    """Say no: the first one keeps her shift. Raises `NotAllowed` (needs edit rota), `SwapRefused`."""
    known = _locked(connection, house, swap)
    demand(connection, by, *EDIT_ROTA, known.desk)
    _ends(connection, house, known, SwapAct.REFUSE, by, now)
    _tell(connection, house, known, "refused", now, known.offered_by, known.taken_by)


def undo(connection: Connection, house: House, swap: str, by: str, now: int) -> Change:
    """Undo an approved swap: what is still to come of it is as it was before. Raises as `approve`.

    Refused (with the codes) where she who gets her shift back has meanwhile something that stands in the way.
    """
    known = _locked(connection, house, swap)
    demand(connection, by, *EDIT_ROTA, known.desk)
    state = _after(known, SwapAct.UNDO)
    assert known.seq is not None and known.taken_by is not None  # noqa: S101, PT018  approved: it was recorded
    attendance.lock(connection, [known.offered_by, known.taken_by])
    swap_checks.back(connection, as_recorded(connection, house), known, now).demand(for_coordinator=True)
    change = rota_records.append(
        connection, house.vault, known.desk, Undo(known.seq), from_moment(now), by=by, reason="swap"
    )
    swap_rows.keep(connection, house, known, state=state, decided_by=by)
    requests.bump(connection)
    audit.record(connection, house.vault, by, "undo_swap", swap, (known.desk, str(change.seq)), now)
    _tell(connection, house, known, "undone", now, known.offered_by, known.taken_by)
    return change


def expire(connection: Connection, house: House, _writes: Writes, swap: str, now: int) -> None:
    """Its time is over: nobody took it, or nobody said yes. Both are told; the first one keeps her shift."""
    known = swap_rows.find(connection, house, swap, lock=True)
    if known is None or swaps.after(known.state, SwapAct.EXPIRE) is None:
        return
    _ends(connection, house, known, SwapAct.EXPIRE, audit.PROGRAM, now)
    _tell(connection, house, known, "expired", now, known.offered_by, known.taken_by)


def look(connection: Connection, house: House, now: int) -> None:
    """Swaps follow their shifts: one that was moved is told with its new times, one that is gone ends."""
    waiting = swap_rows.pending(connection, house)
    for swap in waiting:
        pieces = swap_checks.still_has(connection, house, swap.desk, swap.offered_by, swap.gives, now)
        if not pieces:
            expire(connection, house, Writes(), swap.id, now)
            continue
        start = (
            min(swap.gives.start, pieces[0].start) if swap.gives.start < from_moment(now) else pieces[0].start
        )
        gives = replace(swap.gives, start=start, end=pieces[-1].end)
        if gives != swap.gives:
            _set_end(connection, house, swap_rows.keep(connection, house, swap, gives=gives))


# ----------------------------------------------------------------------------------------------------------
def _record(
    connection: Connection, house: House, fresh: House, swap: Swap, verdict: Verdict, by: str, now: int
) -> Change:
    """The rota change of kind swap: where nothing comes back, the other side of it is empty."""
    rota = fresh.library.boards[swap.desk].rota
    taker = name_in(rota, people.alias_of(connection, house, swap.taken_by or ""))
    given = swap.gives.instance
    returned = given if swap.in_return is None else swap.in_return.instance
    act = Swapped(Stretch(verdict.holder, instance=given), Stretch(taker, instance=returned))
    change = rota_records.append(
        connection, house.vault, swap.desk, act, from_moment(now), by=by, reason="swap"
    )
    done = swap_rows.keep(connection, house, swap, state=SwapState.APPROVED, seq=change.seq, decided_by=by)
    _drop_end(connection, done)
    requests.bump(connection)
    codes = [done.desk, str(change.seq), *(one.code.value for one in verdict.objections)]
    audit.record(connection, house.vault, by, "approve_swap", swap.id, codes, now)
    _tell(connection, house, done, "approved", now, done.offered_by, done.taken_by)
    return change


def _locked(connection: Connection, house: House, swap: str) -> Swap:
    """The swap, with its desk's rota locked: two who decide do it one after the other."""
    known = swap_rows.find(connection, house, swap)
    if known is None:
        raise SwapRefused(Refusal.NOT_OPEN)
    lock_rota(connection, known.desk)
    again = swap_rows.find(connection, house, swap, lock=True)
    assert again is not None  # noqa: S101  rows of swaps are never deleted
    return again


def _may(connection: Connection, person: str, by: str, desk: str) -> None:
    demand(connection, by, *(OWN_DUTY if person == by else EDIT_ROTA), desk)


def _after(swap: Swap, act: SwapAct) -> SwapState:
    state = swaps.after(swap.state, act)
    if state is None:
        raise SwapRefused(Refusal.NOT_OPEN)
    return state


def _ends(connection: Connection, house: House, swap: Swap, act: SwapAct, by: str, now: int) -> None:
    ended = swap_rows.keep(connection, house, swap, state=_after(swap, act), decided_by=by)
    _drop_end(connection, ended)
    audit.record(connection, house.vault, by, f"{act.value}_swap", swap.id, (swap.desk,), now)


def _own(house: House, alias: str, offered: Offered, at: datetime) -> Duty:
    """The shift as she has it, from its first piece to its last."""
    board = house.library.boards.get(offered.desk)
    whole = (at, at + own_rota.LONGEST_AHEAD)
    pieces = () if board is None else held(board.rota, alias, offered.instance, whole)
    if not pieces:
        raise SwapRefused(Refusal.NOT_YOURS)
    return replace(pieces[0], end=pieces[-1].end)


def _return(house: House, alias: str, desk: str, instance: str, now: int) -> Part | None:
    if not instance:
        return None
    duty = _own(house, alias, Offered("", desk, instance), from_moment(now))
    return Part(duty.instance, duty.tier, duty.start, duty.end)


def _names(swap: Swap, offered: Offered) -> bool:
    return swap.desk == offered.desk and swap.gives.instance == offered.instance


def _set_end(connection: Connection, house: House, swap: Swap) -> None:
    policy = house.library.staffing_of(swap.desk).care.swaps
    ends = swaps.expires_at(swap.state, swap.gives.start, swap.gives.end, policy)
    writes = Writes()
    writes.set_due(house.identifiers.new_id(), DueKind.SWAP_ENDS.value, swap.id, to_moment(ends))
    writes.flush(connection)


def _drop_end(connection: Connection, swap: Swap) -> None:
    writes = Writes()
    writes.drop_due(DueKind.SWAP_ENDS.value, swap.id)
    writes.flush(connection)


def _tell(connection: Connection, house: House, swap: Swap, what: str, now: int, *who: str | None) -> None:
    told = [one for one in who if one is not None]
    notify(connection, house, Notice(Call.ROTA, f"swap:{swap.id}:{what}"), told, now)
