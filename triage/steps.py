"""Entering steps: from a step on through all that follow by themselves, until one waits."""

from typing import assert_never

from triage.choices import ask, grid_rounds, open_aside
from triage.conditions import ConditionFault, Facts, holds, parse
from triage.effects import EndRun, HideAll, LeaveQueue, RequestHandoff, ShareResources
from triage.gates import redirected
from triage.model import (
    MAX_STEPS_PER_TURN,
    Ask,
    Branch,
    Callback,
    CheckPhrase,
    End,
    Handoff,
    Hide,
    PickRegion,
    Remember,
    Say,
    SetPhrase,
    Share,
    Step,
    Tag,
    Urgency,
)
from triage.run import Aside
from triage.walk import Walk

ANY_NEED = "any"


def go(walk: Walk, target: str, *, keep_way: bool = True) -> None:
    """Walk from `target` on until a step waits or the run is over.

    Bounded by MAX_STEPS_PER_TURN: an automatic circle (the linter refuses it, D-04) leaves her where she
    was, with a person and the menu offered. `keep_way`: whether `back` shall find the step she was at.
    """
    for _ in range(MAX_STEPS_PER_TURN):
        if target not in walk.script.steps:
            break
        step = walk.script.steps[redirected(walk, target)]
        walk.note_flags(step)
        if Tag.LEAVES_QUEUE in step.tags and walk.waits_for_person:
            walk.effects.append(LeaveQueue())
            walk.handoff = None
        following = _enter(walk, step, keep_way=keep_way)
        if following is None:
            return
        target = following
    open_aside(walk, Aside.LOST)


def _enter(walk: Walk, step: Step, *, keep_way: bool) -> str | None:  # noqa: C901, PLR0911 - one match over the kinds
    """Do what the step does; the step that follows by itself, None if she is waited for."""
    kind = step.kind
    match kind:
        case Callback() if not walk.surroundings.callbacks:
            return kind.refused  # nobody could keep it: it is not offered
        case Ask() | PickRegion() | Callback():
            walk.arrive(step.id, keep_way=keep_way)
            ask(walk)
            return None
        case Say():
            if stays_live(walk, step):
                walk.arrive(step.id, keep_way=keep_way)
                ask(walk)
                return None
            walk.speak(f"{step.id}.text", step=step.id)
            return kind.to
        case Branch():
            return _branch(walk, kind)
        case Remember():
            walk.remember(kind.values)
            return kind.to
        case Share():
            _speak_if_written(walk, step)
            walk.effects.append(ShareResources(step.id, kind.need, walk.answers.get("region")))
            return kind.to
        case Handoff():
            _wait_for_person(walk, step, kind, keep_way=keep_way)
            return None
        case SetPhrase() | CheckPhrase():
            if not grid_rounds(walk):  # the host offers no words: as if she had none
                return kind.to if isinstance(kind, SetPhrase) else kind.unknown
            walk.arrive(step.id, keep_way=keep_way)
            ask(walk)
            return None
        case Hide():
            walk.step = step.id
            finish(walk)
            walk.effects.append(HideAll())
            return None
        case End():
            walk.step = step.id
            if walk.waits_for_person:
                walk.effects.append(LeaveQueue())
            _speak_if_written(walk, step)
            finish(walk)
            walk.effects.append(EndRun())
            return None
        case _:
            assert_never(kind)


def finish(walk: Walk) -> None:
    """The run is over."""
    walk.over = True
    walk.handoff = None
    walk.live = False
    walk.goal = walk.return_to = None
    walk.aside = Aside.NONE


def stays_live(walk: Walk, step: Step) -> bool:
    """True for the words that announce the person who is here: after them the guide is silent (B-007)."""
    handoff = walk.script.steps.get(walk.handoff or "")
    return walk.live and handoff is not None and getattr(handoff.kind, "accepted", None) == step.id


def facts_of(walk: Walk) -> Facts:
    """What conditions may read now."""
    around = walk.surroundings
    return Facts(walk.answers, around.channel, walk.language, around.open_now, around.on_duty)


def _branch(walk: Walk, kind: Branch) -> str:
    facts = facts_of(walk)
    for when, to in kind.cases:
        condition = parse(when)
        if not isinstance(condition, ConditionFault) and holds(condition, facts):
            return to
    return kind.otherwise


def _speak_if_written(walk: Walk, step: Step) -> None:
    if walk.has_text(f"{step.id}.text"):
        walk.speak(f"{step.id}.text", step=step.id)


def _wait_for_person(walk: Walk, step: Step, kind: Handoff, *, keep_way: bool) -> None:
    """Say that a person is asked for, then ask: what the host answers at once is heard after it."""
    walk.arrive(step.id, keep_way=keep_way)
    if walk.handoff == step.id:  # reading does not lose her place (B-094)
        ask(walk)
        return
    walk.handoff = step.id
    walk.live = False
    walk.passed -= {Tag.CONSENT}
    question = _asked_meanwhile(walk, kind)
    if question is None:
        ask(walk)
    else:
        _speak_if_written(walk, step)
    answers = walk.answers
    urgency = Urgency(answers.get("urgency", Urgency.U2))
    need, shares = answers.get("need", ANY_NEED), answers.get("shares", "all")
    walk.effects.append(RequestHandoff(step.id, need, urgency, shares))
    if question is not None:
        walk.note_flags(question)
        walk.arrive(question.id)
        ask(walk)


def _asked_meanwhile(walk: Walk, kind: Handoff) -> Step | None:
    """The question asked while she waits (domain C: age on the short path), unless she has answered it.

    Out of hours none is asked: there is no wait.
    """
    if not walk.surroundings.open_now:
        return None
    outcomes = {kind.accepted, kind.declined, kind.nobody, kind.out_of_hours, kind.closed}
    for step in walk.script.tagged(Tag.QUEUE):
        if isinstance(step.kind, Ask) and step.id not in outcomes:
            keys = {key for choice in step.kind.choices for key in choice.remember}
            if keys and not keys <= walk.answers.keys():
                return step
    return None
