"""A supervisor joins a live chat: announced by name, then she reads and writes; never unseen (B-117)."""

import pytest

from bot.model import Role
from bot.services import deadlines, desk, joining, panes, people
from bot.services.permissions import NotAllowed
from bot.store import tables as t
from channels.message import DeliveryState, Receipt
from tests.services.walks import WATCHED, in_a_chat, lines_of, say, tap
from tests.town import Chat, Town

TOLD = "Alder, who guides the volunteers, reads and writes here from now on."


def active(town: Town) -> None:
    town.write(lambda c: c.execute(t.person.update().values(state="active")))


def joins(town: Town, chat: Chat, alias: str = "Alder") -> Chat:
    """The supervisor's own hand on the chat."""
    active(town)
    person = town.person_id(alias)
    version = town.write(lambda c: joining.join(c, town.house, chat.handoff, person, town.now))
    return Chat(town, chat.handoff, person, version)


def parts(town: Town, guest: Chat) -> None:
    town.write(lambda c: joining.part(c, town.house, guest.handoff, guest.person, town.now))


def pane(town: Town, chat: Chat) -> panes.Pane:
    return town.read(lambda c: panes.pane(c, town.house, chat.handoff, chat.person, town.now))


def read_by(town: Town, chat: Chat) -> str:
    return "\n".join(f"{line.by}: {line.text}" for line in pane(town, chat).lines)


async def test_she_is_told_by_name_and_only_then_is_anything_read(either_town: Town) -> None:
    town = either_town
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "words from before")
    guest = joins(town, chat)
    seen = pane(town, guest)
    assert (seen.guest, seen.holder, seen.lines, seen.notes) == (True, "Maple", (), ())
    assert seen.visit is not None
    assert not seen.visit.told
    with pytest.raises(desk.DeskRefusal, match="NOT_TOLD_YET"):
        guest.writes("too early")
    await town.settle()
    assert ann.texts()[-1] == TOLD
    town.clock.move(seconds=5)
    await say(town, ann, "words from now on")
    chat.notes("she has a plan")
    chat.writes("words of Maple")
    await town.settle()
    read = read_by(town, guest)
    assert "words from now on" in read
    assert "Maple: words of Maple" in read
    assert "words from before" not in read, "she did not know of the guest when she wrote it"
    assert [note.text for note in pane(town, guest).notes] == ["she has a plan"]


