"""YAML text to plain nodes that know their place, with every fault of form as an issue.

Only what a script needs: mappings, lists and scalars, and every scalar is taken as it is written, so that the
country NO stays NO. Anchors, aliases, tags and duplicate keys are refused; size and depth are bounded, so
that no file can make reading slow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from triage.issue import Issue, Severity
from triage.reading_flat import read_flat
from triage.reading_node import Node

MAX_FILE: Final = 1_000_000  # characters
MAX_DEPTH: Final = 12
RULE: Final = "spec"
_NULLS = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A document as its author knows it: file name and text."""

    name: str
    text: str


class Findings:
    """Issues found in one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.issues: list[Issue] = []

    def add(self, place: Node | None, path: str, message: str, severity: Severity = Severity.ERROR) -> None:
        """Note one issue at `place`, at the top of the file if there is none."""
        line, column = (place.line, place.column) if place is not None else (1, 1)
        self.issues.append(Issue(self.file, line, column, RULE, severity, path, message))


def read_tree(source: SourceFile, found: Findings) -> Node | None:
    """The document's root; None if it cannot be read as YAML at all."""
    if len(source.text) > MAX_FILE:
        found.add(None, "", f"The file is longer than {MAX_FILE} characters. Split it or shorten it.")
        return None
    if (flat := read_flat(source.text)) is not None:
        return flat
    try:
        return _Builder(found).build(source.text)
    except YAMLError as problem:
        _tell_fault(problem, source.text, found)
    except _TooDeep as problem:
        found.add(
            problem.place, "", f"Nested deeper than {MAX_DEPTH}. A script needs no more than six levels."
        )
    return None


def _tell_fault(problem: Any, text: str, found: Findings) -> None:  # Any: ruamel's errors are untyped
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    if mark is not None:
        place = Node(mark.line + 1, mark.column + 1, "scalar")
        said = getattr(problem, "problem", None) or "it is no YAML"
        found.add(place, "", f"Cannot be read: {said}. Check indentation, quotes and colons here.")
    else:
        place = _place_of(text, getattr(problem, "position", 0))
        found.add(place, "", "A character here cannot stand in a text file. Delete it.")


class _TooDeep(Exception):
    def __init__(self, place: Node) -> None:
        super().__init__()
        self.place = place


class _Builder:
    """Builds nodes from the parser's events; nothing is constructed, so no tag can run anything."""

    def __init__(self, found: Findings) -> None:
        self._found = found

    def build(self, text: str) -> Node | None:
        parser: Any = YAML(typ="rt", pure=True)  # Any: ruamel is only partly typed, its events not at all
        events: Iterator[Any] = iter(parser.parse(text))
        root: Node | None = None
        documents = 0
        for event in events:
            if _kind(event) == "DocumentStart":
                documents += 1
                if documents > 1:
                    self._found.add(
                        _place(event), "", "A second document begins here. Delete the line `---`."
                    )
                    break
            elif _kind(event) in {"Scalar", "Alias", "SequenceStart", "MappingStart"}:
                root = self._node(event, events, 1)
        if root is None:
            self._found.add(None, "", "The file is empty.")
        return root

    def _node(
        self, event: Any, events: Iterator[Any], depth: int
    ) -> Node:  # Any: ruamel's events are untyped
        place = _place(event)
        if depth > MAX_DEPTH:
            raise _TooDeep(place)
        if _kind(event) == "Alias":
            self._found.add(place, "", f"`*{event.anchor}` is an alias. Write the value out.")
            return place
        if event.anchor is not None:
            self._found.add(place, "", f"`&{event.anchor}` is an anchor. Delete it and write values out.")
        if event.tag is not None and not getattr(event, "implicit", True):
            self._found.add(place, "", f"`{event.tag}` is a YAML tag. Delete it; every value is plain.")
        if _kind(event) == "Scalar":
            place.value = str(event.value)
            place.is_null = event.style in {None, ""} and place.value in _NULLS
        elif _kind(event) == "SequenceStart":
            place.kind = "list"
            for item in events:
                if _kind(item) == "SequenceEnd":
                    break
                place.items.append(self._node(item, events, depth + 1))
        else:
            place.kind = "mapping"
            self._fill_mapping(place, events, depth)
        return place

    def _fill_mapping(self, node: Node, events: Iterator[Any], depth: int) -> None:
        for event in events:
            if _kind(event) == "MappingEnd":
                return
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if key.kind != "scalar":
                self._found.add(key, "", "A key is one word, not a list or a mapping.")
            elif key.value in node.entries:
                first = node.keys[key.value].line
                self._found.add(
                    key, key.value, f"`{key.value}` is written twice, first in line {first}. Keep one."
                )
            else:
                node.entries[key.value] = value
                node.keys[key.value] = key


def _kind(event: Any) -> str:  # Any: ruamel's events are untyped
    return type(event).__name__.removesuffix("Event")


def _place(event: Any) -> Node:  # Any: ruamel's events are untyped
    return Node(event.start_mark.line + 1, event.start_mark.column + 1, "scalar")


def _place_of(text: str, position: int) -> Node:
    before = text[:position]
    return Node(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1, "scalar")
