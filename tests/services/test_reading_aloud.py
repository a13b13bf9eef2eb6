"""What a screen reader may read out by itself: nothing before she has answered the safe check (B-011)."""

import pytest

from tests.services.walks import opens, say, tap
from tests.town import Town


def _aloud(town: Town) -> list[bool]:
    """Of what was sent since it was last asked."""
    sent = town.channels["web"].sent
    told = [message.aloud for message in sent]
    sent.clear()
    return told


def _none(told: list[bool]) -> bool:
    return bool(told) and not any(told)


async def test_who_is_this_and_the_safe_check_after_it_are_not_read_out(town: Town) -> None:
    ann = await opens(town, "ann")
    await tap(town, ann, "Who is this?", "Yes")
    assert "anyone else see this phone" in ann.texts()[-1]
    assert _none(_aloud(town))
    await tap(town, ann, "No")
    told = _aloud(town)
    assert told
    assert all(told)


@pytest.mark.parametrize("words", [("a word", "one more"), ("a word", "help now"), ("help now", "help now")])
async def test_what_she_types_before_the_safe_check_has_nothing_read_out(
    town: Town, words: tuple[str, str]
) -> None:
    ann = await opens(town, "ann")
    for word in words:
        await say(town, ann, word)
    assert len(ann.texts()) > len(words)
    assert _none(_aloud(town))


async def test_a_page_opened_again_is_asked_again_before_anything_is_read_out(town: Town) -> None:
    ann = await opens(town, "ann")
    await tap(town, ann, "Yes", "No")
    _aloud(town)
    await opens(town, "ann")
    assert _none(_aloud(town))
    await tap(town, ann, "Yes")
    assert _none(_aloud(town))
    await tap(town, ann, "No")
    assert all(_aloud(town))
