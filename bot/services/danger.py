"""Her free text is listened to at any step: signals only ever add help (B-037, design §4)."""

from dataclasses import replace

from bot.model import Stage
from bot.services import queueing, speech
from bot.services.entries import Purpose
from bot.services.talk import Talk
from triage.danger import URGENCY, by_strength, card_for, is_kept_back, strongest
from triage.model import Script, Tag
from triage.walk import HIDE_CHOICE

REASON = "signal."  # what stands before a signal's name among the reasons of her urgency


def listen(talk: Talk, script: Script, text: str) -> None:
    """Find danger words; raise her order, tell the volunteer why, offer one card once.

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
        _offer_one(talk, script, fresh)


def offer_kept_back(talk: Talk, script: Script) -> None:
    """The card her words asked for before the notice, as soon as she has passed it (B-035)."""
    state = talk.opened.state
    if is_kept_back(state.cards) and not _is_early(talk):
        heard = [reason.removeprefix(REASON) for reason in state.reasons if reason.startswith(REASON)]
        _offer_one(talk, script, by_strength(heard))


def _offer_one(talk: Talk, script: Script, signals: list[str]) -> None:
    """Say a card whose digits count for her next act, before those of the question under it."""
    state, stage = talk.opened.state, talk.opened.stage
    if state.run is None:
        return
    there = stage in {Stage.LIVE, Stage.WAITING}
    card = card_for(signals, state.cards, early=_is_early(talk), with_person=there)
    if card is None:
        return
    state.cards.append(card.key)
    state.offered = [[choice.digit, choice.token] for choice in card.choices]
    speech.say_word(talk, script, card.key, (*card.choices, HIDE_CHOICE), purpose=Purpose.CARD)


def _is_early(talk: Talk) -> bool:
    state = talk.opened.state
    read = state.run is not None and Tag.NOTICE.value in state.run.passed
    return not state.checked or (not read and talk.opened.stage is Stage.TRIAGE)
