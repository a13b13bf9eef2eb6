"""What the linter is told beside the script: about the words around it, and about its review. Plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from triage.signals import Signals

Sentences = Mapping[str, Mapping[str, Iterable[str]]]
"""Signal → `found` and `not_found` → sentences as people write them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How a list of danger words did on sentences people write.

    Attributes:
        meant: how many sentences mean the signal; `missed` are those of them it did not find.
        others: how many are close to it and mean something else; `false_alarms` of them it found.
    """

    meant: int
    missed: tuple[str, ...]
    others: int
    false_alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Beside the script. What is None is not known, and no rule asks about it.

    Attributes:
        trials: language → signal → how its list did (D-54).
        today: the day it is judged on.
        reviewed_on: the day two people last signed it (D-57).
        seed: what random walks begin with (D-18).
    """

    trials: Mapping[str, Mapping[str, Trial]] | None = None
    today: date | None = None
    reviewed_on: date | None = None
    seed: int = 0


NOTHING_KNOWN = Facts()


@dataclass(frozen=True, slots=True)
class SentencesOf:
    """Test sentences of all languages, and the lists they try."""

    signals: Signals
    by_language: Mapping[str, Sentences] = field(default_factory=dict[str, Sentences])


def tried(lists: SentencesOf) -> dict[str, dict[str, Trial]]:
    """Try the lists of each language on its sentences."""
    return {
        language: {
            signal: _trial(lists.signals, language, signal, sentences)
            for signal, sentences in by_signal.items()
        }
        for language, by_signal in lists.by_language.items()
    }


def _trial(signals: Signals, language: str, signal: str, sentences: Mapping[str, Iterable[str]]) -> Trial:
    meant, others = tuple(sentences.get("found", ())), tuple(sentences.get("not_found", ()))
    return Trial(
        meant=len(set(meant)),
        missed=tuple(text for text in meant if signal not in signals.find(text, (language,))),
        others=len(set(others)),
        false_alarms=tuple(text for text in others if signal in signals.find(text, (language,))),
    )
