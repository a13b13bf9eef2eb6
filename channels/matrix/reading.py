"""Looking into JSON that anybody may have written: what has not the shape we need is empty. Pure."""

from typing import Any, cast

Table = dict[str, Any]


def table(value: object) -> Table:
    """An object, {} for anything else."""
    return cast("Table", value) if isinstance(value, dict) else {}


def listing(value: object) -> list[Any]:
    """A list, [] for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def tables(value: object) -> list[Table]:
    """The objects of a list."""
    return [cast("Table", each) for each in listing(value) if isinstance(each, dict)]


def text(value: object) -> str:
    """A string, "" for anything else."""
    return value if isinstance(value, str) else ""


def number(value: object, otherwise: int = 0) -> int:
    """A whole number; `otherwise` for anything else, `true` included."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def at(value: object, *path: str) -> object:
    """What lies at the end of a path of keys; None where it leads nowhere."""
    for key in path:
        value = table(value).get(key)
    return value
