"""She waits and nobody can come: she is told so, with other ways, and waits no longer (B-096, PR9)."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from bot.model import Stage
from bot.services import notes_left, recalling, speech
from bot.services.effects import apply
from bot.services.entries import Purpose
from bot.services.house import House
from bot.services.leaving import leave_handoff
from bot.services.opening import keep
from bot.services.searches import Search
from bot.services.talk import Talk
from bot.store.writes import Writes
from handoff.eligibility import FLAGGED
from handoff.offers import Decision
from triage import engine
from triage.rendering import find_text
from triage.run import HandoffNews, HandoffOutcome

# A volunteer who reloads her page, or is asked in person by the supervisor who was told, is not nobody.
PATIENCE = timedelta(minutes=2) // timedelta(microseconds=1)


WISH_UNMET = "word.wish_unmet"
"""Told at once when she asked for nobody but a woman and none is here; a script need not bring it, and then
she is told the same as when nobody can come."""
LONG_WAIT = "word.long_wait"
"""Told once when the wait has become long, with other ways; a script need not bring it."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """What became of one search: `over` ends it; `again_at` is when to look again (microseconds).

    `changed`: the facts of the search were changed and must be sealed again.
    """

    over: bool = False
    again_at: int | None = None
    changed: bool = False


def look(
    connection: Connection, house: House, writes: Writes, search: Search, decision: Decision, now: int
) -> Unmet:
    """Whether this search still has anyone to find, and what she is told of it.

    When the hours are over, or nobody could take it for two minutes, she is told and the search ends;
    her words come inside her window, else at her next act (PR4). Who is in danger keeps her place while
    a supervisor is called, and is told once.
    """
    talk = Talk(connection, house, writes, search.opened, now)
    before = replace(search.facts)
    board = house.library.boards.get(search.waiting.desk)
    closed = board is None or not board.open_at(talk.at)
    if decision.wish_unmet and not search.facts.told_wish:
        search.facts.told_wish = _tell(talk, WISH_UNMET)
    if decision.too_long and not search.facts.told_long:
        search.facts.told_long = True
        _tell(talk, LONG_WAIT)
        writes.after.append(("alert", "long_wait", search.waiting.handoff))
    unmet = _look(talk, search, decision, closed=closed)
    return replace(unmet, changed=search.facts != before)


def _look(talk: Talk, search: Search, decision: Decision, *, closed: bool) -> Unmet:
    facts, now = search.facts, talk.now
    if not (decision.nobody or closed):
        facts.nobody_since = 0
        return Unmet()
    facts.nobody_since = facts.nobody_since or now
    flagged = search.waiting.urgency in FLAGGED
    if (not closed or flagged) and now - facts.nobody_since < PATIENCE:
        return Unmet(again_at=facts.nobody_since + PATIENCE)
    if flagged:
        if decision.nobody and not facts.told_nobody:
            facts.told_nobody = True
            _tell(talk, "word.nobody_yet")
            talk.count("handoff.nobody_yet")
        return Unmet()
    _end(talk, HandoffNews.OUT_OF_HOURS if closed else HandoffNews.NOBODY)
    return Unmet(over=True)


def _tell(talk: Talk, word: str) -> bool:
    """A word to her, as news: inside her window, else at her next act. False where her script has none."""
    script = recalling.script_of(talk)
    if find_text(script, talk.language, talk.opened.channel, word) is None:
        return False  # a revision published before this was said
    run = talk.opened.state.run
    surroundings = talk.house.library.surroundings(talk.opened.desk, talk.opened.channel, talk.at)
    choices = engine.offered(script, run, surroundings) if run is not None else ()
    speech.say_word(talk, script, word, choices, purpose=Purpose.NEWS)
    keep(talk.writes, talk.opened)
    return True


def _end(talk: Talk, news: HandoffNews) -> None:
    opened, state, library = talk.opened, talk.opened.state, talk.house.library
    script = recalling.script_of(talk)
    notes_left.begin(talk)
    if state.run is not None:
        surroundings = library.surroundings(opened.desk, opened.channel, talk.at)
        turn = engine.resume(script, state.run, HandoffOutcome(news), surroundings)
        apply(talk, script, turn, Purpose.OUTCOME)
    leave_handoff(talk, keep_place=False)
    state.search_ended = True
    talk.count(f"handoff.{news.value}")
    if opened.stage is Stage.WAITING:
        opened.stage = Stage.TRIAGE
    keep(talk.writes, opened)
