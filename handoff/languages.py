"""Language tags (BCP 47) with levels: who speaks what well enough (rota.md §3.6)."""

from collections.abc import Iterable, Mapping
from typing import Final

FIRST_LANGUAGE: Final = 5
LEVELS: Final = range(1, FIRST_LANGUAGE + 1)
"""1 a few words, 2 simple talk, 3 a hard talk without help, 4 fluent, 5 a first language."""


def level_for(languages: Mapping[str, int], wanted: str) -> int:
    """The best level in which these languages serve `wanted`; 0 for not at all.

    `de` serves `de-AT` and `de-AT` serves `de`; `de-CH` does not serve `de-AT`. An unknown language ("")
    is served by everyone.
    """
    if not wanted:
        return FIRST_LANGUAGE
    asked = wanted.casefold().split("-")
    return max((level for tag, level in languages.items() if _serves(tag, asked)), default=0)


def speaks(languages: Mapping[str, int], wanted: str, level: int = 1) -> bool:
    """Whether one of the languages serves `wanted` at this level or better."""
    return level_for(languages, wanted) >= level


def matching(languages: Iterable[str], wanted: str) -> frozenset[str]:
    """The tags that serve `wanted`."""
    asked = wanted.casefold().split("-") if wanted else []
    return frozenset(tag for tag in languages if not wanted or _serves(tag, asked))


def _serves(tag: str, asked: list[str]) -> bool:
    known = tag.casefold().split("-")
    shorter = min(len(known), len(asked))
    return known[:shorter] == asked[:shorter]
