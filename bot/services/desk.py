"""What a volunteer does with a chat: accept, write, note, pass on, close (design §5, PR8).

Every act names the claim it was made under; after a pass-on, a hide or a close it reaches nobody.
"""

from dataclasses import replace

from sqlalchemy import Connection, insert, update

from bot.model import DueKind, Stage
from bot.services import (
    aftercare,
    asking_words,
    attendance,
    callbacks,
    calls,
    closing,
    dispatch,
    held,
    hiding,
    notes_left,
    pairs,
    people,
    queueing,
    recalling,
    speech,
)
from bot.services.claims import DeskRefusal, Flagged, Found, claimed, finish, locked
from bot.services.effects import apply
from bot.services.entries import Purpose
from bot.services.erasure import drop_buffer
from bot.services.house import House
from bot.services.leaving import seen_values
from bot.services.looking_again import look_again
from bot.services.talk import Talk
from bot.services.unanswered import clear_deadlines, set_deadlines
from bot.services.writing import Written, write
from bot.store import tables as t
from bot.store.moments import from_moment
from bot.vault.envelope import Place, seal
from handoff.eligibility import told
from handoff.flags import tells_who
from handoff.model import HandoffState, OfferState, Outcome, Refusal
from handoff.relay import NotRelayed, take_note
from triage import engine
from triage.effects import OfferedChoice
from triage.run import HandoffNews, HandoffOutcome

__all__ = [
    "DeskRefusal", "Flagged", "Written", "accept", "acknowledge_left", "call_supervisor", "check_it_is_her",
    "close", "decline", "never_again", "note", "pass_on", "return_to_queue", "say_ready",
    "someone_else", "write",
]  # fmt: skip


def accept(connection: Connection, house: House, handoff: str, person: str, now: int) -> int:
    """One volunteer takes a chat: first wins, the other offers are rescinded; returns the claim version.

    Raises DeskRefusal with a Refusal code; capacity and duty are checked again here (PR8).
    """
    # One order of locking: person, conversation, hand-off. So two claims, a claim and a step over the queue,
    # or a claim and her own act, cannot wait for each other.
    attendance.lock(connection, [person])
    talk, row = locked(connection, house, handoff, now)
    if talk is None or row is None or row.state != HandoffState.WAITING.value:
        raise DeskRefusal(Refusal.ALREADY_TAKEN)
    refusal = dispatch.may_take(talk, row, person)
    if refusal is not None:
        raise DeskRefusal(told(refusal))
    version = row.claim_version + 1
    taken = connection.execute(
        update(t.handoff)
        .where(t.handoff.c.id == handoff, t.handoff.c.state == HandoffState.WAITING.value,
               t.handoff.c.claim_version == row.claim_version)
        .values(state=HandoffState.ACTIVE.value, person=person, claim_version=version, front=False)
    )  # fmt: skip
    if taken.rowcount != 1:
        raise DeskRefusal(Refusal.ALREADY_TAKEN)
    _settle_offers(connection, handoff, person)
    attendance.answered(connection, person, accepted=True)
    calls.end(connection, talk.writes, [handoff])
    _begin_talk(talk, row, person)
    return version


def _settle_offers(connection: Connection, handoff: str, person: str) -> None:
    """Hers is accepted, the others are taken back in the same commit."""
    offer = t.offer.c
    pending = update(t.offer).where(offer.handoff == handoff, offer.state == OfferState.PENDING.value)
    connection.execute(pending.where(offer.person == person).values(state=OfferState.ACCEPTED.value))
    connection.execute(pending.values(state=OfferState.RESCINDED.value))


def _begin_talk(talk: Talk, row: Found, person: str) -> None:
    opened, state = talk.opened, talk.opened.state
    waited = max(0, talk.now - row.queued_at) // 1_000_000
    talk.house.recent_waits.append(waited)
    queueing.forget_deadlines(talk, row.id)
    opened.stage = Stage.LIVE
    state.alias = people.alias_of(talk.connection, talk.house, person)
    state.unanswered, state.claim = True, row.claim_version + 1
    state.hers_since = talk.now
    state.shift_end = state.shift_warned = state.overtime_called = 0
    talk.writes.set_due(talk.house.identifiers.new_id(), DueKind.SHIFT_ENDS.value, opened.id, talk.now)
    _hand_over_note(talk, row)
    _outcome(talk, HandoffNews.ACCEPTED)
    set_deadlines(talk)
    if opened.contact is not None:
        callbacks.withdraw(talk.connection, talk.house, talk.writes, opened.contact, talk.now)
    talk.count("handoff.accepted")
    finish(talk)


