"""D-03: every step that is not an end leads on to another step by the script's own ways.

Reason: a dead end leaves someone in distress with nothing but the words that work everywhere (003, do no
harm). A choice that leads back to its own question is no way out.
Cure: give the step a choice that leads on, or make it an `end`.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import FINAL, script_edges


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per step without a way out."""
    for step in draft.script.steps.values():
        if isinstance(step.kind, FINAL):
            continue
        if all(edge.to == step.id for edge in script_edges(step)):
            yield draft.at_step(
                "D-03", step.id, "No way leads on from here. Add a choice, or make it an `end`."
            )
