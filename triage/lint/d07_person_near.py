"""D-07: consent is at most three acts away from every step that waits, a person at most four taps from hello.

Reason: many want a person and nothing else (BOT2); each step more loses some of them. The gates are walked
as she walks them: safe check, notice, consent (design §4).
Cure: tag the gates, give `person` a word in every language, keep one question per gate, let the notice's
"talk to a person" lead to consent and the yes of consent to the `handoff`.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.d14_short_ways import acts_from_start
from triage.lint.draft import Draft
from triage.lint.graph import WAITING
from triage.lint.spots import Spots
from triage.model import GlobalAction, Handoff, Tag

GATES = (Tag.SAFE_CHECK, Tag.NOTICE, Tag.CONSENT)
TO_CONSENT = 3
TO_PERSON = 4


def check(draft: Draft) -> Iterable[Issue]:
    """Yield missing gates and words, steps too far from consent, and a short path that is too long."""
    missing = [tag for tag in GATES if not draft.script.tagged(tag)]
    for tag in missing:
        yield draft.at_script(
            "D-07", f"No step is tagged `{tag}`. Who asks for a person passes it; write it."
        )
    for language in draft.script.languages:
        if not draft.globals_.get(language, {}).get(GlobalAction.PERSON):
            yield draft.at_language("D-07", language, f"No word for `person` in {language}. Give it one.")
    if missing or draft.script.start not in draft.script.steps:
        return
    yield from _far_from_consent(draft, draft.spots)
    yield from _far_from_a_person(draft)


def _far_from_consent(draft: Draft, spots: Spots) -> Iterable[Issue]:
    worst: dict[str, int] = {}
    for spot in spots.from_start:
        acts = spots.to_consent.get(spot, TO_CONSENT + 1)
        worst[spot.step] = max(acts, worst.get(spot.step, 0))
    for step in draft.script.steps.values():
        if not isinstance(step.kind, WAITING) or isinstance(step.kind, Handoff) or Tag.EXIT in step.tags:
            continue
        if worst.get(step.id, 0) > TO_CONSENT:
            message = f"Who asks for a person here needs more than {TO_CONSENT} acts to the consent question."
            yield draft.at_step("D-07", step.id, f"{message} Shorten the way.")


def _far_from_a_person(draft: Draft) -> Iterable[Issue]:
    people = {step.id for step in draft.script.steps.values() if isinstance(step.kind, Handoff)}
    acts = [acts for step, acts in acts_from_start(draft).items() if step in people]
    if not acts:
        if not people:
            yield draft.at_script("D-07", "No step is a `handoff`: nobody here reaches a person. Write one.")
        return
    if min(acts) > TO_PERSON:
        start = draft.script.start
        yield draft.at_step(
            "D-07", start, f"The shortest way to a person takes {min(acts)} taps, not {TO_PERSON}."
        )
