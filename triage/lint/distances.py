"""How many acts it takes to the consent question and to a person, the gates walked as the engine walks them.

`person` works at every step that waits, but it leads through the gates she has not passed yet, the safe
check and the notice; so does every way to the menu, to consent or to a handoff (`triage.gates`, design §4).
What counts is therefore not the step alone but the step, the gates behind her, and what she has asked for.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from triage.gates import GATES, leaves
from triage.lint.graph import WAITING, Act, Edge
from triage.model import Ask, GlobalAction, Handoff, Script, Step, Tag


@dataclass(frozen=True, slots=True)
class Spot:
    """Where she is: the step, the gates she has passed, and the action that waits for the others."""

    step: str
    passed: frozenset[str]
    goal: GlobalAction | None = None


@dataclass(frozen=True, slots=True)
class Distances:
    """Every spot she can come to, with the acts it takes.

    Attributes:
        from_start: acts from the first message to each spot.
        to_consent: acts from each spot to the consent question; missing where it cannot be reached.
    """

    from_start: Mapping[Spot, int]
    to_consent: Mapping[Spot, int]


def measure(script: Script, edges: Mapping[str, tuple[Edge, ...]]) -> Distances:
    """Walk `script` from its start along its script edges and the global action `person`."""
    backwards: dict[Spot, list[tuple[Spot, int]]] = {}
    first = Spot(script.start, frozenset())
    from_start = {first: 0}
    waiting = deque([first])
    while waiting:
        here = waiting.popleft()
        for there, cost in _moves(script, edges, here):
            backwards.setdefault(there, []).append((here, cost))
            acts = from_start[here] + cost
            if acts < from_start.get(there, acts + 1):
                from_start[there] = acts
                (waiting.append if cost else waiting.appendleft)(there)
    return Distances(from_start, _to_consent(script, from_start, backwards))


def _moves(script: Script, edges: Mapping[str, tuple[Edge, ...]], here: Spot) -> Iterator[tuple[Spot, int]]:
    step = script.steps[here.step]
    for edge in edges[here.step]:
        yield _taken(script, step, edge, here), int(edge.act is Act.HERS)
    if isinstance(step.kind, WAITING) and not isinstance(step.kind, Handoff):
        gate = _missing(script, here.passed)
        if gate is not None:
            yield Spot(gate, here.passed, GlobalAction.PERSON), 1
        elif (consent := _first(script, Tag.CONSENT)) is not None:
            yield Spot(consent, here.passed), 1


def _taken(script: Script, step: Step, edge: Edge, here: Spot) -> Spot:
    """Where the edge leads, as `triage.answering` and `triage.gates.redirected` have it."""
    target = script.steps[edge.to]
    passed = here.passed
    if edge.act is Act.HERS and isinstance(step.kind, Ask):
        passed |= step.tags & {Tag.SAFE_CHECK}
        if Tag.NOTICE in step.tags and Tag.NOTICE not in target.tags:
            passed |= {Tag.NOTICE}
    if leaves(target):
        return Spot(edge.to, passed)
    missing = _missing(script, passed)
    opened = missing is None and _missing(script, here.passed) is not None
    if here.goal and ((opened and not _asks_more(step, edge)) or (Tag.NOTICE in target.tags and not missing)):
        return Spot(_destination(script, here.goal), passed)
    is_menu = Tag.MENU in target.tags
    if is_menu or Tag.CONSENT in target.tags or isinstance(target.kind, Handoff):
        if missing is not None:
            return Spot(missing, passed, GlobalAction.MENU if is_menu else GlobalAction.PERSON)
        return Spot(edge.to, passed)
    return Spot(edge.to, passed, here.goal)


def _asks_more(step: Step, edge: Edge) -> bool:
    """True if this answer to the safe check brings up the safer ways first (B-012)."""
    if Tag.SAFE_CHECK not in step.tags or not isinstance(step.kind, Ask):
        return False
    chosen = next((one for one in step.kind.choices if edge.name == f"choices.{one.id}"), None)
    return chosen is not None and chosen.remember.get("safety") != "alone"


def _missing(script: Script, passed: frozenset[str]) -> str | None:
    for tag in GATES:
        if tag not in passed and any(isinstance(step.kind, Ask) for step in script.tagged(tag)):
            return _first(script, tag)
    return None


def _destination(script: Script, goal: GlobalAction) -> str:
    wanted = Tag.CONSENT if goal is GlobalAction.PERSON else Tag.MENU
    return _first(script, wanted) or _first(script, Tag.MENU) or script.start


def _first(script: Script, tag: Tag) -> str | None:
    steps = script.tagged(tag)
    return steps[0].id if steps else None


def _to_consent(
    script: Script, spots: Mapping[Spot, int], backwards: Mapping[Spot, list[tuple[Spot, int]]]
) -> dict[Spot, int]:
    acts = {spot: 0 for spot in spots if Tag.CONSENT in script.steps[spot.step].tags}
    waiting = deque(acts)
    while waiting:
        here = waiting.popleft()
        for before, cost in backwards.get(here, ()):
            total = acts[here] + cost
            if total < acts.get(before, total + 1):
                acts[before] = total
                (waiting.append if cost else waiting.appendleft)(before)
    return acts
