"""People kept apart: two of the organisation, or one of them and a woman who writes (rota.md §3.6).

Looked at both ways, at every offer, when a chat is passed on, when a supervisor would join it, and when it is
read. Nobody is told who asked for it: a volunteer never sees that she is kept from somebody.

Between two of the organisation it is a row under the organisation's key. Between one of them and a woman it
lies in her contact record, under her own key: it goes when she is erased, and nothing else tells that the two
have to do with each other.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from bot.model import DueKind
from bot.services import audit
from bot.services.handoff_facts import HandoffFacts, open_facts, seal_facts
from bot.services.house import House
from bot.services.looking_again import look_again
from bot.services.opening import keep_contact, open_contacts, open_conversation
from bot.services.permissions import Action, Thing, demand
from bot.store import people_tables as p, tables as t
from bot.store.writes import Writes
from bot.vault.envelope import Place, open_sealed, seal
from handoff.model import HandoffState, Refusal


class PairKind(StrEnum):
    """Why two are kept apart."""

    CONFLICT_OF_INTEREST = "conflict_of_interest"
    HARASSMENT = "harassment"
    CALLER_REQUEST = "caller_request"
    STAFF_REQUEST = "staff_request"


class NoSuchPair(LookupError):
    """No pair has this id."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people of the organisation who are kept apart; `words` for coordinators only."""

    id: str
    person: str
    other: str
    kind: PairKind
    words: str
    expires_at: int | None


# --- two of the organisation ---------------------------------------------------------------------------
def keep_apart(
    connection: Connection,
    house: House,
    two: tuple[str, str],
    why: tuple[PairKind, str],
    by: str,
    now: int,
    *,
    expires_at: int | None = None,
) -> str:
    """Keep two people of the organisation apart, from now on; returns the pair's id.

    `why` is a kind, and words that coordinators read. `by` is who asks, already asked for her right.
    """
    identifier = house.identifiers.new_id()
    plain = orjson.dumps([why[0].value, why[1]])
    connection.execute(
        insert(p.blocked_pair).values(
            id=identifier, person=two[0], other=two[1], created_at=now, expires_at=expires_at,
            reason_sealed=seal(house.vault.organisation, _place(identifier), plain),
        )
    )  # fmt: skip
    audit.record(connection, house.vault, by, "keep_apart", two[0], (two[1], why[0].value), now)
    return identifier


def together_again(connection: Connection, house: House, pair: str, by: str, now: int) -> None:
    """End a pair. Raises `NoSuchPair`."""
    gone = connection.execute(
        delete(p.blocked_pair).where(p.blocked_pair.c.id == pair).returning(p.blocked_pair.c.person)
    ).scalar_one_or_none()
    if gone is None:
        raise NoSuchPair(f"There is no pair {pair}.")
    audit.record(connection, house.vault, by, "together_again", gone, (pair,), now)


def kept_from(connection: Connection, person: str, now: int) -> frozenset[str]:
    """Everybody of the organisation who is kept apart from this person, whoever of the two asked for it."""
    row = p.blocked_pair.c
    query = select(row.person, row.other).where(
        or_(row.person == person, row.other == person), or_(row.expires_at.is_(None), row.expires_at > now)
    )
    found = {one for pair in connection.execute(query) for one in pair}
    return frozenset(found - {person})


def known_pairs(connection: Connection, house: House, now: int) -> tuple[Pair, ...]:
    """Every pair that holds, with its reason: for whoever may view pairs."""
    row = p.blocked_pair.c
    query = select(p.blocked_pair).where(or_(row.expires_at.is_(None), row.expires_at > now))
    return tuple(_pair(house, found) for found in connection.execute(query.order_by(row.created_at)))


# --- one of the organisation and a woman -------------------------------------------------------------------
def keep_from_her(
    connection: Connection, house: House, handoff: str, person: str, kind: PairKind, by: str, now: int
) -> None:
    """Keep `person` apart from the woman of this hand-off, now and whenever she returns to the same record.

    A chat that `person` holds goes back to the head of the queue at once, with an honest line. Raises
    `LookupError` when the hand-off is over, `NotAllowed` when `by` is neither the one meant nor allowed.
    """
    found = connection.execute(select(t.handoff.c.conversation).where(t.handoff.c.id == handoff)).scalar()
    opened = None if found is None else open_conversation(connection, house, found)
    row = connection.execute(
        select(t.handoff).where(t.handoff.c.id == handoff).with_for_update()
    ).one_or_none()
    if opened is None or row is None or row.facts_sealed is None:
        raise LookupError(handoff)
    if by != person:
        demand(connection, by, Action.EDIT, Thing.PAIR, row.desk)
    facts = open_facts(opened.key, handoff, row.facts_sealed)
    facts.never_with = sorted({*facts.never_with, person})
    sealed = seal_facts(opened.key, handoff, facts)
    connection.execute(update(t.handoff).where(t.handoff.c.id == handoff).values(facts_sealed=sealed))
    if opened.contact is not None:
        contact = open_contacts(connection, house, [opened.contact])[opened.contact]
        contact.record.never_with = sorted({*contact.record.never_with, person})
        keep_contact(connection, contact)
    if row.state == HandoffState.ACTIVE.value and row.person == person:
        writes = Writes()
        writes.set_due(house.identifiers.new_id(), DueKind.HOLDER_GONE.value, row.conversation, now)
        writes.flush(connection)
    look_again(connection, now, row.desk)
    # Who is meant stands in no entry: an audit must not tell that the two have to do with each other.
    audit.record(connection, house.vault, by, "keep_from_her", handoff, (kind.value,), now)


def may_join(connection: Connection, house: House, handoff: str, person: str, now: int) -> Refusal | None:
    """Whether a supervisor may join this chat, or read what was written of it: None means yes.

    Asked before she joins and before she is shown anything; told to her as `eligibility.told` says.
    """
    row = connection.execute(select(t.handoff).where(t.handoff.c.id == handoff)).one_or_none()
    opened = None if row is None else open_conversation(connection, house, row.conversation)
    if row is None or opened is None or row.facts_sealed is None:
        return Refusal.NOT_OPEN
    if is_kept_from_her(open_facts(opened.key, handoff, row.facts_sealed), person):
        return Refusal.BLOCKED_PAIR
    if row.person is not None and row.person in kept_from(connection, person, now):
        return Refusal.BLOCKED_PAIR
    return None


def is_kept_from_her(facts: HandoffFacts, person: str) -> bool:
    """Whether this person may neither take nor read this chat."""
    return person in facts.never_with


def _pair(house: House, row: Row[Any]) -> Pair:
    kind, words = orjson.loads(open_sealed(house.vault.organisation, _place(row.id), row.reason_sealed))
    return Pair(row.id, row.person, row.other, PairKind(kind), words, row.expires_at)


def _place(pair: str) -> Place:
    return Place("blocked_pair", "reason_sealed", pair)
