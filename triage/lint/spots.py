"""Every place she can come to, with the gates she has passed: the script walked as the engine walks it.

What counts is not the step alone but the step, the gates behind her, and what she has asked for: `help now`,
`menu` and `person` work at every step that waits, but the last two lead through the gates still missing, and
so does every way an author wrote to the menu, to a person, to consent or to a handoff (`triage.gates`, design
§4). A property test walks the engine at random and finds it nowhere else.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from triage.gates import GATES, handoff_behind, leaves
from triage.lint.graph import WAITING, Act, Edge, script_edges
from triage.model import Ask, GlobalAction, Handoff, Script, Step, Tag

WALKED = (Act.HERS, Act.GLOBAL)  # her acts; everything else costs her nothing


@dataclass(frozen=True, slots=True)
class Spot:
    """Where she is: the step, what she has passed, and the action that waits for the gates still missing.

    `passed` holds the gates (`safe_check`, `notice`), `consent` until it is used, and, once said, `limit`.
    """

    step: str
    passed: frozenset[str] = frozenset()
    goal: GlobalAction | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One way from a spot to another; `name` is the author's word for it, or the global action."""

    to: Spot
    act: Act
    name: str

    @property
    def cost(self) -> int:
        """Acts of hers it takes."""
        return int(self.act in WALKED)


