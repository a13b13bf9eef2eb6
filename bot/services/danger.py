"""Her free text is listened to at any step: signals only ever add help (B-037, design §4)."""

from dataclasses import replace

from bot.model import Stage
from bot.services import queueing, speech
from bot.services.entries import Purpose
from bot.services.talk import Talk
from triage import engine
from triage.danger import URGENCY, by_strength, card_for, is_early, is_kept_back, strongest
from triage.effects import OfferedChoice
from triage.model import Script
from triage.run import Surroundings
from triage.walk import HIDE_CHOICE

REASON = "signal."  # what stands before a signal's name among the reasons of her urgency


def listen(
    talk: Talk, script: Script, text: str, beneath: tuple[OfferedChoice, ...] = (), *, again: bool = True
) -> None:
    """Find danger words; raise her order, tell the volunteer why, say a card.

    `beneath` is what she is offered right after the card; `again`: danger told once more gets a second word.
    Which words they were is not counted: at a small desk a month's number would tell of one woman (F-4).
    """
    state = talk.opened.state
    fresh = by_strength(talk.house.library.signals.find(text, (talk.language, "en")) if text else ())
    for signal in fresh:
        queueing.raise_to(talk, URGENCY[signal], f"{REASON}{signal}")
    if fresh and state.run is not None:  # the script too knows an urgent talk when it sees one (D-17)
        answers = state.run.answers
        urgency = strongest(fresh, answers.get("urgency"))
        state.run = replace(state.run, answers={**answers, "urgency": urgency})
    if fresh:
        _say_one(talk, script, fresh, beneath, again=again)


def offer_kept_back(talk: Talk, script: Script) -> None:
    """The card her words asked for before the notice, as soon as she may read it (B-035)."""
    state = talk.opened.state
    if state.run is not None and is_kept_back(state.cards) and not _is_early(talk, script):
        heard = [reason.removeprefix(REASON) for reason in state.reasons if reason.startswith(REASON)]
        beneath = engine.offered(script, state.run, _around(talk))
        _say_one(talk, script, by_strength(heard), beneath, again=False)


def _say_one(
    talk: Talk, script: Script, signals: list[str], beneath: tuple[OfferedChoice, ...], *, again: bool
) -> None:
    """Say a card. Its digits count for her next act; none of them means something else on her screen."""
    state, stage = talk.opened.state, talk.opened.stage
    if state.run is None:
        return
    card = card_for(
        signals,
        state.cards,
        early=_is_early(talk, script),
        with_person=stage in {Stage.LIVE, Stage.WAITING},
        person_label=engine.person_label(script, state.run, _around(talk)),
        beneath=beneath,
        again=again and stage is not Stage.LIVE,  # there a person reads it, and answers
    )
    if card is None:
        return
    if card.key not in state.cards:
        state.cards.append(card.key)
    state.offered = [[choice.digit, choice.token] for choice in card.choices]
    speech.say_word(talk, script, card.key, (*card.choices, HIDE_CHOICE), purpose=Purpose.CARD)


def _around(talk: Talk) -> Surroundings:
    return talk.house.library.surroundings(talk.opened.desk, talk.opened.channel, talk.at)


def _is_early(talk: Talk, script: Script) -> bool:
    run = talk.opened.state.run
    return run is None or is_early(script, run, asked=talk.opened.stage is not Stage.TRIAGE)
