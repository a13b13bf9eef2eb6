"""Taking a text back: to the one before, or as harmful, for every desk it reached (design §7; PR10, PR14).

One person is enough, and it works at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.model import NETWORK_DESK
from bot.services import revisions, signing
from bot.services.house import House
from bot.services.permissions import Action
from bot.services.publishing import OPEN, NotPublishable
from bot.services.revisions import Revision, RevisionState
from bot.services.staff_acts import demand_right, note
from bot.store.moments import to_moment


class NothingToReturnTo(LookupError):
    """No earlier revision could take the place of the live one."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken back, what is live at its desk now (None: the network's), and what went with it."""

    revision: Revision
    live: Revision | None
    others: tuple[Revision, ...] = ()


def roll_back(
    connection: Connection,
    house: House,
    actor: str,
    desk: str,
    now: datetime,
    *,
    harmful: bool = False,
    only: int | None = None,
) -> TakenBack:
    """Take the live revision of a desk back and put the one before it in its place, at once.

    One person is enough (PR14). Conversations stay with what they began with, unless it is `harmful`: then
    they leave it at their next turn (PR10). A desk without an earlier one goes on with the network's. `only`
    is the revision that must still be the live one: two who press at once take one step, not two. Raises
    `NothingToReturnTo` and `NotAllowed`.
    """
    demand_right(connection, actor, Action.WITHDRAW, desk)
    revisions.lock_desk(connection, desk)
    live = revisions.live_revision(connection, house.vault, desk)
    if live is None:
        raise NothingToReturnTo(f"Nothing is published for desk {desk}.")
    if only is not None and live.id != only:
        raise NothingToReturnTo(f"Revision {only} is not live any more. Nothing was done.")
    if harmful:
        return recall(connection, house, actor, live.id, now)
    before = _step_back(connection, house, live, RevisionState.WITHDRAWN, now)
    note(connection, house, actor, "rollback", live.id, _to(before), now)
    return TakenBack(revisions.get(connection, house.vault, live.id), before)


def recall(connection: Connection, house: House, actor: str, number: int, now: datetime) -> TakenBack:
    """Take a revision back as harmful, wherever it stands: nothing more of it is said, and it never returns.

    What desks have made over it, and every revision of the same content, goes with it. Raises
    `NotPublishable` for one that nobody ever met, `NothingToReturnTo` and `NotAllowed`.
    """
    chosen = revisions.locked(connection, house.vault, number)
    demand_right(connection, actor, Action.WITHDRAW, chosen.desk)
    if chosen.state is RevisionState.RECALLED:
        return TakenBack(chosen, revisions.live_revision(connection, house.vault, chosen.desk))
    if chosen.published_at is None:
        raise NotPublishable(f"Revision {number} was never live: put the draft aside instead.")
    before = _recall_one(connection, house, actor, chosen, now)
    others = tuple(_with_it(connection, house, chosen))
    for one in others:
        revisions.lock_desk(connection, one.desk)
        _recall_one(connection, house, actor, one, now)
    gone = tuple(revisions.get(connection, house.vault, one.id) for one in others)
    return TakenBack(revisions.get(connection, house.vault, number), before, gone)


def discard(connection: Connection, house: House, actor: str, number: int, now: datetime) -> None:
    """Put a draft aside; it is kept, and published by nobody. Raises `NotPublishable`, `NotAllowed`."""
    chosen = revisions.locked(connection, house.vault, number)
    demand_right(connection, actor, Action.EDIT, chosen.desk)
    if chosen.state is not RevisionState.DRAFT:
        raise NotPublishable(f"Revision {number} is {chosen.state.value}: only a draft is put aside.")
    revisions.set_state(connection, number, RevisionState.DISCARDED)
    note(connection, house, actor, "withdraw", number, ("draft",), now)


def _recall_one(
    connection: Connection, house: House, actor: str, chosen: Revision, now: datetime
) -> Revision | None:
    before = revisions.live_revision(connection, house.vault, chosen.desk)
    if chosen.state is RevisionState.PUBLISHED:
        before = _step_back(connection, house, chosen, RevisionState.RECALLED, now)
    else:
        revisions.set_state(connection, chosen.id, RevisionState.RECALLED)
    note(connection, house, actor, "recall", chosen.id, ("harmful", *_to(before)), now)
    return before


def earlier(
    connection: Connection, house: House, live: Revision, *, harmful: bool = False
) -> Revision | None:
    """What would be live again if this live revision were taken back; None for nothing, or the network's."""
    state = RevisionState.RECALLED if harmful else RevisionState.WITHDRAWN
    return _before(connection, house, live, state)


def _step_back(
    connection: Connection, house: House, live: Revision, state: RevisionState, now: datetime
) -> Revision | None:
    """Put the revision that was live before in the place of `live`; None: the network's holds from now on."""
    before = _before(connection, house, live, state)
    if before is None and live.desk == NETWORK_DESK:
        raise NothingToReturnTo(
            "There is no earlier revision to go back to. Mend the text and publish that; then recall "
            f"revision {live.id} if it does harm. If that takes too long, stop the service."
        )
    revisions.set_state(connection, live.id, state)
    if before is None:
        return None
    revisions.set_state(connection, before.id, RevisionState.PUBLISHED, to_moment(now))
    return revisions.get(connection, house.vault, before.id)


def _before(connection: Connection, house: House, live: Revision, state: RevisionState) -> Revision | None:
    """What was live last before, and may be again."""
    replaced = [
        one
        for one in revisions.revisions(connection, house.vault, live.desk)
        if one.state is RevisionState.REPLACED
    ]
    for one in sorted(replaced, key=lambda one: (one.published_at or 0, one.id), reverse=True):
        if state is RevisionState.RECALLED and one.digest == live.digest:
            continue
        if _may_return(connection, house, one):
            return one
    return None


def _may_return(connection: Connection, house: House, revision: Revision) -> bool:
    """Not made over what was recalled; and in the mode `open` signed, as whatever is published there."""
    base = revisions.base_of(connection, house.vault, revision)
    if base is not None:
        stands = revisions.get(connection, house.vault, base).state
        if stands is RevisionState.RECALLED:
            return False
    return house.mode != OPEN or signing.standing(connection, house.vault, revision.id, demo=False).signed


def _with_it(connection: Connection, house: House, recalled: Revision) -> Iterator[Revision]:
    """Other revisions that women have met and that hold the same texts."""
    for one in revisions.revisions(connection, house.vault):
        if one.id == recalled.id or one.published_at is None or one.state is RevisionState.RECALLED:
            continue
        over = revisions.base_of(connection, house.vault, one)
        if over == recalled.id or one.digest == recalled.digest:
            yield one


def _to(before: Revision | None) -> tuple[str, ...]:
    return (f"to.{before.id}",) if before is not None else ("to.network",)
