"""Passing a chat on with her yes: she is asked first, and decides who reads what (design §5, issue 5.10).

While she is asked the volunteer stays hers. Her yes brings the next person to what was written; "only what I
chose" brings coded facts and notes alone; "I would rather stay" leaves all as it is, and she is not asked
again by the same volunteer. Five minutes without an answer count as "only what I chose"; a yes that comes
later still opens what was written. Whoever must leave at once passes on at once, and she is told so
(`desk.pass_on`).
"""

from datetime import timedelta

from sqlalchemy import Connection, select, update

from bot.model import DueKind, Stage
from bot.services import desk, pairs, questions, queueing, speech
from bot.services.acts import Act
from bot.services.claims import DeskRefusal, Found, claimed, finish
from bot.services.entries import Purpose
from bot.services.house import House
from bot.services.questions import CHOICES_ONLY, READS_ON, Asking
from bot.services.talk import Talk
from bot.services.unanswered import she_wrote
from bot.store import tables as t
from handoff.model import HandoffState

ANSWERED_WITHIN = timedelta(minutes=5) // timedelta(microseconds=1)


def ask(connection: Connection, house: House, handoff: str, person: str, version: int, now: int) -> None:
    """Ask her whether another person may take over. DeskRefusal: ASKED_ALREADY, SHE_STAYS, NOT_YOURS."""
    talk, _ = claimed(connection, house, handoff, person, version, now)
    if questions.asked(talk) is Asking.PASS_ON:
        raise DeskRefusal("ASKED_ALREADY")
    if stays(talk):
        raise DeskRefusal("SHE_STAYS")
    begin(talk)
    finish(talk)


def begin(talk: Talk) -> None:
    """The question goes out, and has a deadline."""
    questions.ask(talk, Asking.PASS_ON)
    due = talk.house.identifiers.new_id()
    talk.writes.set_due(due, DueKind.TAKEOVER_UNANSWERED.value, talk.opened.id, talk.now + ANSWERED_WITHIN)
    talk.count("handoff.pass_asked")


def stays(talk: Talk) -> bool:
    """She said to the one who has her now that she would rather stay."""
    state = talk.opened.state
    return bool(state.claim) and state.stays_claim == state.claim


def ask_to_stop(
    connection: Connection, house: House, handoff: str, person: str, version: int, now: int
) -> None:
    """Ask her whether this is a good place to stop (B-100). DeskRefusal: ASKED_ALREADY, NOT_YOURS."""
    talk, _ = claimed(connection, house, handoff, person, version, now)
    if questions.asked(talk) is not None:
        raise DeskRefusal("ASKED_ALREADY")
    questions.ask(talk, Asking.TO_STOP)
    talk.count("live.asked_to_stop")
    finish(talk)


def is_answer(talk: Talk, act: Act) -> bool:
    """Whether this act answers a question of a volunteer, in time or a yes that comes late."""
    return questions.answers(talk, act) is not None or (
        act.choice == READS_ON and talk.checked and talk.opened.stage in {Stage.WAITING, Stage.LIVE}
    )


def answered(talk: Talk, act: Act) -> None:
    """She answered."""
    asking = questions.answers(talk, act)
    if asking is None:
        _late_yes(talk)
        return
    questions.over(talk)
    if asking is Asking.TO_STOP:
        she_wrote(talk)  # the volunteer owes her the next word, or the end
        return
    talk.writes.drop_due(DueKind.TAKEOVER_UNANSWERED.value, talk.opened.id)
    if act.choice in {READS_ON, CHOICES_ONLY}:
        _hand_on(talk, reads=act.choice == READS_ON, purpose=Purpose.ANSWER)
        return
    talk.opened.state.stays_claim = talk.opened.state.claim
    speech.tell(talk, "word.stays")
    talk.count("handoff.pass_refused")


def unanswered(talk: Talk) -> None:
    """Five minutes and no answer: as if she had said "only what I chose", told once, inside her window."""
    if questions.asked(talk) is Asking.PASS_ON:
        questions.over(talk)
        _hand_on(talk, reads=False, purpose=Purpose.NEWS)
        talk.count("handoff.pass_unanswered")


def _hand_on(talk: Talk, *, reads: bool, purpose: Purpose) -> None:
    """To the head of her urgency; not offered again to the one who has her now."""
    row = _row(talk)
    if row is None or row.state != HandoffState.ACTIVE.value:
        return
    facts = queueing.open_facts(talk.opened.key, row.id, row.facts_sealed)
    earlier = [facts.read_from_inbox, facts.read_from_sequence, facts.reads_from_claim or row.claim_version]
    left_earlier = facts.left_earlier
    facts.declined_by = [*facts.declined_by, row.person]
    facts.never_with = sorted({*facts.never_with, *pairs.kept_from(talk.connection, row.person, talk.now)})
    word = "word.passed_on_all" if reads else "word.passed_on"
    desk.return_to_queue(talk, row, facts, word, purpose=purpose)
    facts.could_read = earlier
    if reads:
        _let_read(facts)
        facts.left_earlier = left_earlier
    _keep(talk, row.id, facts)
    talk.count("handoff.passed_on")


def _late_yes(talk: Talk) -> None:
    """She says yes after the time was over: whoever has her now, or will, may read what was written."""
    row = _row(talk)
    if row is None or row.facts_sealed is None:
        return
    facts = queueing.open_facts(talk.opened.key, row.id, row.facts_sealed)
    if facts.could_read:
        _let_read(facts)
        _keep(talk, row.id, facts)
        talk.count("handoff.pass_late_yes")
    if talk.opened.stage is Stage.WAITING:
        speech.tell(talk, "word.passed_on_all" if facts.reads_from_claim else "word.waiting_text")


def _let_read(facts: queueing.HandoffFacts) -> None:
    facts.read_from_inbox, facts.read_from_sequence, facts.reads_from_claim = facts.could_read
    facts.could_read = []


def _row(talk: Talk) -> Found | None:
    query = select(t.handoff).where(t.handoff.c.id == talk.opened.state.handoff)
    return talk.connection.execute(query.with_for_update()).one_or_none()


def _keep(talk: Talk, handoff: str, facts: queueing.HandoffFacts) -> None:
    sealed = queueing.seal_facts(talk.opened.key, handoff, facts)
    talk.connection.execute(update(t.handoff).where(t.handoff.c.id == handoff).values(facts_sealed=sealed))
