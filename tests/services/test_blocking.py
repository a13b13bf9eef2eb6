"""Blocked for a while: the emergency card still answers, a person reviews it (B-066, B-067)."""

from datetime import timedelta

import pytest

from bot.model import Role
from bot.services import blocking, desk, turning
from bot.services.blocking import OwnBlock, UnknownBlock
from bot.services.permissions import NotAllowed
from bot.store import block_table, tables as t
from bot.store.moments import from_moment
from tests.fakes.channel import Person
from tests.services.walks import in_a_chat, lines_of, opens, past_the_notice, say, tap
from tests.town import Chat, Town

PAUSED = "This chat is paused for now."


def active(town: Town) -> None:
    town.write(lambda c: c.execute(t.person.update().values(state="active")))


async def blocked(town: Town, channel: str = "telegram") -> tuple[Person, Chat]:
    """A chat closed as misuse, with the block just asked for; she has written once since."""
    ann, chat = await in_a_chat(town, "ann", channel)
    chat._does(blocking.close_and_ask)
    await town.settle()
    await say(town, ann, "again")
    return ann, chat


def only_one(town: Town) -> str:
    (row,) = town.rows(block_table.block)
    return row.id


async def test_each_message_is_answered_with_the_emergency_card_and_nothing_else(either_town: Town) -> None:
    town = either_town
    ann, chat = await blocked(town)
    assert town.handoff(chat.handoff).state == "closed"
    for text in ("let me in", "1 2 3", "menu"):
        said = len(ann.screen)
        await say(town, ann, text)
        new = "\n".join(line.text for line in ann.screen[said:])
        assert "112" in new
        assert PAUSED in new
    assert town.waiting() == []
    assert town.count("block.met") == 4


async def test_who_is_blocked_cannot_reach_the_queue_by_an_older_card(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    older = ann.screen[-1]
    bea, chat = await in_a_chat(town, "bea", "telegram")
    chat._does(blocking.close_and_ask)
    await say(town, bea, "again")
    bea.screen.append(older)
    await tap(town, bea, "Talk to a person")
    assert PAUSED in bea.texts()[-1]
    await tap(town, ann, "Talk to a person", "Yes")  # somebody else is met as always
    assert [row.state for row in town.rows(t.handoff, t.handoff.c.state == "waiting")] == ["waiting"]


async def test_hide_and_stop_work_for_who_is_blocked(town: Town) -> None:
    ann, _ = await blocked(town)
    await say(town, ann, "hide")
    assert ann.screen == []
    await say(town, ann, "stop")
    await town.passes(minutes=1)
    assert town.rows(t.contact) == []


async def test_an_objection_is_noted_once_and_a_supervisor_sees_it_first(town: Town) -> None:
    ann, _ = await blocked(town)
    await tap(town, ann, "It is a mistake")
    assert ann.texts()[-1] == "Thank you. A person looks at it."
    await say(town, ann, "hello?")
    await tap(town, ann, "It is a mistake")
    assert [row.objections for row in town.rows(block_table.block)] == [1]
    assert town.count("block.objected") == 1
    cy, other = await in_a_chat(town, "cy", "telegram")
    other._does(blocking.close_and_ask)
    await say(town, cy, "again")
    shown = town.read(lambda c: blocking.standing(c, town.house, ["demo"], town.now))
    assert [one.objections for one in shown] == [1, 0]


async def test_words_of_danger_from_who_is_blocked_call_a_person(town: Town) -> None:
    ann, _ = await blocked(town)
    await say(town, ann, "he will kill me")
    assert [row.objections for row in town.rows(block_table.block)] == [1]
    assert "112" in lines_of(ann)


async def test_nobody_in_danger_is_blocked(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "he will kill me")
    with pytest.raises(desk.DeskRefusal, match="BLOCK_DANGER"):
        chat._does(blocking.close_and_ask)
    assert town.rows(block_table.block) == []
    assert town.handoff(chat.handoff).state == "active"


async def test_without_a_review_it_ends_after_a_day(town: Town) -> None:
    await blocked(town)
    await town.passes(hours=24, minutes=1)
    ann = await opens(town, "ann", "telegram")
    await say(town, ann, "hello")
    assert PAUSED not in ann.texts()[-1]
    town.write(lambda c: turning.forget_old(c, town.house, from_moment(town.now)))
    assert town.rows(block_table.block) == []


async def test_another_person_confirms_it_for_days_and_whoever_asked_does_not(town: Town) -> None:
    ann, chat = await blocked(town)
    active(town)
    block, by = only_one(town), town.person_id("Alder")
    with pytest.raises(NotAllowed):
        town.write(lambda c: blocking.confirm(c, town.house, block, chat.person, town.now))
    rowan = town.add_person("Rowan", Role.SUPERVISOR)
    active(town)
    town.write(lambda c: c.execute(block_table.block.update().values(asked_by=rowan)))
    with pytest.raises(OwnBlock):
        town.write(lambda c: blocking.confirm(c, town.house, block, rowan, town.now))
    for days in (0, 15):
        with pytest.raises(ValueError, match="1 to 14"):
            town.write(lambda c, days=days: blocking.confirm(c, town.house, block, by, town.now, days))
    town.write(lambda c: blocking.confirm(c, town.house, block, by, town.now, 7))
    await town.passes(hours=48)
    await say(town, ann, "still?")
    assert PAUSED in ann.texts()[-1]
    await town.passes(hours=24 * 5 + 1)
    again = await opens(town, "ann", "telegram")
    assert PAUSED not in again.texts()[-1]


async def test_lifted_it_is_gone_at_once(town: Town) -> None:
    ann, _ = await blocked(town)
    active(town)
    block, by = only_one(town), town.person_id("Alder")
    town.write(lambda c: blocking.lift(c, town.house, block, by, town.now))
    assert town.rows(block_table.block) == []
    await say(town, ann, "hello")
    assert PAUSED not in ann.texts()[-1]
    with pytest.raises(UnknownBlock, match="page of blocks"):
        town.write(lambda c: blocking.lift(c, town.house, block, by, town.now))


async def test_whom_a_block_is_about_dies_with_its_key(town: Town) -> None:
    await blocked(town)
    vault, now = town.house.vault, from_moment(town.now)
    (row,) = town.rows(block_table.block)
    assert bytes(row.digest) in [digest for _, digest in vault.block_indexes("telegram", "ann")]
    assert bytes(row.digest) not in [digest for _, digest in vault.address_indexes("telegram", "ann")]
    assert vault.drop_old_block_keys(now + timedelta(days=29)) == ()
    assert vault.drop_old_block_keys(now + timedelta(days=31)) == (row.block_key,)
    assert vault.block_indexes("telegram", "ann") == []
