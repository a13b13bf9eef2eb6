"""D-15: neck or breath, suicide and injury each have a card that also raises the order in the queue.

Reason: these cannot wait, in words or in the queue (B-035, B-040; NFS, SUI). It holds for a script that
asks for a topic.
Known by: `card.neck`, `card.suicide`, `card.hurt`; `flags: {urgency: U0}` or `U1` on the card. Cards for
helpers and lists are none of these.
Cure: write the card, tag it, and give it its urgency.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.model import Ask, Urgency

FLAGS = ("card.neck", "card.suicide", "card.hurt")
RAISED = (Urgency.U0, Urgency.U1)


def check(draft: Draft) -> Iterable[Issue]:
    """Yield missing cards, then cards that raise nothing."""
    steps = draft.script.steps.values()
    asks_topic = any(
        "topic" in choice.remember
        for step in steps
        if isinstance(step.kind, Ask)
        for choice in step.kind.choices
    )
    for tag in FLAGS:
        cards = draft.script.tagged(tag)
        if asks_topic and not cards:
            yield draft.at_script("D-15", f"A topic is asked for, but no card is tagged `{tag}`. Write it.")
        for card in cards:
            if card.urgency not in RAISED:
                message = f"A card tagged `{tag}` raises nothing. Give it `flags: {{urgency: U0}}` or `U1`."
                yield draft.at_step("D-15", card.id, message)
