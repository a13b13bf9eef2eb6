"""Passing on with her yes: asked neutrally, answered by a tap, never a silent switch (issue 5.10, B-098)."""

from typing import Any

import pytest

from bot.services import desk, handing_over, panes
from bot.store import tables as t
from tests.fakes.channel import Person
from tests.services.test_desk import facts_of
from tests.services.walks import WATCHED, in_a_chat, lines_of, say, tap
from tests.town import Chat, Town


def ask(chat: Chat, question: Any = handing_over.ask) -> None:
    chat._does(question)


def read_by(town: Town, chat: Chat) -> str:
    """What the volunteer of this chat reads, as one text."""
    town.write(lambda c: c.execute(t.person.update().values(state="active")))
    pane = town.read(lambda c: panes.pane(c, town.house, chat.handoff, chat.person, town.now))
    return "\n".join(line.text for line in pane.lines)


async def asked(town: Town, channel: str = "telegram") -> tuple[Person, Chat]:
    """A talk with marked words on both sides, and the question just asked."""
    ann, chat = await in_a_chat(town, "ann", channel)
    await say(town, ann, "her own words")
    chat.writes("words of Maple")
    await town.settle()
    ask(chat)
    await town.settle()
    return ann, chat


async def test_she_is_asked_and_the_volunteer_stays_hers_meanwhile(either_town: Town) -> None:
    town = either_town
    ann, chat = await asked(town)
    assert ann.texts()[-1].endswith("May another person take over?")
    assert [c.token for c in ann.screen[-1].choices] == ["!pass_all", "!pass_topic", "!pass_stay", "!hide"]
    chat.writes("I am still here with you.")
    await say(town, ann, "I am thinking about it")
    assert "I am still here" in lines_of(ann)
    assert "I am thinking about it" in read_by(town, chat)
    assert town.handoff(chat.handoff).state == "active"
    assert town.waiting() == []


async def test_with_her_yes_the_next_volunteer_reads_what_was_written_on_both_sides(town: Town) -> None:
    ann, chat = await asked(town)
    await tap(town, ann, "Yes, they may read")
    row = town.handoff(chat.handoff)
    assert (row.state, row.front, row.person) == ("waiting", True, None)
    assert ann.texts()[-1].startswith("Thank you. I am asking another person")
    again = town.accept("Juniper")
    await town.settle()
    assert "her own words" in read_by(town, again)
    assert "words of Maple" in read_by(town, again)
    assert facts_of(town, chat.handoff).declined_by == [chat.person]


@pytest.mark.parametrize("answer", ["Only what I chose", ""])
async def test_without_a_yes_the_next_volunteer_reads_nothing_of_before(town: Town, answer: str) -> None:
    ann, chat = await asked(town)
    if answer:
        await tap(town, ann, answer)
    else:
        await town.passes(minutes=5, seconds=1)
    assert town.handoff(chat.handoff).state == "waiting"
    told = "They will see what you chose here and a short note, never what you wrote before."
    assert lines_of(ann).count(told) == 1
    again = town.accept("Juniper")
    await town.settle()
    await say(town, ann, "words for Juniper")
    read = read_by(town, again)
    assert "words for Juniper" in read
    assert "her own words" not in read
    assert "words of Maple" not in read


async def test_a_yes_that_comes_late_still_opens_what_was_written(town: Town) -> None:
    ann, chat = await asked(town)
    question = ann.screen[-1]
    await town.passes(minutes=6)
    ann.screen.append(question)
    await tap(town, ann, "Yes, they may read")
    assert ann.texts()[-1].startswith("Thank you. I am asking another person")
    again = town.accept("Juniper")
    await town.settle()
    assert "her own words" in read_by(town, again)
    assert town.count("handoff.pass_late_yes") == 1
    assert chat.person != again.person


async def test_whoever_would_rather_stay_stays_and_is_not_asked_again(town: Town) -> None:
    ann, chat = await asked(town)
    await tap(town, ann, "I would rather stay")
    assert ann.texts()[-1] == "Good. You stay with Maple for now."
    await town.passes(minutes=6)
    assert town.handoff(chat.handoff).state == "active"
    with pytest.raises(desk.DeskRefusal, match="SHE_STAYS"):
        ask(chat)
    chat.passes_on()  # whoever must leave at once still can, and says so
    await town.settle()
    assert "handing over" in ann.texts()[-1]


