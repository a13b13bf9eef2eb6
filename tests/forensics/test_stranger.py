"""A locked record, a wrong phrase and a stranger are answered alike, byte for byte (design §4, B-020)."""

from pathlib import Path

import pytest

from tests.fakes.channel import Person
from tests.town import Town, make_town

RIGHT = ("grid.1", "grid.2", "grid.3", "grid.4")
WRONG = ("grid.4", "grid.3", "grid.2", "grid.1")
TO_THE_QUESTION = ("hello.yes", "safe_check.no", "notice3.ok", "word_question.yes")


async def taps(town: Town, woman: Person, *tokens: str) -> None:
    for token in tokens:
        woman.taps(token)
        await town.settle()


async def visit(town: Town, handle: str, phrase: tuple[str, ...]) -> list[object]:
    """Opens a page, says she has a word, taps it, looks round, leaves; returns all she was shown."""
    woman = town.woman(handle)
    seen: list[object] = []
    woman.arrives()
    await town.settle()
    for token in (*TO_THE_QUESTION, *phrase, None):
        seen.append(
            [
                (line.text, line.speaker, line.name, line.silent, line.choices)
                for line in woman.screen
                if line.sequence
            ]
        )
        if token is not None:
            await taps(town, woman, token)
    woman.leaves()
    await town.passes(minutes=40)
    return seen


async def sets_a_phrase(town: Town, handle: str) -> None:
    woman = town.woman(handle)
    woman.arrives()
    await town.settle()
    await taps(town, woman, "hello.yes", "safe_check.yes", "safe_options.phrase", *RIGHT)
    woman.leaves()
    await town.passes(minutes=40)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return make_town(tmp_path)


async def test_a_wrong_phrase_and_a_locked_record_read_as_a_stranger_does(town: Town) -> None:
    await sets_a_phrase(town, "hers")
    stranger = await visit(town, "nobody-knows-her", RIGHT)
    transcripts = [await visit(town, "hers", WRONG) for _ in range(5)]
    locked = await visit(town, "hers", RIGHT)
    assert transcripts == [stranger] * 5
    assert locked == stranger
    town.closes()


async def test_the_right_phrase_is_answered_otherwise_so_the_comparison_above_can_fail(town: Town) -> None:
    await sets_a_phrase(town, "hers")
    assert await visit(town, "hers", RIGHT) != await visit(town, "nobody-knows-her", RIGHT)
    town.closes()
