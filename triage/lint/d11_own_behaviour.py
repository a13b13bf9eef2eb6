"""D-11: who writes about what they do to others never reaches shelters or the plans of those they hurt.

Reason: a plan for leaving is a map for the one she leaves (B-062; NDVH). Their way is respectful and
signposts.
Known by: `role: own` or `role: own_behaviour` remembered; the need `shelter`; plan cards `card.staying`,
`card.leaving`, `card.after_leaving`, `card.undecided`, `card.apart`, `card.children`, `card.papers`.
Counted over choices, the menu, and `person`, which leads to consent.
Cure: decide the menu, and what follows a declined handoff, by a branch on `role`.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import with_person
from triage.lint.known import Known, answers_that_give, reachable_by
from triage.model import Share, Step

WHO = (Known("role", "own"), Known("role", "own_behaviour"))
PLANS = frozenset(
    f"card.{name}"
    for name in ("staying", "leaving", "after_leaving", "undecided", "apart", "children", "papers", "contact")
)


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per plan and shelter list within reach."""
    edges = with_person(draft.script, draft.graph.whole)
    for known in WHO:
        starts = answers_that_give(draft.script, known)
        reached = reachable_by(draft.script, edges, known, starts)
        for step in draft.script.steps.values():
            if step.id in reached and _gives_away(step):
                message = (
                    f"Who answered `{known.key}: {known.code}` can come here. Part the ways by a branch."
                )
                yield draft.at_step("D-11", step.id, message)


def _gives_away(step: Step) -> bool:
    return bool(step.tags & PLANS) or (isinstance(step.kind, Share) and step.kind.need == "shelter")
