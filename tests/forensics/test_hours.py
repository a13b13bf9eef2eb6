"""When a conversation has ended, no row tells the minute of it (PR6)."""

from sqlalchemy import select

from bot.store import tables as t
from bot.store.moments import HOUR
from tests.forensics.conftest import Journey

OF_HERS = (t.contact, t.conversation, t.inbox, t.outbox, t.handoff, t.offer, t.note)
MOMENTS = {"created_at", "expires_at", "opened_at", "closed_at", "last_act_at", "received_at", "queued_at",
           "due_at", "not_after", "new_until", "edit_until", "offered_at", "written_at"}  # fmt: skip


def exact(journey: Journey) -> set[str]:
    """Columns that hold a moment which is not a whole hour."""
    found: set[str] = set()
    with journey.town.engine.connect() as connection:
        for table in OF_HERS:
            for row in connection.execute(select(table)).mappings():
                found |= {f"{table.name}.{c}" for c in MOMENTS & row.keys() if (row[c] or 0) % HOUR}
    return found


async def test_exact_moments_are_gone_with_the_conversation(journey: Journey) -> None:
    town = journey.town
    town.clock.move(minutes=17, seconds=23, microseconds=77)
    await journey.to_the_queue()
    chat = await journey.talk()
    assert "conversation.opened_at" in exact(journey)
    await journey.close(chat)
    await town.passes(hours=25)
    assert exact(journey) == set()
