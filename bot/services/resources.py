"""Resource files: reading with line numbers, linting, names of places, and writing them back (design §7).

Files are import sources; what is served lies in the database (`bot.store.resources`).
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from bot.services.plain_yaml import read_plain
from triage.directory import Resource
from triage.directory_lint import lint
from triage.directory_reading import SPEC, Reading, Row, read_country
from triage.issue import Issue, Severity

TO_RING = "to-ring.yaml"
RETIRED = "retired.yaml"
LANGUAGES = "languages.yaml"
HEADER = (
    "# Sourced from public pages; nobody has rung these numbers. How to read and change this: README.md.\n"
)
_QUOTED = frozenset({"country", "phone", "display", "sms", "whatsapp"})
_WIDTH = 110

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ResourceFiles:
    """What a resources folder holds.

    Attributes:
        rows: well-formed rows of the countries' files, to import.
        to_ring: rows of low confidence, for people to ring; never imported.
        retired: country → numbers that must never be listed again.
        issues: faults, sorted by file and line; an error forbids the import.
    """

    rows: tuple[Row, ...]
    to_ring: tuple[Row, ...]
    retired: Mapping[str, tuple[str, ...]]
    issues: tuple[Issue, ...]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """What an import takes."""
        return tuple(row.resource for row in self.rows)


def shipped() -> Traversable:
    """The folder of resources that comes with the program."""
    return files("config") / "resources"


def read_folder(folder: Traversable | Path, today: date) -> ResourceFiles:
    """Read and lint a folder of resource files (`hotline resources lint`); faults are told, not raised."""
    issues: list[Issue] = []
    retired = _read_retired(folder / RETIRED, issues)
    rows = [row for file in _country_files(folder) for row in _read_country(file, issues)]
    to_ring = list(_read_to_ring(folder / TO_RING, issues))
    issues += lint(rows, today=today, retired=retired)
    issues += lint(to_ring, today=today, retired=retired, to_ring=True)
    return ResourceFiles(tuple(rows), tuple(to_ring), retired, tuple(sorted(issues)))


def names(language: str, folder: Traversable | Path | None = None) -> dict[str, str]:
    """Names of places by code, days, months and languages for `triage.directory_lines`.

    An unpublished language gets the English ones. `folder` is a config folder; default the shipped one.
    """
    config = files("config") if folder is None else folder
    found: dict[str, str] = {}
    for tag in dict.fromkeys(("en", language)):
        for file in (config / "words" / f"regions.{tag}.yaml", config / "resources" / f"names.{tag}.yaml"):
            if file.is_file():
                found |= _flat(file)
    tongues = _flat(config / "resources" / LANGUAGES)
    return found | {f"language.{tag}": name for tag, name in tongues.items()}


def country_file(country: str, zone: str, resources: Iterable[Resource]) -> str:
    """One country's file as `resources export` writes it; reading it gives the same rows back."""
    listed = [_row(resource, zone) for resource in sorted(resources, key=lambda each: each.id)]
    top = {"spec": SPEC, "country": country, "zone": zone, "resources": listed}
    return HEADER + _dump({key: value for key, value in top.items() if value != ""})


def to_ring_file(resources: Iterable[Resource]) -> str:
    """The list of rows to be rung, grouped by country."""
    by_country: dict[str, list[dict[str, Any]]] = {}
    for resource in sorted(resources, key=lambda each: each.id):
        by_country.setdefault(resource.country, []).append(_row(resource, ""))
    groups = [{"country": country, "resources": rows} for country, rows in sorted(by_country.items())]
    return HEADER + _dump({"spec": SPEC, "countries": groups})


def export(resources: Iterable[Resource], zones: Mapping[str, str]) -> dict[str, str]:
    """File name → text for every country; `zones` gives each country's usual time zone."""
    by_country: dict[str, list[Resource]] = {}
    for resource in resources:
        by_country.setdefault(resource.country, []).append(resource)
    return {
        f"{country}.yaml": country_file(country, zones.get(country, ""), rows)
        for country, rows in sorted(by_country.items())
    }


def _country_files(folder: Traversable | Path) -> list[Traversable | Path]:
    """`RO.yaml` and its like, by name."""
    return sorted(
        (
            file
            for file in folder.iterdir()
            if len(file.name) == len("RO.yaml") and file.name.endswith(".yaml")
        ),
        key=lambda file: file.name,
    )


