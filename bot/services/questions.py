"""Questions a volunteer has put to her by the guide: neutral words, a few choices, her tap is the answer.

One question at a time, under one claim; it is over when the claim is. Whatever else she writes meanwhile goes
to the volunteer as always. Where a channel has no buttons she types the digit or the label.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from bot.model import Stage
from bot.services import speech
from bot.services.acts import Act
from bot.services.entries import Purpose
from bot.services.talk import Talk
from channels.message import InboundKind
from triage.language import fold_label


class Asking(StrEnum):
    """What can be asked."""

    PASS_ON = "pass_on"  # noqa: S105  no password: may another person take over, and read
    TO_STOP = "to_stop"  # is it a good place to stop (B-100)


READS_ON: Final = "!pass_all"
CHOICES_ONLY: Final = "!pass_topic"
STAYS: Final = "!pass_stay"
STOPS: Final = "!stop_yes"
GOES_ON: Final = "!stop_no"
Choices = tuple[tuple[str, str, str], ...]
_HIDE: Final = ("!hide", "word.hide_label", "9")
_WORDS: Final[Mapping[Asking, str]] = {
    Asking.PASS_ON: "word.ask_pass_on",
    Asking.TO_STOP: "word.ask_to_stop",
}
_TOKENS: Final[Mapping[Asking, tuple[str, ...]]] = {
    Asking.PASS_ON: (READS_ON, CHOICES_ONLY, STAYS),
    Asking.TO_STOP: (STOPS, GOES_ON),
}


def ask(talk: Talk, asking: Asking) -> None:
    """Ask her; a question asked before is asked no more."""
    state = talk.opened.state
    state.question, state.question_at, state.question_claim = asking.value, talk.now, state.claim
    state.spoken_since = False
    speech.tell(talk, _WORDS[asking], _choices(asking), purpose=Purpose.NEWS)


def asked(talk: Talk) -> Asking | None:
    """What waits for her answer, None for nothing."""
    state = talk.opened.state
    if talk.opened.stage is not Stage.LIVE or not state.question or state.question_claim != state.claim:
        return None
    return Asking(state.question)


def over(talk: Talk) -> None:
    """The question has been answered, or nobody waits for the answer any more."""
    talk.opened.state.question = ""


def as_tapped(talk: Talk, act: Act) -> Act:
    """The digit or the label of an answer, typed, as the tap it stands for; any other act as it is.

    A digit counts only until the volunteer has written: it may be the answer to words of hers.
    """
    asking = asked(talk)
    if asking is None or not talk.checked or act.kind != InboundKind.TEXT.value:
        return act
    words, typed = talk.house.library.words(talk.language), fold_label(act.text)
    for token, label, digit in _choices(asking):
        by_digit = typed == digit and not talk.opened.state.spoken_since
        if typed and (by_digit or typed == fold_label(words(label))):
            return replace(act, kind=InboundKind.CHOICE.value, text="", choice=token)
    return act


def answers(talk: Talk, act: Act) -> Asking | None:
    """The question this act answers, None when it answers none that is open."""
    asking = asked(talk)
    tapped = act.kind == InboundKind.CHOICE.value and asking is not None and act.choice in _TOKENS[asking]
    return asking if tapped and talk.checked else None


def _choices(asking: Asking) -> Choices:
    own = (
        (token, f"word.{token[1:]}_label", str(digit)) for digit, token in enumerate(_TOKENS[asking], start=1)
    )
    return (*own, _HIDE)
