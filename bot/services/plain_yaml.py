"""Lists and other plain documents from YAML, without places: fast, and as forgiving as the slow way."""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


def read_plain(text: str) -> Any:
    """The document's plain content. Raises `YAMLError` with the place of the fault.

    The parser in C is six times as fast, and the start waits for it; it refuses some of what YAML 1.2 allows
    (`{from: 20:00}`), so whatever it refuses is read in full.
    """
    try:
        return YAML(typ="safe").load(text)  # pyright: ignore[reportUnknownMemberType]  ruamel tells no types
    except YAMLError:
        return YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]  same
