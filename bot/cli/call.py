"""What every command gets: its words, the settings when it asks for them, and the moment it was called."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from bot.settings import Settings, load_settings

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2

Words = argparse.ArgumentParser
SubWords = Any  # argparse gives its collection of subcommands no public type


class Refused(Exception):
    """A command says no; the text says why and what to do."""


class WrongUse(Exception):
    """The words of a command do not fit together."""


@dataclass(frozen=True)
class Call:
    """One command as it was typed."""

    words: argparse.Namespace
    environ: Mapping[str, str]
    cwd: Path
    now: datetime

    @cached_property
    def settings(self) -> Settings:
        """The settings of this start. Raises `SettingsProblem`."""
        return load_settings(self.environ, self.cwd)


Command = Callable[[Call], int]


def add_word(sub: SubWords, name: str, summary: str, command: Command | None = None) -> Words:
    """A command word with its help, and what it does."""
    parser: Words = sub.add_parser(
        name, help=summary, description=summary, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if command is not None:
        parser.set_defaults(command=command)
    return parser


def add_words(parser: Words) -> SubWords:
    """Room for words below a word; one of them must be typed."""
    return parser.add_subparsers(metavar="WORD", required=True)


def add_format(parser: Words, default: str = "text") -> None:
    """`--format text|json` of a command that reads."""
    parser.add_argument(
        "--format", choices=("text", "json"), default=default, help=f"how to write it (default {default})"
    )


def show(call: Call, rows: Sequence[Mapping[str, object]]) -> None:
    """Rows as JSON, or as columns for the eye."""
    if call.words.format == "json":
        print(json.dumps(list(rows), ensure_ascii=False, indent=1))
        return
    if not rows:
        print("none")
        return
    lines = [list(rows[0]), *([_shown(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def show_one(call: Call, facts: Mapping[str, object]) -> None:
    """One thing's facts as JSON, or a line each."""
    if call.words.format == "json":
        print(json.dumps(dict(facts), ensure_ascii=False, indent=1))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        print(f"{name.ljust(width)}  {_shown(value)}")


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(str(each) for each in value) or "-"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  any list
    if value is None or value == "":
        return "-"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
