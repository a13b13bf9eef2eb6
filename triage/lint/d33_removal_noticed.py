"""D-33: cards on devices, accounts, trackers and spyware put safety first and warn that a removal is noticed.

Reason: who finds the tracker gone or the password changed may do worse; plan first, from another device
(B-071, B-072; STALK, N-WAPO).
Known by: `card.device`, `card.account`, `card.tracker`, `card.spyware`; `warns: [safety_first,
removal_noticed]`.
Cure: write both into the card's text, before any step to take, and declare them.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.required_warnings import cards_without

CARDS = ("card.device", "card.account", "card.tracker", "card.spyware")


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per card and missing warning."""
    yield from cards_without(draft, "D-33", CARDS, "safety_first", "Say first what to mind before any step.")
    yield from cards_without(draft, "D-33", CARDS, "removal_noticed", "Say that a removal can be noticed.")
