"""A talk that ended stays a day on a messenger, looked at once; who goes on is closed when she is silent."""

from datetime import timedelta

from bot.store import tables as t
from bot.store.moments import from_moment
from tests.services.walks import past_the_notice, say, tap
from tests.town import Town


def silence_ends(town: Town) -> timedelta:
    """How long from now the silence of the one conversation is looked at."""
    (row,) = town.rows(t.due, t.due.c.kind == "idle_close")
    return from_moment(row.at) - town.clock.at


async def test_while_the_last_card_stays_the_silence_is_not_looked_at_again_and_again(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    await tap(town, ann, "Talk to a person", "Yes")
    chat = town.accept("Maple")
    chat.writes("Hello, I am here.")
    chat.closes()
    await town.passes(minutes=40)
    (talk,) = town.rows(t.conversation)
    assert talk.stage == "closing"
    assert silence_ends(town) > timedelta(hours=20)
    await say(town, ann, "menu")  # she goes on instead
    (talk,) = town.rows(t.conversation)
    assert talk.stage == "triage"
    assert silence_ends(town) == timedelta(minutes=30)
    await town.passes(minutes=31)
    assert [row.stage for row in town.rows(t.conversation, t.conversation.c.stage != "closed")] == []


async def test_who_does_not_answer_the_last_question_is_closed_after_a_day(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    await tap(town, ann, "Talk to a person", "Yes")
    chat = town.accept("Maple")
    chat.writes("Hello, I am here.")
    chat.closes()
    await town.passes(hours=23)
    assert [row.stage for row in town.rows(t.conversation)] == ["closing"]
    await town.passes(hours=1, minutes=1)
    assert [row.stage for row in town.rows(t.conversation, t.conversation.c.stage != "closed")] == []
    del ann
