"""D-04: nothing goes round by itself, and whoever goes round can get out: to an end, and to a person.

Reason: a loop traps someone in distress and floods her with messages (own judgement: domain D). An edge she
did not take counts as going by itself, the outcome of a handoff included. Ways out are counted over the
script's edges and the global action `person`, which leads to the consent question.
Cure: put a question into the loop; lead out of it to a step that ends and, through consent, to a `handoff`.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import FINAL, Act, Edge, loops, reachable, reversed_edges, with_person
from triage.model import Handoff


def check(draft: Draft) -> Iterable[Issue]:
    """Yield loops without an act of hers, and loops that lead nowhere."""
    steps = draft.script.steps
    unasked = {
        step: tuple(edge for edge in ways if edge.act in (Act.NONE, Act.HOSTS))
        for step, ways in draft.graph.script.items()
    }
    by_itself = loops(unasked)
    for loop in by_itself:
        yield draft.at_step(
            "D-04", _first(draft, loop), f"Goes round by itself ({_names(loop)}). Put a question in."
        )
    turning = {step for loop in by_itself for step in loop}
    edges = with_person(draft.script, draft.graph.script)
    ends = [step.id for step in steps.values() if isinstance(step.kind, FINAL)]
    people = [step.id for step in steps.values() if isinstance(step.kind, Handoff)]
    for targets, what in ((ends, "an `end`"), (people, "a person")):
        for loop in _traps(edges, targets):
            if not turning.intersection(loop):
                where = _first(draft, loop)
                yield draft.at_step(
                    "D-04", where, f"Round {_names(loop)} there is no way to {what}. Add one."
                )


def _traps(edges: dict[str, tuple[Edge, ...]], targets: list[str]) -> list[tuple[str, ...]]:
    """Loops from which no target can be reached, the innermost only: the others are trapped by these."""
    saved = reachable(targets, reversed_edges(edges))
    lost = [loop for loop in loops(edges) if loop[0] not in saved]
    return [loop for loop in lost if not _leads_to_another(loop, lost, edges)]


def _leads_to_another(
    loop: tuple[str, ...], lost: list[tuple[str, ...]], edges: dict[str, tuple[Edge, ...]]
) -> bool:
    reached = reachable(loop, edges)
    return any(other[0] in reached for other in lost if other is not loop)


def _first(draft: Draft, loop: tuple[str, ...]) -> str:
    return next(step for step in draft.script.steps if step in loop)


def _names(loop: tuple[str, ...]) -> str:
    return ", ".join(sorted(loop)[:5]) + (", …" if len(loop) > 5 else "")
