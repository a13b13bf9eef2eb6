"""She waits and nobody can come: she is told so, with other ways, and waits no longer (B-096, PR9)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, update

from bot.model import Stage
from bot.services import notes_left, queueing, recalling, speech
from bot.services.effects import apply
from bot.services.entries import Purpose
from bot.services.house import House
from bot.services.leaving import leave_handoff
from bot.services.opening import Opened, keep
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.writes import Writes
from handoff.eligibility import FLAGGED
from handoff.model import Waiting
from triage import engine
from triage.rendering import find_text
from triage.run import HandoffNews, HandoffOutcome

# A volunteer who reloads her page, or is asked in person by the supervisor who was told, is not nobody.
PATIENCE = timedelta(minutes=2) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Unmet:
    """What became of one search: `over` ends it; `again_at` is when to look again (microseconds)."""

    over: bool = False
    again_at: int | None = None


def look(
    connection: Connection,
    house: House,
    writes: Writes,
    opened: Opened,
    row: Row[tuple[Any, ...]],
    one: Waiting,
    now: int,
    *,
    nobody: bool,
) -> Unmet:
    """Whether this search still has anyone to find; `nobody` is what `handoff.offers.decide` said.

    When the hours are over, or nobody could take it for two minutes, she is told and the search ends;
    her words come inside her window, else at her next act (PR4). Who is in danger keeps her place while
    a supervisor is alerted, and is told once.
    """
    board = house.library.boards.get(one.desk)
    talk = Talk(connection, house, writes, opened, now)
    closed = board is None or not board.open_at(talk.at)
    facts = queueing.open_facts(opened.key, row.id, row.facts_sealed)
    if not (nobody or closed):
        if facts.nobody_since:
            facts.nobody_since = 0
            _keep_facts(talk, row.id, facts)
        return Unmet()
    if not facts.nobody_since:
        facts.nobody_since = now
        _keep_facts(talk, row.id, facts)
    flagged = one.urgency in FLAGGED
    if (not closed or flagged) and now - facts.nobody_since < PATIENCE:
        return Unmet(again_at=facts.nobody_since + PATIENCE)
    if flagged:
        if nobody and not facts.told_nobody:
            facts.told_nobody = True
            _keep_facts(talk, row.id, facts)
            _tell_once(talk)
        return Unmet()
    _end(talk, HandoffNews.OUT_OF_HOURS if closed else HandoffNews.NOBODY)
    return Unmet(over=True)


def _keep_facts(talk: Talk, handoff: str, facts: queueing.HandoffFacts) -> None:
    sealed = queueing.seal_facts(talk.opened.key, handoff, facts)
    talk.connection.execute(update(t.handoff).where(t.handoff.c.id == handoff).values(facts_sealed=sealed))


def _tell_once(talk: Talk) -> None:
    """Nobody can answer yet, and her place is kept."""
    script = recalling.script_of(talk)
    if find_text(script, talk.language, talk.opened.channel, "word.nobody_yet") is None:
        return  # a revision published before this was said
    run = talk.opened.state.run
    surroundings = talk.house.library.surroundings(talk.opened.desk, talk.opened.channel, talk.at)
    choices = engine.offered(script, run, surroundings) if run is not None else ()
    speech.say_word(talk, script, "word.nobody_yet", choices, purpose=Purpose.NEWS)
    talk.count("handoff.nobody_yet")
    keep(talk.writes, talk.opened)


def _end(talk: Talk, news: HandoffNews) -> None:
    opened, state, library = talk.opened, talk.opened.state, talk.house.library
    script = recalling.script_of(talk)
    notes_left.begin(talk)
    if state.run is not None:
        surroundings = library.surroundings(opened.desk, opened.channel, talk.at)
        turn = engine.resume(script, state.run, HandoffOutcome(news), surroundings)
        apply(talk, script, turn, Purpose.OUTCOME)
    leave_handoff(talk, keep_place=False)
    talk.count(f"handoff.{news.value}")
    if opened.stage is Stage.WAITING:
        opened.stage = Stage.TRIAGE
    keep(talk.writes, opened)
