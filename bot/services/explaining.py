"""Why she and not another: the ranking of each offer, and each refusal with its code (rota.md §3.6).

Codes and numbers only. The ranking is sealed under the conversation's key and goes with it. That somebody is
kept from somebody is told to those only who may see why (`PAIR`, `VIEW`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from bot.services import crew
from bot.services.house import House
from bot.services.peeking import peek
from bot.services.permissions import Action, NotAllowed, Thing, rights_of
from bot.services.searches import Search, search_of
from bot.store import tables as t
from bot.store.moments import from_moment
from bot.vault.envelope import DataKey, Place, open_sealed, seal
from handoff.eligibility import UNTOLD, Circumstances, refusals, supervisor_on_duty
from handoff.model import HandoffState, OfferState, Refusal, Volunteer
from handoff.offers import OfferToMake


@dataclass(frozen=True, slots=True)
class Explained:
    """One volunteer and one hand-off: why not, or nothing; and how she ranked when she was asked.

    `asked`: an offer to her stands now.
    """

    person: str
    alias: str
    tier: str
    refusals: tuple[Refusal, ...]
    asked: bool
    ranking: Mapping[str, Any] | None


def seal_why(key: DataKey, offer: str, made: OfferToMake) -> bytes:
    """The ranking behind an offer, for its row."""
    plain = {"tier": made.tier.value, **made.score.to_plain()}
    return seal(key, _place(offer), orjson.dumps(plain))


def explain(
    connection: Connection, house: House, handoff: str, person: str, now: int
) -> tuple[Explained, ...]:
    """For everyone the rota names now, why she may not have this chat; for whoever looks after the queue.

    Raises `NotAllowed`; a hand-off that does not wait has nothing to explain.
    """
    row = connection.execute(
        select(t.handoff).where(t.handoff.c.id == handoff, t.handoff.c.state == HandoffState.WAITING.value)
    ).one_or_none()
    if row is None:
        return ()
    rights = rights_of(connection, person)
    if not rights.may(Action.EDIT, Thing.QUEUE, row.desk) and not rights.may(
        Action.VIEW, Thing.PAIR, row.desk
    ):
        raise NotAllowed(f"{Action.EDIT.value} {Thing.QUEUE.value}")
    opened = peek(connection, house, [row.conversation]).get(row.conversation)
    board = house.library.boards.get(row.desk)
    if opened is None or board is None:
        return ()
    planned = board.planned_at(from_moment(now))
    volunteers = crew.of_duties(connection, house, row.desk, planned, now)
    search = search_of(house, row, opened)
    why = _rankings(connection, opened.key, handoff)
    sees_pairs = rights.may(Action.VIEW, Thing.PAIR, row.desk)
    asked = _asked(connection, handoff, now)
    return tuple(
        Explained(
            one.person,
            one.alias,
            one.tier.value,
            _told(_refusals(one, volunteers, search, asked, now), sees_pairs=sees_pairs),
            one.person in asked,
            why.get(one.person),
        )
        for one in volunteers
    )


def _refusals(
    one: Volunteer, volunteers: Sequence[Volunteer], search: Search, asked: frozenset[str], now: int
) -> tuple[Refusal, ...]:
    at = from_moment(now)
    given = Circumstances(supervisor_on_duty(volunteers, at), offered=one.person in asked)
    return refusals(one, search.waiting, at, search.policy, given)


def _told(found: tuple[Refusal, ...], *, sees_pairs: bool) -> tuple[Refusal, ...]:
    """Who may not see pairs sees what would be there without them; never a code that tells of one."""
    if sees_pairs:
        return found
    return tuple(dict.fromkeys(Refusal.NOT_OPEN if code in UNTOLD else code for code in found))


def _asked(connection: Connection, handoff: str, now: int) -> frozenset[str]:
    """Who has an offer of it that stands."""
    row = t.offer.c
    query = select(row.person).where(
        row.handoff == handoff, row.state == OfferState.PENDING.value, row.expires_at > now
    )
    return frozenset(connection.execute(query).scalars())


def _rankings(connection: Connection, key: DataKey, handoff: str) -> dict[str, Mapping[str, Any]]:
    rows = connection.execute(
        select(t.offer).where(t.offer.c.handoff == handoff).order_by(t.offer.c.offered_at)
    )
    return {
        row.person: orjson.loads(open_sealed(key, _place(row.id), row.why_sealed))
        for row in rows
        if row.why_sealed is not None
    }


def _place(offer: str) -> Place:
    return Place("offer", "why_sealed", offer)
