"""D-09: the notice comes before what makes her tell and before a handoff; the safe check before every card.

Reason: nobody is led to tell before she knows who reads it, and nothing that gives her away is sent before
she said who else can see the phone (B-003, B-011). The emergency card needs neither (B-006). Walked are the
author's ways and the words that work everywhere, through their gates.
Known by: questions whose choices remember something, the tag `free_text`, handoffs; cards by `card.<need>`.
Cure: lead the way through the steps tagged `safe_check` and `notice`.
"""

from collections.abc import Callable, Iterable

from triage.issue import Issue
from triage.lint.d06_skip_offered import asks_about_her
from triage.lint.draft import Draft
from triage.lint.spots import Spot
from triage.model import Handoff, Step, Tag


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per step that can be reached past its gate, with a way there."""
    for gate, needs in ((Tag.NOTICE, _tells), (Tag.SAFE_CHECK, _is_card)):
        if not draft.script.tagged(gate):
            continue  # D-07 tells
        for spot in first_without(draft, gate, needs):
            way = draft.spots.way(spot)
            message = f"Can be reached without `{gate}`, by {way}. Lead the way through it."
            yield draft.at_step("D-09", spot.step, message)


def first_without(draft: Draft, passed: str, needs: Callable[[Step], bool]) -> list[Spot]:
    """The nearest spot of each step that `needs` it and can be reached before it was passed."""
    nearest: dict[str, Spot] = {}
    spots = draft.spots
    for spot, acts in spots.from_start.items():
        if passed not in spot.passed and needs(draft.script.steps[spot.step]):
            known = nearest.setdefault(spot.step, spot)
            if acts < spots.from_start[known]:
                nearest[spot.step] = spot
    return [nearest[step] for step in draft.script.steps if step in nearest]


def _tells(step: Step) -> bool:
    return isinstance(step.kind, Handoff) or Tag.FREE_TEXT in step.tags or asks_about_her(step)


def _is_card(step: Step) -> bool:
    return Tag.EMERGENCY not in step.tags and any(tag.startswith("card.") for tag in step.tags)
