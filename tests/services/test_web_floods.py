"""A flood of web pages, flagged ones too, costs neither messengers nor anybody in danger her place."""

import pytest

from bot.services import lobby, queueing
from tests.fakes.channel import Person
from tests.services.walks import in_the_queue, lines_of, say, tap
from tests.town import Town


async def _in_danger(town: Town, handle: str, channel: str) -> Person:
    woman = town.woman(handle, channel)
    woman.arrives()
    await town.settle()
    await tap(town, woman, "Yes", "No")
    await say(town, woman, "he will kill me")
    await tap(town, woman, "notice3.person", "Yes")
    return woman


async def test_web_pages_that_type_of_danger_do_not_fill_the_head_of_the_queue(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queueing, "PLACES", 4)
    came: dict[str, str] = {}
    for handle, channel in (("a", "web"), ("b", "web"), ("c", "web"), ("d", "telegram")):
        before = {row.id for row in town.waiting()}
        woman = await _in_danger(town, handle, channel)
        (came[handle],) = {row.id for row in town.waiting()} - before
        assert "All people are busy" not in lines_of(woman)
        town.clock.move(seconds=1)
    assert {row.urgency for row in town.waiting()} == {"U0"}
    await in_the_queue(town, "e", "telegram")
    full = await in_the_queue(town, "f", "web")
    assert "All people are busy" in lines_of(full)
    alder = town.person_id("Alder")
    seen = town.read(lambda c: lobby.queue_for(c, town.house, alder, town.now)).waiting
    order = [one.handoff for one in seen]
    assert order[:4] == [came[handle] for handle in "abdc"]
    assert len(order) == 5
    crowded = town.woman("c", "web")
    before = len(crowded.texts())
    await say(town, crowded, "help now")
    assert "112" in " ".join(crowded.texts()[before:])