def _hand_over_note(talk: Talk, row: Found) -> None:
    """What she left while nobody could be asked is for this volunteer, if she shares it (B-096)."""
    key, talk.opened.state.noting = talk.opened.key, False
    facts = queueing.open_facts(key, row.id, row.facts_sealed)
    if facts.shares == "all" and (note := notes_left.hand_over(talk)):
        facts.left_earlier = note
        sealed = queueing.seal_facts(key, row.id, facts)
        talk.connection.execute(update(t.handoff).where(t.handoff.c.id == row.id).values(facts_sealed=sealed))


def note(
    connection: Connection,
    house: House,
    handoff: str,
    person: str,
    version: int,
    text: str,
    now: int,
    *,
    anyway: bool = False,
) -> None:
    """A note for whoever has the chat; never shown to her, dies with the conversation (B-108).

    Raises Flagged when something in it could tell who or where she is; `anyway` keeps it as it is.
    """
    talk, _ = claimed(connection, house, handoff, person, version, now)
    written = take_note(text)
    if isinstance(written, NotRelayed):
        raise DeskRefusal(written.reason.value)
    if not anyway and (found := tells_who(text)):
        raise Flagged(found)
    identifier = house.identifiers.new_id()
    place = Place("note", "body_sealed", identifier)
    connection.execute(
        insert(t.note).values(
            id=identifier, conversation=talk.opened.id, person=person, written_at=now,
            body_sealed=seal(talk.opened.key, place, written.jotted.encode()),
        )
    )  # fmt: skip


def pass_on(connection: Connection, house: House, handoff: str, person: str, version: int, now: int) -> None:
    """Back to the head of her urgency; the next volunteer gets the coded facts, not the words."""
    talk, row = claimed(connection, house, handoff, person, version, now)
    facts = queueing.open_facts(talk.opened.key, row.id, row.facts_sealed)
    facts.declined_by = [*facts.declined_by, person]
    # Who is kept apart from the one who passes it on is not handed her notes either.
    facts.never_with = sorted({*facts.never_with, *pairs.kept_from(connection, person, now)})
    return_to_queue(talk, row, facts, "word.passed_on")
    talk.count("handoff.passed_on")
    finish(talk)


def return_to_queue(
    talk: Talk,
    row: Found,
    facts: queueing.HandoffFacts,
    word: str,
    *,
    purpose: Purpose = Purpose.NEWS,
) -> None:
    """A live chat goes back to the queue, ahead of others, with an honest line to her inside her window.

    `purpose` is ANSWER where the line answers an act of hers.
    """
    opened, state = talk.opened, talk.opened.state
    aftercare.chat_over(talk, row, spoke=not state.unanswered)
    held.let_go(talk)
    facts.read_from_inbox = queueing.latest_inbox(talk) + 1
    facts.read_from_sequence = opened.next_sequence
    facts.reasons = list(state.reasons)
    facts.since, facts.words, facts.left_earlier = talk.now, "", ""
    asking_words.drop(talk)
    talk.connection.execute(
        update(t.handoff)
        .where(t.handoff.c.id == row.id)
        .values(
            state=HandoffState.WAITING.value, person=None, front=True, claim_version=row.claim_version + 1,
            facts_sealed=queueing.seal_facts(opened.key, row.id, facts), urgency=state.urgency,
        )
    )  # fmt: skip
    clear_deadlines(talk)
    talk.writes.drop_due(DueKind.HOLDER_GONE.value, opened.id)
    opened.stage = Stage.WAITING
    state.alias, state.unanswered = "", False
    identifier = talk.house.identifiers.new_id
    talk.writes.set_due(identifier(), DueKind.QUEUE_STEP.value, row.id, talk.now)
    talk.writes.set_due(identifier(), DueKind.WAIT_NEWS.value, opened.id, talk.now + queueing.WAIT_NEWS_EVERY)
    library = talk.house.library
    script = recalling.script_of(talk)
    choices: tuple[OfferedChoice, ...] = ()
    if state.run is not None:
        state.run = engine.wait_again(script, state.run)
        choices = engine.offered(
            script, state.run, library.surroundings(opened.desk, opened.channel, talk.at)
        )
    speech.say_word(talk, script, word, choices, purpose=purpose)


