"""Whoever waits is told when nobody can come: at the end of the hours, or when nobody is there (B-096)."""

from dataclasses import replace

import pytest

from bot.store import tables as t
from handoff.policy import DEFAULT_POLICY
from handoff.staffing import Escalation
from tests.routing.crews import plan, profile, staffing
from tests.routing.test_cases_claims import answers
from tests.services.walks import (
    WATCHED,
    asks_while_closed,
    in_a_chat,
    in_the_queue,
    lines_of,
    opens,
    say,
    tap,
)
from tests.town import Town, board_of

HOURS = "people are here again:"
NOBODY = "All people are busy at this moment"
NOBODY_YET = "Nobody can answer at this moment"
LONG = "It is taking long, and I am sorry; I go on asking"
NEVER_CAME = "When you wrote last, nobody here could answer"
NO_WOMAN = "Nobody here at this moment is as you asked"

NIGHT = """
spec: 1
zone: Europe/Bucharest
volunteers: {Maple: {languages: [en]}}
shifts:
  - {who: Maple, tier: primary, days: [mon, tue, wed, thu, fri], from: '20:00', to: '22:00'}
"""


def ends_the_hours(town: Town) -> None:
    town.house.library = replace(town.house.library, boards={})


def everyone_leaves(town: Town) -> None:
    for alias in ("Maple", "Juniper", "Alder"):
        town.set_ready(alias, ready=False)


@pytest.mark.parametrize("channel", ["web", "telegram", "matrix"])
async def test_at_the_end_of_the_hours_who_waits_is_told_and_waits_no_longer(
    town: Town, channel: str
) -> None:
    ann = await in_the_queue(town, "ann", channel)
    handoff = town.waiting()[0].id
    ends_the_hours(town)
    await town.passes(minutes=2)
    assert lines_of(ann).count(HOURS) == 1
    row = town.handoff(handoff)
    assert (row.state, row.urgency, row.facts_sealed) == ("closed", None, None)
    assert [row.stage for row in town.rows(t.conversation)] == ["triage"]
    assert town.count("handoff.out_of_hours") == 1
    assert town.rows(t.offer) == []
    await town.passes(minutes=10)
    assert lines_of(ann).count(HOURS) == 1


async def test_nobody_ready_is_told_after_two_minutes_and_somebody_back_meanwhile_is_not_nobody(
    town: Town,
) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    everyone_leaves(town)
    await town.passes(minutes=1.5)
    town.set_ready("Maple", ready=True)
    await town.passes(minutes=3)
    assert NOBODY not in lines_of(ann)
    assert town.waiting()
    everyone_leaves(town)
    await town.passes(minutes=4)
    assert lines_of(ann).count(NOBODY) == 1
    assert town.count("handoff.nobody") == 1
    assert town.waiting() == []
    town.set_ready("Maple", ready=True)
    await tap(town, ann, "Ask again", "Yes")
    assert len(town.waiting()) == 1


async def test_past_her_window_she_is_told_at_her_next_act(town: Town) -> None:
    town.patient = True
    ann = await in_the_queue(town, "ann", "telegram")
    await town.passes(minutes=12)
    ends_the_hours(town)
    await town.passes(minutes=3)
    assert town.waiting() == []
    assert HOURS not in lines_of(ann)
    await say(town, ann, "is anyone there?")
    assert lines_of(ann).count(HOURS) == 1  # as news, and not once more as the answer to her words
    assert "It is kept, locked." in lines_of(ann)


@pytest.mark.parametrize("channel", ["web", "telegram"])
async def test_in_quiet_mode_nothing_is_posted_until_she_acts(town: Town, channel: str) -> None:
    ann = await in_the_queue(town, "ann", channel, safety=WATCHED)
    before = len([m for m in town.channels[channel].sent if HOURS in m.text])
    ends_the_hours(town)
    await town.passes(minutes=2)
    assert len([m for m in town.channels[channel].sent if HOURS in m.text]) == before == 0
    await say(town, ann, "hello")
    assert any(HOURS in m.text for m in town.channels[channel].sent)


