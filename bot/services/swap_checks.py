"""What speaks against a swap, for both who are in it; and who may see, take and approve which."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.model import NETWORK_DESK
from bot.services import calls, people, shift_gate, swap_rows
from bot.services.as_recorded import as_recorded, held
from bot.services.house import House
from bot.services.own_rota import LONGEST_AHEAD
from bot.services.permissions import Action, Thing, demand, rights_of
from bot.services.shift_gate import Asked
from bot.services.swap_rows import Part, Swap
from bot.store.moments import from_moment
from handoff.eligibility import told
from handoff.model import Duty, Refusal
from handoff.shifts import Objection, allowed
from handoff.swaps import SwapState

NEAR: Final = timedelta(days=1)


class SwapRefused(Exception):
    """A swap was not made. `code` says why; `objections` are all of it, where rules speak against it."""

    def __init__(self, code: Refusal, objections: tuple[Objection, ...] = ()) -> None:
        super().__init__(code.value)
        self.code = code
        self.objections = objections


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a swap may be.

    Attributes:
        holder: the alias of who has the shift, as the rota writes it; "" where she has it no more.
        taker: what speaks against the one who would have it.
        giver: what speaks against the other having what comes back.
    """

    holder: str
    taker: tuple[Objection, ...] = ()
    giver: tuple[Objection, ...] = ()

    @property
    def objections(self) -> tuple[Objection, ...]:
        """All of them, soft ones too."""
        return (*self.taker, *self.giver)

    @property
    def allowed(self) -> bool:
        """Whether nothing stands in the way."""
        return bool(self.holder) and allowed(self.objections)

    def demand(self, *, for_coordinator: bool) -> None:
        """Raise `SwapRefused` unless it may be; only coordinators learn that two are kept apart."""
        if self.allowed:
            return
        hard = tuple(one for one in self.objections if one.stands_in_the_way)
        if not for_coordinator:
            hard = tuple(replace(one, code=told(one.code)) for one in hard)
        raise SwapRefused(hard[0].code if hard else Refusal.NOT_OPEN, hard)


@dataclass(frozen=True, slots=True)
class SeenSwap:
    """A swap as it stands on a page: people by alias, and what speaks against it (`verdict`)."""

    swap: Swap
    offered_by: str
    taken_by: str
    verdict: Verdict | None = None


def verdict(
    connection: Connection,
    house: House,
    swap: Swap,
    taker: str,
    in_return: Part | None,
    now: int,
    *,
    taking: bool = False,
) -> Verdict:
    """Both sides of a swap by the rota of `house`, which is as recorded.

    `taking` asks also whether it is too late to be taken by the desk's rule.
    """
    mine = still_has(connection, house, swap.desk, swap.offered_by, swap.gives, now)
    if not mine:
        return Verdict("")
    closes_at = None
    if taking:
        closes_at = swap.gives.start - house.library.staffing_of(swap.desk).care.swaps.closes_before
    theirs: tuple[Duty, ...] = ()
    if in_return is not None:
        theirs = still_has(connection, house, swap.desk, taker, in_return, now)
    if in_return is not None and not theirs:
        return Verdict("")
    given = _Side(swap.offered_by, mine, taker, theirs, closes_at)
    returned = _Side(taker, theirs, swap.offered_by, mine)
    return Verdict(
        mine[0].volunteer,
        _against(connection, house, swap.desk, given, now),
        _against(connection, house, swap.desk, returned, now),
    )


def back(connection: Connection, house: House, swap: Swap, now: int) -> Verdict:
    """The same for undoing it: each would have her own again. Nothing left to come is TOO_LATE."""
    assert swap.taken_by is not None  # noqa: S101  only what was taken is undone
    hers = still_has(connection, house, swap.desk, swap.taken_by, swap.gives, now)
    other: tuple[Duty, ...] = ()
    if swap.in_return is not None:
        other = still_has(connection, house, swap.desk, swap.offered_by, swap.in_return, now)
    if not hers and not other:
        raise SwapRefused(Refusal.TOO_LATE)
    given = _Side(swap.taken_by, hers, swap.offered_by, other)
    returned = _Side(swap.offered_by, other, swap.taken_by, hers)
    return Verdict(
        (*hers, *other)[0].volunteer,
        _against(connection, house, swap.desk, given, now),
        _against(connection, house, swap.desk, returned, now),
    )


