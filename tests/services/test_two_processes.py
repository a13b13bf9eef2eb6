"""Two processes on one PostgreSQL: an act meets a close, two senders meet one entry (PR1, PR2, PR3)."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.services import desk, hiding, outgoing, turns
from bot.services.opening import open_conversation
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.writes import Writes
from handoff.model import Outcome
from tests.services.walks import in_a_chat, lines_of
from tests.town import Town, make_town

pytestmark = pytest.mark.long

WAITS = 0.3  # seconds the second process is given to run into the lock of the first


@pytest.fixture
def two_town(quick_folder: Path, fresh_postgres: str) -> Iterator[Town]:
    """A town on PostgreSQL, where a second connection is a second process."""
    town = make_town(quick_folder, fresh_postgres, names=("telegram",))
    yield town
    town.closes()


def meanwhile(town: Town, first: Callable[[Connection], Any], second: Callable[[Connection], Any]) -> Any:
    """`second` begins before `first` commits; what `second` returned."""
    given: list[Any] = []

    def other() -> None:
        with town.engine.begin() as connection:
            given.append(second(connection))

    thread = Thread(target=other)
    with town.engine.begin() as connection:
        first(connection)
        thread.start()
        time.sleep(WAITS)
    thread.join()
    (result,) = given
    return result


async def test_an_act_that_meets_a_close_is_answered(two_town: Town) -> None:
    town = two_town
    ann, chat = await in_a_chat(town, "ann", "telegram")
    ann.types("he is at the door, please")
    await town.intake()
    taken = meanwhile(
        town,
        lambda c: desk.close(
            c, town.house, chat.handoff, chat.person, chat.version, Outcome.TALKED, town.now
        ),
        lambda c: turns.take_turns(c, town.house, town.now),
    )
    assert (taken.acts, taken.more) == (0, True), "who claims work does not wait for another process"
    assert town.count("inbox.poison.turn") == 0
    before = len(ann.texts())
    await town.settle()
    assert len(ann.texts()) > before
    assert "It is kept, locked" in lines_of(ann)


async def test_an_act_that_meets_hide_of_another_process_is_let_go(two_town: Town) -> None:
    town = two_town
    ann, chat = await in_a_chat(town, "ann", "telegram")
    ann.types("never mind")
    await town.intake()

    def hides(connection: Connection) -> None:
        opened = open_conversation(connection, town.house, town.handoff(chat.handoff).conversation)
        assert opened is not None
        talk = Talk(connection, town.house, Writes(), opened, town.now)
        hiding.hide(talk, erase_contact=False)
        talk.writes.flush(connection)

    meanwhile(town, hides, lambda c: turns.take_turns(c, town.house, town.now))
    assert [row.state for row in town.rows(t.inbox, t.inbox.c.state == "new")] == []
    assert town.count("inbox.poison.turn") == 0


async def test_an_entry_two_processes_claim_goes_out_once(two_town: Town) -> None:
    town = two_town
    _, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("only once")
    claimed: list[Any] = []
    second = meanwhile(
        town,
        lambda c: claimed.extend(outgoing.claim(c, town.house, "telegram", town.now)),
        lambda c: outgoing.claim(c, town.house, "telegram", town.now),
    )
    assert [departure.message.text for departure in claimed] == ["only once"]
    assert second == []
    (row,) = town.rows(t.outbox, t.outbox.c.id == claimed[0].entry)
    assert (row.state, row.attempts) == ("sending", 1)


async def test_what_was_withdrawn_while_it_was_claimed_does_not_go_out(two_town: Town) -> None:
    town = two_town
    _, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("withdrawn")

    def hides(connection: Connection) -> None:
        opened = open_conversation(connection, town.house, town.handoff(chat.handoff).conversation)
        assert opened is not None
        talk = Talk(connection, town.house, Writes(), opened, town.now)
        hiding.hide(talk, erase_contact=False)
        talk.writes.flush(connection)

    second = meanwhile(town, hides, lambda c: outgoing.claim(c, town.house, "telegram", town.now))
    assert "withdrawn" not in [departure.message.text for departure in second]
