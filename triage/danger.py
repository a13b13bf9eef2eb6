"""What is offered to her when her own words may mean danger (B-035 to B-040, design §4). It only ever adds.

The host and the simulator ask here; what a word means is found by `triage.signals`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from triage import words
from triage.effects import Effect, OfferedChoice, Speak
from triage.model import Ask, Script, Tag
from triage.run import Run

URGENCY: Final[Mapping[str, str]] = MappingProxyType(
    {"immediate_danger": "U0", "suicide": "U0", "medical": "U0", "minor": "U1", "child": "U1"}
)
CARDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "immediate_danger": "word.card_offer_danger",
        "suicide": "word.card_offer_suicide",
        "medical": "word.card_offer_medical",
        "minor": "word.card_offer_minor",
        "child": "word.card_offer_minor",
    }
)
AGAIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "immediate_danger": "word.card_again_danger",
        "suicide": "word.card_again_suicide",
        "medical": "word.card_again_medical",
    }
)
STRONGEST_FIRST: Final = ("immediate_danger", "medical", "suicide", "minor", "child")
EARLY: Final = "word.signal_offer"  # before the notice, or where somebody may look on: names nothing
HELP_NOW: Final = ("!help_now", words.HELP_NOW_LABEL)
DIGITS: Final = "12345678"  # 9 is always `hide`, 0 is always `more`


@dataclass(frozen=True, slots=True)
class Card:
    """One card: its text and the choices on it, whose digits count for her next act."""

    key: str
    choices: tuple[OfferedChoice, ...]


def by_strength(found: Collection[str]) -> list[str]:
    """The signals found, the most pressing first."""
    return [signal for signal in STRONGEST_FIRST if signal in found]


def strongest(signals: list[str], urgency: str | None) -> str:
    """Her urgency after these signals: never lower than it was (B-033)."""
    return min(URGENCY[signals[0]], urgency or "U3")


def is_early(script: Script, run: Run, *, asked: bool) -> bool:
    """Whether a card would name the matter too soon: it is unknown who reads, or the notice is to come.

    Who is alone and has the notice before her has been told all of it: her card does not wait for her tap.
    `asked`: she waits for a person or writes with one.
    """
    if Tag.SAFE_CHECK not in run.passed:
        return True
    step = script.steps.get(run.step)
    stands_at_it = step is not None and Tag.NOTICE in step.tags and isinstance(step.kind, Ask)
    shown = stands_at_it and run.answers.get("safety") == "alone"
    return Tag.NOTICE not in run.passed and not shown and not asked


def card_for(
    signals: list[str],
    shown: Collection[str],
    *,
    early: bool,
    with_person: bool,
    person_label: str = words.PERSON_LABEL,
    beneath: Collection[OfferedChoice] = (),
    again: bool = True,
) -> Card | None:
    """The card to say now; None where there is nothing to add.

    Args:
        signals: what was found, the most pressing first.
        shown: texts of the cards said before.
        early: as `is_early` has it.
        with_person: a person is asked for or there already, so that none needs to be offered.
        person_label: what a way to a person is called now (`triage.engine.person_label`).
        beneath: what is offered beside the card. Its digits stay its own, and it is not offered twice.
        again: danger that she tells once more gets a second word, so that it is never met as any other text.
    """
    person = ("!person", person_label)
    if early:
        return Card(EARLY, _choices((person,), beneath)) if EARLY not in shown else None
    unsaid = [CARDS[signal] for signal in signals if CARDS[signal] not in shown]
    repeated = [AGAIN[signal] for signal in signals if again and signal in AGAIN]
    key = next(iter((*unsaid, *repeated)), None)
    wanted = (HELP_NOW,) if with_person else (HELP_NOW, person)
    return Card(key, _choices(wanted, beneath)) if key is not None else None


def _choices(
    wanted: Collection[tuple[str, str]], beneath: Collection[OfferedChoice]
) -> tuple[OfferedChoice, ...]:
    """As many as there are digits that mean nothing else on her screen (B-135)."""
    taken = {choice.digit for choice in beneath}
    there = {choice.token.rpartition(".")[2].removeprefix("!") for choice in beneath}
    free = (digit for digit in DIGITS if digit not in taken)
    missing = [one for one in wanted if one[0].removeprefix("!") not in there]
    return tuple(
        OfferedChoice(token, digit, label) for (token, label), digit in zip(missing, free, strict=False)
    )


def choices_in(effects: Iterable[Effect]) -> tuple[OfferedChoice, ...]:
    """What a turn offers her: the choices of the last question in it."""
    spoken = [effect.choices for effect in effects if isinstance(effect, Speak) and effect.choices]
    return spoken[-1] if spoken else ()


def is_kept_back(shown: Collection[str]) -> bool:
    """Whether only the neutral line has answered her danger words so far: the card comes after the notice."""
    return EARLY in shown and not any(card in shown for card in CARDS.values())
