"""What is offered to her when her own words may mean danger (B-035 to B-040, design §4). It only ever adds.

The host and the simulator ask here; what a word means is found by `triage.signals`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from triage.effects import OfferedChoice

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
STRONGEST_FIRST: Final = ("immediate_danger", "medical", "suicide", "minor", "child")
EARLY: Final = "word.signal_offer"  # before the notice, or where somebody may look on: names nothing
HELP_NOW: Final = OfferedChoice("!help_now", "1", "word.help_now_label")
PERSON: Final = OfferedChoice("!person", "2", "word.person_label")
PERSON_FIRST: Final = OfferedChoice("!person", "1", "word.person_label")


@dataclass(frozen=True, slots=True)
class Card:
    """One card offered once: its text and the choices on it, whose digits count for her next act."""

    key: str
    choices: tuple[OfferedChoice, ...]


def by_strength(found: Collection[str]) -> list[str]:
    """The signals found, the most pressing first."""
    return [signal for signal in STRONGEST_FIRST if signal in found]


def strongest(signals: list[str], urgency: str | None) -> str:
    """Her urgency after these signals: never lower than it was (B-033)."""
    return min(URGENCY[signals[0]], urgency or "U3")


def card_for(signals: list[str], shown: Collection[str], *, early: bool, with_person: bool) -> Card | None:
    """The card to offer now; None if each of them was offered before.

    Args:
        signals: what was found, the most pressing first.
        shown: texts of the cards offered before.
        early: she has not passed the notice, or has yet to answer the safe check.
        with_person: a person is asked for or there already, so that none needs to be offered.
    """
    unoffered = [signal for signal in signals if CARDS[signal] not in shown]
    if not unoffered or (early and EARLY in shown):
        return None
    if early:
        return Card(EARLY, (PERSON_FIRST,))
    return Card(CARDS[unoffered[0]], (HELP_NOW,) if with_person else (HELP_NOW, PERSON))


def is_kept_back(shown: Collection[str]) -> bool:
    """Whether only the neutral line has answered her danger words so far: the card comes after the notice."""
    return EARLY in shown and not any(card in shown for card in CARDS.values())
