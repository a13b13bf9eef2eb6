"""D-01: the emergency card is at most two acts away from every step that waits.

Reason: someone in danger has no time to walk back through a menu (B-006, B-030). Counted over choices and
the global action `help now`; what goes on by itself costs no act.
Cure: tag one step `emergency`, and give `help_now` a word in every published language.
"""

from collections import deque
from collections.abc import Iterable, Mapping

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import WAITING, Act, Edge, reversed_edges
from triage.model import GlobalAction, Tag

LIMIT = 2


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue if there is no emergency card or no word for it, else one per step too far away."""
    cards = [step.id for step in draft.script.tagged(Tag.EMERGENCY)]
    if not cards:
        yield draft.at_script("D-01", "No step is tagged `emergency`. Write one and tag it.")
        return
    for language in draft.script.languages:
        if not draft.globals_.get(language, {}).get(GlobalAction.HELP_NOW):
            yield draft.at_language("D-01", language, f"No word for `help now` in {language}. Give it one.")
    acts = _acts_to(cards, draft.graph.whole)
    for step in draft.script.steps.values():
        if isinstance(step.kind, WAITING) and acts.get(step.id, LIMIT + 1) > LIMIT:
            yield draft.at_step("D-01", step.id, f"The emergency card is more than {LIMIT} acts away.")


def _acts_to(targets: Iterable[str], edges: Mapping[str, tuple[Edge, ...]]) -> dict[str, int]:
    backwards = reversed_edges(edges)
    acts = dict.fromkeys(targets, 0)
    waiting = deque(acts)
    while waiting:
        here = waiting.popleft()
        for edge in backwards.get(here, ()):
            cost = acts[here] + (edge.act is not Act.NONE)
            if cost < acts.get(edge.to, cost + 1):
                acts[edge.to] = cost
                (waiting.append if cost > acts[here] else waiting.appendleft)(edge.to)
    return acts
