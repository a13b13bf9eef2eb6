"""D-16: only a consent question leads to a handoff.

Reason: a person joins on her clear yes, given when she knows what that person will see (B-090; N-CONF). The
queue, where she has said yes already, may lead back to it.
Cure: lead the choice to the step tagged `consent`.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import Act, reachable, reversed_edges
from triage.model import Handoff, Tag

LEAD_IN = frozenset({Tag.CONSENT, Tag.QUEUE})


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per way into a handoff that passes no consent."""
    steps = draft.script.steps
    backwards = reversed_edges(draft.graph.script)
    unasked = {step: tuple(e for e in ways if e.act is Act.NONE) for step, ways in backwards.items()}
    for handoff in (step.id for step in steps.values() if isinstance(step.kind, Handoff)):
        before = reachable((handoff,), unasked)
        if draft.script.start in before:
            yield draft.at_step("D-16", draft.script.start, "Leads to a person before she said anything.")
        for step in steps:
            for edge in draft.graph.script[step]:
                if edge.act is not Act.NONE and edge.to in before and not steps[step].tags & LEAD_IN:
                    message = (
                        f"Leads to the handoff `{handoff}` without her consent. Lead to the `consent` step."
                    )
                    yield draft.at_step("D-16", step, message, inside=edge.name)
