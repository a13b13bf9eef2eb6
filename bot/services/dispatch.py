"""Who is asked next: decisions of `handoff.offers` become offer rows and deadlines (design §5, PR9)."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, Row, insert, select, update

from bot.model import DueKind
from bot.services import people, queueing
from bot.services.house import House
from bot.services.messenger import calls
from bot.services.opening import Opened, open_those_that_open
from bot.services.speech import is_minor
from bot.services.talk import Talk
from bot.services.unmet import look
from bot.store import tables as t
from bot.store.moments import from_moment, to_moment
from bot.store.writes import Writes
from handoff.eligibility import refusals
from handoff.model import HandoffState, Offer, OfferState, Refusal, Tier, Urgency, Waiting
from handoff.offers import Decision, decide, decide_queue
from handoff.policy import Policy

UNREADABLE_RESTS = timedelta(seconds=60) // timedelta(microseconds=1)
Found = Row[tuple[str, ...]]


def step(connection: Connection, house: House, desk: str, now: int) -> Writes:
    """Decide for everyone who waits at a desk, in the order of the queue; every one keeps a deadline."""
    writes = Writes()
    rows = _waiting_rows(connection, desk)
    if not rows:
        return writes
    opened = open_those_that_open(connection, house, [row.conversation for row in rows])
    for row in rows:
        if row.conversation not in opened:  # nobody could read it; looked at again, never forgotten
            again = now + UNREADABLE_RESTS
            writes.set_due(house.identifiers.new_id(), DueKind.QUEUE_STEP.value, row.id, again)
    rows = [row for row in rows if row.conversation in opened]
    waiting = {row.id: _waiting(row, opened.get(row.conversation)) for row in rows}
    offers = _offers(connection, list(waiting))
    volunteers = people.volunteers_on_duty(connection, house, desk, now)
    policies = {row.id: _policy(row, opened.get(row.conversation)) for row in rows}
    decided = decide_queue(waiting.values(), volunteers, offers, from_moment(now), policies)
    found = {row.id: row for row in rows}
    for one, decision in decided:
        row = found[one.handoff]
        unmet = look(
            connection, house, writes, opened[row.conversation], row, one, now, nobody=decision.nobody
        )
        if not unmet.over:
            _carry_out(connection, house, writes, one, decision, now, again_at=unmet.again_at)
    writes.flush(connection)
    return writes


def _carry_out(
    connection: Connection,
    house: House,
    writes: Writes,
    one: Waiting,
    decision: Decision,
    now: int,
    *,
    again_at: int | None,
) -> None:
    for state, ids in ((OfferState.RESCINDED, decision.rescind), (OfferState.EXPIRED, decision.expire)):
        if ids:
            connection.execute(update(t.offer).where(t.offer.c.id.in_(ids)).values(state=state.value))
    for offer in decision.offers_to_make:
        connection.execute(
            insert(t.offer).values(
                id=house.identifiers.new_id(), handoff=one.handoff, person=offer.person,
                state=OfferState.PENDING.value, offered_at=now, expires_at=to_moment(offer.expires_at),
            )
        )  # fmt: skip
        writes.count(one.desk, f"{from_moment(now):%Y-%m}", "offer.made")
    if decision.alert_supervisor:
        writes.after.append(("alert", "supervisor", one.handoff))
        about = f"{one.handoff}:{to_moment(one.search_began_at)}"
        calls.ring_supervisors(connection, house, one.desk, about, now)
    if decision.nobody:
        writes.after.append(("alert", "nobody", one.handoff))
    at = to_moment(decision.next_step_at)
    at = at if again_at is None else min(at, again_at)
    writes.set_due(house.identifiers.new_id(), DueKind.QUEUE_STEP.value, one.handoff, at)


def may_take(talk: Talk, row: Found, person: str) -> Refusal | None:
    """Whether `person` may accept this hand-off now; None means yes, else the first reason why not."""
    now = talk.at
    waiting = _waiting(row, talk.opened)
    policy = _policy(row, talk.opened)
    offers = _offers(talk.connection, [row.id])
    volunteers = people.volunteers_on_duty(talk.connection, talk.house, talk.opened.desk, talk.now)
    mine = [volunteer for volunteer in volunteers if volunteer.person == person]
    if not mine:
        return Refusal.NOT_ON_DUTY
    asked = any(o.person == person and o.state is OfferState.PENDING for o in offers)
    found = [refusals(volunteer, waiting, now, policy, offered=asked) for volunteer in mine]
    if not all(found):
        allowed = next(v for v, refused in zip(mine, found, strict=True) if not refused)
        if (
            asked
            or allowed.tier is Tier.PRIMARY
            or decide(waiting, volunteers, offers, now, policy).supervisor_may_take
        ):
            return None
        return Refusal.NOT_ALLOWED
    return found[0][0]


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


def _waiting_rows(connection: Connection, desk: str) -> Sequence[Found]:
    query = (
        select(t.handoff)
        .where(t.handoff.c.desk == desk, t.handoff.c.state == HandoffState.WAITING.value)
        .order_by(t.handoff.c.id)
        .with_for_update()
    )
    return connection.execute(query).all()


def _facts(row: Found, opened: Opened | None) -> queueing.HandoffFacts:
    if opened is None or row.facts_sealed is None:
        return queueing.HandoffFacts()
    return queueing.open_facts(opened.key, row.id, row.facts_sealed)


def _policy(row: Found, opened: Opened | None) -> Policy:
    plain = _facts(row, opened).policy
    return Policy.from_plain(plain) if plain else Policy()


def _waiting(row: Found, opened: Opened | None) -> Waiting:
    facts = _facts(row, opened)
    queued_at = from_moment(row.queued_at)
    minor = is_minor(facts.answers)
    return Waiting(
        handoff=row.id,
        desk=row.desk,
        urgency=Urgency(row.urgency or "U2"),
        queued_at=queued_at,
        language=facts.language,
        need=facts.need,
        country=facts.country,
        from_web=row.channel == "web",
        passed_on=row.front,
        declined_by=frozenset(facts.declined_by),
        required_skills=frozenset({"minors"}) if minor else frozenset(),
        since=from_moment(facts.since) if facts.since else None,
    )


def _offers(connection: Connection, handoffs: list[str]) -> list[Offer]:
    return [
        Offer(
            row.id,
            row.handoff,
            row.person,
            OfferState(row.state),
            from_moment(row.offered_at),
            from_moment(row.expires_at),
        )
        for row in connection.execute(select(t.offer).where(t.offer.c.handoff.in_(handoffs)))
    ]
