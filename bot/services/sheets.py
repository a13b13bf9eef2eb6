"""A script laid out for people: step by step, every text and choice of every language side by side.

Read tolerantly: a draft with mistakes is laid out as far as it can be read, so that it can be mended.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.services.documents import ScriptSource
from triage.reading import SourceFile
from triage.reading_steps import KINDS, OUTCOMES
from triage.reading_texts import split_suffixes
from triage.reading_yaml import Findings, Node, read_tree
from triage.words import ALL_WORDS

WORDS: Final = "word"
"""The guide's own words stand on the sheet like one more step."""
_NO_TEXT: Final = ("branch", "remember", "hide")
_MAY_HAVE_TEXT: Final = ("handoff", "share", "end")
_TITLE: Final = 60


@dataclass(frozen=True, slots=True)
class SheetStep:
    """One step.

    Attributes:
        id: the word its author gave it; `WORDS` for the guide's own words.
        kind: what it does ("say", "ask", …), "" where that cannot be read.
        choices: (id, where it leads, what it remembers) in the order she sees them.
        leads: (how, where to) for every other way on: "then", "otherwise", "accepted", "if region == RO".
        tags: what the step is for.
        parts: everything else of it, as plain data.
        keys: keys of its texts, the ones it must have first.
        optional: those of them it can do without.
    """

    id: str
    kind: str
    choices: tuple[tuple[str, str, Mapping[str, str]], ...]
    leads: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    parts: Mapping[str, Any]
    keys: tuple[str, ...]
    optional: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A script, laid out. `texts`: language → key → text; `start`: the first step."""

    start: str
    languages: tuple[str, ...]
    steps: tuple[SheetStep, ...]
    texts: Mapping[str, Mapping[str, str]]

    def step(self, name: str) -> SheetStep | None:
        """A step by id, None if there is none."""
        return next((step for step in self.steps if step.id == name), None)

    def title(self, name: str) -> str:
        """The first words of a step in the source language, so that people know which one is meant."""
        for language in self.languages:
            text = self.texts.get(language, {}).get(f"{name}.text", "")
            if text:
                return text if len(text) <= _TITLE else text[: _TITLE - 1].rstrip() + "…"
        return ""


def sheet_of(source: ScriptSource) -> Sheet:
    """Lay a script out."""
    root = _tree(source.document)
    listed = root.entries.get("languages") if root else None
    named = tuple(node.value for node in listed.items if node.kind == "scalar") if listed else ()
    languages = (*(tag for tag in named if tag in source.texts), *(t for t in source.texts if t not in named))
    texts = {tag: _texts(source.texts[tag]) for tag in languages}
    start = root.entries.get("start") if root else None
    steps = root.entries.get("steps") if root else None
    laid = [_step(name, node, texts) for name, node in steps.entries.items()] if steps else []
    return Sheet(
        start.value if start is not None and start.is_scalar else "",
        languages,
        (*laid, _own_words(texts)),
        texts,
    )


def _tree(file: SourceFile) -> Node | None:
    root = read_tree(file, Findings(file.name))
    return root if root is not None and root.kind == "mapping" else None


def _texts(file: SourceFile) -> dict[str, str]:
    root = _tree(file)
    return {key: node.value.strip() for key, node in root.entries.items()} if root else {}


def _step(name: str, node: Node, texts: Mapping[str, Mapping[str, str]]) -> SheetStep:
    kind = next((one for one in KINDS if one in node.entries), "")
    choices = tuple(_choices(node))
    must: list[str] = [] if kind in (*_NO_TEXT, *_MAY_HAVE_TEXT) else [f"{name}.text"]
    labels = [one for one, _, _ in choices] + (["refused"] if kind == "callback" else [])
    must += [f"{name}.{label}" for label in labels]
    may = [f"{name}.text"] if kind in _MAY_HAVE_TEXT else []
    keys = _with_written(name, [*may, *must], texts)
    tags = node.entries.get("tags")
    known = {kind, "tags", "to", "else"} if kind != "remember" else {"tags", "to", "else"}
    return SheetStep(
        id=name,
        kind=kind,
        choices=choices,
        leads=tuple(_leads(kind, node)),
        tags=tuple(item.value for item in tags.items) if tags else (),
        parts={part: plain(body) for part, body in node.entries.items() if part not in known}
        | _parts_of_kind(kind, node),
        keys=keys,
        optional=frozenset(keys) - frozenset(must),
    )


def _own_words(texts: Mapping[str, Mapping[str, str]]) -> SheetStep:
    keys = _with_written(WORDS, list(ALL_WORDS), texts)
    optional = frozenset(keys) - frozenset(ALL_WORDS)
    return SheetStep(WORDS, "", (), (), (), {}, keys, optional)


def _with_written(name: str, wanted: list[str], texts: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """The wanted keys, each followed by the variants that are written in any language, then the rest."""
    written = dict.fromkeys(key for by_key in texts.values() for key in by_key if key.startswith(f"{name}."))
    found: dict[str, None] = {}
    for key in wanted:
        found[key] = None
        found |= {other: None for other in written if split_suffixes(other)[0] == key}
    return tuple(found | written)


def _choices(node: Node) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    ask = node.entries.get("ask")
    listed = ask.entries.get("choices") if ask else None
    for item in listed.items if listed else ():
        name, to = item.entries.get("id"), item.entries.get("to")
        remembered = item.entries.get("remember")
        answers = {key: one.value for key, one in remembered.entries.items()} if remembered else {}
        yield name.value if name else "", to.value if to else "", answers


def _leads(kind: str, node: Node) -> Iterator[tuple[str, str]]:
    body = node.entries.get(kind)
    if body is not None:
        if kind == "handoff":
            yield from ((one, body.entries[one].value) for one in OUTCOMES if one in body.entries)
        elif kind == "callback":
            yield from (
                (one, body.entries[one].value) for one in ("agreed", "refused") if one in body.entries
            )
        elif kind == "ask" and "skip" in body.entries:
            yield "skipped", body.entries["skip"].value
        elif kind == "phrase" and "check" in body.entries:
            yield from ((how, to.value) for how, to in body.entries["check"].entries.items())
        elif kind == "branch":
            for item in body.items:
                when, to = item.entries.get("when"), item.entries.get("to")
                yield f"if {when.value if when else ''}", to.value if to else ""
    if "to" in node.entries:
        yield "then", node.entries["to"].value
    if "else" in node.entries:
        yield "otherwise", node.entries["else"].value


def _parts_of_kind(kind: str, node: Node) -> dict[str, Any]:
    body = node.entries.get(kind)
    if kind == "share" and body is not None:
        return {"share": plain(body)}
    if kind == "phrase" and body is not None and body.kind == "scalar":
        return {"phrase": body.value}
    return {}


def plain(node: Node) -> Any:
    """A node as plain data: every scalar a text, as the reader of scripts takes it."""
    if node.kind == "mapping":
        return {key: plain(value) for key, value in node.entries.items()}
    if node.kind == "list":
        return [plain(item) for item in node.items]
    return None if node.is_null else node.value
