"""D-33: cards on devices, accounts, trackers and spyware put safety first and warn that a removal is noticed.

Reason: who finds the tracker gone or the password changed may do worse; plan first, from another device
(B-071, B-072; STALK, N-WAPO). The order is fixed: safety, then the warning, then proof and steps; nothing is
taken off or locked before the warning.
Known by: `card.device`, `card.account`, `card.tracker`, `card.spyware`; `warns: [safety_first,
removal_noticed]`; the lists `says_safety_first`, `says_removal_noticed`, `says_keep_proof`, `removal_steps`.
Cure: write both into the card's text, before any step to take, and declare them.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.required_warnings import cards_without, says, sentence_with, texts_of
from triage.lint.wording import Wording

CARDS = ("card.device", "card.account", "card.tracker", "card.spyware")


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per card and missing warning, then per text in which something comes before them."""
    yield from cards_without(draft, "D-33", CARDS, "safety_first", "Say first what to mind before any step.")
    yield from cards_without(draft, "D-33", CARDS, "removal_noticed", "Say that a removal can be noticed.")
    for step in draft.script.steps.values():
        if step.tags & frozenset(CARDS):
            for wording in texts_of(draft, step.id):
                if out_of_order := _first_too_early(draft, wording):
                    message = f"{out_of_order} comes first. The order: safety, warning, proof, steps."
                    yield draft.at_text("D-33", wording, message)


def _first_too_early(draft: Draft, wording: Wording) -> str:
    warned = sentence_with(says(draft, wording, "removal_noticed"), wording)
    safety = sentence_with(says(draft, wording, "safety_first"), wording)
    step = sentence_with(draft.lists(wording.language).removal_steps, wording)
    proof = sentence_with(says(draft, wording, "keep_proof"), wording)
    if warned is not None and step is not None and step < warned:
        return "A step that can be noticed"
    if safety is not None and warned is not None and warned < safety:
        return "The warning"
    if safety is not None and proof is not None and proof < safety:
        return "Proof"
    return ""
