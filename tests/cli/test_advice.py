"""A message that tells somebody what to run names a command that exists."""

import argparse
import re
from pathlib import Path

import pytest

from bot.cli.main import WORDS, _parser

ROOT = Path(__file__).parents[2]
ADVICE = re.compile(r"`hotline ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
TOLD = sorted(
    {
        (found[1], found[2] or "", file.relative_to(ROOT).as_posix())
        for folder in ("bot", "channels", "triage", "handoff")
        for file in (ROOT / folder).rglob("*.py")
        for found in ADVICE.finditer(re.sub(r'"\s*\n\s*f?"', "", file.read_text(encoding="utf-8")))
    }
)


def below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The words that may follow."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


@pytest.mark.parametrize(("word", "second", "file"), TOLD)
def test_what_a_message_tells_somebody_to_run_exists(word: str, second: str, file: str) -> None:
    assert word.replace("-", "_") in WORDS, file
    words = below(below(_parser([word]))[word])
    assert not words or not second or second in words, file


def test_there_is_advice_to_look_at() -> None:
    assert ("init", "", "bot/services/premises.py") in TOLD
