"""Nobody waits without a stored deadline (PR9)."""

import pytest

from bot.services import deadlines, desk
from bot.store import tables as t
from tests.services.walks import in_a_chat, in_the_queue, lines_of, say
from tests.town import Town

CHANNEL = "telegram"


def alerts(town: Town) -> list[str]:
    return [what for what, _ in town.alerts]


@pytest.mark.parametrize(("urgent", "minutes"), [(False, (3, 6, 10)), (True, (1, 2, 3))])
async def test_an_unanswered_word_of_hers_nudges_alerts_and_is_taken_back(
    town: Town, urgent: bool, minutes: tuple[int, int, int]
) -> None:
    ann, chat = await in_a_chat(town, "ann", CHANNEL)
    chat.writes("first")
    await town.settle()
    town.alerts.clear()
    await say(town, ann, "he will kill me" if urgent else "I do not know what to do")
    nudge, alert, back = minutes
    await town.passes(minutes=nudge - 0.1)
    assert alerts(town) == []
    await town.passes(minutes=0.2)
    assert alerts(town) == ["nudge"]
    await town.passes(minutes=alert - nudge)
    assert alerts(town)[:2] == ["nudge", "supervisor"]
    assert town.handoff(chat.handoff).state == "active"
    await town.passes(minutes=back - alert)
    row = town.handoff(chat.handoff)
    assert (row.state, row.front) == ("waiting", True)
    if urgent:  # inside her window she is told honestly
        assert "The volunteer had to leave" in lines_of(ann)
    with pytest.raises(desk.DeskRefusal):
        chat.writes("sorry, I am back")


async def test_a_further_word_of_hers_does_not_move_the_deadline(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", CHANNEL)
    for _ in range(6):
        await town.passes(minutes=1.9)
        await say(town, ann, "are you there?")
    assert town.handoff(chat.handoff).state == "waiting"


async def test_danger_in_a_later_word_shortens_the_deadlines_that_run(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", CHANNEL)
    await town.passes(minutes=2)
    await say(town, ann, "he will kill me")
    await town.passes(minutes=1.1)
    assert town.handoff(chat.handoff).state == "waiting"


async def test_accepting_without_a_word_is_a_silence_too(town: Town) -> None:
    await in_the_queue(town, "ann", CHANNEL)
    chat = town.accept("Maple")
    await town.passes(minutes=10.1)
    assert town.handoff(chat.handoff).state == "waiting"


async def test_an_answer_ends_the_deadlines(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", CHANNEL)
    chat.writes("I hear you")
    await town.passes(minutes=25)
    assert town.handoff(chat.handoff).state == "active"
    assert {row.kind for row in town.rows(t.due)}.isdisjoint({"nudge", "alert_supervisor", "take_back"})


@pytest.mark.parametrize("mishap", ["restart", "clock forward", "clock back", "day back and restart"])
async def test_no_mishap_leaves_her_waiting_longer(town: Town, mishap: str) -> None:
    town.patient = True
    ann, chat = await in_a_chat(town, "ann", CHANNEL)
    bea = await in_the_queue(town, "bea", CHANNEL)
    await town.passes(minutes=1)
    match mishap:
        case "restart":
            town.restarts()
        case "clock forward":
            town.clock.step(hours=2)
        case "clock back":
            town.clock.step(hours=-2)
        case _:
            town.clock.step(days=-1)
            town.restarts()
    await town.settle()
    await town.passes(minutes=10)
    assert town.handoff(chat.handoff).state == "waiting"
    waiting = {row.id for row in town.waiting()}
    steps = {row.subject: row.at for row in town.rows(t.due, t.due.c.kind == "queue_step")}
    assert waiting == set(steps)
    assert all(at <= town.now + 60_000_000 for at in steps.values())
    assert bea is not ann


@pytest.mark.parametrize("minutes_back", [60, 24 * 60])
async def test_a_clock_set_back_opens_no_window_again(town: Town, minutes_back: int) -> None:
    ann, chat = await in_a_chat(town, "ann", CHANNEL)
    chat.writes("first")
    await town.settle()
    await town.passes(minutes=5)
    town.clock.step(minutes=-minutes_back)
    await town.settle()
    assert not chat.writes("still inside").held
    await town.settle()
    assert ann.texts()[-1] == "still inside"
    await town.passes(minutes=6)
    assert chat.writes("eleven minutes after her last word").held
    await town.passes(minutes=120)
    assert "eleven minutes after her last word" not in ann.texts()


async def test_the_watchdog_finds_whoever_has_no_deadline(town: Town) -> None:
    bea, chat = await in_a_chat(town, "bea", CHANNEL)
    await in_the_queue(town, "ann", CHANNEL)
    town.write(lambda c: c.execute(t.due.delete()))
    assert town.write(lambda c: deadlines.repair(c, town.house, town.now)) == 4  # both lack two
    assert town.write(lambda c: deadlines.repair(c, town.house, town.now)) == 0
    await town.passes(minutes=10.1)
    assert town.handoff(chat.handoff).state == "waiting"
    assert len(town.waiting()) == 2


async def test_one_deadline_that_cannot_be_done_holds_up_no_other(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", CHANNEL)
    bea, other = await in_a_chat(town, "bea", CHANNEL, with_whom="Juniper")
    broken = town.handoff(chat.handoff).conversation
    town.write(
        lambda c: c.execute(
            t.conversation.update().where(t.conversation.c.id == broken).values(state_sealed=b"\x01nonsense")
        )
    )
    await town.passes(minutes=11)
    assert town.handoff(other.handoff).state == "waiting"
    assert town.count("due.failed") > 0


async def test_one_act_that_cannot_be_answered_holds_up_nobody_else(town: Town) -> None:
    ann = await in_the_queue(town, "ann", CHANNEL)
    bea = await in_the_queue(town, "bea", CHANNEL)
    ann.types("something")
    bea.types("something else that matters")
    await town.intake()
    first = min(row.id for row in town.rows(t.inbox, t.inbox.c.state == "new"))
    town.write(
        lambda c: c.execute(t.inbox.update().where(t.inbox.c.id == first).values(body_sealed=b"\x01nonsense"))
    )
    await town.settle()
    assert {row.state for row in town.rows(t.inbox, t.inbox.c.id == first)} == {"poison"}
    assert "I kept what you wrote" in lines_of(bea)
