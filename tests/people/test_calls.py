"""A call for a supervisor climbs until somebody is on it, and never stands in the way of a chat (B-097)."""

import pytest
from sqlalchemy import update

from bot.model import Role
from bot.services import calls, deadlines, watchdog
from bot.services.calls import NoSuchCall, OpenCall
from bot.store import people_tables as p, tables as t
from handoff.calls import Called, CallReason, CallState
from tests.routing.crews import asked, plan, queued, talk
from tests.services.walks import in_a_chat, say
from tests.town import Town

LADDER = ("supervisor", "coordinator", "second_number")


def climbed(town: Town, subject: str) -> list[str]:
    return [what for what, about in town.alerts if about == subject and what in LADDER]


def open_for(town: Town, alias: str) -> tuple[OpenCall, ...]:
    person = town.person_id(alias)
    return town.read(lambda c: calls.open_for(c, town.house, person, town.now))


def acknowledges(town: Town, alias: str, call: str) -> None:
    person = town.person_id(alias)
    town.write(lambda c: calls.acknowledge(c, town.house, call, person, town.now))


async def test_nobody_accepts_and_the_call_climbs_each_rung_once(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    town.patient = True
    handoff = await queued(town, "ann")
    await town.passes(seconds=59)
    assert climbed(town, handoff) == []
    await town.passes(seconds=1)
    assert climbed(town, handoff) == ["supervisor"]
    await town.passes(seconds=90)
    assert climbed(town, handoff) == ["supervisor", "coordinator"]
    for _ in range(3):
        town.restarts()
        await town.settle()
    await town.passes(minutes=5)
    assert climbed(town, handoff) == list(LADDER)


async def test_danger_calls_at_once_and_three_times_as_fast(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    handoff = await queued(town, "ann")
    await say(town, town.woman("ann", "telegram"), "he will kill me")
    assert climbed(town, handoff) == ["supervisor"]
    (call,) = open_for(town, "Alder")
    assert (call.reason, call.state, call.who) == (
        CallReason.DANGER_NOW,
        CallState.OPEN,
        (Called.SUPERVISOR,),
    )
    assert "Alder" in asked(town, handoff)  # and she is offered it beside the others
    await town.passes(seconds=30)
    assert climbed(town, handoff) == ["supervisor", "coordinator"]


async def test_no_call_stands_in_the_way_of_a_chat_in_danger(town: Town) -> None:
    """Unanswered, answered by nobody, or broken: the chat is offered and taken as if there were none."""
    plan(town, Maple="primary", Juniper="primary", Alder="supervisor")
    handoff = await queued(town, "ann")
    await say(town, town.woman("ann", "telegram"), "he will kill me")
    town.write(lambda c: c.execute(update(p.supervisor_call).values(reason="no such reason")))
    await town.passes(seconds=61)
    assert town.count("due.failed") > 0  # the call cannot climb …
    assert set(asked(town, handoff)) | set(asked(town, handoff, "expired")) >= {"Maple", "Juniper", "Alder"}
    town.set_ready("Maple", ready=True)
    chat = talk(town, "Maple", handoff)  # … and she is answered all the same
    assert town.handoff(handoff).state == "active"
    assert chat.version == 1


async def test_a_call_reserves_nobody(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    _, chat = await in_a_chat(town, "ann", "telegram")
    town.write(lambda c: calls.ask(c, town.house, "demo", chat.handoff, chat.person, town.now))
    await town.settle()
    acknowledges(town, "Alder", open_for(town, "Alder")[0].id)
    bea = await queued(town, "bea")
    await say(town, town.woman("bea", "telegram"), "he will kill me")
    assert "Alder" in asked(town, bea)


async def test_an_accept_ends_it(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    handoff = await queued(town, "ann")
    await town.passes(seconds=59)
    await say(town, town.woman("ann", "telegram"), "he will kill me")
    talk(town, "Maple", handoff)
    await town.passes(minutes=1)
    assert open_for(town, "Alder") == ()
    assert town.rows(p.supervisor_call) == []
    assert not town.rows(t.due, t.due.c.kind == "call_step")
    assert climbed(town, handoff) == ["supervisor"]


async def test_whoever_is_on_it_stops_the_ladder_for_a_while_only(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    town.patient = True
    handoff = await queued(town, "ann")
    await town.passes(seconds=60)
    (call,) = open_for(town, "Alder")
    acknowledges(town, "Alder", call.id)
    assert open_for(town, "Alder")[0].state is CallState.ACKNOWLEDGED
    await town.passes(seconds=179)
    assert climbed(town, handoff) == ["supervisor"]
    await town.passes(seconds=1)  # nothing has changed: it climbs anew
    assert climbed(town, handoff) == ["supervisor", "supervisor"]
    assert open_for(town, "Alder")[0].state is CallState.OPEN


async def test_an_unanswered_word_calls_and_the_answer_ends_it(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary", Alder="supervisor")
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("hello again")
    await say(town, ann, "are you there?")
    await town.passes(minutes=6.1)
    assert climbed(town, chat.handoff) == ["supervisor"]
    assert open_for(town, "Alder")[0].reason is CallReason.UNANSWERED
    chat.writes("yes, I am")
    await town.passes(minutes=2)
    assert open_for(town, "Alder") == ()


async def test_help_she_asks_for_is_over_once_somebody_is_on_it(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    _, chat = await in_a_chat(town, "ann", "telegram")
    town.write(lambda c: calls.ask(c, town.house, "demo", chat.handoff, chat.person, town.now))
    await town.settle()
    (call,) = open_for(town, "Alder")
    assert call.reason is CallReason.ASKED
    acknowledges(town, "Alder", call.id)
    chat.writes("A colleague is with me")
    await town.passes(minutes=20)
    assert climbed(town, chat.handoff) == ["supervisor"]
    chat.closes()
    await town.settle()
    assert open_for(town, "Alder") == ()


async def test_who_sees_a_call_and_who_does_not(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary", Alder="supervisor")
    town.patient = True
    town.add_person("Cedar", Role.SUPERVISOR)  # not on duty
    town.add_person("Rowan", Role.COORDINATOR)
    handoff = await queued(town, "ann")
    await town.passes(seconds=60)
    (call,) = open_for(town, "Alder")
    assert open_for(town, "Cedar") == open_for(town, "Rowan") == open_for(town, "Juniper") == ()
    with pytest.raises(NoSuchCall):
        acknowledges(town, "Juniper", call.id)
    await town.passes(seconds=90)
    (wider,) = open_for(town, "Rowan")
    assert (wider.subject, wider.who) == (handoff, (Called.SUPERVISOR, Called.COORDINATOR))
    acknowledges(town, "Rowan", wider.id)
    assert open_for(town, "Rowan")[0].person == town.person_id("Rowan")


async def test_a_call_without_a_deadline_is_found(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    town.patient = True
    handoff = await queued(town, "ann")
    await town.passes(seconds=60)
    town.write(lambda c: c.execute(t.due.delete().where(t.due.c.kind == "call_step")))
    assert town.read(calls.unguarded) == [handoff]
    assert town.write(lambda c: watchdog.look(c, town.house, town.now)) == 1
    assert town.read(calls.unguarded) == []
    assert town.read(deadlines.unguarded) == []
    await town.passes(seconds=90)
    assert climbed(town, handoff) == ["supervisor", "coordinator"]
