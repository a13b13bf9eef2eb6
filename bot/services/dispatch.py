"""Who is asked next: decisions of `handoff.offers` become offer rows and deadlines (design §5, PR9).

Set-wise: one step over a desk's queue costs the same number of statements however many wait. It locks people,
conversations, hand-offs, in this order; a claim takes the same order, so no two can wait for each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from bot.model import DueKind
from bot.services import attendance, calls, crew
from bot.services.explaining import seal_why
from bot.services.handoff_facts import seal_facts
from bot.services.house import House
from bot.services.opening import Opened, open_those_that_open
from bot.services.searches import Search, read_offers, search_of
from bot.services.talk import Talk
from bot.services.unmet import look
from bot.store import tables as t
from bot.store.moments import from_moment, month_of, to_moment
from bot.store.writes import Writes
from handoff.calls import CallReason
from handoff.eligibility import Circumstances, refusals, supervisor_on_duty, wished_for
from handoff.model import HandoffState, Offer, OfferState, Refusal, Tier, Urgency, Volunteer
from handoff.offers import Decision, decide, decide_queue

UNREADABLE_RESTS = timedelta(seconds=60) // timedelta(microseconds=1)
Found = Row[*tuple[Any, ...]]


@dataclass(slots=True)
class _Round:
    """What one step over a queue writes, one statement a kind."""

    offers: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    rescinded: list[str] = field(default_factory=list[str])
    facts: dict[str, bytes] = field(default_factory=dict[str, bytes])
    called: list[calls.Raised] = field(default_factory=list[calls.Raised])

    def write(self, connection: Connection, house: House, writes: Writes, now: int) -> None:
        if self.rescinded:
            row = t.offer.c
            connection.execute(
                update(t.offer).where(row.id.in_(self.rescinded)).values(state=OfferState.RESCINDED.value)
            )
        if self.offers:
            connection.execute(insert(t.offer), self.offers)
        if self.facts:
            sealed = [{"b_id": handoff, "b_facts": facts} for handoff, facts in self.facts.items()]
            connection.execute(_KEEP_FACTS, sealed)
        calls.raise_all(connection, house, writes, self.called, now)


def step(connection: Connection, house: House, desk: str, now: int) -> Writes:
    """Decide for everyone who waits at a desk, in the order of the queue; every one keeps a deadline."""
    writes = Writes()
    found = connection.execute(_WAITING, {"b_desk": desk}).all()
    if not found:
        return writes
    volunteers = crew.volunteers_on_duty(connection, house, desk, now, lock=True)
    opened = open_those_that_open(connection, house, [row.conversation for row in found])
    rows = connection.execute(_STILL_WAITING, {"b_ids": [row.id for row in found]}).all()
    for row in rows:
        if row.conversation not in opened:  # nobody could read it; looked at again, never forgotten
            again = now + UNREADABLE_RESTS
            writes.set_due(house.identifiers.new_id(), DueKind.QUEUE_STEP.value, row.id, again)
    searches = {
        row.id: search_of(house, row, opened[row.conversation]) for row in rows if row.conversation in opened
    }
    offers = read_offers(connection, searches)
    if _lapse(connection, writes, desk, offers, now):
        volunteers = crew.volunteers_on_duty(connection, house, desk, now)
        offers = read_offers(connection, searches)
    waiting = [search.waiting for search in searches.values()]
    policies = {handoff: search.policy for handoff, search in searches.items()}
    decided = decide_queue(waiting, volunteers, offers, from_moment(now), policies)
    round_ = _Round()
    for one, decision in decided:
        search = searches[one.handoff]
        unmet = look(connection, house, writes, search, decision, now)
        if unmet.changed:
            round_.facts[one.handoff] = seal_facts(search.opened.key, one.handoff, search.facts)
        if not unmet.over:
            _carry_out(house, writes, round_, search, decision, now, again_at=unmet.again_at)
        else:
            round_.facts.pop(one.handoff, None)
    round_.write(connection, house, writes, now)
    writes.flush(connection)
    return writes


def _lapse(connection: Connection, writes: Writes, desk: str, offers: Sequence[Offer], now: int) -> bool:
    """Offers whose time is over, before anything is decided; whoever missed two in a row is away.

    True if there was one: what was read of people and offers before is old.
    """
    over = [
        offer
        for offer in offers
        if offer.state is OfferState.PENDING and offer.expires_at <= from_moment(now)
    ]
    if not over:
        return False
    ids = [offer.id for offer in over]
    connection.execute(update(t.offer).where(t.offer.c.id.in_(ids)).values(state=OfferState.EXPIRED.value))
    gone = attendance.missed(connection, {offer.person for offer in over})
    writes.after += [("alert", "away", person) for person in gone]
    if gone:
        writes.count(desk, month_of(now), "offer.away", len(gone))
    return True


def _carry_out(
    house: House,
    writes: Writes,
    round_: _Round,
    search: Search,
    decision: Decision,
    now: int,
    *,
    again_at: int | None,
) -> None:
    one = search.waiting
    round_.rescinded += decision.rescind
    for offer in decision.offers_to_make:
        identifier = house.identifiers.new_id()
        round_.offers.append(
            {
                "id": identifier, "handoff": one.handoff, "person": offer.person,
                "state": OfferState.PENDING.value, "offered_at": now,
                "expires_at": to_moment(offer.expires_at),
                "why_sealed": seal_why(search.opened.key, identifier, offer),
            }
        )  # fmt: skip
        writes.count(one.desk, month_of(now), "offer.made")
    if decision.alert_supervisor:
        reason = CallReason.DANGER_NOW if one.urgency is Urgency.U0 else CallReason.UNACCEPTED
        round_.called.append(calls.Raised(one.desk, one.handoff, reason))
    if decision.nobody:
        writes.after.append(("alert", "nobody", one.handoff))
    at = to_moment(decision.next_step_at)
    at = at if again_at is None else min(at, again_at)
    writes.set_due(house.identifiers.new_id(), DueKind.QUEUE_STEP.value, one.handoff, at)


def may_take(talk: Talk, row: Found, person: str) -> Refusal | None:
    """Whether `person` may accept this hand-off now; None means yes, else the first reason why not."""
    return may_take_which(talk.connection, talk.house, [(row, talk.opened)], person, talk.now)[row.id]


def may_take_which(
    connection: Connection,
    house: House,
    chats: Iterable[tuple[Found, Opened]],
    person: str,
    now: int,
) -> Mapping[str, Refusal | None]:
    """For each of these waiting hand-offs, whether `person` may accept it now."""
    by_desk: dict[str, list[Search]] = {}
    for row, opened in chats:
        by_desk.setdefault(row.desk, []).append(search_of(house, row, opened))
    found: dict[str, Refusal | None] = {}
    for desk, searches in by_desk.items():
        volunteers = crew.volunteers_on_duty(connection, house, desk, now)
        offers = read_offers(connection, [search.waiting.handoff for search in searches])
        for search in searches:
            found[search.waiting.handoff] = _refusal(search, volunteers, offers, person, now)
    return found


def _refusal(
    search: Search, volunteers: Sequence[Volunteer], offers: Sequence[Offer], person: str, now: int
) -> Refusal | None:
    waiting, policy, at = search.waiting, search.policy, from_moment(now)
    mine = [volunteer for volunteer in volunteers if volunteer.person == person]
    if not mine:
        return Refusal.NOT_ON_DUTY
    own = [offer for offer in offers if offer.handoff == waiting.handoff]
    asked = any(o.person == person and o.state is OfferState.PENDING for o in own)
    # Who takes one of her own will is asked by nobody: her own rest is hers to cut short, where that is soft.
    given = Circumstances(supervisor_on_duty(volunteers, at), offered=asked, at_last=True)
    found = [refusals(volunteer, waiting, at, policy, given) for volunteer in mine]
    if all(found):
        return found[0][0]
    allowed = next(v for v, refused in zip(mine, found, strict=True) if not refused)
    if not (asked or wished_for(allowed, waiting, at, policy)):
        return Refusal.GENDER_REQUIRED
    if asked or allowed.tier is Tier.PRIMARY:
        return None
    return None if decide(waiting, volunteers, own, at, policy).supervisor_may_take else Refusal.NOT_ALLOWED


def decline(connection: Connection, handoff: str, person: str) -> None:
    """No reason is asked for (domain E); the others are asked at once."""
    connection.execute(
        update(t.offer)
        .where(
            t.offer.c.handoff == handoff,
            t.offer.c.person == person,
            t.offer.c.state == OfferState.PENDING.value,
        )
        .values(state=OfferState.DECLINED.value)
    )
    attendance.answered(connection, person, accepted=False)


_WAITING: Final = (
    select(t.handoff.c.id, t.handoff.c.conversation)
    .where(t.handoff.c.desk == bindparam("b_desk"), t.handoff.c.state == HandoffState.WAITING.value)
    .order_by(t.handoff.c.id)
)
_STILL_WAITING: Final = (
    select(t.handoff)
    .where(
        t.handoff.c.id.in_(bindparam("b_ids", expanding=True)),
        t.handoff.c.state == HandoffState.WAITING.value,
    )
    .order_by(t.handoff.c.id)
    .with_for_update()
)
_KEEP_FACTS: Final = (
    update(t.handoff).where(t.handoff.c.id == bindparam("b_id")).values(facts_sealed=bindparam("b_facts"))
)
