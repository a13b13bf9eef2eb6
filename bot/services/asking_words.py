"""*Check it is her*: a volunteer has the word grid asked in the live chat, row by row (design §5, B-022).

What she taps there goes to the comparison and never to the volunteer, who reads a code in the end. She is
not told which; whatever else she writes meanwhile goes to the volunteer as always.
"""

from dataclasses import replace
from enum import StrEnum

from sqlalchemy import select, update

from bot.model import Stage
from bot.services import held, her_words, queueing, speech
from bot.services.acts import Act
from bot.services.entries import Purpose
from bot.services.talk import Talk
from bot.store import tables as t
from channels.message import InboundKind
from triage.choices import global_choice, grid_rounds
from triage.effects import OfferedChoice
from triage.language import fold_label
from triage.model import GRID_ROUNDS, GRID_WORDS, GlobalAction, Script
from triage.walk import Walk

HIDE = global_choice(GlobalAction.HIDE, 9)
SHOW = f"!{GlobalAction.SHOW}"


class Told(StrEnum):
    """What the volunteer reads of it."""

    ASKED = "asked"  # she has not tapped all of them yet
    RIGHT = "right"
    WRONG = "wrong"  # or too often today
    NONE = "none"  # nobody set words from this address


def begin(talk: Talk, script: Script) -> None:
    """Ask for the first word; a question asked before is asked anew."""
    drop(talk)
    if not _rows(talk, script):
        tell(talk, Told.NONE)
        return
    talk.opened.state.checking = True
    tell(talk, Told.ASKED)
    _ask(talk, script, Purpose.NEWS)


def drop(talk: Talk) -> None:
    """The question is over; no row of it stays on her screen."""
    if talk.opened.state.checking:
        talk.opened.state.checking, talk.opened.state.given = False, []
        her_words.clear_rows(talk)


def is_asked(talk: Talk) -> bool:
    """Whether a row waits for her tap."""
    return talk.opened.state.checking and talk.opened.stage is Stage.LIVE and talk.checked


def as_tapped(talk: Talk, script: Script, act: Act, waiting: tuple[held.Kept, ...]) -> Act:
    """A digit or a word of the row she sees, typed, as the tap it stands for; any other act as it is."""
    state = talk.opened.state
    if not is_asked(talk) or act.kind != InboundKind.TEXT.value or not act.text:
        return act
    if not _stands(talk) or state.rows[-1] in {kept.entry for kept in waiting}:
        return act
    typed = fold_label(act.text)
    for choice in (*_row(talk, script), HIDE):
        if typed in {choice.digit, fold_label(choice.label)}:
            return replace(act, kind=InboundKind.CHOICE.value, text="", choice=choice.token)
    return act


def is_word(talk: Talk, act: Act) -> bool:
    """Whether this act gives a word of the row."""
    return is_asked(talk) and (act.choice or "").startswith(her_words.GRID)


def take(talk: Talk, script: Script, act: Act) -> None:
    """One more word of hers; after the last one they are compared, and nothing is said."""
    state, digit = talk.opened.state, (act.choice or "").removeprefix(her_words.GRID)
    if digit in {choice.digit for choice in _row(talk, script)}:
        state.given.append(digit)
    if len(state.given) < GRID_ROUNDS:
        _ask(talk, script, Purpose.ANSWER)
        return
    rows = _rows(talk, script)
    words = [rows[number][int(given) - 1] for number, given in enumerate(state.given)]
    state.checking, state.given = False, []
    her_words.compare_later(talk, words, asked_by=state.handoff)


def guided(talk: Talk, script: Script, act: Act) -> None:
    """The guide has answered: its choices are what she sees now, unless she only had it show what waits."""
    if act.choice == SHOW and is_asked(talk):
        show_again(talk, script)
    else:
        drop(talk)


def show_again(talk: Talk, script: Script) -> None:
    """In quiet mode only the last exchange stays: a row that still waits for her tap is shown once more."""
    if is_asked(talk) and talk.opened.state.quiet and not _stands(talk):
        her_words.clear_rows(talk)
        _ask(talk, script, Purpose.ANSWER)


def tell(talk: Talk, told: Told) -> None:
    """Write the code into the facts of the hand-off, where whoever holds the chat reads it."""
    handoff, key = talk.opened.state.handoff, talk.opened.key
    talk.writes.flush(talk.connection)
    chat = t.handoff.c
    sealed = talk.connection.execute(
        select(chat.facts_sealed).where(chat.id == handoff, chat.facts_sealed.is_not(None))
    ).scalar_one_or_none()
    if sealed is None:
        return
    facts = queueing.open_facts(key, handoff, sealed)
    facts.words = told.value
    again = queueing.seal_facts(key, handoff, facts)
    talk.connection.execute(update(t.handoff).where(chat.id == handoff).values(facts_sealed=again))


def _stands(talk: Talk) -> bool:
    """Whether the row is on her screen, as far as we know; in quiet mode it may have been covered."""
    state = talk.opened.state
    if not state.rows:
        return False
    return not state.quiet or any(name == state.rows[-1] for _, name, _ in state.screen)


def _ask(talk: Talk, script: Script, purpose: Purpose) -> None:
    speech.say_word(talk, script, "word.check_it_is_her", (*_row(talk, script), HIDE), purpose=purpose)


def _row(talk: Talk, script: Script) -> list[OfferedChoice]:
    row = _rows(talk, script)[len(talk.opened.state.given)][:GRID_WORDS]
    return [OfferedChoice(f"{her_words.GRID}{n}", str(n), "", word) for n, word in enumerate(row, start=1)]


def _rows(talk: Talk, script: Script) -> tuple[tuple[str, ...], ...]:
    run, opened = talk.opened.state.run, talk.opened
    if run is None:
        return ()
    return grid_rounds(
        Walk(script, run, talk.house.library.surroundings(opened.desk, opened.channel, talk.at))
    )
