"""The bot never writes first: every window, and nothing past it (PR4)."""

from dataclasses import replace

import pytest

from bot.store import tables as t
from channels.message import DeliveryState, OutboundKind, Receipt
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

WEEKDAYS = """
spec: 1
zone: Europe/Bucharest
volunteers:
  Maple: {languages: [en, ro], skills: []}
shifts:
  - {who: Maple, tier: primary, days: [mon, tue, wed, thu, fri], from: '09:00', to: '17:00'}
"""


def fails_for_now(_: object) -> Receipt:
    return Receipt(DeliveryState.FAILED_FOR_NOW, "network")


@pytest.mark.parametrize(("minutes", "reaches"), [(9.9, True), (10.1, False)])
async def test_who_is_alone_is_reached_for_ten_minutes(town: Town, minutes: float, reaches: bool) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await town.passes(minutes=minutes)
    if minutes < 10:
        assert chat.writes("a late word").held is not reaches
        await town.settle()
        assert ("a late word" in ann.texts()) is reaches
    else:  # ten minutes without an answer: the chat went back to the queue, and no line told her
        assert town.handoff(chat.handoff).state == "waiting"
        assert ann.texts()[-1] == "hello"


@pytest.mark.parametrize(("minutes", "reaches"), [(0.9, True), (2.1, False)])
async def test_who_may_be_watched_is_reached_for_two_minutes(
    town: Town, minutes: float, reaches: bool
) -> None:
    ann = await opens(town, "ann", "telegram")
    await tap(town, ann, "Yes", *WATCHED)
    town.channels["telegram"].answer = fails_for_now
    ann.taps("Talk to a person")
    await town.settle()
    await town.passes(minutes=minutes)
    town.channels["telegram"].answer = lambda _: None
    await town.passes(minutes=5)
    held = {row.state for row in town.rows(t.outbox)} & {"held"}
    # What is tried again goes out inside the window, and is held past it.
    assert ("A trained person can join" in lines_of(ann)) is reaches
    assert bool(held) is not reaches


