"""Reading a script: its document and its texts, to a `Script`, or to every issue at once (design §7).

The only place in `triage` that knows YAML; `reading_yaml`, `reading_steps` and `reading_texts` are its parts.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from triage.conditions import BUILT_IN, ConditionFault, keys_of, parse
from triage.issue import Issue, Severity
from triage.model import (
    MAX_FEARS,
    MAX_LANGUAGES,
    MAX_STEPS,
    SPEC,
    Ask,
    Branch,
    PickRegion,
    Remember,
    Script,
    Step,
    TextEntry,
)
from triage.reading_node import Node
from triage.reading_steps import CODE, StepReader, hint
from triage.reading_texts import TextKeys, known_keys, read_texts
from triage.reading_upgrades import spec_of, upgraded
from triage.reading_yaml import Findings, SourceFile, read_tree

__all__ = ["SourceFile", "read_script"]

_TOP: Final = ("spec", "id", "start", "languages", "steps")
_MAY: Final = ("fears",)
_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
MAX_TAG: Final = 35  # the longest language tag there is (RFC 5646)
# The host gives `outcome`, the grid `phrase`.
_ENGINE_KEYS: Final = frozenset({"need", "urgency", "safety", "shares", "outcome", "phrase"})


def read_script(
    document: SourceFile, texts: Mapping[str, SourceFile]
) -> tuple[Script | None, tuple[Issue, ...]]:
    """Read `<name>.yaml` and its `<name>.<language>.yaml` files.

    Args:
        document: the script.
        texts: language tag → its text file.

    Returns:
        The script, None if there is an error; and every issue, sorted by file and line. Never raises for an
        author's mistake.
    """
    found = Findings(document.name)
    root = read_tree(document, found)
    if root is None or root.kind != "mapping":
        if root is not None:
            found.add(root, "", f"A script is a mapping with {', '.join(_TOP)}.")
        return None, tuple(found.issues)
    root = _in_present_form(root, found)
    name, start, languages = _read_head(root, texts, found)
    fears = _read_fears(root, found)
    steps = _read_steps(root, found)
    if start and start.value not in root.entries.get("steps", start).entries:
        ids = root.entries.get("steps", start).entries
        found.add(start, "start", f"There is no step `{start.value}`. {hint(start.value, ids)}")
    _check_conditions(root, steps, found)
    unread = frozenset(root.entries["steps"].entries if "steps" in root.entries else ()) - steps.keys()
    entries, issues = _read_all_texts(languages, texts, TextKeys(known_keys(steps.values()), unread), found)
    issues = tuple(sorted((*found.issues, *issues)))
    if start is None or any(issue.severity is Severity.ERROR for issue in issues):
        return None, issues
    files = {language: texts[language].name for language in languages}
    return Script(name, start.value, languages, steps, entries, document.name, files, fears), issues


def _in_present_form(root: Node, found: Findings) -> Node:
    spec = spec_of(root)
    present = upgraded(root)
    if spec is not None and present is not root:
        message = f"Written for spec {spec}, read as spec {SPEC}. Rewrite it as docs/scripts.md shows."
        found.add(root.entries["spec"], "spec", message, Severity.WARNING)
    return present


def _read_head(
    root: Node, texts: Mapping[str, SourceFile], found: Findings
) -> tuple[str, Node | None, tuple[str, ...]]:
    for key in root.entries:
        if key not in (*_TOP, *_MAY):
            found.add(root.keys[key], key, f"`{key}` is not known here. {hint(key, (*_TOP, *_MAY))}")
    for key in _TOP:
        if key not in root.entries:
            found.add(root, key, f"`{key}` is missing.")
    spec = root.entries.get("spec")
    if spec is not None and spec.value != str(SPEC):
        found.add(spec, "spec", f"This program reads `spec: {SPEC}`, not `{spec.value}`.")
    name = root.entries.get("id")
    if name is not None and not CODE.match(name.value):
        found.add(name, "id", "The id is one word of small letters, digits and `_`.")
    start = root.entries.get("start")
    if start is not None and not start.is_scalar:
        found.add(start, "start", "`start` names the first step.")
        start = None
    return name.value if name else "", start, tuple(_read_languages(root, texts, found))


def _read_languages(root: Node, texts: Mapping[str, SourceFile], found: Findings) -> Iterator[str]:
    listed = root.entries.get("languages")
    if listed is None:
        return
    if listed.kind != "list" or not listed.items:
        found.add(listed, "languages", "Give the languages as a list, the source language first: `[en, ro]`.")
        return
    if len(listed.items) > MAX_LANGUAGES:
        found.add(listed, "languages", f"At most {MAX_LANGUAGES} languages. Make a second script of some.")
    seen: set[str] = set()
    for place, node in enumerate(listed.items):
        path = f"languages[{place}]"
        if not node.is_scalar or not _TAG.match(node.value) or len(node.value) > MAX_TAG:
            found.add(node, path, "A language is a tag such as `en` or `pt-BR`.")
        elif node.value in seen:
            found.add(node, path, f"`{node.value}` is listed twice. Keep one.")
        else:
            seen.add(node.value)
            if node.value not in texts:
                found.add(
                    node, path, f"There is no text file for `{node.value}`. Add it, or drop the language."
                )
            else:
                yield node.value


def _read_fears(root: Node, found: Findings) -> dict[str, tuple[str, ...]]:
    """What people may be afraid of, each with the keys of the texts that answer it; D-59 judges them."""
    listed = root.entries.get("fears")
    if listed is None:
        return {}
    if listed.kind != "mapping" or len(listed.entries) > MAX_FEARS:
        message = f"Write each fear with its texts, at most {MAX_FEARS}: `nobody_believes: [close.text]`."
        found.add(listed, "fears", message)
        return {}
    fears: dict[str, tuple[str, ...]] = {}
    for fear, texts in listed.entries.items():
        if not CODE.match(fear):
            found.add(listed.keys[fear], f"fears.{fear}", f"`{fear}` is no code. Use small letters and `_`.")
        if texts.kind != "list" or not all(item.is_scalar for item in texts.items):
            found.add(texts, f"fears.{fear}", "Give the keys of its texts as a list: `[close.text]`.")
        else:
            fears[fear] = tuple(item.value for item in texts.items)
    return fears


def _read_steps(root: Node, found: Findings) -> dict[str, Step]:
    node = root.entries.get("steps")
    if node is None:
        return {}
    if node.kind != "mapping" or not node.entries:
        found.add(node, "steps", "Write at least one step: `hello: {say: {}, to: next_step}`.")
        return {}
    if len(node.entries) > MAX_STEPS:
        found.add(node, "steps", f"A script has at most {MAX_STEPS} steps; this one has {len(node.entries)}.")
    reader = StepReader(found, node.entries)
    read = {name: reader.read(name, body, node.keys[name]) for name, body in node.entries.items()}
    return {name: step for name, step in read.items() if step is not None}


def _check_conditions(root: Node, steps: Mapping[str, Step], found: Findings) -> None:
    known = BUILT_IN | _ENGINE_KEYS | frozenset(_remembered(steps))
    for step in steps.values():
        if not isinstance(step.kind, Branch):
            continue
        items = root.entries["steps"].entries[step.id].entries["branch"].items
        for place, (when, _) in enumerate(step.kind.cases):
            node = items[place].entries.get("when", items[place])
            path = f"steps.{step.id}.branch[{place}].when"
            condition = parse(when)
            if isinstance(condition, ConditionFault):
                if when:
                    message = f"No condition: {condition.message} (character {condition.position + 1})."
                    found.add(node, path, message)
                continue
            for key in keys_of(condition):
                if key not in known:
                    message = f"No step remembers `{key}`. {hint(key, sorted(known))}"
                    found.add(node, path, message)


def _remembered(steps: Mapping[str, Step]) -> Iterator[str]:
    for step in steps.values():
        if isinstance(step.kind, Remember):
            yield from step.kind.values
        elif isinstance(step.kind, Ask):
            for choice in step.kind.choices:
                yield from choice.remember
        elif isinstance(step.kind, PickRegion):
            yield "region"


def _read_all_texts(
    languages: tuple[str, ...],
    texts: Mapping[str, SourceFile],
    keys: TextKeys,
    found: Findings,
) -> tuple[dict[str, Mapping[str, TextEntry]], list[Issue]]:
    entries: dict[str, Mapping[str, TextEntry]] = {}
    issues: list[Issue] = []
    for language, source in texts.items():
        one = Findings(source.name)
        read = read_texts(source, keys, one)
        issues.extend(one.issues)
        if language in languages:
            entries[language] = read
        elif languages:
            message = f"The texts of `{language}` are not offered: `languages` does not list it."
            found.add(None, "languages", message, Severity.WARNING)
    return {language: entries[language] for language in languages}, issues
