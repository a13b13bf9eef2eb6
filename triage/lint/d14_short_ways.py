"""D-14: no card is more than six acts from the first message, and no question has more than seven choices.

Reason: the time she has alone with the phone is short (LW); a long list is read like a form. Five choices
read best.
Cure: lead to the card from the menu; split the list in two questions, the most asked for first.
"""

from collections import deque
from collections.abc import Iterable

from triage.issue import Issue, Severity
from triage.lint.draft import Draft
from triage.lint.graph import Act
from triage.model import Ask

ACTS = 6
CHOICES = 7


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one warning per card too far away and per list too long."""
    acts = acts_from_start(draft) if draft.script.start in draft.script.steps else {}
    for step in draft.script.steps.values():
        far = acts.get(step.id, 0)
        if far > ACTS and any(tag.startswith("card.") for tag in step.tags):
            message = f"This card is {far} acts from the first message, at most {ACTS}. Shorten the way."
            yield draft.at_step("D-14", step.id, message, severity=Severity.WARNING)
        if isinstance(step.kind, Ask) and (many := len(step.kind.choices)) > CHOICES:
            message = f"{many} choices, at most {CHOICES}. Split the list."
            yield draft.at_step("D-14", step.id, message, severity=Severity.WARNING)


def acts_from_start(draft: Draft) -> dict[str, int]:
    """Acts of hers from the first message to each step, over the script's own edges."""
    acts = {draft.script.start: 0}
    waiting = deque(acts)
    while waiting:
        here = waiting.popleft()
        for edge in draft.graph.script[here]:
            cost = int(edge.act is Act.HERS)
            if acts[here] + cost < acts.get(edge.to, len(draft.script.steps) + 1):
                acts[edge.to] = acts[here] + cost
                (waiting.append if cost else waiting.appendleft)(edge.to)
    return acts
