"""D-12: whatever she answers to who and what about, she gets something: a card, resources or a person.

Reason: helpers, men, those who do harm and those who do not know what it is are sent away elsewhere (A-28,
B-060, B-063; 001, AWHL). A role question offers helper and own behaviour, a topic question offers "not sure",
and there is a card for men who are harmed.
Known by: choices that remember `role` or `topic`; ids or codes `helper`, `own…`, `unsure` or `skip`;
`card.men`.
Cure: add the answer, and lead each one to a card, a `share` or the consent question before any end.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import reachable
from triage.model import Ask, Choice, Handoff, Share

ROLE, TOPIC = "role", "topic"


def check(draft: Draft) -> Iterable[Issue]:
    """Yield missing answers, then answers that end with nothing."""
    asks_topic = False
    for step in draft.script.steps.values():
        kind = step.kind
        if not isinstance(kind, Ask):
            continue
        asks_topic |= any(TOPIC in choice.remember for choice in kind.choices)
        asked = {key for choice in kind.choices for key in choice.remember} & {ROLE, TOPIC}
        for name in _missing(kind, asked):
            yield draft.at_step("D-12", step.id, f"No answer for {name}. Add one.")
        for choice in kind.choices if asked else ():
            if not _gives_something(draft, choice):
                message = "Ends with nothing. Lead it to a card, a `share` or the consent question."
                yield draft.at_step("D-12", step.id, message, inside=f"choices.{choice.id}")
    if asks_topic and not draft.script.tagged("card.men"):
        yield draft.at_script("D-12", "A topic is asked for, but no card is tagged `card.men`. Write it.")


def _missing(kind: Ask, asked: set[str]) -> Iterable[str]:
    given = {choice.id for choice in kind.choices}
    given |= {code for choice in kind.choices for code in choice.remember.values()}
    if ROLE in asked:
        if "helper" not in given:
            yield "someone who writes for another (`role: helper`)"
        if not any(code.startswith("own") for code in given):
            yield "someone who writes about what they do (`role: own`)"
    if TOPIC in asked and not given & {"unsure", "skip", "not_say"}:
        yield "someone who does not know what it is (`unsure`)"


def _gives_something(draft: Draft, choice: Choice) -> bool:
    if choice.to not in draft.script.steps:
        return True  # D-05 tells
    steps = (draft.script.steps[name] for name in reachable((choice.to,), draft.graph.script))
    return any(
        isinstance(step.kind, Share | Handoff) or any(tag.startswith("card.") for tag in step.tags)
        for step in steps
    )
