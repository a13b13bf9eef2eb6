"""Several processes on one PostgreSQL: one has her page, one does what is due (PR2, PR3, PR5)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert

from bot.model import DueKind, Job
from bot.services import deadlines, outgoing
from bot.services.house import House
from bot.store import tables as t
from bot.store.notices import LISTEN, Word, read
from channels.message import Batch, InboundKind, InboundMessage, Reconnected
from tests.services.walks import opens
from tests.town import Town, make_town

PAGES = "web"


@pytest.fixture
def page_town(quick_folder: Path, fresh_postgres: str) -> Iterator[Town]:
    """Pages only; the town's own house is the member `one`, and `other` makes a second."""
    town = make_town(quick_folder, fresh_postgres, names=(PAGES,))
    shared = replace(town.channels[PAGES].capabilities, many_listen=True)
    town.house.channels = {PAGES: shared}
    town.house.member = "one"
    town.write(lambda c: _joins(c, "one", "two"))
    yield town
    town.closes()


def _joins(connection: Any, *members: str) -> None:
    rows = [{"id": one, "beats": 0, "since": 0, "witness": "", "admitted": True} for one in members]
    connection.execute(insert(t.member), rows)


def other(town: Town) -> House:
    return replace(town.house, member="two")


def holder(town: Town) -> str:
    (row,) = town.rows(t.conversation)
    return str(row.holder)


def takes(town: Town, house: House, batch: Batch) -> None:
    from bot.services.intake import take_batch  # noqa: PLC0415 - the act of another process

    town.write(lambda c: take_batch(c, house, batch, town.now))


async def test_her_page_moves_with_her_and_what_was_on_its_way_goes_out_from_there(page_town: Town) -> None:
    town, second = page_town, other(page_town)
    ann = await opens(town, "ann", PAGES)
    assert holder(town) == "one"
    ann.types("are you there?")
    await town.intake()
    await town.turns()
    claimed = town.write(lambda c: outgoing.claim(c, town.house, PAGES, town.now))
    assert claimed, "the first process is sending"
    takes(town, second, Batch(PAGES, reconnections=(Reconnected(ann.address, 0),)))
    assert holder(town) == "two"
    assert town.write(lambda c: outgoing.claim(c, town.house, PAGES, town.now)) == []
    again = town.write(lambda c: outgoing.claim(c, second, PAGES, town.now))
    assert {one.entry for one in claimed} <= {one.entry for one in again}, "each shows once: a page dedupes"


async def test_what_the_process_before_says_of_its_send_no_longer_counts(page_town: Town) -> None:
    town, second = page_town, other(page_town)
    ann = await opens(town, "ann", PAGES)
    ann.types("are you there?")
    await town.intake()
    await town.turns()
    claimed = town.write(lambda c: outgoing.claim(c, town.house, PAGES, town.now))
    takes(town, second, Batch(PAGES, reconnections=(Reconnected(ann.address, 0),)))
    again = town.write(lambda c: outgoing.claim(c, second, PAGES, town.now))
    late = [(one, None) for one in claimed]
    town.write(lambda c: outgoing.record_and_claim(c, town.house, PAGES, late, town.now))
    sending = {row.id for row in town.rows(t.outbox, t.outbox.c.state == "sending")}
    assert {one.entry for one in again} <= sending


@pytest.mark.parametrize("afresh", [True, False])
async def test_the_process_before_is_told_by_the_commit_and_hears_no_address(
    page_town: Town, *, afresh: bool
) -> None:
    town, second = page_town, other(page_town)
    ann = await opens(town, "ann", PAGES)
    (talk,) = [row.id for row in town.rows(t.conversation)]
    arrival = InboundMessage("second.1", ann.address, InboundKind.ARRIVED)
    batch = (
        Batch(PAGES, messages=(arrival,))
        if afresh
        else Batch(PAGES, reconnections=(Reconnected(ann.address, 0),))
    )
    with psycopg.connect(town.url.replace("+psycopg", "", 1), autocommit=True) as ear:
        ear.execute(LISTEN)
        takes(town, second, batch)
        payloads = [one.payload for one in ear.notifies(timeout=0.5)]
    told = [notice for payload in payloads if (notice := read(payload)) is not None]
    word = Word.MOVED if afresh else Word.ELSEWHERE
    assert (word, talk) in {(notice.word, notice.conversation) for notice in told}
    assert not [payload for payload in payloads if ann.address.handle in payload]


async def test_entries_to_a_page_whose_process_is_gone_are_no_longer_in_flight(page_town: Town) -> None:
    town = page_town
    ann = await opens(town, "ann", PAGES)
    ann.types("are you there?")
    await town.intake()
    await town.turns()
    claimed = {one.entry for one in town.write(lambda c: outgoing.claim(c, town.house, PAGES, town.now))}
    town.write(lambda c: outgoing.recover_of_the_gone(c, town.house))
    assert {row.id for row in town.rows(t.outbox, t.outbox.c.state == "sending")} == claimed, "it lives"
    town.write(lambda c: c.execute(t.member.delete().where(t.member.c.id == "one")))
    town.write(lambda c: outgoing.recover_of_the_gone(c, town.house))
    assert town.rows(t.outbox, t.outbox.c.state == "sending") == []
    pending = {row.id for row in town.rows(t.outbox, t.outbox.c.state == "pending")}
    assert claimed <= pending


async def test_jobs_are_left_to_the_leader_and_nobody_else_waits_for_them(page_town: Town) -> None:
    town = page_town
    town.write(lambda c: deadlines.insert_periodic(c, town.house, Job.FORGET_OLD.value, town.now))
    done = town.write(lambda c: deadlines.do_due(c, town.house, town.now, leads=False))
    assert (done.rows, done.jobs, done.next_at) == (0, [], None)
    assert [row.kind for row in town.rows(t.due)] == [DueKind.PERIODIC.value]
    done = town.write(lambda c: deadlines.do_due(c, town.house, town.now))
    assert done.jobs == [Job.FORGET_OLD.value]
    assert town.rows(t.due) == []


async def test_a_deadline_of_hers_waits_while_another_process_answers_her(page_town: Town) -> None:
    town = page_town
    await opens(town, "ann", PAGES)
    (talk,) = [row.id for row in town.rows(t.conversation)]
    (idle,) = town.rows(t.due, t.due.c.subject == talk)
    town.clock.move(minutes=60)
    with town.engine.begin() as busy:
        busy.execute(t.conversation.select().where(t.conversation.c.id == talk).with_for_update()).all()
        done = town.write(lambda c: deadlines.do_due(c, town.house, town.now))
        assert done.rows == 0
        assert done.next_at is not None
        assert done.next_at <= town.now + 100_000, "and is looked at again in a moment"
    assert idle.id in {row.id for row in town.rows(t.due)}
    assert town.write(lambda c: deadlines.do_due(c, town.house, town.now)).rows == 1
