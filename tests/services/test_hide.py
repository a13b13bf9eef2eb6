"""`hide`, `stop` and leaving overtake everything, in every state (PR5)."""

import pytest

from bot.services import desk, outgoing, panes, receipts
from bot.services.lobby import queue_for
from bot.store import tables as t
from channels.message import OutboundKind
from tests.fakes.channel import Person
from tests.services.walks import in_a_chat, in_the_queue, lines_of, opens, past_the_notice, say, tap
from tests.town import Chat, Town

STATES = ("opened", "at the notice", "in the queue", "flagged in the queue", "in a chat", "closing")
WAYS = ("typed", "typed in another language", "tapped")


async def brought_to(town: Town, state: str, channel: str) -> tuple[Person, Chat | None]:
    match state:
        case "opened":
            return await opens(town, "ann", channel), None
        case "at the notice":
            return await past_the_notice(town, "ann", channel), None
        case "in the queue":
            return await in_the_queue(town, "ann", channel), None
        case "flagged in the queue":
            ann = await in_the_queue(town, "ann", channel)
            await say(town, ann, "he will kill me")
            assert town.waiting()[0].urgency == "U0"
            return ann, None
        case "in a chat":
            return await in_a_chat(town, "ann", channel)
        case _:
            ann, chat = await in_a_chat(town, "ann", channel)
            chat.closes()
            await town.settle()
            return ann, None


def hides(ann: Person, way: str) -> None:
    match way:
        case "typed":
            ann.types("Hide!")
        case "typed in another language":
            ann.types("ascunde")
        case _:
            ann.taps("!hide") if ann.channel.capabilities.buttons else ann.types("9")


def arrivals(town: Town, channel: str) -> int:
    """How many new or changed lines have reached anybody."""
    return sum(message.kind is not OutboundKind.DELETE for message in town.channels[channel].sent)


