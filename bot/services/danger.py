"""Her free text is listened to at any step: signals only ever add help (B-037, design §4)."""

from dataclasses import replace

from bot.model import Stage
from bot.services import queueing, speech
from bot.services.entries import Purpose
from bot.services.talk import Talk
from triage.effects import OfferedChoice
from triage.model import Script, Tag
from triage.walk import HIDE_CHOICE

URGENCY = {"immediate_danger": "U0", "suicide": "U0", "medical": "U0", "minor": "U1", "child": "U1"}
CARDS = {
    "immediate_danger": "word.card_offer_danger",
    "suicide": "word.card_offer_suicide",
    "medical": "word.card_offer_medical",
    "minor": "word.card_offer_minor",
    "child": "word.card_offer_minor",
}
STRONGEST_FIRST = ("immediate_danger", "medical", "suicide", "minor", "child")
HELP_NOW = OfferedChoice("!help_now", "1", "word.help_now_label")
PERSON = OfferedChoice("!person", "2", "word.person_label")
PERSON_FIRST = OfferedChoice("!person", "1", "word.person_label")


def listen(talk: Talk, script: Script, text: str) -> None:
    """Find danger words; raise her order, tell the volunteer why, offer one card once.

    Which words they were is not counted: at a small desk a month's number would tell of one woman (F-4).
    """
    state = talk.opened.state
    found = talk.house.library.signals.find(text, (talk.language, "en")) if text else ()
    fresh = [signal for signal in STRONGEST_FIRST if signal in found]
    for signal in fresh:
        queueing.raise_to(talk, URGENCY[signal], f"signal.{signal}")
    if fresh and state.run is not None:  # the script too knows an urgent talk when it sees one (D-17)
        answers = state.run.answers
        strongest = min(URGENCY[fresh[0]], answers.get("urgency", "U3"))
        state.run = replace(state.run, answers={**answers, "urgency": strongest})
    unoffered = [signal for signal in fresh if CARDS[signal] not in state.cards]
    if not unoffered or state.run is None:
        return
    before_notice = Tag.NOTICE.value not in state.run.passed and talk.opened.stage is Stage.TRIAGE
    if before_notice or not state.checked:
        if "word.signal_offer" not in state.cards:
            state.cards.append("word.signal_offer")
            _offer(talk, script, "word.signal_offer", (PERSON_FIRST,))
        return
    state.cards.append(CARDS[unoffered[0]])
    choices = (HELP_NOW,) if talk.opened.stage in {Stage.LIVE, Stage.WAITING} else (HELP_NOW, PERSON)
    _offer(talk, script, CARDS[unoffered[0]], choices)


def _offer(talk: Talk, script: Script, key: str, choices: tuple[OfferedChoice, ...]) -> None:
    """Say a card whose digits count for her next act, before those of the question under it."""
    talk.opened.state.offered = [[choice.digit, choice.token] for choice in choices]
    speech.say_word(talk, script, key, (*choices, HIDE_CHOICE), purpose=Purpose.CARD)
