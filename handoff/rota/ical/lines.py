"""Content lines and components (RFC 5545 §3.1, §3.4), with a limit on everything that can grow."""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

LARGEST: Final = 4_000_000  # bytes or characters; ten years of a large rota stay below
LONGEST_LINE: Final = 64_000  # characters, unfolded; a description of an event can be long
MOST_COMPONENTS: Final = 20_000
DEEPEST: Final = 4  # VCALENDAR, VTIMEZONE, STANDARD and one to spare

_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPED: Final = re.compile(r"\\(.)")


class NotACalendar(ValueError):
    """A file that is not iCalendar, or that is larger or deeper than a rota can be; `line` is 1-based."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.line = line


class Property(NamedTuple):
    """One content line: name and parameters in capitals, values as written."""

    name: str
    params: Mapping[str, tuple[str, ...]]
    value: str
    line: int

    def param(self, name: str) -> str:
        """The first value of a parameter, "" if it is not there."""
        return self.params.get(name, ("",))[0]

    @property
    def text(self) -> str:
        """The value of a property of type TEXT."""
        return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], self.value)


@dataclass(slots=True)
class Component:
    """BEGIN to END: its properties in order, and the components inside it."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list[Property])
    parts: list["Component"] = field(default_factory=list["Component"])

    def first(self, name: str) -> Property | None:
        """The first property of this name."""
        return next((one for one in self.properties if one.name == name), None)

    def every(self, name: str) -> list[Property]:
        """All properties of this name."""
        return [one for one in self.properties if one.name == name]


def decoded(content: bytes) -> str:
    """The text of a calendar file, which is UTF-8. Raises NotACalendar."""
    if len(content) > LARGEST:
        raise NotACalendar(f"the file is larger than {LARGEST // 1_000_000} megabytes")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NotACalendar("the file is UTF-16; save it as UTF-8")
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise NotACalendar("the file is not UTF-8 text; save it as UTF-8", line) from None


def components(text: str) -> list[Component]:
    """The calendars of a text. Raises NotACalendar."""
    found: list[Component] = []
    open_ones: list[Component] = []
    count = 0
    for line in properties(text):
        if line.name == "BEGIN":
            count += 1
            inner = Component(line.value.strip().upper(), line.line)
            _check_growth(count, len(open_ones) + 1, line.line)
            if not open_ones and inner.name != "VCALENDAR":
                raise NotACalendar("a calendar begins with BEGIN:VCALENDAR", line.line)
            (open_ones[-1].parts if open_ones else found).append(inner)
            open_ones.append(inner)
        elif not open_ones:
            raise NotACalendar("a calendar begins with BEGIN:VCALENDAR", line.line)
        elif line.name == "END":
            closed = open_ones.pop()
            if line.value.strip().upper() != closed.name:
                raise NotACalendar(f"END:{line.value.strip()} where END:{closed.name} is due", line.line)
        else:
            open_ones[-1].properties.append(line)
    if open_ones:
        raise NotACalendar(f"BEGIN:{open_ones[-1].name} has no END", open_ones[-1].line)
    if not found:
        raise NotACalendar("there is no calendar in it")
    return found


def _check_growth(count: int, depth: int, line: int) -> None:
    if count > MOST_COMPONENTS:
        raise NotACalendar(f"it holds more than {MOST_COMPONENTS} components", line)
    if depth > DEEPEST:
        raise NotACalendar(f"components are nested deeper than {DEEPEST}", line)


def properties(text: str) -> Iterator[Property]:
    """Every content line of a text. Raises NotACalendar."""
    if len(text) > LARGEST:
        raise NotACalendar(f"the file is larger than {LARGEST // 1_000_000} megabytes")
    for number, line in unfolded(text):
        if line.strip():
            yield _property(line, number)


def unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of the first of their physical ones. Raises NotACalendar."""
    parts: list[str] = []
    begun = size = 0
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = raw.removesuffix("\r")
        if "\r" in line or _CONTROLS.search(line):
            raise NotACalendar("a line holds a control character", number)
        if line[:1] in {" ", "\t"} and parts:
            parts.append(line[1:])
        else:
            if parts:
                yield begun, "".join(parts)
            parts, begun, size = [line], number, 0
        size += len(line)
        if size > LONGEST_LINE:
            raise NotACalendar(f"a line is longer than {LONGEST_LINE} characters", begun)
    if parts:
        yield begun, "".join(parts)


def _property(line: str, number: int) -> Property:
    match = _NAME.match(line)
    if match is None or line[match.end() : match.end() + 1] not in {":", ";"}:
        raise NotACalendar("a line is not written NAME:value", number)
    params: dict[str, tuple[str, ...]] = {}
    at = match.end()
    while line[at : at + 1] == ";":
        name, values, at = _parameter(line, at + 1, number)
        params.setdefault(name, values)
    if line[at : at + 1] != ":":
        raise NotACalendar("a line has no colon before its value", number)
    return Property(match[0].upper(), params, line[at + 1 :], number)


def _parameter(line: str, at: int, number: int) -> tuple[str, tuple[str, ...], int]:
    """Name, values and where the line goes on."""
    match = _NAME.match(line, at)
    if match is None or line[match.end() : match.end() + 1] != "=":
        raise NotACalendar("a parameter is not written NAME=value", number)
    values: list[str] = []
    at = match.end()
    while not values or line[at : at + 1] == ",":
        value, at = _parameter_value(line, at + 1, number)
        values.append(value)
    return match[0].upper(), tuple(values), at


def _parameter_value(line: str, at: int, number: int) -> tuple[str, int]:
    if line[at : at + 1] == '"':
        end = line.find('"', at + 1)
        if end < 0:
            raise NotACalendar("a quotation mark is not closed", number)
        return line[at + 1 : end], end + 1
    end = at
    while end < len(line) and line[end] not in ',;:"':
        end += 1
    return line[at:end], end