async def test_a_volunteers_words_past_the_window_wait_for_her_next_act_and_come_once(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("first")  # so that nothing is taken back
    await town.settle()
    await town.passes(minutes=11)
    assert chat.writes("while you were away").held
    assert chat.writes("and one more").held
    await town.passes(minutes=15)
    town.restarts()
    await town.passes(minutes=5)
    assert "while you were away" not in ann.texts()
    await say(town, ann, "here I am")
    assert ann.texts()[-2:] == ["while you were away", "and one more"]
    await say(town, ann, "thank you")
    town.restarts()
    await town.settle()
    assert ann.texts().count("while you were away") == 1


@pytest.mark.parametrize("mishap", ["retry", "restart", "reconnect", "fail-over", "restore"])
async def test_no_mishap_sends_what_is_past_its_window(town: Town, mishap: str) -> None:
    ann, chat = await in_a_chat(town, "ann", "web")
    chat.writes("first")
    await town.settle()
    ann.disconnects()
    chat.writes("into a dead line")
    await town.settle()
    copy = town.saves_copy()
    await town.passes(minutes=10.5)
    before = len(town.channels["web"].sent)
    match mishap:
        case "retry":
            ann.connected = True
        case "reconnect":
            ann.reconnects()
        case "restart" | "fail-over":
            town.restarts()
            ann.connected = True
        case _:
            town.restores(copy)
            ann.connected = True
    await town.passes(minutes=1)
    assert len(town.channels["web"].sent) == before
    await say(town, ann, "back again")
    assert ann.texts().count("into a dead line") == 1


async def test_a_restore_holds_everything_even_inside_the_window(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    town.channels["telegram"].answer = fails_for_now
    chat.writes("not yet out")
    await town.settle()
    copy = town.saves_copy()
    town.channels["telegram"].answer = lambda _: None
    town.restores(copy)
    await town.passes(minutes=1)
    assert "not yet out" not in ann.texts()
    await say(town, ann, "hello?")
    assert "not yet out" in ann.texts()


async def test_waiting_here_lets_news_come_for_half_an_hour_and_the_first_words_only(town: Town) -> None:
    town.patient = True
    ann = await in_the_queue(town, "ann", "telegram")
    await say(town, ann, "wait here")
    await town.passes(minutes=25)
    before = len(ann.texts())
    chat = town.accept("Maple")
    await town.settle()
    assert len(ann.texts()) > before  # she is told who is here
    assert not chat.writes("Hello, I am here now.").held
    await town.settle()
    assert ann.texts()[-1] == "Hello, I am here now."
    assert chat.writes("And a second thing.").held


@pytest.mark.parametrize("way", ["hide", "leave", "half an hour"])
async def test_waiting_here_ends(town: Town, way: str) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    await say(town, ann, "wait here")
    match way:
        case "hide":
            await say(town, ann, "hide")
        case "leave":
            await say(town, ann, "person")
            await tap(town, ann, "Leave the queue")
            assert town.waiting() == []
            await town.passes(minutes=11)
        case _:
            await town.passes(minutes=31)
    before = len(town.channels["telegram"].sent)
    await town.passes(minutes=20)
    news = [m for m in town.channels["telegram"].sent[before:] if m.kind is not OutboundKind.DELETE]
    assert news == []


async def test_a_visible_page_counts_as_her_act(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web")
    chat.writes("first")
    for _ in range(4):
        await town.passes(minutes=5)
        ann.is_present()
        await town.settle()
    assert not chat.writes("still there?").held
    await town.settle()
    assert ann.texts()[-1] == "still there?"


async def test_a_visible_page_releases_nothing_that_is_held(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web")
    chat.writes("first")
    await town.passes(minutes=11)
    chat.writes("held back")
    ann.is_present()
    await town.passes(minutes=1)
    assert "held back" not in ann.texts()


async def test_wait_news_comes_only_inside_the_window(town: Town) -> None:
    town.patient = True
    ann = await in_the_queue(town, "ann", "telegram")
    before = len(ann.texts())
    await town.passes(minutes=9.5)
    inside = len(ann.texts())
    assert inside > before
    await town.passes(hours=2)
    assert len(ann.texts()) == inside


# --- opening the page afresh -------------------------------------------------------------------------------


async def test_a_page_opened_afresh_shows_nothing_old_and_asks_the_safe_check_again(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web")
    ann.arrives()
    await town.settle()
    assert ann.texts() == ["Hi. Is now a good time to write here?"]
    chat.writes("new words while she looks")
    await town.settle()
    assert ann.texts() == ["Hi. Is now a good time to write here?"]
    await tap(town, ann, "Yes")
    assert "new words while she looks" not in ann.texts()
    await tap(town, ann, "No")
    assert ann.texts().count("new words while she looks") == 1
    assert "Hello ann, I am here." not in ann.texts()
    assert town.handoff(chat.handoff).state == "active"
    await say(town, ann, "it is me")
    chat.writes("good")
    await town.settle()
    assert ann.texts()[-1] == "good"


async def test_a_page_opened_afresh_keeps_her_place(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "web")
    place = town.waiting()[0]
    ann.arrives()
    await town.settle()
    await tap(town, ann, "Yes", "No")
    assert [(row.id, row.queued_at) for row in town.waiting()] == [(place.id, place.queued_at)]
    town.accept("Maple", place.id)
    await town.settle()
    assert "You are now writing with Maple" in lines_of(ann)


async def test_an_acceptance_before_the_safe_check_is_told_after_it(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "web")
    ann.arrives()
    await town.settle()
    town.accept("Maple")
    await town.settle()
    assert ann.texts() == ["Hi. Is now a good time to write here?"]
    await tap(town, ann, "Yes", "No")
    assert "You are now writing with Maple" in lines_of(ann)


async def test_words_typed_before_the_repeated_check_still_ask_for_an_answer(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web")
    chat.writes("first")
    ann.arrives()
    await town.settle()
    await say(town, ann, "are you still there, I need to tell you something")
    kinds = {row.kind for row in town.rows(t.due)}
    assert {"nudge", "take_back"} <= kinds


async def test_an_act_that_comes_late_opens_the_window_of_when_it_was_done(town: Town) -> None:
    """The service was away for an hour: no flood of late answers when it is back (B-145)."""
    ann = await opens(town, "ann", "telegram")
    await tap(town, ann, "Yes", "No")
    ann.types("is anybody there at all")
    updates = town.channels["telegram"]._updates
    updates[-1] = replace(updates[-1], sent_at=town.clock.now())
    town.clock.move(hours=1)
    before = len(town.channels["telegram"].sent)
    await town.passes(minutes=1)
    assert all(m.kind is OutboundKind.DELETE for m in town.channels["telegram"].sent[before:])
    await say(town, ann, "hello?")
    assert "Thank you, I have it" in lines_of(ann)


async def test_waiting_here_on_the_web_is_not_cut_short_by_silence(town: Town) -> None:
    town.patient = True
    ann = await in_the_queue(town, "ann", "web")
    await say(town, ann, "wait here")
    await town.passes(minutes=28)
    assert [row.state for row in town.rows(t.handoff)] == ["waiting"]
    chat = town.accept("Maple")
    await town.settle()
    assert not chat.writes("Hello, I am here now.").held
    await town.settle()
    assert ann.texts()[-1] == "Hello, I am here now."
    await town.passes(minutes=16)
    assert [row.stage for row in town.rows(t.conversation)] == ["closed"]


async def test_without_waiting_here_a_silent_page_is_gone_after_a_quarter_of_an_hour(town: Town) -> None:
    await in_the_queue(town, "ann", "web")
    await town.passes(minutes=16)
    assert [row.stage for row in town.rows(t.conversation)] == ["closed"]


async def test_the_next_opening_is_told_as_local_time_and_never_as_hers(town: Town) -> None:

    town.house.library = replace(town.house.library, boards={})
    ann = await asks_while_closed(town, "ann", "telegram")
    assert any("a time not known yet. " in text for text in ann.texts())
    assert not any("in your time" in text for text in ann.texts())


async def test_a_known_opening_names_whose_clock_it_is(town: Town) -> None:
    town.house.library = replace(town.house.library, boards={"demo": board_of(WEEKDAYS)})
    town.clock.move(hours=12)
    ann = await asks_while_closed(town, "ann", "telegram")
    assert any("here again: Thursday 09:00, our local time. " in text for text in ann.texts())
