"""The common form of a text file, `key: "text"` line by line, read without a YAML parser.

A published language has thousands of such lines, and a parser that keeps places takes a second for them. What
has any other form, or any fault, is left to `reading_yaml`, which reads it in full and tells the fault; that
both read the same is a property test.
"""

import re
from typing import Final

from triage.reading_node import Node

_LINE: Final = re.compile(r'([a-z0-9_]+(?:\.[a-z0-9_]+)+): "([^"\\\n]*)"(?: +#.*)?')
_SKIPPED: Final = re.compile(r" *(?:#.*)?")
# Everything but spaces and printable letters: tabs, other line breaks, controls, marks of byte order.
_UNUSUAL: Final = re.compile(
    "[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def read_flat(text: str) -> Node | None:
    """The root mapping of a file that has only such lines, comments and empty lines; None for any other."""
    if _UNUSUAL.search(text):
        return None
    root = Node(0, 1, "mapping")
    for number, line in enumerate(text.split("\n"), start=1):
        found = _LINE.fullmatch(line)
        if found is None:
            if _SKIPPED.fullmatch(line) is None:
                return None
            continue
        key, value = found.groups()
        if key in root.entries:
            return None
        root.line = root.line or number
        root.entries[key] = Node(number, len(key) + 3, "scalar", value)
        root.keys[key] = Node(number, 1, "scalar", key)
    return root if root.entries else None
