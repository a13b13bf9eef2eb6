"""D-17: how much it helped is asked after a talk was closed, and never after an urgent one.

Reason: before the close it is work for whoever needs help, and after danger it is cruel (CTL).
Known by: a choice that remembers `helped`. Closed is who has answered the question that the `closed` outcome
of a handoff leads to; urgent is whoever came by a step with `urgency: U0` or `U1`.
Cure: ask it behind the closing question, and part the ways before it by a branch on `urgency`.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import WAITING, automatic_edges, reachable, reachable_without, with_person
from triage.lint.known import Known, reachable_by
from triage.model import Ask, Handoff, Urgency

KEY = "helped"
URGENT = (Urgency.U0, Urgency.U1)


def check(draft: Draft) -> Iterable[Issue]:
    """Yield questions that come too early, then those that come after danger."""
    script = draft.script
    asking = [
        step.id
        for step in script.steps.values()
        if isinstance(step.kind, Ask) and any(KEY in choice.remember for choice in step.kind.choices)
    ]
    if not asking:
        return
    edges = with_person(script, draft.graph.whole)
    closing = _closing(draft)
    early = reachable_without(script.start, closing.__contains__, edges)
    flagged = [step.id for step in script.steps.values() if step.urgency in URGENT]
    after_danger = {
        step for code in URGENT for step in reachable_by(script, edges, Known("urgency", code), flagged)
    }
    for step in asking:
        if step in early:
            message = f"`{KEY}` is asked before a talk is closed. Ask it behind the closing question."
            yield draft.at_step("D-17", step, message)
        elif step in after_danger:
            message = f"`{KEY}` is asked after danger. Part the ways before it by a branch on `urgency`."
            yield draft.at_step("D-17", step, message)


def _closing(draft: Draft) -> frozenset[str]:
    """The questions that the end of a talk leads to."""
    steps = draft.script.steps
    ends = [step.kind.closed for step in steps.values() if isinstance(step.kind, Handoff)]
    reached = reachable((end for end in ends if end in steps), automatic_edges(draft.graph))
    return frozenset(step for step in reached if isinstance(steps[step].kind, WAITING))