class Spots:
    """The spots of one script, found from its start.

    Attributes:
        moves: spot → the ways on from it, in document order.
        from_start: acts of hers from the first message to each spot.
    """

    def __init__(self, script: Script) -> None:
        """Walk `script`, whose ways may lead nowhere: those are left out (D-05 tells)."""
        self._script = script
        self._edges = {
            step.id: tuple(edge for edge in script_edges(step) if edge.to in script.steps)
            for step in script.steps.values()
        }
        self.moves: dict[Spot, tuple[Move, ...]] = {}
        self.from_start: dict[Spot, int] = {}
        self._before: dict[Spot, tuple[Spot, Move]] = {}
        if script.start in script.steps:
            self._walk(self._entered(script.start, frozenset(), None))

    def way(self, spot: Spot) -> str:
        """A shortest way there, as an author reads it: `hello.yes, safe_check.no`."""
        acts: list[str] = []
        while spot in self._before:
            before, move = self._before[spot]
            if move.cost:
                name = move.name.removeprefix("choices.")
                acts.append(f"`{name}`" if move.act is Act.GLOBAL else f"{before.step}.{name}")
            spot = before
        return ", ".join(reversed(acts)) or "the first message"

    @cached_property
    def to_consent(self) -> Mapping[Spot, int]:
        """Acts from each spot to a consent question; missing where none can be reached."""
        return self.acts_to(Tag.CONSENT)

    @cached_property
    def to_emergency(self) -> Mapping[Spot, int]:
        """Acts from each spot to the emergency card."""
        return self.acts_to(Tag.EMERGENCY)

    def acts_to(self, tag: str) -> Mapping[Spot, int]:
        """Acts from each spot to the nearest step that carries `tag`."""
        backwards: dict[Spot, list[tuple[Spot, int]]] = {}
        for spot, moves in self.moves.items():
            for move in moves:
                backwards.setdefault(move.to, []).append((spot, move.cost))
        acts = {spot: 0 for spot in self.moves if tag in self._script.steps[spot.step].tags}
        waiting = deque(acts)
        while waiting:
            here = waiting.popleft()
            for before, cost in backwards.get(here, ()):
                total = acts[here] + cost
                if total < acts.get(before, total + 1):
                    acts[before] = total
                    (waiting.append if cost else waiting.appendleft)(before)
        return acts

    def _walk(self, first: Spot) -> None:
        self.from_start[first] = 0
        waiting = deque([first])
        while waiting:
            here = waiting.popleft()
            if here not in self.moves:
                self.moves[here] = tuple(self._moves(here))
            for move in self.moves[here]:
                acts = self.from_start[here] + move.cost
                if acts < self.from_start.get(move.to, acts + 1):
                    self.from_start[move.to] = acts
                    self._before[move.to] = (here, move)
                    (waiting.append if move.cost else waiting.appendleft)(move.to)

    def _moves(self, here: Spot) -> Iterator[Move]:
        step = self._script.steps[here.step]
        for edge in self._edges[here.step]:
            yield Move(self._taken(step, edge, here), edge.act, edge.name)
        if isinstance(step.kind, Handoff):
            for question in self._script.tagged(Tag.QUEUE):
                if isinstance(question.kind, Ask):  # asked while she waits, without a way leading to it
                    yield Move(self._entered(question.id, here.passed, here.goal), Act.NONE, question.id)
        if (asked := handoff_behind(self._script, step)) is not None:
            # While the line is closed she is told so in place of this question.
            yield Move(self._entered(asked.out_of_hours, here.passed, None), Act.HOSTS, "out_of_hours")
        if isinstance(step.kind, WAITING):
            yield from self._globals(step, here)

    def _globals(self, step: Step, here: Spot) -> Iterator[Move]:
        if (card := self._first(Tag.EMERGENCY)) is not None:
            yield Move(self._entered(card, here.passed, here.goal), Act.GLOBAL, GlobalAction.HELP_NOW)
        passed = here.passed
        if Tag.NOTICE in step.tags and isinstance(step.kind, Ask) and not self._lacks(passed, Tag.SAFE_CHECK):
            passed |= {Tag.NOTICE}  # she stands at its end and has read it
        missing = self._missing(passed)
        for goal in (GlobalAction.MENU, GlobalAction.PERSON):
            if goal is GlobalAction.PERSON and isinstance(step.kind, Handoff):
                continue  # she is in the queue: it shows her place again
            if missing is not None:
                yield Move(self._entered(missing, passed, goal), Act.GLOBAL, goal)
            elif (there := self._destination(goal)) is not None:
                yield Move(self._entered(there, passed, None), Act.GLOBAL, goal)

    def _taken(self, step: Step, edge: Edge, here: Spot) -> Spot:
        """Where the edge leads, as `triage.answering` and `triage.gates.redirected` have it."""
        target = self._script.steps[edge.to]
        passed = here.passed
        if edge.act is Act.HERS and isinstance(step.kind, Ask):
            passed |= step.tags & {Tag.SAFE_CHECK, Tag.CONSENT}
            if Tag.NOTICE in step.tags and Tag.NOTICE not in target.tags:
                passed |= {Tag.NOTICE}
        if leaves(target):
            return self._entered(edge.to, passed, None)
        missing = self._missing(passed)
        opened = missing is None and self._missing(here.passed) is not None
        at_goal = (opened and not _asks_more(step, edge)) or (Tag.NOTICE in target.tags and missing is None)
        if here.goal and at_goal and (there := self._destination(here.goal)) is not None:
            return self._entered(there, passed, None)
        held = _goal_of(target)
        if held is None:
            return self._entered(edge.to, passed, here.goal)
        if missing is not None:
            return self._entered(missing, passed, held)
        if isinstance(target.kind, Handoff) and Tag.CONSENT not in passed:
            return self._entered(self._consent_for(edge.to) or edge.to, passed, None)
        return self._entered(edge.to, passed, None)

    def _entered(self, step: str, passed: frozenset[str], goal: GlobalAction | None) -> Spot:
        entered = self._script.steps[step]
        passed |= entered.tags & {Tag.LIMIT}
        if Tag.CONSENT in entered.tags or isinstance(entered.kind, Handoff):
            passed -= {Tag.CONSENT}  # asked afresh for each person
        return Spot(step, frozenset(map(str, passed)), goal)

    def _missing(self, passed: frozenset[str]) -> str | None:
        return next((self._first(tag) for tag in GATES if self._lacks(passed, tag)), None)

    def _lacks(self, passed: frozenset[str], tag: Tag) -> bool:
        return tag not in passed and any(isinstance(one.kind, Ask) for one in self._script.tagged(tag))

    def _destination(self, goal: GlobalAction) -> str | None:
        if goal is GlobalAction.MENU:
            return self._first(Tag.MENU) or self._script.start
        handoffs = (one.id for one in self._script.steps.values() if isinstance(one.kind, Handoff))
        return self._first(Tag.PERSON) or self._first(Tag.CONSENT) or next(handoffs, None)

    def _consent_for(self, handoff: str) -> str | None:
        asking = [one for one in self._script.tagged(Tag.CONSENT) if isinstance(one.kind, Ask)]
        own = (one.id for one in asking if any(edge.to == handoff for edge in self._edges[one.id]))
        return next(own, asking[0].id if asking else None)

    def _first(self, tag: str) -> str | None:
        steps = self._script.tagged(tag)
        return steps[0].id if steps else None


def _goal_of(target: Step) -> GlobalAction | None:
    """What she is on her way to when she enters this step; None where no gate stands before it."""
    if Tag.MENU in target.tags:
        return GlobalAction.MENU
    if target.tags & {Tag.CONSENT, Tag.PERSON} or isinstance(target.kind, Handoff):
        return GlobalAction.PERSON
    return None


def _asks_more(step: Step, edge: Edge) -> bool:
    """True if this answer to the safe check brings up the safer ways first (B-012)."""
    if Tag.SAFE_CHECK not in step.tags or not isinstance(step.kind, Ask):
        return False
    chosen = next((one for one in step.kind.choices if edge.name == f"choices.{one.id}"), None)
    return chosen is not None and chosen.remember.get("safety") != "alone"
