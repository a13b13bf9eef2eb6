"""D-10: the limit is said before anything is asked, and who is under 18 has a way of her own.

Reason: when we must tell someone has to be known before anything is told (B-050), more than half of young
people tell at once (MIN). Their way reaches the child line and a person, and never what is for adults only
(B-053, NCII). The age question comes before the topic question; on the short path to a person it may come in
the queue. Walked are the author's ways and the words that work everywhere, through their gates.
Known by: the tags `limit`, `age`, `card.adult`, `free_text`, the need `child`, `age_band: under_18`
remembered at the age question, and choices that remember `topic`.
Cure: tag the notice's text that says it `limit`; in a branch before the topic question, send who was never
asked (`not (age_band in [...])`) to the age question; give under 18 a menu, child line and consent of their
own.
"""

from collections.abc import Iterable
from dataclasses import replace

from triage.gates import handoff_behind
from triage.issue import Issue
from triage.lint.d09_gates_first import first_without
from triage.lint.draft import Draft
from triage.lint.graph import with_person
from triage.lint.known import Known, answers_that_give, reachable_by
from triage.model import Ask, Handoff, Share, Step, Tag

YOUNG = Known("age_band", "under_18")
UNASKED = Known("age_band", None)
ASKED_NOBODY = Known("shares", None)  # consent has not been asked, so no queue has asked her age either
ADULT = "card.adult"
CHILD = "child"


def check(draft: Draft) -> Iterable[Issue]:
    """Yield what is asked before the limit, then the faults of the way for young people."""
    steps = draft.script.steps
    if draft.script.start not in steps:
        return
    for spot in first_without(draft, Tag.LIMIT, _tells):
        message = (
            f"Can be reached before the limit is said, by {draft.spots.way(spot)}. Lead through `limit`."
        )
        yield draft.at_step("D-10", spot.step, message)
    ages = [step for step in draft.script.tagged(Tag.AGE) if isinstance(step.kind, Ask)]
    if ages:
        yield from _topic_before_age(draft)
        yield from _young_way(draft, ages[0].id)


def _tells(step: Step) -> bool:
    told = Tag.AGE in step.tags or Tag.FREE_TEXT in step.tags
    return told or isinstance(step.kind, Handoff) or _asks_topic(step)


def _asks_topic(step: Step) -> bool:
    return isinstance(step.kind, Ask) and any("topic" in choice.remember for choice in step.kind.choices)


def _topic_before_age(draft: Draft) -> Iterable[Issue]:
    """Over choices and `menu`, by whoever has not been asked her age and asks for no person."""
    doors = {step.id for tag in (Tag.CONSENT, Tag.PERSON) for step in draft.script.tagged(tag)}
    # While the line is closed nobody is asked and no queue asks her age: the same ways lead to its outcome.
    asked = (handoff_behind(draft.script, step) for step in draft.script.tagged(Tag.CONSENT))
    closed = [kind.out_of_hours for kind in asked if kind is not None]
    edges = {
        step: (
            *(edge for edge in ways if edge.to not in doors),
            *(replace(edge, to=to) for edge in ways if edge.to in doors for to in closed),
        )
        for step, ways in draft.graph.whole.items()
    }
    unasked = reachable_by(draft.script, edges, UNASKED, (draft.script.start,), ASKED_NOBODY)
    for step in draft.script.steps.values():
        if step.id in unasked and _asks_topic(step):
            message = "Can be reached before the age question. Ask it on the way, or in a branch of the menu."
            yield draft.at_step("D-10", step.id, message)


def _young_way(draft: Draft, age: str) -> Iterable[Issue]:
    steps = draft.script.steps
    starts = answers_that_give(draft.script, YOUNG)
    if not starts:
        yield draft.at_step(
            "D-10", age, "No answer remembers `age_band: under_18`. Give under 18 a way of its own."
        )
        return
    own = reachable_by(draft.script, draft.graph.script, YOUNG, starts)
    if not any(isinstance(kind := steps[step].kind, Share) and kind.need == CHILD for step in own):
        yield draft.at_step(
            "D-10", age, "Who is under 18 never reaches the child line. Share the need `child`."
        )
    if not any(isinstance(steps[step].kind, Handoff) for step in own):
        yield draft.at_step("D-10", age, "Who is under 18 never reaches a person. Lead to a `handoff`.")
    everywhere = reachable_by(draft.script, with_person(draft.script, draft.graph.whole), YOUNG, starts)
    for step in steps.values():
        if step.id in everywhere and ADULT in step.tags:
            yield draft.at_step(
                "D-10", step.id, "Who is under 18 can reach this card for adults. Part the ways."
            )
