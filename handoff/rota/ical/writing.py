"""Content lines written: escaped, and folded at 75 octets without cutting a letter (RFC 5545 §3.1)."""

import re
from collections.abc import Iterable
from typing import Final

OCTETS: Final = 75
_SPECIAL: Final = re.compile(r"[\\;,\n]")
_CONTROLS: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def escaped(text: str) -> str:
    """A value of type TEXT; control characters become spaces."""
    plain = _CONTROLS.sub(" ", text.replace("\r\n", "\n"))
    return _SPECIAL.sub(lambda match: "\\n" if match[0] == "\n" else f"\\{match[0]}", plain)


def written(lines: Iterable[str]) -> str:
    """The lines of a calendar, folded, each ended by CRLF. One folding error, and some programs drop it."""
    return "".join(f"{physical}\r\n" for line in lines for physical in _folded(line))


def _folded(line: str) -> Iterable[str]:
    if len(line) <= OCTETS and line.isascii():
        yield line
        return
    part, size, room = "", 0, OCTETS
    for letter in line:
        octets = len(letter.encode())
        if size + octets > room:
            yield part
            part, size, room = " ", 1, OCTETS
        part += letter
        size += octets
    yield part
