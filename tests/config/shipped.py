"""What ships in `config/`: the default script, its words and its surroundings, read once."""

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from triage.global_words import GlobalWords
from triage.lint.words import WordLists
from triage.model import Script
from triage.reading import SourceFile, read_script
from triage.run import Surroundings

CONFIG = Path(__file__).parents[2] / "config"
LANGUAGES = ("en", "ro")
CHANNELS = ("web", "telegram", "matrix")


def plain(path: str) -> Any:
    return YAML(typ="safe", pure=True).load((CONFIG / path).read_text("utf-8"))


def source(path: str) -> SourceFile:
    return SourceFile(Path(path).name, (CONFIG / path).read_text("utf-8"))


def by_language(pattern: str) -> dict[str, Any]:
    return {language: plain(pattern.format(language)) for language in LANGUAGES}


@cache
def script() -> Script:
    texts = {language: source(f"scripts/default.{language}.yaml") for language in LANGUAGES}
    read, issues = read_script(source("scripts/default.yaml"), texts)
    assert read is not None
    assert issues == ()
    return read


GLOBALS = by_language("words/globals.{}.yaml")
LISTS = {
    language: WordLists.from_plain(lists) for language, lists in by_language("words/lists.{}.yaml").items()
}
REGION_NAMES = by_language("words/regions.{}.yaml")
GRID = {
    language: tuple(tuple(row) for row in grid["rounds"])
    for language, grid in by_language("words/grid.{}.yaml").items()
}


def around(channel: str = "web") -> Surroundings:
    return Surroundings(
        channel=channel,
        regions=tuple(REGION_NAMES["en"]),
        region_names=REGION_NAMES,
        open_now=True,
        on_duty=frozenset({"volunteer", "supervisor"}),
        grid=GRID,
        words=GlobalWords(GLOBALS),
    )
