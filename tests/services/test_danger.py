"""Help for danger words: before all else, with digits of its own, each time (B-035, B-135)."""

import pytest

from tests.services.walks import WATCHED, in_a_chat, in_the_queue, lines_of, past_the_notice, say, tap
from tests.town import Town

NECK = "last week he put his hands around my throat and i couldnt breathe"
CARD = "A doctor's check soon is important"
AGAIN = "Thank you for saying this too. If breathing, speaking or swallowing is hard, call 112 (Romania) now."


@pytest.mark.parametrize("channel", ["web", "telegram", "matrix"])
async def test_who_is_alone_and_has_read_the_notice_is_helped_at_once(town: Town, channel: str) -> None:
    ann = await past_the_notice(town, "ann", channel)
    before = len(ann.texts())
    await say(town, ann, NECK)
    said = [text for text in ann.texts()[before:] if text != NECK]
    assert CARD in said[0]
    assert said[1].startswith("Thank you, I have it.")
    assert said[2].startswith("Type hide at any time")


async def test_who_may_be_watched_is_told_only_after_the_notice(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "web", safety=WATCHED)
    await say(town, ann, NECK)
    assert CARD not in lines_of(ann)
    assert "If it is urgent, call 112 (Romania) at any hour" in lines_of(ann)
    await tap(town, ann, "OK, go on")
    assert CARD in lines_of(ann)


@pytest.mark.parametrize("channel", ["telegram", "matrix"])
async def test_a_digit_beside_a_card_answers_the_question(town: Town, channel: str) -> None:
    ann = await past_the_notice(town, "ann", channel)
    await say(town, ann, NECK)
    digits = [choice.digit for line in ann.screen[-3:] for choice in line.choices if choice.digit not in "90"]
    assert len(digits) == len(set(digits))
    await say(town, ann, "1")
    assert "agreed on four words" in ann.texts()[-1]


async def test_a_card_said_after_the_notice_leaves_its_digits_to_the_question(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "matrix", safety=WATCHED)
    await say(town, ann, NECK, "2", "1")  # a person, please; yes
    assert [row.urgency for row in town.waiting()] == ["U0"]


async def test_danger_told_again_is_heard_again(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    await say(town, ann, NECK, "his hands were on my neck again")
    assert lines_of(ann).count(CARD) == 1
    assert lines_of(ann).count(AGAIN) == 1


async def test_beside_a_person_the_guide_says_it_once(town: Town) -> None:
    ann, _ = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, NECK, NECK)
    assert lines_of(ann).count(CARD) == 1
    assert AGAIN not in lines_of(ann)


async def test_in_the_queue_her_words_are_met_by_how_it_stands(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "matrix")
    await say(town, ann, "is anybody there at all")
    assert "nobody has joined yet. I kept what you wrote. If it is urgent, call 112 (Romania)." in lines_of(
        ann
    )
    await say(town, ann, "1")  # what the last list calls 1, not the question of before
    assert "You can call the number above at any hour" in lines_of(ann)
