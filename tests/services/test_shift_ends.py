"""The end of a shift with a chat open: warned, then asked for, never a silent switch (B-098)."""

from dataclasses import replace
from datetime import timedelta

from bot.services import questions, shift_ends
from bot.services.opening import open_conversation
from bot.services.questions import Asking
from bot.services.state import ConversationState
from bot.store.moments import to_moment
from tests.services.walks import in_a_chat, lines_of, say, tap
from tests.town import NOON, Chat, Town, board_of

SHIFTS = """
spec: 1
zone: UTC
volunteers: {{Maple: &both {{languages: [en, ro]}}, Juniper: *both, Alder: *both}}
shifts:
  - {{who: Maple, tier: primary, days: [wed], from: '09:00', to: '{end}'}}
  - {{who: Maple, tier: {later}, days: [wed], from: '11:00', to: '12:00'}}
  - {{who: Juniper, tier: primary, days: [wed], from: '09:00', to: '18:00'}}
  - {{who: Alder, tier: supervisor, days: [wed], from: '09:00', to: '18:00'}}
"""


def with_shift(town: Town, end: str = "11:00", later: str = "shadow") -> None:
    """Maple's shift ends at this hour; it is 10:00 (`NOON`)."""
    board = board_of(SHIFTS.format(end=end, later=later))
    town.house.library = town.library = replace(town.library, boards={"demo": board})


def state_of(town: Town, chat: Chat) -> ConversationState:
    conversation = town.handoff(chat.handoff).conversation
    opened = town.read(lambda c: open_conversation(c, town.house, conversation))
    assert opened is not None
    return opened.state


async def goes_on(town: Town, chat: Chat, until: timedelta) -> None:
    """Both keep writing until this long after `NOON`, as long as the chat is Maple's."""
    ann = town.woman("ann", "telegram")
    while town.clock.at < NOON + until:
        await town.passes(minutes=min(4.0, (NOON + until - town.clock.at).total_seconds() / 60))
        if town.handoff(chat.handoff).claim_version != chat.version:
            return
        await say(town, ann, "and then")
        chat.writes("I see.")
        await town.settle()


async def test_a_quarter_of_an_hour_before_the_end_the_volunteer_is_warned_once(town: Town) -> None:
    with_shift(town)
    _, chat = await in_a_chat(town, "ann", "telegram")
    await goes_on(town, chat, timedelta(minutes=44))
    assert town.count("live.shift_ends") == 0
    await goes_on(town, chat, timedelta(minutes=58))
    assert town.count("live.shift_ends") == 1
    assert state_of(town, chat).shift_end == to_moment(NOON + timedelta(hours=1))


async def test_after_half_an_hour_of_overtime_she_is_asked_and_a_supervisor_is_called(town: Town) -> None:
    with_shift(town)
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await goes_on(town, chat, timedelta(minutes=89))
    assert "take over" not in lines_of(ann)
    assert ("supervisor", chat.handoff) not in town.alerts
    await goes_on(town, chat, timedelta(minutes=91))
    assert "May another person take over?" in lines_of(ann)
    assert ("supervisor", chat.handoff) in town.alerts
    assert town.handoff(chat.handoff).state == "active", "nobody is switched under her"
    await goes_on(town, chat, timedelta(minutes=97))
    assert town.handoff(chat.handoff).state == "waiting"
    assert "handing over to another person" in lines_of(ann)


async def test_she_would_rather_stay_and_does_while_a_supervisor_is_called_again(town: Town) -> None:
    with_shift(town)
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await goes_on(town, chat, timedelta(minutes=91))
    await tap(town, ann, "I would rather stay")
    await goes_on(town, chat, timedelta(minutes=125))
    assert town.handoff(chat.handoff).state == "active"
    assert lines_of(ann).count("May another person take over?") == 1
    assert town.count("live.overtime") == 3


async def test_shifts_that_follow_each_other_are_one(town: Town) -> None:
    with_shift(town, later="backup")
    _, chat = await in_a_chat(town, "ann", "telegram")
    await goes_on(town, chat, timedelta(minutes=90))
    assert town.count("live.shift_ends") == 0
    await goes_on(town, chat, timedelta(minutes=106))
    assert town.count("live.shift_ends") == 1


async def test_a_shift_cut_short_under_an_open_chat_is_noticed(town: Town) -> None:
    with_shift(town, end="18:00")
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await goes_on(town, chat, timedelta(minutes=20))
    with_shift(town, end="10:00")
    await goes_on(town, chat, timedelta(minutes=31))
    assert town.count("live.shift_ends") == 1
    await goes_on(town, chat, timedelta(minutes=63))
    assert "take over" in lines_of(ann)


async def test_a_shift_made_longer_takes_the_warning_back(town: Town) -> None:
    with_shift(town)
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await goes_on(town, chat, timedelta(minutes=50))
    assert town.count("live.shift_ends") == 1
    with_shift(town, end="18:00")
    await goes_on(town, chat, timedelta(minutes=100))
    assert "take over" not in lines_of(ann)
    assert town.handoff(chat.handoff).state == "active"


async def test_the_next_volunteer_is_judged_by_her_own_shift(town: Town) -> None:
    with_shift(town)
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await goes_on(town, chat, timedelta(minutes=91))
    await tap(town, ann, "Yes, they may read")
    again = town.accept("Juniper")
    again.writes("I am Juniper.")
    await town.settle()
    state = state_of(town, again)
    assert (state.shift_warned, state.overtime_called) == (0, 0)
    assert state.shift_end == to_moment(NOON.replace(hour=18))
    assert questions.Asking(Asking.PASS_ON) is Asking.PASS_ON
    assert state.question == ""


def test_who_is_not_on_the_rota_has_no_end(town: Town) -> None:
    with_shift(town)
    assert shift_ends.end_of(town.house, "demo", "Nobody", town.now) is None
    assert shift_ends.end_of(town.house, "elsewhere", "Maple", town.now) is None
    assert shift_ends.end_of(town.house, "demo", "maple", town.now) == to_moment(NOON + timedelta(hours=1))
