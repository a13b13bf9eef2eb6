"""D-08: whatever becomes of a handoff, she is told something she can go on with.

Reason: being sent away without a word after asking for a person is what most often ends the asking (B-095
to B-097; 003, NDVH). `declined`, `nobody` and `out_of_hours` lead, without an act of hers, to a question or
to resources.
Cure: lead the outcome to a step that says so honestly and offers other lines, waiting, or the menu.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import WAITING, Act, automatic_edges, reachable
from triage.model import Share

OUTCOMES = ("declined", "nobody", "out_of_hours")


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per outcome that leads to an end with nothing before it."""
    steps = draft.script.steps
    edges = automatic_edges(draft.graph)
    for ways in draft.graph.script.values():
        for edge in ways:
            if edge.act is not Act.HOSTS or edge.name not in OUTCOMES:
                continue
            reached = reachable((edge.to,), edges)
            if not any(isinstance(steps[step].kind, (*WAITING, Share)) for step in reached):
                message = f"`{edge.name}` only ends. Offer other lines, waiting, or the menu first."
                yield draft.at_step("D-08", edge.source, message, inside=edge.name)