async def test_a_chat_opened_anew_tells_it_after_the_safe_check_once(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    await opens(town, "ann", "telegram")
    ends_the_hours(town)
    await town.passes(minutes=2)
    assert HOURS not in lines_of(ann)
    await tap(town, ann, "Yes", "No")
    assert lines_of(ann).count(HOURS) == 1


async def test_who_is_in_danger_keeps_her_place_and_is_told_once(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    await say(town, ann, "he will kill me")
    everyone_leaves(town)
    town.alerts.clear()
    await town.passes(minutes=5)
    assert lines_of(ann).count(NOBODY_YET) == 1
    assert "112" in lines_of(ann)
    assert [row.state for row in town.rows(t.handoff)] == ["waiting"]
    assert {kind for kind, _ in town.alerts} >= {"coordinator", "second_number", "nobody"}
    ends_the_hours(town)
    await town.passes(hours=2)
    assert [row.state for row in town.rows(t.handoff)] == ["waiting"]
    assert lines_of(ann).count(NOBODY_YET) == 1
    assert town.count("handoff.nobody_yet") == 1


async def test_a_chat_given_back_when_the_hours_are_over_does_not_wait_for_ever(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    ends_the_hours(town)
    chat.passes_on()
    await town.passes(minutes=1)
    assert town.handoff(chat.handoff).state == "closed"
    assert lines_of(ann).count(HOURS) == 1


async def test_a_long_wait_is_told_once_inside_her_window_and_never_ends_by_itself(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    town.patient = True
    await town.passes(minutes=5)
    await say(town, ann, "I wait")
    await town.passes(minutes=3.9)
    assert LONG not in lines_of(ann)
    await town.passes(minutes=0.2)
    assert lines_of(ann).count(LONG) == 1
    assert [kind for kind, _ in town.alerts].count("long_wait") == 1
    await town.passes(minutes=30)
    assert lines_of(ann).count(LONG) == 1
    assert [row.state for row in town.rows(t.handoff)] == ["waiting"]


async def test_who_says_nothing_after_her_yes_reads_it_too_before_her_window_ends(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    town.patient = True
    await town.passes(minutes=8.9)
    assert LONG not in lines_of(ann)
    await town.passes(minutes=0.2)
    assert lines_of(ann).count(LONG) == 1


@pytest.mark.parametrize("away", [20, 60])
async def test_a_search_that_ended_unread_is_told_when_she_is_back(town: Town, away: int) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    town.patient = True
    await town.passes(minutes=11)
    town.patient = False
    everyone_leaves(town)
    await town.passes(minutes=4)
    assert [row.state for row in town.rows(t.handoff)] == ["closed"]
    assert NOBODY not in lines_of(ann)  # her window is over: nothing lights her screen
    await town.passes(minutes=away - 15)
    await say(town, ann, "is anybody there")
    if away > 30:  # the conversation was closed in the silence: she begins anew
        assert NEVER_CAME not in lines_of(ann)
        await tap(town, ann, "Yes", "No")
        assert lines_of(ann).count(NEVER_CAME) == 1
        assert NOBODY not in lines_of(ann)  # what was true then
        await say(town, ann, "menu")
    assert lines_of(ann).count(NEVER_CAME) == (away > 30)
    assert (NOBODY in lines_of(ann)) is (away <= 30)


async def test_who_has_read_that_nobody_could_come_is_not_told_again(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    everyone_leaves(town)
    await town.passes(minutes=4)
    assert NOBODY in lines_of(ann)
    await town.passes(minutes=60)
    await say(town, ann, "hello again")
    await tap(town, ann, "Yes", "No")
    assert NEVER_CAME not in lines_of(ann)


async def test_outside_her_window_a_long_wait_is_told_at_her_next_act(town: Town) -> None:
    later = replace(DEFAULT_POLICY, long_wait_seconds=900)
    staffing(town, {"escalation": Escalation(later)})
    ann = await in_the_queue(town, "ann", "telegram")
    town.patient = True
    await town.passes(minutes=25)
    assert LONG not in lines_of(ann)
    await say(town, ann, "still here")
    assert lines_of(ann).count(LONG) == 1


async def test_who_wants_nobody_but_a_woman_is_told_at_once_that_none_is_here(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    profile(town, "Maple", gender="man")
    ann = await in_the_queue(town, "ann", "telegram")
    (row,) = town.waiting()
    answers(town, row.id, gender="woman_required")
    await town.passes(seconds=61)
    assert lines_of(ann).count(NO_WOMAN) == 1
    assert NOBODY not in lines_of(ann)
    await town.passes(minutes=3)
    assert lines_of(ann).count(NO_WOMAN) == 1
    assert lines_of(ann).count(NOBODY) == 1


async def test_while_the_line_is_closed_she_is_told_when_it_opens_and_consents_to_nothing(town: Town) -> None:
    town.house.library.boards["demo"] = board_of(NIGHT)  # pyright: ignore[reportIndexIssue]
    ann = await asks_while_closed(town)
    assert "people are here again: Wednesday 20:00" in ann.texts()[-1]
    await say(town, ann, "person", "person")
    assert not any("Shall I ask one?" in text for text in ann.texts())
    assert town.waiting() == []
    assert town.count("handoff.out_of_hours") == 1  # one woman, however often she asks
