"""Work of one process only: begun with the lead, ended with it, begun again in a later term."""

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.store.crew import LeadLost, Term
from bot.store.membership import Alone
from bot.workers.leads import while_held

LEAD = "channel telegram"


@dataclass
class Seat:
    """A crew of which this process learns only what the test says."""

    id: str = "me"
    term: Term | None = None
    wanted: list[str] = field(default_factory=list[str])

    def term_of(self, lead: str) -> Term | None:
        return self.term if lead == LEAD else None

    def want(self, lead: str) -> None:
        self.wanted.append(lead)


def term(number: int) -> Term:
    return Term(LEAD, "me", number)


async def until(answer: "asyncio.Event") -> None:
    async with asyncio.timeout(5):
        await answer.wait()


async def test_work_begins_with_the_lead_ends_with_it_and_begins_again_in_the_next_term() -> None:
    seat, begun, ended = Seat(), asyncio.Event(), asyncio.Event()
    seen: list[int] = []

    async def work(held: Term) -> None:
        seen.append(held.number)
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    doing = asyncio.create_task(while_held(seat, LEAD, work))
    await asyncio.sleep(0.25)
    assert seen == [], "without the lead nothing is done"
    seat.term = term(1)
    await until(begun)
    begun.clear()
    seat.term = None
    await until(ended)
    ended.clear()
    seat.term = term(3)
    await until(begun)
    assert seen == [1, 3]
    doing.cancel()
    await until(ended)
    with pytest.raises(asyncio.CancelledError):
        await doing


async def test_a_term_that_changed_hands_and_came_back_is_another_term() -> None:
    seat, begun = Seat(term=term(1)), asyncio.Event()
    seen: list[int] = []

    async def work(held: Term) -> None:
        seen.append(held.number)
        if len(seen) == 2:
            begun.set()
        await asyncio.Event().wait()

    doing = asyncio.create_task(while_held(seat, LEAD, work))
    await asyncio.sleep(0.15)
    seat.term = term(3)
    await until(begun)
    assert seen == [1, 3]
    doing.cancel()
    await asyncio.wait({doing})


async def test_a_lead_found_lost_is_no_failure_and_any_other_error_is() -> None:
    seat = Seat(term=term(1))
    tries: list[int] = []

    async def work(held: Term) -> None:
        tries.append(held.number)
        if len(tries) == 1:
            raise ExceptionGroup("tasks", [LeadLost(LEAD)])
        raise ExceptionGroup("tasks", [LeadLost(LEAD), ValueError("its own fault")])

    with pytest.raises(ExceptionGroup, match="tasks"):
        async with asyncio.timeout(5):
            await while_held(seat, LEAD, work)
    assert tries == [1, 1]


async def test_whoever_serves_alone_works_until_it_is_done() -> None:
    seen: list[Term] = []

    async def work(held: Term) -> None:
        seen.append(held)

    await while_held(Alone(), LEAD, work)
    assert seen == [Term(LEAD, "", 0)]