async def test_the_guest_writes_under_an_alias_of_her_own_and_the_volunteer_sees_both(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    guest = joins(town, chat)
    await town.settle()
    guest.writes("I am Alder, and I help Maple.")
    await town.settle()
    assert (ann.screen[-1].name, ann.texts()[-1]) == ("Alder", "I am Alder, and I help Maple.")
    assert "Alder: I am Alder" in read_by(town, chat)
    visit = pane(town, chat).visit
    assert visit is not None
    assert (visit.alias, visit.told) == ("Alder", True)
    assert [line.whose for line in pane(town, guest).lines][-1] == "volunteer", "her own words are hers"


async def test_her_leaving_is_told_and_ends_the_reading(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    guest = joins(town, chat)
    await town.settle()
    parts(town, guest)
    parts(town, guest)
    await town.settle()
    gone = "Alder has left and does not read here any more. You are still writing with Maple."
    assert lines_of(ann).count(gone) == 1
    with pytest.raises(panes.NotYours):
        pane(town, guest)
    with pytest.raises(desk.DeskRefusal, match="NOT_YOURS"):
        guest.writes("after I left")
    assert town.handoff(chat.handoff).state == "active"


@pytest.mark.parametrize("how", ["quiet", "away", "refused for now"])
async def test_while_the_announcement_is_held_or_on_its_way_nothing_is_read(town: Town, how: str) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram", safety=WATCHED if how == "quiet" else ("No",))
    chat.writes("I listen.")
    await town.settle()
    if how == "away":
        town.clock.move(minutes=11)
    elif how == "refused for now":
        town.channels["telegram"].answer = lambda _: Receipt(DeliveryState.FAILED_FOR_NOW, "network")
    guest = joins(town, chat)
    await town.settle()
    assert TOLD not in lines_of(ann)
    assert pane(town, guest).lines == ()
    town.channels["telegram"].answer = lambda _: None
    if how == "quiet":
        await tap(town, ann, "Show")
    else:
        await say(town, ann, "written without knowing")
    await town.passes(seconds=40)
    assert TOLD in lines_of(ann)
    town.clock.move(seconds=5)
    await say(town, ann, "written knowing")
    read = read_by(town, guest)
    assert "written knowing" in read
    assert "written without knowing" not in read


async def test_on_the_web_taken_by_the_wire_is_not_yet_seen(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web")
    ann.disconnects()
    guest = joins(town, chat)
    await town.settle()
    assert not pane(town, guest).visit.told  # type: ignore[union-attr]
    ann.reconnects()
    await town.settle()
    assert TOLD in lines_of(ann)
    assert pane(town, guest).visit.told  # type: ignore[union-attr]


async def test_a_page_opened_anew_is_told_anew_before_anything_more_is_read(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web")
    guest = joins(town, chat)
    await town.settle()
    await say(town, ann, "while she knows")
    assert "while she knows" in read_by(town, guest)
    ann.arrives()
    await town.settle()
    assert pane(town, guest).lines == ()
    assert TOLD not in lines_of(ann)
    await tap(town, ann, "Yes", "No")
    assert lines_of(ann).count(TOLD) == 1
    await say(town, ann, "and once more")
    assert "and once more" in read_by(town, guest)


async def test_who_joins_before_her_safe_check_is_told_of_right_after_it(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web")
    ann.arrives()
    await town.settle()
    guest = joins(town, chat)
    await town.settle()
    assert TOLD not in lines_of(ann)
    assert pane(town, guest).lines == ()
    await tap(town, ann, "Yes", "No")
    assert lines_of(ann).count(TOLD) == 1


async def test_only_who_may_joins_and_only_one_at_a_time(town: Town) -> None:
    _, chat = await in_a_chat(town, "ann", "telegram")
    for alias in ("Juniper", "Maple"):
        with pytest.raises((NotAllowed, desk.DeskRefusal)):
            joins(town, chat, alias)
    elsewhere = town.add_person("Moss", Role.COORDINATOR)
    active(town)
    with pytest.raises(NotAllowed):
        town.write(lambda c: joining.join(c, town.house, chat.handoff, elsewhere, town.now))
    guest = joins(town, chat)
    assert joins(town, chat).version == guest.version, "joining twice changes nothing"
    town.add_person("Rowan", Role.SUPERVISOR)
    with pytest.raises(desk.DeskRefusal, match="SOMEBODY_JOINED"):
        joins(town, chat, "Rowan")
    assert town.count("live.joined") == 1


async def test_whoever_passed_this_chat_on_does_not_come_back_by_joining(town: Town) -> None:
    active(town)
    _, chat = await in_a_chat(town, "ann", "telegram")
    chat.passes_on()
    town.write(lambda c: people.grant(c, chat.person, Role.SUPERVISOR, "demo", town.now))
    await town.settle()
    again = town.accept("Juniper")
    with pytest.raises(desk.DeskRefusal, match="ALREADY_DECLINED"):
        joins(town, again, "Maple")


@pytest.mark.parametrize("end", ["passes_on", "closes", "hides"])
async def test_the_visit_ends_with_the_claim(town: Town, end: str) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    guest = joins(town, chat)
    await town.settle()
    if end == "hides":
        await say(town, ann, "hide")
    else:
        getattr(chat, end)()
    await town.settle()
    with pytest.raises(panes.NotYours):
        pane(town, guest)
    with pytest.raises(desk.DeskRefusal):
        guest.writes("to nobody")
    if end == "passes_on":
        again = town.accept("Juniper")
        assert pane(town, again).visit is None
        with pytest.raises(panes.NotYours):
            pane(town, guest)


async def test_who_is_shut_out_parts_at_once_and_she_is_told(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    guest = joins(town, chat)
    await town.settle()
    town.write(lambda c: people.suspend(c, guest.person))
    with pytest.raises(NotAllowed):
        pane(town, guest)
    town.write(lambda c: deadlines.repair(c, town.house, town.now))
    await town.settle()
    assert "Alder has left and does not read here any more." in lines_of(ann)


async def test_the_guests_words_answer_her_too(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    guest = joins(town, chat)
    await say(town, ann, "please help")
    assert pane(town, chat).deadlines
    guest.writes("I am here.")
    await town.settle()
    assert pane(town, chat).deadlines == {}
    await town.passes(minutes=5)
    assert ann.texts()[-1] == "I am here."
