"""YAML text as nodes that know their file, line and path, so that every complaint can be jumped to."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from handoff.issue import Complaint

MAX_CHARACTERS = 1_000_000  # a year of hand-written exceptions stays far below
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Node:
    """One place of a document: its plain value and where it stands.

    A reading method that finds the wrong kind of value complains and gives None or nothing, so that
    one pass over a document finds all its faults.
    """

    value: object
    file: str
    path: str
    line: int
    complaints: list[Complaint]

    def complain(self, message: str, *, warning: bool = False) -> None:
        """Add a finding at this place."""
        self.complaints.append(Complaint(self.file, self.line, self.path, message, warning))

    def fields(self, known: Iterable[str], required: Iterable[str] = ()) -> Mapping[str, "Node"]:
        """The entries of a mapping by key; unknown and missing keys are complained of."""
        entries = self.entries()
        if entries is None:
            return {}
        allowed = list(known)
        for key, node in entries.items():
            if key not in allowed:
                node.complain(f"unknown key {key!r}{_did_you_mean(key, allowed)}")
        for key in required:
            if key not in entries:
                self.complain(f"the key {key!r} is missing")
        return {key: node for key, node in entries.items() if key in allowed}

    def entries(self) -> Mapping[str, "Node"] | None:
        """The entries of a mapping whose keys the author is free to choose."""
        value = self.value
        if not isinstance(value, dict):
            self.complain("expected a mapping (key: value)")
            return None
        mapping = cast(dict[object, object], value)
        prefix = f"{self.path}." if self.path else ""
        return {
            str(key): Node(
                value, self.file, f"{prefix}{key}", _line(mapping, key, self.line), self.complaints
            )
            for key, value in mapping.items()
        }

    def items(self) -> tuple["Node", ...]:
        """The items of a list."""
        value = self.value
        if not isinstance(value, list):
            self.complain("expected a list ([a, b], or lines that begin with a dash)")
            return ()
        sequence = cast(list[object], value)
        return tuple(
            Node(
                value, self.file, f"{self.path}[{index}]", _line(sequence, index, self.line), self.complaints
            )
            for index, value in enumerate(sequence)
        )

    def word(self) -> str | None:
        """A string that is not blank."""
        if isinstance(self.value, str) and self.value.strip():
            return str(self.value).strip()
        self.complain("expected a word; if it looks like a number, put it in quotes")
        return None

    def whole(self) -> int | None:
        """A whole number."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return int(self.value)
        self.complain("expected a whole number")
        return None

    def day(self) -> date | None:
        """A calendar day, `2026-03-29`."""
        if isinstance(self.value, date) and not isinstance(self.value, datetime):
            return self.value
        self.complain("expected a day written as 2026-03-29")
        return None

    def one_of(self, choices: Mapping[str, T]) -> T | None:
        """The choice whose word stands here."""
        word = self.word()
        if word is None:
            return None
        if word not in choices:
            self.complain(f"{word!r} is not one of {', '.join(choices)}{_did_you_mean(word, list(choices))}")
            return None
        return choices[word]

    def each(self, read: Callable[["Node"], T | None]) -> tuple[T, ...]:
        """What `read` makes of every item of a list; unreadable items are left out."""
        return tuple(value for value in map(read, self.items()) if value is not None)


def language(node: Node) -> str | None:
    """A language tag such as `ro` or `de-AT`."""
    word = node.word()
    if word is not None and not _LANGUAGE.fullmatch(word):
        node.complain(f"{word!r} is not a language tag such as ro or de-AT")
        return None
    return word


def parse(text: str, file: str) -> Node:
    """The root of a YAML document; a fault of form is a complaint at a root whose value is None."""
    complaints: list[Complaint] = []
    try:
        value = _load(text)
    except MarkedYAMLError as fault:
        value = None
        complaints.append(_unreadable(file, fault))
    except (YAMLError, RecursionError, ValueError):
        value = None
        complaints.append(Complaint(file, 0, "", "not readable as YAML"))
    if value is None and not complaints:
        complaints.append(Complaint(file, 0, "", "the document is empty"))
    return Node(value, file, "", 1, complaints)


def _load(text: str) -> object:
    if len(text) > MAX_CHARACTERS:
        raise YAMLError
    reader: Any = YAML(typ="rt", pure=True)
    return reader.load(text)


def _unreadable(file: str, fault: Any) -> Complaint:
    mark = fault.problem_mark
    line = 0 if mark is None else int(mark.line) + 1
    return Complaint(file, line, "", f"not readable as YAML: {fault.problem or fault.context}")


def _line(collection: Any, key: object, otherwise: int) -> int:
    places = cast(dict[object, list[int]] | None, collection.lc.data)
    place = (places or {}).get(key)
    return otherwise if place is None else place[0] + 1


def _did_you_mean(word: str, allowed: list[str]) -> str:
    near = difflib.get_close_matches(word, allowed, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