async def test_a_second_question_waits_for_the_first(town: Town) -> None:
    _, chat = await asked(town)
    for question in (handing_over.ask, handing_over.ask_to_stop):
        with pytest.raises(desk.DeskRefusal, match="ASKED_ALREADY"):
            ask(chat, question)


async def test_without_buttons_she_answers_by_digit_or_by_label(town: Town) -> None:
    ann, chat = await asked(town, "matrix")
    assert "1 Yes, they may read" in ann.texts()[-1]
    await say(town, ann, "3")
    assert ann.texts()[-1].startswith("Good. You stay with Maple")
    bea, other = await in_a_chat(town, "bea", "matrix", with_whom="Juniper")
    ask(other)
    await town.settle()
    await say(town, bea, "only what I chose")
    assert town.handoff(other.handoff).state == "waiting"
    assert town.handoff(chat.handoff).state == "active"


async def test_a_digit_after_the_volunteer_has_written_is_for_the_volunteer(town: Town) -> None:
    ann, chat = await asked(town, "matrix")
    chat.writes("How many children are with you?")
    await town.settle()
    town.clock.move(seconds=5)
    await say(town, ann, "2")
    assert town.handoff(chat.handoff).state == "active"
    assert read_by(town, chat).endswith("2")


async def test_where_somebody_looks_the_question_waits_for_her_tap(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram", safety=WATCHED)
    before = len(ann.screen)
    ask(chat)
    await town.settle()
    assert len(ann.screen) <= before
    assert "take over" not in lines_of(ann)
    await tap(town, ann, "Show")
    assert "take over" in lines_of(ann)
    await tap(town, ann, "I would rather stay")
    assert town.handoff(chat.handoff).state == "active"


async def test_an_unanswered_question_is_told_once_when_she_comes_back(town: Town) -> None:
    ann, chat = await asked(town)
    pushes = ann.pushes
    town.clock.move(minutes=11)  # her window is over before anything falls due
    await town.settle()
    assert town.handoff(chat.handoff).state == "waiting"
    assert "handing over" not in lines_of(ann)
    assert ann.pushes == pushes
    await say(town, ann, "I am back")
    assert lines_of(ann).count("handing over") == 1


@pytest.mark.parametrize("end", ["closes", "passes_on", "hides", "taken back"])
async def test_a_question_ends_with_the_chat(town: Town, end: str) -> None:
    ann, chat = await asked(town)
    match end:
        case "hides":
            await say(town, ann, "hide")
        case "taken back":
            await say(town, ann, "are you there")
            town.write(lambda c: c.execute(t.due.update().where(t.due.c.kind == "take_back").values(at=0)))
        case _:
            getattr(chat, end)()
    await town.passes(minutes=6)
    assert town.count("handoff.pass_unanswered") == 0


async def test_an_answer_to_a_claim_that_is_over_changes_nothing_of_the_next(town: Town) -> None:
    ann, chat = await asked(town)
    question = ann.screen[-1]
    chat.passes_on()
    await town.settle()
    again = town.accept("Juniper")
    again.writes("I am Juniper.")
    await town.settle()
    ann.screen.append(question)
    await tap(town, ann, "I would rather stay")
    row = town.handoff(chat.handoff)
    assert (row.state, row.person) == ("active", again.person)
    assert "Good. You stay" not in lines_of(ann)


async def test_she_is_asked_whether_it_is_a_good_place_to_stop(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("We have a plan for tonight.")
    await town.settle()
    ask(chat, handing_over.ask_to_stop)
    await town.settle()
    assert ann.texts()[-1] == "Is this a good place to stop for today?"
    town.clock.move(seconds=5)
    await tap(town, ann, "Not yet")
    town.write(lambda c: c.execute(t.person.update().values(state="active")))
    pane = town.read(lambda c: panes.pane(c, town.house, chat.handoff, chat.person, town.now))
    assert (pane.lines[-1].mark, pane.lines[-1].text) == ("tapped", "Not yet")
    assert pane.presence is not None
    assert pane.presence.hers_since == town.now, "the volunteer owes her the next word"
