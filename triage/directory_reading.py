"""From a country's file, as plain data, to resources; an editor's mistakes become issues with their line."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any, cast

from triage.directory_model import Confidence, Group, Kind, Resource, Scope, Service, Source
from triage.issue import Issue, Severity

SPEC = 1
Lines = Mapping[tuple[str | int, ...], int]

_CODES: Mapping[str, type[StrEnum]] = {
    "kind": Kind,
    "scope": Scope,
    "confidence": Confidence,
    "service": Service,
}
_FLAGS = ("needs_registration", "ring_first", "non_emergency", "free")
_DAYS = ("valid_until", "verified_on")
_LISTS = ("languages", "groups")
_ROW_KEYS = tuple(each.name for each in fields(Resource) if each.name != "country")
_TOP_KEYS = ("spec", "country", "zone", "resources")
_REQUIRED = ("id", "kind", "scope", "name", "groups", "confidence", "sources")
_VERIFIED = ("verified_on", "verified_by")


@dataclass(frozen=True, slots=True)
class Row:
    """A resource with its place in its file."""

    resource: Resource
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds; rows with faults of form are left out and told in `issues`."""

    country: str = ""
    zone: str = ""
    rows: tuple[Row, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(slots=True)
class _Reader:
    file: str
    lines: Lines
    issues: list[Issue] = field(default_factory=list[Issue])

    def tell(self, path: tuple[str | int, ...], message: str, severity: Severity = Severity.ERROR) -> None:
        """Add an issue at the innermost place whose line is known."""
        known = next((path[:end] for end in range(len(path), -1, -1) if path[:end] in self.lines), None)
        line = self.lines[known] if known is not None else 0
        shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        self.issues.append(Issue(self.file, line, 0, "spec", severity, shown, message))

    def line(self, path: tuple[str | int, ...]) -> int:
        return self.lines.get(path, 0)


def read_country(document: object, *, file: str, lines: Lines) -> Reading:
    """Read one country's file.

    Args:
        document: what the YAML reader made of it.
        file: its name, for issues.
        lines: 1-based line of every mapping key and list item, by its path.
    """
    reader = _Reader(file, lines)
    top = _mapping(reader, (), document)
    _unknown_keys(reader, (), top, _TOP_KEYS)
    if top.get("spec") != SPEC:
        reader.tell(("spec",), f"must be {SPEC}")
    country, zone = (_text(reader, (key,), top.get(key, "")) for key in ("country", "zone"))
    if len(country) != 2 or not country.isascii() or not country.isupper():
        reader.tell(("country",), 'must be a two-letter code in quotes, such as "RO"')
    listed = top.get("resources")
    if not isinstance(listed, list):
        reader.tell(("resources",), "must be a list of resources")
        listed = []
    rows = tuple(_rows(reader, country, zone, cast(list[object], listed)))
    return Reading(country, zone, rows, tuple(reader.issues))


def _rows(reader: _Reader, country: str, zone: str, listed: list[object]) -> Iterator[Row]:
    for index, item in enumerate(listed):
        path = ("resources", index)
        before = len(reader.issues)
        values = _row_values(reader, path, _mapping(reader, path, item))
        if any(issue.severity is Severity.ERROR for issue in reader.issues[before:]):
            continue
        values.setdefault("zone", zone)
        yield Row(Resource(country=country, **values), reader.file, reader.line(path))


def _row_values(reader: _Reader, path: tuple[str | int, ...], item: Mapping[str, object]) -> dict[str, Any]:
    _unknown_keys(reader, path, item, _ROW_KEYS)
    for key in _REQUIRED:
        if item.get(key) in (None, "", []):
            reader.tell(path, f"`{key}` is missing")
    values: dict[str, Any] = {}
    for key, value in item.items():
        if value is None or key not in _ROW_KEYS:
            continue
        if key in _VERIFIED:
            reader.tell(
                (*path, key),
                "is not taken from a file: `hotline resources verify` records who rang, and when",
                Severity.WARNING,
            )
            continue
        values[key] = _value(reader, (*path, key), key, value)
    return values


def _value(reader: _Reader, path: tuple[str | int, ...], key: str, value: object) -> Any:
    if key in _CODES:
        return _code(reader, path, _CODES[key], value)
    if key in _FLAGS:
        return _flag(reader, path, value)
    if key in _DAYS:
        return _day(reader, path, value)
    if key == "sources":
        return tuple(_source(reader, place, each) for place, each in _items(reader, path, value))
    if key in _LISTS:
        read: Callable[[_Reader, tuple[str | int, ...], object], Any] = _group if key == "groups" else _text
        found = [read(reader, place, each) for place, each in _items(reader, path, value)]
        return frozenset(found) if key == "groups" else tuple(found)
    return _text(reader, path, value)


def _mapping(reader: _Reader, path: tuple[str | int, ...], value: object) -> Mapping[str, object]:
    if isinstance(value, dict):
        return {str(key): each for key, each in cast(dict[object, object], value).items()}
    reader.tell(path, "must be a list of `name: value` lines")
    return {}


def _items(
    reader: _Reader, path: tuple[str | int, ...], value: object
) -> list[tuple[tuple[str | int, ...], object]]:
    if not isinstance(value, list):
        reader.tell(path, "must be a list")
        return []
    return [((*path, index), each) for index, each in enumerate(cast(list[object], value))]


def _unknown_keys(
    reader: _Reader, path: tuple[str | int, ...], item: Mapping[str, object], known: tuple[str, ...]
) -> None:
    for key in item:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            reader.tell((*path, key), f"`{key}` is not known{f'; did you mean `{near[0]}`?' if near else ''}")


def _text(reader: _Reader, path: tuple[str | int, ...], value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        reader.tell(path, "must stand in quotes: without them a number loses its leading zeros")
    else:
        reader.tell(path, "must be text")
    return ""


def _flag(reader: _Reader, path: tuple[str | int, ...], value: object) -> bool:
    if not isinstance(value, bool):
        reader.tell(path, "must be true or false")
    return value is True


def _day(reader: _Reader, path: tuple[str | int, ...], value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        reader.tell(path, "must be a day such as 2026-03-31")
        return None


def _code(reader: _Reader, path: tuple[str | int, ...], codes: type[StrEnum], value: object) -> Any:
    known = [str(code) for code in codes]
    if str(value) in known:
        return codes(str(value))
    near = difflib.get_close_matches(str(value), known, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else f": one of {', '.join(known)}"
    reader.tell(path, f"`{value}` is not known{hint}")
    return None


def _group(reader: _Reader, path: tuple[str | int, ...], value: object) -> Any:
    return _code(reader, path, Group, value)


def _source(reader: _Reader, path: tuple[str | int, ...], value: object) -> Source:
    item = _mapping(reader, path, value)
    known = tuple(each.name for each in fields(Source))
    _unknown_keys(reader, path, item, known)
    texts = {key: _text(reader, (*path, key), each) for key, each in item.items() if key in known}
    if not texts.get("where"):
        reader.tell(path, "`where` is missing: the page a row comes from")
    return Source(**{"where": "", **texts})
