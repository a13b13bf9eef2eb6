"""No woman talks to an empty chair: whoever is shut out, signs out or leaves gives her chats back (PR9)."""

import pytest
from sqlalchemy import delete

from bot.model import DueKind
from bot.services import deadlines, people, sign_in
from bot.services.sign_in import Visit
from bot.store import tables as t
from tests.services.walks import in_a_chat, lines_of, say
from tests.town import Chat, Town

GONE = "The volunteer had to leave"


def opens_a_browser(town: Town, person: str) -> Visit:
    def work(connection):
        token = sign_in.begin_visit(connection, town.house, person, town.now)
        return sign_in.visit_of(connection, town.house, token, town.now)

    return town.write(work)


def leaves(town: Town, chat: Chat, how: str) -> None:
    if how == "suspended":
        town.write(lambda c: people.suspend(c, chat.person))
    elif how == "signed out":
        visit = opens_a_browser(town, chat.person)
        town.write(lambda c: sign_in.sign_out(c, visit))
    else:
        town.write(lambda c: sign_in.sign_out_everywhere(c, chat.person))


@pytest.mark.parametrize("channel", ["telegram", "web"])
@pytest.mark.parametrize("how", ["suspended", "signed out", "signed out everywhere"])
async def test_her_chats_go_back_to_the_head_of_the_queue_at_once(town: Town, how: str, channel: str) -> None:
    ann, chat = await in_a_chat(town, "ann", channel)
    chat.writes("I am here")
    await town.settle()
    town.restarts()
    leaves(town, chat, how)
    town.restarts()
    await town.settle()
    row = town.handoff(chat.handoff)
    assert (row.state, row.person, row.front) == ("waiting", None, True)
    assert GONE in lines_of(ann)
    assert town.count("live.holder_gone") == 1
    again = town.accept("Juniper")
    await town.passes(minutes=1)
    assert town.handoff(chat.handoff).person == again.person


async def test_one_of_two_browsers_keeps_the_chat(town: Town) -> None:
    _, chat = await in_a_chat(town, "ann", "telegram")
    opens_a_browser(town, chat.person)
    leaves(town, chat, "signed out")
    await town.settle()
    assert town.handoff(chat.handoff).state == "active"


async def test_a_browser_that_locked_itself_gives_the_chat_back(town: Town) -> None:
    town.house.mode = "trial"
    ann, chat = await in_a_chat(town, "ann", "telegram")
    opens_a_browser(town, chat.person)
    chat.writes("I am here")
    await town.passes(minutes=25)
    chat.writes("I wait with you")
    await town.passes(minutes=4)
    town.write(lambda c: deadlines.repair(c, town.house, town.now))
    await town.settle()
    assert town.handoff(chat.handoff).state == "active"
    await town.passes(minutes=2)
    town.write(lambda c: deadlines.repair(c, town.house, town.now))
    await town.settle()
    assert town.handoff(chat.handoff).state != "active"
    assert not people_present(town, chat.person)
    await say(town, ann, "hello?")
    assert GONE in lines_of(ann)


def people_present(town: Town, person: str) -> bool:
    return town.rows(t.person, t.person.c.id == person)[0].present


@pytest.mark.parametrize("channel", ["telegram", "matrix", "web"])
async def test_a_chat_in_which_nobody_writes_any_more_ends_within_a_day(town: Town, channel: str) -> None:
    _, chat = await in_a_chat(town, "ann", channel)
    chat.writes("Are you there?")
    await town.passes(hours=25)
    assert town.handoff(chat.handoff).state == "closed"
    assert all(row.body_sealed is None for row in town.rows(t.inbox))


async def test_a_chat_without_the_deadline_that_ends_it_gets_one(town: Town) -> None:
    _, chat = await in_a_chat(town, "ann", "telegram")
    town.write(lambda c: c.execute(delete(t.due).where(t.due.c.kind == DueKind.IDLE_CLOSE.value)))
    town.restarts()
    conversation = town.handoff(chat.handoff).conversation
    assert town.rows(t.due, t.due.c.kind == DueKind.IDLE_CLOSE.value, t.due.c.subject == conversation)
