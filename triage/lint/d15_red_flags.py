"""D-15: neck or breath, suicide, injury and danger each lead to a card, and raise the order in the queue.

Reason: these cannot wait, in words or in the queue (B-035, B-040; NFS, SUI). It holds for a script that
asks for a topic, and wherever danger is remembered.
Known by: `card.neck`, `card.suicide`, `card.hurt`; `remember: {danger: "yes"}`; `flags: {urgency: U0}` or
`U1` on the card or on the way. Cards for helpers and lists are none of these.
Cure: write the card, tag it, and give it its urgency; lead from danger straight to the step tagged
`emergency`.
"""

from collections.abc import Iterable, Iterator

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import automatic_edges
from triage.model import Ask, Remember, Step, Tag, Urgency

FLAGS = ("card.neck", "card.suicide", "card.hurt")
RAISED = (Urgency.U0, Urgency.U1)


def check(draft: Draft) -> Iterable[Issue]:
    """Yield missing cards, cards that raise nothing, then danger that is told and raises or shows nothing."""
    yield from _of_cards(draft)
    yield from _of_danger(draft)


def _of_cards(draft: Draft) -> Iterator[Issue]:
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


def _of_danger(draft: Draft) -> Iterator[Issue]:
    for step, begin in _dangers(draft):
        way = [draft.script.steps[one] for one in _by_itself(draft, begin)]
        if not any(one.urgency in RAISED for one in way):
            message = "Danger is remembered and raises nothing. Give the step `flags: {urgency: U0}`."
            yield draft.at_step("D-15", step.id, message)
        if not any(Tag.EMERGENCY in one.tags for one in way):
            message = "Danger is remembered, but no card follows. Lead to the step tagged `emergency`."
            yield draft.at_step("D-15", step.id, message)


def _dangers(draft: Draft) -> Iterator[tuple[Step, str]]:
    """Steps that remember danger, each with the step from which what follows is looked at."""
    for step in draft.script.steps.values():
        if isinstance(step.kind, Remember) and step.kind.values.get("danger") == "yes":
            yield step, step.id
        elif isinstance(step.kind, Ask):
            for choice in step.kind.choices:
                if choice.remember.get("danger") == "yes":
                    yield step, choice.to


def _by_itself(draft: Draft, begin: str) -> list[str]:
    """The steps that follow without an act of hers, `begin` the first."""
    edges = automatic_edges(draft.graph)
    way = [begin]
    for here in way:
        way += [edge.to for edge in edges[here] if edge.to not in way]
    return way
