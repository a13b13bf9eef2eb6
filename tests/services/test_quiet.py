"""Quiet mode: one status message, text on her act only, the last exchange stays (design §4)."""

import pytest

from channels.message import OutboundKind
from tests.fakes.channel import Person
from tests.services.walks import WATCHED, in_the_queue, lines_of, opens, past_the_notice, say, tap
from tests.town import Chat, Town

CHANNEL = "telegram"
ONE, MORE = "•", "• •"


async def quietly_in_a_chat(town: Town, safety: tuple[str, ...] = WATCHED) -> tuple[Person, Chat]:
    ann = await in_the_queue(town, "ann", CHANNEL, safety=safety)
    chat = town.accept("Maple")
    await town.settle()
    return ann, chat


def news_since(town: Town, number: int) -> list[OutboundKind]:
    return [m.kind for m in town.channels[CHANNEL].sent[number:]]


def status(ann: Person) -> list[str]:
    return [line.text for line in ann.screen if line.text in {ONE, MORE}]


@pytest.mark.parametrize("answer", ["Yes", "Not sure", "Rather not say"])
async def test_acceptance_and_replies_post_nothing_new_for_whoever_may_be_watched(
    town: Town, answer: str
) -> None:
    ann = await in_the_queue(town, "ann", CHANNEL, safety=(answer, "Go on here"))
    assert status(ann) == [ONE]
    sent, pushes = len(town.channels[CHANNEL].sent), ann.pushes
    chat = town.accept("Maple")
    await town.settle()
    assert status(ann) == [MORE]
    assert chat.writes("a secret line").held
    await town.settle()
    assert set(news_since(town, sent)) == {OutboundKind.EDIT}
    assert ann.pushes == pushes
    assert "a secret line" not in lines_of(ann)


async def test_her_tap_shows_what_waits_and_her_next_act_removes_it(town: Town) -> None:
    ann, chat = await quietly_in_a_chat(town)
    chat.writes("a secret line")
    await town.settle()
    await tap(town, ann, "!show")
    assert "a secret line" in ann.texts()
    assert status(ann) == [ONE]
    await say(town, ann, "thank you")
    assert "a secret line" not in ann.texts()
    assert ann.texts() == [ONE, "thank you"]


async def test_shown_text_goes_after_a_minute(town: Town) -> None:
    ann, chat = await quietly_in_a_chat(town)
    chat.writes("a secret line")
    await town.settle()
    await say(town, ann, "show")
    assert "a secret line" in ann.texts()
    await town.passes(seconds=59)
    assert "a secret line" in ann.texts()
    await town.passes(seconds=2)
    assert ann.texts() == [ONE]


async def test_only_the_last_exchange_stays_in_the_chat(town: Town) -> None:
    ann = await past_the_notice(town, "ann", CHANNEL, safety=WATCHED)
    assert "Could anyone else see this phone or this chat?" not in lines_of(ann)
    assert ann.texts()[0] == "Go on here"
    await tap(town, ann, "OK, go on")
    assert len(ann.screen) == 2
    assert ann.texts()[0] == "OK, go on"


async def test_hide_takes_the_status_message_too(town: Town) -> None:
    ann, chat = await quietly_in_a_chat(town)
    chat.writes("a secret line")
    await town.settle()
    await say(town, ann, "hide")
    await town.passes(minutes=1)
    assert ann.screen == []


async def test_wait_news_is_a_silent_edit_inside_a_quarter_of_an_hour(town: Town) -> None:
    town.patient = True
    ann = await in_the_queue(town, "ann", CHANNEL, safety=WATCHED)
    sent = len(town.channels[CHANNEL].sent)
    await town.passes(minutes=14)
    assert set(news_since(town, sent)) <= {OutboundKind.EDIT}
    assert status(ann) == [MORE]
    sent = len(town.channels[CHANNEL].sent)
    await town.passes(hours=1)
    assert news_since(town, sent) == []


async def test_every_edit_and_deletion_names_the_message_as_the_network_does(town: Town) -> None:
    ann, chat = await quietly_in_a_chat(town)
    chat.writes("a secret line")
    await town.settle()
    await say(town, ann, "show", "thank you")
    await town.passes(minutes=2)
    meant = [m for m in town.channels[CHANNEL].sent if m.kind is not OutboundKind.NEW]
    assert meant
    assert all(m.target_remote_id for m in meant)


async def test_being_alone_now_ends_quiet_mode_and_brings_what_waited(town: Town) -> None:
    ann, chat = await quietly_in_a_chat(town)
    chat.writes("a secret line")
    await town.settle()
    ann.arrives()
    await town.settle()
    await tap(town, ann, "Yes", "No")
    assert "a secret line" in ann.texts()
    assert status(ann) == []
    assert not chat.writes("now plainly").held
    await town.settle()
    assert ann.texts()[-1] == "now plainly"


async def test_someone_beside_her_now_begins_quiet_mode(town: Town) -> None:
    ann = await in_the_queue(town, "ann", CHANNEL)
    chat = town.accept("Maple")
    await town.settle()
    chat.writes("plainly")
    await town.settle()
    ann.types("/start")
    again = await opens(town, "ann", CHANNEL)
    await tap(town, again, "Yes", "Yes", "Go on here")
    assert chat.writes("a secret line").held
    await town.settle()
    assert "a secret line" not in lines_of(again)
    assert "plainly" not in lines_of(again)
    assert status(again) == [MORE]
    assert len(again.screen) <= 4


async def test_cover_text_and_removed_lines_when_someone_else_holds_the_phone(town: Town) -> None:
    ann = await in_the_queue(town, "ann", CHANNEL)
    chat = town.accept("Maple")
    await town.settle()
    chat.writes("Are you all right?")
    await town.settle()
    await say(town, ann, "who is this")
    chat.presses("someone_else")
    await town.settle()
    assert ann.texts() == ["Thank you. There is nothing new at the moment."]
    await town.passes(hours=2)
    assert town.handoff(chat.handoff).state == "closed"
    assert "all right" not in lines_of(ann)


async def test_the_cover_text_answers_nothing_further_of_the_talk(town: Town) -> None:
    ann = await in_the_queue(town, "ann", CHANNEL)
    chat = town.accept("Maple")
    await town.settle()
    chat.presses("someone_else")
    await town.settle()
    await say(town, ann, "what was that")
    assert "Hi. Is now a good time to write here?" in ann.texts()[-1]