def who_may(connection: Connection, house: House, swap: Swap, now: int) -> tuple[str, ...]:
    """Everybody who may take it as it is, by person id: whom an offer to all is told."""
    mine = still_has(connection, house, swap.desk, swap.offered_by, swap.gives, now)
    active = [
        one
        for one in people.everyone(connection, house)
        if one.state == "active"
        and one.id != swap.offered_by
        and any(where in {swap.desk, NETWORK_DESK} for _, where in one.grants)
    ]
    if not mine:
        return ()
    found = [
        shift_gate.against(connection, house, Asked(swap.desk, duty, swap.offered_by), active, now)
        for duty in mine
    ]
    return tuple(one.id for one in active if all(allowed(objections[one.id]) for objections in found))


# --- who sees which -------------------------------------------------------------------------------------
def on_offer(connection: Connection, house: House, person: str, now: int) -> tuple[SeenSwap, ...]:
    """Swaps this person may take now, by the shift's beginning."""
    fresh = as_recorded(connection, house)
    rights = rights_of(connection, person)
    found: list[SeenSwap] = []
    for swap in swap_rows.in_state(connection, house, SwapState.OPEN):
        if swap.offered_by == person or (swap.to and person not in swap.to):
            continue
        if not rights.may(Action.EDIT, Thing.DUTY, swap.desk):
            continue
        judged = verdict(connection, fresh, swap, person, None, now, taking=True)
        if judged.allowed:
            found.append(_seen(connection, house, swap, judged))
    return tuple(sorted(found, key=lambda one: one.swap.gives.start))


def own(connection: Connection, house: House, person: str) -> tuple[SeenSwap, ...]:
    """Swaps she has offered or taken that are not decided yet, by the shift's beginning."""
    pending = [one for one in swap_rows.of_person(connection, house, person) if _is_pending(one)]
    found = [_seen(connection, house, one) for one in pending]
    return tuple(sorted(found, key=lambda one: one.swap.gives.start))


def to_approve(connection: Connection, house: House, by: str, now: int) -> tuple[SeenSwap, ...]:
    """Swaps that wait for the yes of `by`, each with what speaks against it now, oldest first."""
    fresh, rights = as_recorded(connection, house), rights_of(connection, by)
    return tuple(
        _seen(
            connection,
            house,
            swap,
            verdict(connection, fresh, swap, swap.taken_by or "", swap.in_return, now),
        )
        for swap in swap_rows.in_state(connection, house, SwapState.TAKEN)
        if rights.may(Action.EDIT, Thing.ROTA, swap.desk)
    )


def history(connection: Connection, house: House, desk: str, by: str) -> tuple[SeenSwap, ...]:
    """Every swap of a desk that is decided, newest first. Raises `NotAllowed` (needs edit rota)."""
    demand(connection, by, Action.EDIT, Thing.ROTA, desk)
    decided = [one for one in swap_rows.of_desk(connection, house, desk) if not _is_pending(one)]
    return tuple(_seen(connection, house, one) for one in reversed(decided))


def approvers(connection: Connection, desk: str) -> list[str]:
    """Whom it is told that a swap waits for a yes."""
    return calls.coordinators(connection, desk)


# ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Side:
    """`pieces` of `holder` go to `person`, who gives up `given`."""

    holder: str
    pieces: tuple[Duty, ...]
    person: str
    given: tuple[Duty, ...]
    closes_at: datetime | None = None


def _against(connection: Connection, house: House, desk: str, side: _Side, now: int) -> tuple[Objection, ...]:
    if not side.pieces:
        return ()
    known = people.get(connection, house, side.person)
    gives = tuple((duty.start, duty.end) for duty in side.given)
    found: dict[Objection, None] = {}
    for duty in side.pieces:
        asked = Asked(desk, duty, side.holder, gives, side.closes_at)
        found |= dict.fromkeys(shift_gate.against(connection, house, asked, [known], now)[known.id])
    return tuple(found)


def still_has(
    connection: Connection, house: House, desk: str, person: str, part: Part, now: int
) -> tuple[Duty, ...]:
    """What somebody still has of a shift from now on, wherever it was moved."""
    board = house.library.boards.get(desk)
    if board is None:
        return ()
    at, alias = from_moment(now), people.alias_of(connection, house, person)
    near = (max(at, part.start - NEAR), max(at, part.end) + NEAR)
    return held(board.rota, alias, part.instance, near) or held(
        board.rota, alias, part.instance, (at, at + LONGEST_AHEAD)
    )


def _seen(connection: Connection, house: House, swap: Swap, judged: Verdict | None = None) -> SeenSwap:
    taker = "" if swap.taken_by is None else people.alias_of(connection, house, swap.taken_by)
    return SeenSwap(swap, people.alias_of(connection, house, swap.offered_by), taker, judged)


def _is_pending(swap: Swap) -> bool:
    return swap.state in {SwapState.OPEN, SwapState.TAKEN}
