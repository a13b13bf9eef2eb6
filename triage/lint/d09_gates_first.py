"""D-09: the notice comes before every question about her and every handoff; the safe check before every card.

Reason: nobody is led to tell before she knows who reads it, and nothing that gives her away is sent before
she said who else can see the phone (B-003, B-011). The emergency card needs neither (B-006).
Cure: lead the way through the steps tagged `safe_check` and `notice`.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.d06_skip_offered import asks_about_her
from triage.lint.draft import Draft
from triage.lint.graph import reachable_without
from triage.model import Handoff, Step, Tag


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per step that can be reached past its gate."""
    for gate, needs in ((Tag.NOTICE, _tells), (Tag.SAFE_CHECK, _is_card)):
        gates = {step.id for step in draft.script.tagged(gate)}
        if not gates or draft.script.start not in draft.script.steps:
            continue
        past = reachable_without(draft.script.start, gates.__contains__, draft.graph.script)
        for step in draft.script.steps.values():
            if step.id in past and needs(step):
                yield draft.at_step(
                    "D-09", step.id, f"Can be reached without `{gate}`. Lead the way through it."
                )


def _tells(step: Step) -> bool:
    return isinstance(step.kind, Handoff) or asks_about_her(step)


def _is_card(step: Step) -> bool:
    return Tag.EMERGENCY not in step.tags and any(tag.startswith("card.") for tag in step.tags)