@pytest.mark.parametrize("channel", ["web", "telegram", "matrix"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", STATES)
async def test_after_hide_nothing_reaches_her_and_nothing_of_hers_is_left(
    town: Town, state: str, way: str, channel: str
) -> None:
    ann, chat = await brought_to(town, state, channel)
    if (state, way, channel) == ("in a chat", "tapped", "matrix"):
        way = "typed"  # a bare digit there is a word to the volunteer
    before = arrivals(town, channel)
    hides(ann, way)
    await town.settle()
    if chat is not None:
        with pytest.raises(desk.DeskRefusal, match="SHE_LEFT"):
            chat.writes("are you there?")
    await town.passes(hours=2)
    assert arrivals(town, channel) == before
    assert ann.screen == []
    assert all(row.body_sealed is None for row in town.rows(t.inbox))
    assert [row.data_key for row in town.rows(t.conversation)] == [None]
    assert town.rows(t.outbox) == []


@pytest.mark.parametrize("state", STATES)
async def test_leaving_by_the_exit_is_hide(town: Town, state: str) -> None:
    ann, _ = await brought_to(town, state, "web")
    before = arrivals(town, "web")
    ann.leaves()
    await town.passes(hours=2)
    assert arrivals(town, "web") == before
    assert [row.data_key for row in town.rows(t.conversation)] == [None]


async def test_a_volunteer_sees_that_she_had_to_leave_and_has_room_again_when_it_is_seen(town: Town) -> None:
    ann, chat = await in_a_chat(town)
    await say(town, ann, "hide")
    row = town.handoff(chat.handoff)
    assert (row.state, row.person, row.facts_sealed) == ("left", chat.person, None)
    town.write(lambda c: desk.acknowledge_left(c, chat.handoff, chat.person))
    assert town.handoff(chat.handoff).state == "closed"
    await in_the_queue(town, "bea")
    assert town.accept("Maple").person == chat.person


async def test_what_she_wrote_just_before_hiding_reaches_nobody(town: Town) -> None:
    ann, chat = await in_a_chat(town)
    ann.types("he found the phone")
    ann.types("hide")
    ann.types("this belongs to a new conversation")
    await town.settle()
    old, new = sorted(town.rows(t.conversation), key=lambda row: row.stage)
    assert (old.stage, new.stage) == ("closed", "triage")
    assert [row.state for row in town.rows(t.inbox)].count("withdrawn") == 2
    assert town.handoff(chat.handoff).state == "left"
    readable = town.rows(t.inbox, t.inbox.c.body_sealed.is_not(None))
    assert [row.conversation for row in readable] == [new.id]


@pytest.mark.parametrize("offered", ["once", "again"])
async def test_a_hide_offered_again_by_the_network_hides_nothing_new(town: Town, offered: str) -> None:
    ann, _ = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "hide")
    ann.arrives()
    await town.settle()
    if offered == "again":
        town._offered["telegram"] = 0
        await town.settle()
    assert sorted(row.stage for row in town.rows(t.conversation)) == ["closed", "triage"]


async def test_a_message_in_flight_when_she_hides_is_deleted_once_the_network_names_it(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("I am still here.")
    (departure,) = town.write(lambda c: outgoing.claim(c, town.house, "telegram", town.now))
    ann.types("hide")
    await town.intake()
    receipt = await town.channels["telegram"].send(departure.message)
    assert "I am still here." in ann.texts()
    town.write(lambda c: receipts.record(c, town.house, [(departure, receipt)], town.now))
    await town.passes(minutes=1)
    assert ann.screen == []
    assert [row.data_key for row in town.rows(t.conversation)] == [None]


@pytest.mark.parametrize("flagged", [True, False])
@pytest.mark.parametrize("talking", [True, False])
async def test_a_flagged_place_is_held_half_an_hour(town: Town, flagged: bool, talking: bool) -> None:
    ann, chat = await brought_to(town, "in a chat" if talking else "in the queue", "telegram")
    if flagged:
        await say(town, ann, "he will kill me")
    queued_at = town.rows(t.handoff)[0].queued_at
    await say(town, ann, "hide")
    await town.passes(minutes=20)
    await in_the_queue(town, "bea", "telegram")
    again = await in_the_queue(town, "ann", "telegram")
    assert again is ann
    mine = max(town.waiting(), key=lambda row: (row.queued_at == queued_at, row.queued_at))
    if flagged:
        assert (mine.queued_at, mine.urgency, mine.front) == (queued_at, "U0", talking)
    else:
        assert all(row.queued_at > queued_at for row in town.waiting())
    # A second time the place is gone: it is taken up once.
    await say(town, ann, "stop")
    assert len(town.waiting()) == 1


@pytest.mark.parametrize("seen", [True, False])
async def test_whoever_comes_back_is_told_and_the_volunteer_sees_it(either_town: Town, seen: bool) -> None:
    town = either_town
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "he will kill me", "hide")
    if seen:  # what the volunteer has seen does not take her place away
        town.write(lambda c: desk.acknowledge_left(c, chat.handoff, chat.person))
        row = town.handoff(chat.handoff)
        assert (row.state, row.urgency, row.person, row.front) == ("parked", "U0", None, True)
    await in_the_queue(town, "bea", "telegram")
    await in_the_queue(town, "ann", "telegram")
    assert lines_of(ann).count("Your place was kept while you were away.") == 1
    (mine,) = (row for row in town.waiting() if row.front)
    assert mine.urgency == "U0"
    assert town.count("handoff.resumed") == 1
    if not seen:
        active = {"state": "active"}
        town.write(lambda c: c.execute(t.person.update().values(active)))
        assert town.read(lambda c: panes.pane(c, town.house, chat.handoff, chat.person, town.now)).came_back
        lobby = town.read(lambda c: queue_for(c, town.house, chat.person, town.now))
        assert [one.came_back for one in lobby.chats] == [True]
    await town.passes(minutes=31)
    left = [row for row in town.rows(t.handoff) if row.id == chat.handoff]
    assert [(row.state, row.resumed_by, row.front) for row in left] in ([], [("closed", None, False)])


@pytest.mark.parametrize("how", ["hide", "stop"])
async def test_without_a_flag_or_of_her_own_will_nothing_is_held(town: Town, how: str) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    if how == "stop":
        await say(town, ann, "he will kill me")
    await say(town, ann, how)
    town.write(lambda c: desk.acknowledge_left(c, chat.handoff, chat.person))
    assert (town.handoff(chat.handoff).state, town.handoff(chat.handoff).urgency) == ("closed", None)
    await in_the_queue(town, "ann", "telegram")
    assert "Your place was kept" not in lines_of(ann)


async def test_a_held_place_ends_after_half_an_hour(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    await say(town, ann, "he will kill me", "hide")
    assert [row.state for row in town.rows(t.handoff)] == ["parked"]
    await town.passes(minutes=31)
    (row,) = town.rows(t.handoff)
    assert (row.state, row.urgency, row.queued_at % 3_600_000_000) == ("closed", None, 0)


@pytest.mark.parametrize("state", STATES)
async def test_stop_leaves_no_record_of_her_at_all(town: Town, state: str) -> None:
    ann, _ = await brought_to(town, state, "telegram")
    await say(town, ann, "stop")
    await town.passes(minutes=1)
    assert town.rows(t.contact) == []
    assert town.rows(t.data_key) == []
    assert ann.screen == []


async def test_hide_word_of_someone_unknown_begins_nothing(town: Town) -> None:
    stranger = town.woman("stranger", "telegram")
    await say(town, stranger, "hide", "stop")
    await town.passes(minutes=1)
    assert [row.data_key for row in town.rows(t.conversation)] == [None, None]
    assert town.rows(t.contact) == []
    assert {message.kind for message in town.channels["telegram"].sent} == {OutboundKind.DELETE}
    assert stranger.screen == []


async def test_removing_all_at_the_end_is_hide_and_leaving_the_numbers_leaves_the_numbers(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    await tap(
        town,
        ann,
        "OK, go on",
        "No",
        "No",
        "Rather not say",
        "About me",
        "Places and numbers",
        "To talk and ask",
        "Skip",
    )
    cards = [line.text for line in ann.screen if "116" in line.text or "0800" in line.text]
    assert cards
    await tap(town, ann, "That is all", "Leave the numbers")
    await town.passes(minutes=3)
    assert [line.text for line in ann.screen] == cards
