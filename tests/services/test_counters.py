"""Counters stand in clear: they tell what the service did, never why anybody wrote (PR6, F-4)."""

from bot.store import tables as t
from tests.services.walks import in_the_queue, opens, say, tap
from tests.town import Town

TELLING = ("region", "age_band", "role", "danger", "safety", "shares", "need", "signal", "under_18")


async def test_no_counter_tells_what_one_woman_answered_or_wrote(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    await say(town, ann, "he wants to kill me", "I am 15 years old", "1", "menu")
    bea = await opens(town, "bea", "telegram")
    await tap(town, bea, "Yes", "No", "OK, go on", "No", "No")
    assert town.waiting()[0].urgency == "U0"
    counted = {row.name for row in town.rows(t.counter)}
    assert counted
    assert [name for name in counted if any(part in name for part in TELLING)] == []
    assert {name.partition(".")[0] for name in counted} <= {
        "answer", "call", "conversation", "handoff", "live", "offer", "resource", "text",
    }  # fmt: skip
    assert not [name for name in counted if name.startswith("answer.") and "helped" not in name]
