"""The script as a graph: which step can follow which, and whose act it takes (design §4).

Script edges are what the author wrote. Global edges are what she can do at every step that waits:
`help_now` to the emergency card, `menu` to the menu. `person` walks through the gates still missing and has
a module of its own, `walk.py`; `hide` and `stop` lead out of the script and are no edges.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from triage.model import (
    Ask,
    Branch,
    Callback,
    CheckPhrase,
    End,
    GlobalAction,
    Handoff,
    Hide,
    PickRegion,
    Remember,
    Say,
    Script,
    SetPhrase,
    Share,
    Step,
    Tag,
)

WAITING = (Ask, PickRegion, Handoff, Callback, SetPhrase, CheckPhrase)
FINAL = (End, Hide)


class Act(StrEnum):
    """What makes an edge be taken."""

    HERS = "hers"  # she taps or writes
    HOSTS = "hosts"  # what became of a handoff
    NONE = "none"  # goes on by itself
    GLOBAL = "global"  # she taps or writes a global action


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from a step to another; `name` is the author's word for it ("choices.yes", "to", "nobody")."""

    source: str
    to: str
    act: Act
    name: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Edges by their source, in document order.

    Attributes:
        start: first step.
        script: script edges between steps that exist.
        whole: script edges and global edges.
        dangling: script edges to steps that do not exist.
    """

    start: str
    script: Mapping[str, tuple[Edge, ...]]
    whole: Mapping[str, tuple[Edge, ...]]
    dangling: tuple[Edge, ...]


def build_graph(script: Script) -> Graph:
    """Build the graph of `script`; edges into nowhere are kept apart."""
    inner: dict[str, tuple[Edge, ...]] = {}
    whole: dict[str, tuple[Edge, ...]] = {}
    dangling: list[Edge] = []
    targets = _global_targets(script)
    for step in script.steps.values():
        edges = tuple(script_edges(step))
        inner[step.id] = tuple(edge for edge in edges if edge.to in script.steps)
        dangling.extend(edge for edge in edges if edge.to not in script.steps)
        ways = targets.items() if isinstance(step.kind, WAITING) else ()
        whole[step.id] = inner[step.id] + tuple(Edge(step.id, to, Act.GLOBAL, name) for name, to in ways)
    return Graph(script.start, inner, whole, tuple(dangling))


def script_edges(step: Step) -> Iterable[Edge]:  # noqa: C901 - one match over the twelve kinds
    """The edges the author wrote at `step`, dangling ones included."""
    kind = step.kind
    match kind:
        case Ask():
            for choice in kind.choices:
                yield Edge(step.id, choice.to, Act.HERS, f"choices.{choice.id}")
        case PickRegion():
            yield Edge(step.id, kind.to, Act.HERS, "to")
            yield Edge(step.id, kind.skip, Act.HERS, "skip")
        case Say() | Share() | Remember():
            yield Edge(step.id, kind.to, Act.NONE, "to")
        case Branch():
            for number, (_, to) in enumerate(kind.cases):
                yield Edge(step.id, to, Act.NONE, f"branch[{number}]")
            yield Edge(step.id, kind.otherwise, Act.NONE, "else")
        case Handoff():
            for name in ("accepted", "declined", "nobody", "out_of_hours", "closed"):
                yield Edge(step.id, str(getattr(kind, name)), Act.HOSTS, name)
        case Callback():
            yield Edge(step.id, kind.agreed, Act.HERS, "agreed")
            yield Edge(step.id, kind.refused, Act.HERS, "refused")
        case SetPhrase():
            yield Edge(step.id, kind.to, Act.HERS, "to")
        case CheckPhrase():
            yield Edge(step.id, kind.found, Act.HERS, "found")
            yield Edge(step.id, kind.unknown, Act.HERS, "unknown")
        case Hide() | End():
            return
        case _:
            assert_never(kind)


def _global_targets(script: Script) -> dict[str, str]:
    targets = {"help_now": script.tagged(Tag.EMERGENCY), "menu": script.tagged(Tag.MENU)}
    return {name: steps[0].id for name, steps in targets.items() if steps}


def reachable(starts: Iterable[str], edges: Mapping[str, tuple[Edge, ...]]) -> frozenset[str]:
    """Steps that can be reached from `starts`, these included."""
    seen = set(starts)
    waiting = deque(seen)
    while waiting:
        for edge in edges.get(waiting.popleft(), ()):
            if edge.to not in seen:
                seen.add(edge.to)
                waiting.append(edge.to)
    return frozenset(seen)


def reachable_without(
    start: str, avoided: Callable[[str], bool], edges: Mapping[str, tuple[Edge, ...]]
) -> frozenset[str]:
    """Steps that can be reached from `start` on a path that never enters an avoided step."""
    kept = {
        source: tuple(edge for edge in ways if not avoided(edge.to))
        for source, ways in edges.items()
        if not avoided(source)
    }
    return frozenset() if avoided(start) else reachable((start,), kept)


def with_person(script: Script, edges: Mapping[str, tuple[Edge, ...]]) -> dict[str, tuple[Edge, ...]]:
    """`edges` and, from every step that waits, the global action `person`: in the end it leads there."""
    consent = [step.id for tag in (Tag.PERSON, Tag.CONSENT) for step in script.tagged(tag)][:1]
    more = dict(edges)
    for step in script.steps.values():
        if isinstance(step.kind, WAITING):
            ways = tuple(Edge(step.id, to, Act.GLOBAL, GlobalAction.PERSON) for to in consent)
            more[step.id] = edges[step.id] + ways
    return more


def automatic_edges(graph: Graph) -> dict[str, tuple[Edge, ...]]:
    """The script edges that are taken without any act, hers or the host's."""
    return {step: tuple(edge for edge in ways if edge.act is Act.NONE) for step, ways in graph.script.items()}


def reversed_edges(edges: Mapping[str, tuple[Edge, ...]]) -> dict[str, tuple[Edge, ...]]:
    """The same edges, each walked backwards."""
    backwards: dict[str, list[Edge]] = {source: [] for source in edges}
    for ways in edges.values():
        for edge in ways:
            backwards.setdefault(edge.to, []).append(Edge(edge.to, edge.source, edge.act, edge.name))
    return {source: tuple(ways) for source, ways in backwards.items()}


def loops(edges: Mapping[str, tuple[Edge, ...]]) -> tuple[tuple[str, ...], ...]:
    """Strongly connected components one can go round in: two steps or more, or one that leads to itself."""
    found: list[tuple[str, ...]] = []
    backwards = reversed_edges(edges)
    placed: set[str] = set()
    for root in reversed(_finishing_order(edges)):
        if root in placed:
            continue
        part = [root]
        placed.add(root)
        for source in part:  # grows while it is walked
            for edge in backwards[source]:
                if edge.to not in placed:
                    placed.add(edge.to)
                    part.append(edge.to)
        if len(part) > 1 or any(edge.to == root for edge in edges[root]):
            found.append(tuple(part))
    return tuple(found)


def _finishing_order(edges: Mapping[str, tuple[Edge, ...]]) -> list[str]:
    order: list[str] = []
    seen: set[str] = set()
    for root in edges:
        if root in seen:
            continue
        seen.add(root)
        path = [(root, iter(edges[root]))]
        while path:
            source, ways = path[-1]
            step = next((edge.to for edge in ways if edge.to not in seen), None)
            if step is None:
                order.append(source)
                path.pop()
            else:
                seen.add(step)
                path.append((step, iter(edges[step])))
    return order
