"""Changing single values of a YAML text and leaving every other letter, comments included, as it was.

Values are written in double quotes, as JSON, which every reader of YAML takes for exactly that text.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from triage.reading import SourceFile
from triage.reading_yaml import MAX_FILE

_STEPS: Final = "steps"
_BEYOND: Final = 0x10000  # four hex digits reach no further


class CannotRewrite(ValueError):
    """The file is not read as YAML, or has not the form of its kind: it must be mended as a file first."""


def with_texts(file: SourceFile, changes: Mapping[str, str | None]) -> SourceFile:
    """A file of texts with some of them changed or added; None takes a line out.

    Raises `CannotRewrite`.
    """
    root = _root(file)
    spans: list[tuple[int, int, str]] = []
    known: set[str] = set()
    for key, value in _entries(root):
        name = str(key.value)
        if name not in changes or name in known:
            continue
        known.add(name)
        text = changes[name]
        end = _end(value, file.text)
        if text is None:
            spans.append((_line_start(file.text, _index(key.start_mark)), _line_end(file.text, end), ""))
        else:
            spans.append((_index(value.start_mark), end, _quoted(text) + _kept_break(file.text, value, end)))
    added = "".join(
        f"{name}: {_quoted(text)}\n"
        for name, text in changes.items()
        if name not in known and text is not None
    )
    return SourceFile(file.name, _appended(_spliced(file.text, spans), added))


def with_steps(file: SourceFile, steps: Mapping[str, Any]) -> SourceFile:
    """A script with whole steps replaced or added; each step as plain data. Raises `CannotRewrite`."""
    node = next((value for key, value in _entries(_root(file)) if key.value == _STEPS), None)
    if node is None or not _entries(node):
        raise CannotRewrite(f"{file.name}: there are no steps to lay changes over")
    spans: list[tuple[int, int, str]] = []
    known: set[str] = set()
    last = 0
    for key, value in _entries(node):
        end = _end(value, file.text)
        last = max(last, end)
        name = str(key.value)
        if name in steps and name not in known:
            known.add(name)
            spans.append((_index(key.start_mark), end, _step(name, steps[name])))
    first = _entries(node)[0][0]
    between = ", " if node.flow_style else "\n" + " " * int(first.start_mark.column)
    added = "".join(between + _step(name, plain) for name, plain in steps.items() if name not in known)
    if added:
        spans.append((last, last, added))
    return SourceFile(file.name, _spliced(file.text, spans))


def _step(name: str, plain: Any) -> str:
    return f"{name}: {_quoted(plain)}"


def _root(file: SourceFile) -> Any:  # Any: ruamel's nodes are untyped
    if len(file.text) > MAX_FILE:
        raise CannotRewrite(f"{file.name}: longer than {MAX_FILE:,} characters")
    try:
        composer: Any = YAML(typ="rt", pure=True)
        root = composer.compose(file.text)
    except (YAMLError, RecursionError, ValueError):
        raise CannotRewrite(f"{file.name}: it cannot be read as YAML; mend the file first") from None
    if root is None:
        return None
    if not _is_mapping(root):
        raise CannotRewrite(f"{file.name}: it is not a list of `key: value` lines; mend the file first")
    return root


def _entries(node: Any) -> list[tuple[Any, Any]]:
    return list(node.value) if _is_mapping(node) else []


def _is_mapping(node: Any) -> bool:
    return type(node).__name__ == "MappingNode"


def _index(mark: Any) -> int:
    return int(mark.index)


def _end(node: Any, text: str) -> int:
    """Where a value really ends: a block is told to end only where the next thing begins."""
    if type(node).__name__ == "ScalarNode" or node.flow_style:
        end = _index(node.end_mark)
        return len(text[:end].rstrip("\r\n")) if getattr(node, "style", None) in {"|", ">"} else end
    return max((_end(part, text) for part in _parts(node)), default=_index(node.end_mark))


def _parts(node: Any) -> Iterator[Any]:
    for part in node.value:
        if isinstance(part, tuple):
            yield from part
        else:
            yield part


def _kept_break(text: str, node: Any, end: int) -> str:
    """A block's last line break is no part of it any more; one is kept where nothing else follows."""
    return "\n" if getattr(node, "style", None) in {"|", ">"} and end == len(text) else ""


def _spliced(text: str, spans: list[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _appended(text: str, added: str) -> str:
    return text + ("\n" if added and text and not text.endswith("\n") else "") + added


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    after = text.find("\n", index)
    return len(text) if after < 0 else after + 1


def _quoted(value: Any) -> str:
    # JSON leaves some characters as they are that YAML takes for line breaks, or for none of its own.
    return "".join(
        one if one.isprintable() else f"\\u{ord(one):04x}" if ord(one) < _BEYOND else f"\\U{ord(one):08x}"
        for one in json.dumps(value, ensure_ascii=False)
    )
