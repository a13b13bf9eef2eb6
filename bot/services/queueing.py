"""Her place in the queue: taking it, keeping it, leaving it (design §5, B-090 to B-096)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from bot.model import DueKind, Stage
from bot.services import quiet, speech
from bot.services.aftercare import chat_over
from bot.services.entries import Purpose
from bot.services.handoff_facts import HandoffFacts, open_facts, seal_facts
from bot.services.leaving import closed_values, leave_handoff
from bot.services.opening import OpenedContact, keep_contact, open_contacts
from bot.services.presence import windows
from bot.services.talk import Talk
from bot.services.unanswered import DUE, set_deadlines
from bot.store import tables as t
from bot.store.moments import from_moment
from handoff.eligibility import FLAGGED
from handoff.model import HandoffState, Outcome, Urgency, Waiting
from handoff.queue import ahead_of, is_crowded, may_queue
from handoff.waits import estimate
from triage.effects import RequestHandoff
from triage.engine import offered
from triage.model import Script
from triage.run import HandoffNews

WAIT_NEWS_EVERY = timedelta(minutes=4) // timedelta(microseconds=1)
PLACES = 60  # most who can wait at one desk
STRONGEST = ("U0", "U1", "U2", "U3")


def refused(talk: Talk, effect: RequestHandoff) -> HandoffNews | None:
    """What keeps her out of the queue; known before anything is said, so that no place is promised."""
    state, house = talk.opened.state, talk.house
    if state.handoff:
        return None
    board = house.library.boards.get(talk.opened.desk)
    if board is None or not board.open_at(talk.at):
        talk.count("handoff.out_of_hours")
        return HandoffNews.OUT_OF_HOURS
    # A flood of web pages fills at most half of the places; danger is never refused one (`request`).
    if Urgency(effect.urgency.value) in FLAGGED or Urgency(state.urgency) in FLAGGED:
        return None
    talk.writes.flush(talk.connection)
    from_web = talk.opened.channel == "web"
    if not may_queue(from_web=from_web, waiting=queue_of(talk), limit=PLACES):
        talk.count("handoff.queue_full")
        return HandoffNews.NOBODY
    return None


def request(talk: Talk, script: Script, effect: RequestHandoff) -> None:
    """She said yes, and nothing keeps her out (`refused`): she waits."""
    opened, state, house = talk.opened, talk.opened.state, talk.house
    if state.handoff:
        return
    talk.writes.flush(talk.connection)
    waiting = queue_of(talk)
    raise_to(talk, effect.urgency.value, None)
    state.need, state.shares = effect.need, effect.shares
    contact = _contact(talk)
    place = None if contact is None else _resumed_place(talk, contact)
    if place is not None and place.urgency is not None:
        raise_to(talk, place.urgency, "place.held")
    state.handoff = house.identifiers.new_id()
    if place is not None:
        _tell_who_had_her(talk, place.handoff)
    opened.stage = Stage.WAITING
    # Her act began this turn with the guide; from now on its silent edits have the longer window.
    opened.edit_until = windows(opened.last_act_at, state.safety, opened.stage).edit_until
    queued_at = talk.now if place is None else min(place.queued_at, talk.now)
    crowded = place is None and _crowded(talk, waiting)
    at_front = state.called_back > talk.now or (place is not None and place.was_talking)
    answers = dict(state.run.answers) if state.run else {}
    facts = HandoffFacts(
        need=effect.need,
        language=talk.language,
        country=speech.region(talk),
        reasons=list(state.reasons),
        shares=effect.shares,
        answers=answers,
        read_from_inbox=0 if effect.shares == "all" else latest_inbox(talk) + 1,
        read_from_sequence=opened.next_sequence,
        policy=house.library.staffing_of(opened.desk).escalation.policy.to_plain(),
        since=talk.now,
        never_with=[] if contact is None else list(contact.record.never_with),
    )
    talk.writes.handoffs.append(
        {
            "id": state.handoff, "conversation": opened.id, "desk": opened.desk, "channel": opened.channel,
            "state": HandoffState.WAITING.value, "urgency": state.urgency, "queued_at": queued_at,
            "claim_version": 0, "person": None, "front": at_front, "crowded": crowded,
            "facts_sealed": seal_facts(opened.key, state.handoff, facts),
        }
    )  # fmt: skip
    due_id = house.identifiers.new_id
    talk.writes.set_due(due_id(), DueKind.QUEUE_STEP.value, state.handoff, talk.now)
    talk.writes.set_due(due_id(), DueKind.WAIT_NEWS.value, opened.id, talk.now + WAIT_NEWS_EVERY)
    talk.count(f"handoff.requested.{state.urgency}")
    if place is not None:
        speech.tell(talk, "word.place_kept")
        talk.count("handoff.resumed")
    tell_wait(talk, script, len(waiting), Purpose.ANSWER)
    quiet.ensure_status(talk)


def _crowded(talk: Talk, waiting: list[Waiting]) -> bool:
    """Whether she is flagged, and beyond the places that flagged web pages have (decision 0028)."""
    if Urgency(talk.opened.state.urgency) not in FLAGGED:
        return False
    if not is_crowded(from_web=talk.opened.channel == "web", waiting=waiting, limit=PLACES):
        return False
    talk.count("handoff.crowded")
    return True


def tell_wait(talk: Talk, script: Script, ahead: int, purpose: Purpose) -> None:
    """The honest wait with what she can do meanwhile."""
    opened, house = talk.opened, talk.house
    board = house.library.boards.get(opened.desk)
    on_duty = len(board.at(talk.at)) if board else 0
    surroundings = house.library.surroundings(opened.desk, opened.channel, talk.at)
    run = opened.state.run
    # What is asked while she waits comes with choices of its own, under words of its own.
    elsewhere = purpose is Purpose.ANSWER and run is not None and run.step != run.handoff
    choices = offered(script, run, surroundings) if run is not None and not elsewhere else ()
    speech.say_wait(talk, script, estimate(list(house.recent_waits), ahead, on_duty), choices, purpose)


def leave(talk: Talk) -> None:
    """She leaves the queue of her own will; nothing is held against her."""
    state = talk.opened.state
    if not state.handoff:
        return
    leave_handoff(talk, keep_place=False)
    talk.count("handoff.left_queue")
    talk.opened.stage = Stage.TRIAGE


def close_row(talk: Talk, handoff: str, outcome: Outcome) -> None:
    """Close the row of a hand-off that somebody holds and drop what identifies it; offers end with it."""
    writes, connection = talk.writes, talk.connection
    writes.flush(connection)
    row = connection.execute(select(t.handoff).where(t.handoff.c.id == handoff)).one()
    chat_over(talk, row, spoke=not talk.opened.state.unanswered, outcome=outcome)
    connection.execute(delete(t.offer).where(t.offer.c.handoff == handoff))
    connection.execute(
        update(t.handoff)
        .where(t.handoff.c.id == handoff)
        .values(**closed_values(), claim_version=t.handoff.c.claim_version + 1)
    )


def forget_deadlines(talk: Talk, handoff: str) -> None:
    """Drop every deadline of the queue and of the live chat."""
    for kind in (DueKind.QUEUE_STEP, DueKind.PLACE_HELD_ENDS):
        talk.writes.drop_due(kind.value, handoff)
    for kind in (DueKind.WAIT_NEWS, DueKind.HOLDER_GONE, *DUE.values()):
        talk.writes.drop_due(kind.value, talk.opened.id)


def raise_to(talk: Talk, urgency: str, reason: str | None) -> None:
    """Raise her order in the queue, never lower it (B-033); the volunteer sees the reason."""
    state = talk.opened.state
    stronger = STRONGEST.index(urgency) < STRONGEST.index(state.urgency)
    if urgency == "U3" and state.urgency == "U2" and not state.reasons:
        state.urgency = urgency
    if stronger:
        state.urgency = urgency
    if reason and reason not in state.reasons:
        state.reasons.append(reason)
    if stronger and talk.opened.stage is Stage.LIVE and state.hers_since:
        set_deadlines(talk)
    if state.handoff and (stronger or reason):
        tell_handoff(talk)


def tell_handoff(talk: Talk) -> None:
    """Order, reasons or coded answers changed while she waits or talks: dispatch looks anew."""
    state, key = talk.opened.state, talk.opened.key
    talk.writes.flush(talk.connection)
    row = talk.connection.execute(
        select(t.handoff.c.facts_sealed).where(
            t.handoff.c.id == state.handoff, t.handoff.c.facts_sealed.is_not(None)
        )
    ).one_or_none()
    if row is None:
        return
    facts = open_facts(key, state.handoff, row.facts_sealed)
    facts.reasons = list(state.reasons)
    if state.run is not None:
        facts.answers = dict(state.run.answers)
        facts.country = speech.region(talk)
        facts.language = talk.language
    talk.connection.execute(
        update(t.handoff)
        .where(t.handoff.c.id == state.handoff)
        .values(urgency=state.urgency, facts_sealed=seal_facts(key, state.handoff, facts))
    )
    if talk.opened.stage is Stage.WAITING:
        talk.writes.set_due(
            talk.house.identifiers.new_id(), DueKind.QUEUE_STEP.value, state.handoff, talk.now
        )


def latest_inbox(talk: Talk) -> int:
    """The newest inbox id of this conversation, 0 for none."""
    query = select(func.max(t.inbox.c.id)).where(t.inbox.c.conversation == talk.opened.id)
    return talk.connection.execute(query).scalar_one() or 0


def waiting_ahead(talk: Talk) -> int:
    """How many wait at the desk and are served before her, as the queue stands now."""
    talk.writes.flush(talk.connection)
    everyone = queue_of(talk)
    return ahead_of(talk.opened.state.handoff, everyone, talk.at)


def queue_of(talk: Talk) -> list[Waiting]:
    """Who waits at the desk, as far as the order needs it."""
    row = t.handoff.c
    query = select(row.id, row.desk, row.urgency, row.queued_at, row.channel, row.front, row.crowded).where(
        row.state == HandoffState.WAITING.value, row.desk == talk.opened.desk
    )
    return [
        Waiting(
            handoff=found.id, desk=found.desk, urgency=Urgency(found.urgency or "U2"),
            queued_at=from_moment(found.queued_at), language="", need="", country=None,
            from_web=found.channel == "web", passed_on=found.front, crowded=bool(found.crowded),
        )
        for found in talk.connection.execute(query)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """A place held after hide; `was_talking`: she stands at the head of her urgency."""

    handoff: str
    queued_at: int
    urgency: str | None
    was_talking: bool


def _contact(talk: Talk) -> OpenedContact | None:
    if talk.opened.contact is None:
        return None
    return open_contacts(talk.connection, talk.house, [talk.opened.contact]).get(talk.opened.contact)


def _resumed_place(talk: Talk, contact: OpenedContact) -> _Place | None:
    """A place held after hide is taken up again where it was (30 min, flagged only)."""
    if not contact.record.held_place:
        return None
    held, contact.record.held_place = contact.record.held_place, ""
    keep_contact(talk.connection, contact)
    row = talk.connection.execute(
        select(t.handoff.c.queued_at, t.handoff.c.urgency, t.handoff.c.state, t.handoff.c.front).where(
            t.handoff.c.id == held,
            t.handoff.c.state.in_([HandoffState.PARKED.value, HandoffState.LEFT.value]),
        )
    ).one_or_none()
    if row is None:
        return None
    if row.state == HandoffState.PARKED.value:
        talk.connection.execute(delete(t.handoff).where(t.handoff.c.id == held))
        talk.writes.drop_due(DueKind.PLACE_HELD_ENDS.value, held)
        return _Place(held, row.queued_at, row.urgency, row.front)
    # The volunteer may still look at the one she left; only the place goes with her.
    return _Place(held, row.queued_at, row.urgency, was_talking=True)


def _tell_who_had_her(talk: Talk, left: str) -> None:
    """The volunteer whose chat she left sees that she is back in the queue; nothing else of her."""
    row = t.handoff.c
    still = (row.id == left) & (row.state == HandoffState.LEFT.value)
    talk.connection.execute(update(t.handoff).where(still).values(resumed_by=talk.opened.state.handoff))