def _read_country(file: Traversable | Path, issues: list[Issue]) -> tuple[Row, ...]:
    document, lines = _load(file, issues)
    if document is None:
        return ()
    reading = read_country(document, file=file.name, lines=lines)
    issues += reading.issues
    if reading.country and file.name != f"{reading.country}.yaml":
        issues.append(_fault(file.name, lines.get(("country",), 0), f"must be named {reading.country}.yaml"))
    return reading.rows


def _read_to_ring(file: Traversable | Path, issues: list[Issue]) -> Iterator[Row]:
    if not file.is_file():
        return
    document, lines = _load(file, issues)
    groups: Any = cast(dict[str, Any], document).get("countries") if isinstance(document, dict) else None
    if not isinstance(groups, list):
        issues.append(_fault(file.name, 0, "must hold `countries`, a list"))
        return
    for index, group in enumerate(cast(list[Any], groups)):
        start: Place = ("countries", index)
        inside = {path[2:]: line for path, line in lines.items() if path[:2] == start}
        whole = {"spec": SPEC, **cast(dict[str, Any], group)} if isinstance(group, dict) else group
        reading: Reading = read_country(whole, file=file.name, lines=inside)
        issues += reading.issues
        yield from reading.rows


def _read_retired(file: Traversable | Path, issues: list[Issue]) -> dict[str, tuple[str, ...]]:
    if not file.is_file():
        return {}
    before = len(issues)
    document, lines = _load(file, issues)
    if len(issues) > before:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    listed: dict[Any, Any] = cast(dict[Any, Any], document) if isinstance(document, dict) else {"": document}
    for country, entries in listed.items():
        numbers = tuple(_retired_number(entry) for entry in _items(entries))
        if not numbers or "" in numbers:
            line = lines.get((country,), 0)
            issues.append(
                _fault(file.name, line, 'must be a list of `{number: "…", why: …}`, quotes included')
            )
        found[str(country)] = tuple(number for number in numbers if number)
    return found


def _items(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def _retired_number(entry: Any) -> str:
    number: Any = cast(dict[str, Any], entry).get("number") if isinstance(entry, dict) else None
    return number if isinstance(number, str) else ""


def _load(file: Traversable | Path, issues: list[Issue]) -> tuple[Any, dict[Place, int]]:
    """A file's plain content and the line of each of its places; (None, {}) after a fault of form."""
    try:
        document: Any = YAML().load(file.read_text(encoding="utf-8"))  # pyright: ignore[reportUnknownMemberType]  ruamel's stream type is open
    except MarkedYAMLError as fault:
        mark: Any = cast(Any, fault).problem_mark
        line = int(mark.line) + 1 if mark else 0
        issues.append(_fault(file.name, line, f"is not YAML: {cast(Any, fault).problem}"))
        return None, {}
    except (YAMLError, UnicodeDecodeError) as fault:
        issues.append(_fault(file.name, 0, f"cannot be read: {type(fault).__name__}"))
        return None, {}
    lines = dict(_lines((), document))
    return document, lines


def _lines(path: Place, value: Any) -> Iterator[tuple[Place, int]]:
    marks: Mapping[Any, Sequence[int]] = value.lc.data if hasattr(value, "lc") else {}
    for key, mark in (marks or {}).items():
        yield (*path, key), mark[0] + 1
        yield from _lines((*path, key), value[key])


def _flat(file: Traversable | Path) -> dict[str, str]:
    document: Any = read_plain(file.read_text(encoding="utf-8"))
    return {str(key): str(value) for key, value in cast(dict[Any, Any], document).items()}


def _row(resource: Resource, zone: str) -> dict[str, Any]:
    plain = resource.to_plain()
    del plain["country"]
    if plain.get("zone") == zone:
        del plain["zone"]
    return plain


def _dump(plain: Mapping[str, Any]) -> str:
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(_styled(plain), out)  # pyright: ignore[reportUnknownMemberType]  ruamel's stream type is open
    return out.getvalue()


def _styled(value: Any, key: str = "") -> Any:
    """Numbers in quotes, short lists on one line."""
    if isinstance(value, dict):
        return CommentedMap((name, _styled(each, name)) for name, each in cast(dict[str, Any], value).items())
    if isinstance(value, list):
        styled: Any = CommentedSeq(_styled(each) for each in cast(list[Any], value))
        if key in ("languages", "groups"):
            styled.fa.set_flow_style()
        return styled
    return DoubleQuotedScalarString(value) if key in _QUOTED else value


def _fault(file: str, line: int, message: str) -> Issue:
    return Issue(file, line, 0, "spec", Severity.ERROR, "", message)
