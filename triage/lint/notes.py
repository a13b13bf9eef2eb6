"""Why each rule is there, read from the rule's own file: its docstring is the only place where it is written.

`D-03: what holds.` — `Reason: … (sources).` — `Known by: …` where something in the document stands for it —
`Cure: …`. A test holds every rule's file to this form.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from triage import lint

_RULE_FILE: Final = re.compile(r"[bd]\d+_\w+\Z")
_PARTS: Final = re.compile(r"^(Reason|Known by|Cure): ", re.MULTILINE)
_IN_BRACKETS: Final = re.compile(r"\(([^()]*)\)")
_SOURCE: Final = re.compile(
    r"\b([A-F]-\d+|PR\d+|[A-Z]{2,}\d*(?:-[A-Z]+)?|0\d\d|contentdesign\.london)\b|domain D"
)


@dataclass(frozen=True, slots=True)
class Note:
    """What an author is told of a rule.

    Attributes:
        rule: its number.
        says: what holds.
        reason: why; `source` names where that comes from.
        known_by: what in the document the rule goes by, "" where nothing but the words.
        cure: what to do.
        source: keys of requirements and sources, as domain D gives them.
    """

    rule: str
    says: str
    reason: str
    known_by: str
    cure: str
    source: tuple[str, ...]


@cache
def notes() -> Mapping[str, Note]:
    """Rule number → its note, in order."""
    names = sorted(one.name for one in iter_modules(lint.__path__) if _RULE_FILE.match(one.name))
    read = (_note(import_module(f"triage.lint.{name}").__doc__ or "") for name in names)
    return {note.rule: note for note in sorted(read, key=lambda note: (note.rule[0] != "D", note.rule))}


def _note(doc: str) -> Note:
    rule, _, rest = doc.partition(": ")
    parts = _PARTS.split(rest)
    said = {name: _joined(text) for name, text in zip(parts[1::2], parts[2::2], strict=True)}
    reason = said.get("Reason", "")
    return Note(
        rule=rule,
        says=_joined(parts[0]),
        reason=reason,
        known_by=said.get("Known by", ""),
        cure=said.get("Cure", ""),
        source=tuple(_sources(_IN_BRACKETS.findall(reason))),
    )


def _sources(brackets: Iterable[str]) -> Iterable[str]:
    seen: dict[str, None] = {}
    for text in brackets:
        seen.update(dict.fromkeys(found.group() for found in _SOURCE.finditer(text)))
    return seen


def _joined(text: str) -> str:
    return " ".join(text.split())
