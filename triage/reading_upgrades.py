"""Scripts written for an earlier form of the language, brought to the present one, a step at a time.

`UPGRADES[n]` turns a document of spec n into one of spec n+1. Each is a pure function from nodes to nodes:
what it makes keeps the place of what it was made of, so that a fault is still told where the author wrote it.
An upgrade is never changed once a script of its spec is published; a golden file per upgrade holds it
(`tests/triage/upgrades/`).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from triage.model import SPEC
from triage.reading_node import Node

Upgrade = Callable[[Node], Node]

_HEAD_0: Final = {"name": "id", "first": "start"}
_KINDS_0: Final = {
    "message": "say",
    "question": "ask",
    "resources": "share",
    "person": "handoff",
    "goto": "to",
    "otherwise": "else",
}


def spec_of(root: Node) -> int | None:
    """The spec a document says it is written for; None if it says none that could be a number."""
    node = root.entries.get("spec")
    if node is None or not node.is_scalar or not node.value.isascii() or not node.value.isdecimal():
        return None
    return int(node.value) if len(node.value) <= len(str(SPEC)) else None


def upgraded(root: Node) -> Node:
    """`root` as a document of the present spec; itself where no upgrade leads there from its own."""
    spec = spec_of(root)
    if spec is None or not all(step in UPGRADES for step in range(spec, SPEC)):
        return root
    for step in range(spec, SPEC):
        root = _with_spec(UPGRADES[step](root), step + 1)
    return root


def _from_draft(root: Node) -> Node:
    """Spec 0, the drafts of before the first release.

    `name` and `first` stood for `id` and `start`. Steps were a list and carried their `id`. `message`,
    `question`, `resources` and `person` were the kinds now called `say`, `ask`, `share` and `handoff`; a
    question was the list of its choices itself, `resources` the need itself; `goto` was `to`, `otherwise` was
    `else`.
    """
    root = _renamed(root, _HEAD_0)
    steps = root.entries.get("steps")
    return root if steps is None else _put(root, "steps", _steps_by_id(steps))


def _steps_by_id(steps: Node) -> Node:
    if steps.kind != "list":
        return steps
    made = replace(steps, kind="mapping", items=[], entries={}, keys={})
    for item in steps.items:
        name = item.entries.get("id")
        if name is None or not name.is_scalar or name.value in made.entries:
            return steps  # told as what it is: no mapping of steps
        made.entries[name.value] = _step(item)
        made.keys[name.value] = name
    return made


def _step(item: Node) -> Node:
    step = _renamed(_without(item, "id"), _KINDS_0)
    if (asked := step.entries.get("ask")) is not None and asked.kind == "list":
        choices = replace(asked, items=[_renamed(choice, _KINDS_0) for choice in asked.items])
        step = _put(step, "ask", _wrapped("choices", choices))
    if (need := step.entries.get("share")) is not None and need.is_scalar:
        step = _put(step, "share", _wrapped("need", need))
    if (cases := step.entries.get("branch")) is not None and cases.kind == "list":
        step = _put(step, "branch", replace(cases, items=[_renamed(case, _KINDS_0) for case in cases.items]))
    return step


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    """A mapping with other names for some keys; a name that would then stand twice stays, and is told."""
    if node.kind != "mapping":
        return node
    new = {key: names.get(key, key) for key in node.entries}
    new = {key: name if name == key or name not in node.entries else key for key, name in new.items()}
    entries = {new[key]: value for key, value in node.entries.items()}
    keys = {new[key]: replace(place, value=new[key]) for key, place in node.keys.items()}
    return replace(node, entries=entries, keys=keys)


def _without(node: Node, key: str) -> Node:
    entries = {name: value for name, value in node.entries.items() if name != key}
    return replace(node, entries=entries, keys={name: node.keys[name] for name in entries})


def _put(node: Node, key: str, value: Node) -> Node:
    return replace(node, entries={**node.entries, key: value})


def _wrapped(key: str, value: Node) -> Node:
    place = Node(value.line, value.column, "scalar", key)
    return Node(value.line, value.column, "mapping", entries={key: value}, keys={key: place})


def _with_spec(root: Node, spec: int) -> Node:
    return _put(root, "spec", replace(root.entries["spec"], value=str(spec)))


UPGRADES: Final[Mapping[int, Upgrade]] = MappingProxyType({0: _from_draft})
"""Spec → what makes of its documents documents of the next one."""
