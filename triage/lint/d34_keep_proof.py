"""D-34: cards where something may be deleted say what to keep as proof, if that is safe.

Reason: deleting our chat protects; deleting threats destroys what a court would ask for (B-026; N-DOC,
N-WAPO).
Known by: `card.device`, `card.account`, `card.tracker`, `card.spyware`, `card.images`, `card.messages`,
`card.threats`, `card.deletion`; `warns: [keep_proof]`.
Cure: write into the card's text which is which, and declare it.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.d33_removal_noticed import CARDS
from triage.lint.draft import Draft
from triage.lint.required_warnings import cards_without

MORE_CARDS = ("card.images", "card.messages", "card.threats", "card.deletion")


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per card without the warning."""
    return cards_without(
        draft, "D-34", (*CARDS, *MORE_CARDS), "keep_proof", "Say what to keep as proof, if safe."
    )
