"""Gates: safe check, notice and consent, and where a global action leads when they are passed (design §4).

No way, written by an author or not, leads past a missing gate to the menu, the consent step or a handoff.
While the line is closed none leads to consent: she hears when people are here again instead (B-096).
"""

from triage.effects import LineClosed
from triage.model import Ask, End, GlobalAction, Handoff, Hide, Script, Step, Tag
from triage.walk import Walk

GATES = (Tag.SAFE_CHECK, Tag.NOTICE)


def gate_step(script: Script, tag: Tag) -> str | None:
    """Where the gate `tag` begins; None if no question with that tag can pass it."""
    memo: dict[str, str | None] = script.memo.setdefault("gates", {})
    if tag not in memo:
        steps = script.tagged(tag)
        asks = [step for step in steps if isinstance(step.kind, Ask)]
        memo[tag] = steps[0].id if asks else None
    return memo[tag]


def missing_gate(walk: Walk) -> str | None:
    """The first gate she has not passed since the chat was last opened, else None."""
    for tag in GATES:
        if tag not in walk.passed and (step := gate_step(walk.script, tag)) is not None:
            return step
    return None


def pass_read_notice(walk: Walk) -> None:
    """She stands at the end of the notice: it has been said, and whatever she does next has passed it."""
    step = walk.script.steps.get(walk.step)
    if step is not None and Tag.NOTICE in step.tags and isinstance(step.kind, Ask) and not is_unsafe(walk):
        walk.passed |= {Tag.NOTICE}


def is_unsafe(walk: Walk) -> bool:
    """True while the safe check is to be answered (again): nothing of before may be shown."""
    return Tag.SAFE_CHECK not in walk.passed and gate_step(walk.script, Tag.SAFE_CHECK) is not None


def emergency_step(script: Script) -> str | None:
    """The emergency card."""
    return _first(script, Tag.EMERGENCY)


def menu_step(script: Script) -> str:
    """The menu, or the start of a script that has none."""
    return _first(script, Tag.MENU) or script.start


def person_step(walk: Walk) -> str | None:
    """Where `person` leads once the gates are passed: her place in the queue, else the author's way there."""
    if walk.handoff in walk.script.steps:
        return walk.handoff
    script = walk.script
    return _first(script, Tag.PERSON) or _first(script, Tag.CONSENT) or first_handoff(script)


def first_handoff(script: Script) -> str | None:
    """The first handoff step of the script."""
    memo: dict[str, str | None] = script.memo.setdefault("handoff", {})
    if "first" not in memo:
        handoffs = (step.id for step in script.steps.values() if isinstance(step.kind, Handoff))
        memo["first"] = next(handoffs, None)
    return memo["first"]


def destination(walk: Walk) -> str:
    """Where she wanted to go before the gates were asked for; forgets that she wanted it."""
    goal, back = walk.goal, walk.return_to
    walk.goal = walk.return_to = None
    if back not in walk.script.steps:
        back = None
    if back is not None and (goal is None or walk.live):
        return back
    if goal is GlobalAction.PERSON and (step := person_step(walk)) is not None:
        return step
    return menu_step(walk.script)


def leaves(step: Step) -> bool:
    """True if the step ends things: later, exit, hide."""
    return Tag.EXIT in step.tags or isinstance(step.kind, (End, Hide))


def redirected(walk: Walk, target: str) -> str:
    """The step she enters instead of `target`: itself, a missing gate, or what the gates held up."""
    step = walk.script.steps[target]
    wanted = walk.goal is not None or walk.return_to is not None
    if leaves(step):
        walk.goal = walk.return_to = None
        return target
    if Tag.NOTICE in step.tags and wanted and missing_gate(walk) is None:
        target = destination(walk)
        step = walk.script.steps[target]
    is_menu = Tag.MENU in step.tags
    is_consent = Tag.CONSENT in step.tags
    is_handoff = isinstance(step.kind, Handoff)
    if not (is_menu or is_consent or is_handoff or Tag.PERSON in step.tags):
        return target
    if (missing := missing_gate(walk)) is not None:
        walk.goal = GlobalAction.MENU if is_menu else GlobalAction.PERSON
        return missing
    walk.goal = walk.return_to = None
    if is_handoff and walk.handoff != target and Tag.CONSENT not in walk.passed:
        target = _consent_for(walk.script, target) or target
        is_consent = target != step.id
    if is_consent:  # asked afresh for each handoff (B-090)
        walk.passed -= {Tag.CONSENT}
        asked = handoff_behind(walk.script, walk.script.steps[target])
        if asked is not None and is_closed(walk):
            walk.effects.append(LineClosed())
            return asked.out_of_hours
    return target


def is_closed(walk: Walk) -> bool:
    """True while nobody could be asked for her: consent would be to something that cannot be."""
    return not walk.surroundings.open_now and walk.handoff is None


def handoff_behind(script: Script, consent: Step) -> Handoff | None:
    """The handoff that a yes at `consent` leads to at once; None where it is asked for something else."""
    if Tag.CONSENT not in consent.tags or not isinstance(consent.kind, Ask):
        return None
    targets = (script.steps[choice.to].kind for choice in consent.kind.choices if choice.to in script.steps)
    asked = next((kind for kind in targets if isinstance(kind, Handoff)), None)
    return asked if asked is not None and asked.out_of_hours in script.steps else None


def _consent_for(script: Script, handoff: str) -> str | None:
    """The consent question that leads to `handoff`, else the first one; None if the script has none."""
    for step in script.tagged(Tag.CONSENT):
        if isinstance(step.kind, Ask) and any(choice.to == handoff for choice in step.kind.choices):
            return step.id
    return gate_step(script, Tag.CONSENT)


def _first(script: Script, tag: Tag) -> str | None:
    steps = script.tagged(tag)
    return steps[0].id if steps else None