def close(
    connection: Connection, house: House, handoff: str, person: str, version: int, outcome: Outcome, now: int
) -> int:
    """End the chat with a coded outcome; what was said is gone in this commit, the guide says goodbye.

    Returns how many lines she has not been shown yet. They alone are kept: she reads them at her next act,
    or they wait in her contact record (`held.move_to_record`).
    """
    talk, row = claimed(connection, house, handoff, person, version, now)
    queueing.forget_deadlines(talk, row.id)
    queueing.close_row(talk, row.id, outcome)
    asking_words.drop(talk)
    state = talk.opened.state
    state.handoff, state.hers_since, state.unanswered = "", 0, False
    unseen = drop_buffer(talk, keep_unseen=True)
    closing.begin(talk)
    if state.run is not None:  # the script may part the ways by it: misuse is told, and asked nothing
        state.run = replace(state.run, answers={**state.run.answers, "outcome": outcome.value})
    _outcome(talk, HandoffNews.CLOSED)
    state.alias = ""
    talk.count(f"handoff.closed.{outcome.value}")
    finish(talk)
    return unseen


def acknowledge_left(connection: Connection, handoff: str, person: str) -> None:
    """The volunteer has seen that she had to leave; a place that is held for her stays (B-039)."""
    connection.execute(
        update(t.handoff)
        .where(
            t.handoff.c.id == handoff,
            t.handoff.c.person == person,
            t.handoff.c.state == HandoffState.LEFT.value,
        )
        .values(**seen_values())
    )


def decline(connection: Connection, handoff: str, person: str, now: int) -> None:
    """No to an offer, without a reason; whoever is next is asked at once (domain E)."""
    dispatch.decline(connection, handoff, person)
    look_again(connection, now)


def say_ready(connection: Connection, person: str, now: int, *, ready: bool) -> None:
    """The volunteer is ready for chats, or not; whoever waits is looked at again at once."""
    people.set_present(connection, person, ready)
    if ready:
        attendance.change(connection, person, working_since=now)
    look_again(connection, now)


def check_it_is_her(
    connection: Connection, house: House, handoff: str, person: str, version: int, now: int
) -> None:
    """The volunteer's first button: the word grid, neutrally asked; the answer is a code (B-022)."""
    talk, _ = claimed(connection, house, handoff, person, version, now)
    script = recalling.script_of(talk)
    asking_words.begin(talk, script)
    talk.count("live.checked")
    finish(talk)


def call_supervisor(
    connection: Connection, house: House, handoff: str, person: str, version: int, now: int
) -> None:
    """The volunteer asks for a supervisor: called until somebody comes; the chat goes on (B-097)."""
    _, row = claimed(connection, house, handoff, person, version, now)
    calls.ask(connection, house, row.desk, handoff, person, now)


def never_again(
    connection: Connection, house: House, handoff: str, person: str, version: int, now: int
) -> None:
    """The volunteer knows her, or must not meet her: the two are kept apart, and another is asked at once."""
    claimed(connection, house, handoff, person, version, now)
    kind = pairs.PairKind.CONFLICT_OF_INTEREST
    pairs.keep_from_her(connection, house, handoff, person, kind, person, now)


def someone_else(
    connection: Connection, house: House, handoff: str, person: str, version: int, now: int
) -> tuple[tuple[str, str, str], ...]:
    """The second button: cover text, earlier lines deleted, no further send; the chat ends (B-022).

    Returns what must follow the commit: sends on their way are stopped or awaited.
    """
    talk, row = claimed(connection, house, handoff, person, version, now)
    queueing.forget_deadlines(talk, row.id)
    hiding.cover(talk)
    queueing.close_row(talk, row.id, Outcome.NOT_HER)
    talk.count(f"handoff.closed.{Outcome.NOT_HER.value}")
    talk.writes.flush(connection)
    return tuple(talk.writes.after)


def _outcome(talk: Talk, news: HandoffNews) -> None:
    """The run learns what became of its hand-off; what it says is news to her, not an answer."""
    opened, state = talk.opened, talk.opened.state
    if state.run is None:
        return
    script = recalling.script_of(talk)
    surroundings = talk.house.library.surroundings(opened.desk, opened.channel, from_moment(talk.now))
    apply(talk, script, engine.resume(script, state.run, HandoffOutcome(news), surroundings), Purpose.NEWS)
