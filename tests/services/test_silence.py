"""She says nothing: one soft question inside her window, later a quiet close (B-099)."""

import pytest

from bot.store import tables as t
from tests.services.walks import WATCHED, in_a_chat, lines_of, say, tap
from tests.town import Town

SOFT = "Are you still here? You can go on whenever you like."


async def sees_her_page(town: Town, minutes: int) -> None:
    """The page stays before her eyes."""
    for _ in range(minutes):
        town.woman("ann", "web").is_present()
        await town.passes(minutes=1)


async def test_once_in_a_silence_she_is_asked_where_her_window_is_open(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web")
    chat.writes("Take your time.")
    await sees_her_page(town, 9)
    assert SOFT not in lines_of(ann)
    await sees_her_page(town, 15)
    assert lines_of(ann).count(SOFT) == 1
    await say(town, ann, "yes, thinking")
    chat.writes("Good.")
    await sees_her_page(town, 12)
    assert lines_of(ann).count(SOFT) == 2


@pytest.mark.parametrize("channel", ["telegram", "matrix"])
async def test_where_her_window_has_closed_nothing_is_asked(town: Town, channel: str) -> None:
    ann, chat = await in_a_chat(town, "ann", channel)
    chat.writes("Take your time.")
    await town.settle()
    pushes = ann.pushes
    await town.passes(minutes=29)
    assert SOFT not in lines_of(ann)
    assert ann.pushes == pushes
    assert town.handoff(chat.handoff).state == "active"


async def test_where_somebody_looks_on_nothing_is_asked(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web", safety=WATCHED)
    chat.writes("Take your time.")
    await sees_her_page(town, 14)
    assert SOFT not in lines_of(ann)


@pytest.mark.parametrize("channel", ["telegram", "matrix"])
async def test_after_half_an_hour_the_chat_closes_without_a_word(town: Town, channel: str) -> None:
    ann, chat = await in_a_chat(town, "ann", channel)
    await town.passes(minutes=3)
    chat.writes("Take your time.")
    await town.settle()
    sent = len(town.channels[channel].sent)
    await town.passes(minutes=31)
    assert town.handoff(chat.handoff).state == "left"
    assert [m for m in town.channels[channel].sent[sent:] if m.kind.value == "new"] == []
    assert ann.screen == [], "what the network lets us delete is gone with the session (B-014)"
    await say(town, ann, "I am back")
    assert "good time to write here" in ann.texts()[-1], "a new session begins with the safe check (B-011)"


async def test_words_she_has_not_seen_are_told_after_the_next_safe_check(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    town.clock.move(minutes=11)
    assert chat.writes("For when you are back.").held
    await town.passes(minutes=31)
    await say(town, ann, "hello again")
    assert "For when you are back." not in lines_of(ann)
    await tap(town, ann, "Yes", "No")
    assert "For when you are back." in lines_of(ann)


async def test_a_flagged_one_keeps_her_place_half_an_hour_more(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "he will kill me")
    chat.writes("I am with you.")
    await town.passes(minutes=31)
    assert town.handoff(chat.handoff).state == "left"
    await say(town, ann, "back")
    await tap(town, ann, "Yes", "No", "Talk to a person", "Yes")
    (row,) = town.waiting()
    assert (row.urgency, row.front) == ("U0", True)


async def test_while_the_volunteer_owes_an_answer_silence_is_not_hers(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("How are you?")
    await say(town, ann, "not well")
    await town.passes(minutes=12)
    assert town.count("live.silent") == 0
    assert town.handoff(chat.handoff).state == "waiting", "taken back: that is PR9's"


async def test_a_talk_that_goes_on_is_never_closed(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    for _ in range(8):
        chat.writes("Go on.")
        await town.passes(minutes=25)
        await say(town, ann, "yes")
    assert town.handoff(chat.handoff).state == "active"
    assert [row.kind for row in town.rows(t.due, t.due.c.kind == "silence")] in ([], ["silence"])
