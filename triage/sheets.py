"""Sheets: texts beside the scripts that the same care is owed (B-102, D-55).

A sheet holds the texts of one kind in one language: answers volunteers insert, what a channel shows of the
account, the neutral lines of a later message, the rules of a group.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from triage.issue import Issue, Severity
from triage.model import MAX_TEXT, TextEntry
from triage.reading_node import Node
from triage.reading_steps import CODE, hint
from triage.reading_yaml import Findings, SourceFile, read_tree

SHEET_SPEC: Final = 1


@dataclass(frozen=True, slots=True)
class SheetKind:
    """What holds for every text of a kind.

    Attributes:
        longest: characters of one text.
        neutral: whether the whole text must show nothing to a bystander, not its beginning alone.
        asks: whether it may ask a question.
    """

    longest: int
    neutral: bool = False
    asks: bool = True


KINDS: Final[Mapping[str, SheetKind]] = MappingProxyType(
    {
        "canned": SheetKind(longest=300),
        "profile": SheetKind(longest=120, neutral=True, asks=False),  # the shortest a messenger shows
        "pings": SheetKind(longest=60, neutral=True, asks=False),
        "group_rules": SheetKind(longest=300, asks=False),
    }
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Attributes:
        kind: one of `KINDS`.
        language: tag of its language.
        texts: by the author's word for each.
        file: file name, for issues.
    """

    kind: str
    language: str
    texts: Mapping[str, TextEntry]
    file: str = ""


def read_sheet(source: SourceFile) -> tuple[Sheet | None, tuple[Issue, ...]]:
    """Read one sheet; None and every issue where its form has an error. Never raises."""
    found = Findings(source.name)
    root = read_tree(source, found)
    if root is None:
        return None, tuple(found.issues)
    parts = _parts(root, found)
    kind, language = _word(parts, "kind", found), _word(parts, "language", found)
    if kind and kind not in KINDS:
        found.add(parts["kind"], "kind", f"`{kind}` is no kind of sheet. {hint(kind, KINDS)}")
    if "spec" in parts and parts["spec"].value != str(SHEET_SPEC):
        found.add(parts["spec"], "spec", f"This program reads sheets of `spec: {SHEET_SPEC}`.")
    texts = _texts(parts.get("texts"), found)
    issues = tuple(sorted(found.issues))
    if any(issue.severity is Severity.ERROR for issue in issues):
        return None, issues
    return Sheet(kind, language, texts, source.name), issues


def _parts(root: Node, found: Findings) -> dict[str, Node]:
    known = ("spec", "kind", "language", "texts")
    if root.kind != "mapping":
        found.add(root, "", f"A sheet is a mapping with {', '.join(known)}.")
        return {}
    for key in root.entries:
        if key not in known:
            found.add(root.keys[key], key, f"`{key}` is not known here. {hint(key, known)}")
    for key in known:
        if key not in root.entries:
            found.add(root, key, f"`{key}` is missing.")
    return root.entries


def _word(parts: Mapping[str, Node], key: str, found: Findings) -> str:
    node = parts.get(key)
    if node is None:
        return ""
    if not node.is_scalar:
        found.add(node, key, f"`{key}` is one word.")
    return node.value


def _texts(node: Node | None, found: Findings) -> dict[str, TextEntry]:
    if node is None:
        return {}
    if node.kind != "mapping" or not node.entries:
        found.add(node, "texts", "Write at least one text: `listening: I read what you write.`")
        return {}
    texts: dict[str, TextEntry] = {}
    for name, text in node.entries.items():
        place, path = node.keys[name], f"texts.{name}"
        if not CODE.match(name):
            found.add(place, path, f"`{name}` is no id. Use small letters, digits and `_`.")
        elif not text.is_scalar or not text.value.strip() or len(text.value) > MAX_TEXT:
            found.add(text, path, f"`{name}` has no text, or one of more than {MAX_TEXT} characters.")
        else:
            texts[name] = TextEntry(text.value.strip(), place.line, place.column)
    return texts
