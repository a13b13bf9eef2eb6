"""What is erased opens nowhere once the epoch has turned, not even in a copy of before (PR7)."""

from pathlib import Path

from tests.forensics.conftest import ALIAS, Journey
from tests.forensics.marks import opened, traces

HERS = {"contact", "conversation", "inbox", "outbox", "note", "handoff"}


def _tables(database: Path, journey: Journey) -> set[str]:
    return {table for table, _ in opened(database, journey.town.house.vault)}


async def test_a_copy_of_yesterday_opens_nothing_of_hers_with_todays_ring(journey: Journey) -> None:
    town = journey.town
    await journey.to_the_queue()
    chat = await journey.talk()
    copy = town.saves_copy()
    assert _tables(copy, journey) >= HERS, "the copy opens while her key lives, so the search below can fail"
    await journey.close(chat)
    await town.passes(days=8)  # her contact record has ended too
    town.turns_keys()
    for database in (copy, town.folder / "hotline.db"):
        assert _tables(database, journey).isdisjoint(HERS)
        plain = b"\n".join(text for texts in opened(database, town.house.vault).values() for text in texts)
        assert [mark for mark in journey.marks if mark.encode() in plain] == [ALIAS]
    assert traces(town.folder, journey.marks) == []


async def test_before_the_epoch_turns_todays_file_holds_no_word_of_a_closed_chat(journey: Journey) -> None:
    town = journey.town
    await journey.to_the_queue()
    await journey.close(await journey.talk())
    assert _tables(town.folder / "hotline.db", journey) & HERS <= {"contact"}


async def test_stop_leaves_no_contact_record(journey: Journey) -> None:
    town = journey.town
    await journey.to_the_queue()
    town.woman("cookie-Quastenflosser-77", "web").types("stop")
    await town.settle()
    assert _tables(town.folder / "hotline.db", journey).isdisjoint(HERS)
