"""Our own limits: overall, per chat, per group; priority, rest of one chat, one request at a time."""

import asyncio
from dataclasses import dataclass

import pytest

from channels.telegram.limiter import Later, Limiter, Priority, Rates

LIVELY = Rates(overall=200.0, overall_burst=2.0, chat=100.0, chat_burst=3.0)


@dataclass
class Hand:
    """A clock that is moved by hand."""

    at: float = 100.0

    def __call__(self) -> float:
        return self.at


def loop_time() -> float:
    return asyncio.get_running_loop().time()


async def send(limiter: Limiter, chat: int, done: list[str], name: str, priority: Priority) -> None:
    async with limiter.turn(chat) as turn:
        await turn.message(priority)
        done.append(name)


async def test_more_than_the_burst_goes_out_no_faster_than_the_rate() -> None:
    limiter, done = Limiter(LIVELY, loop_time), list[str]()
    begun = loop_time()
    await asyncio.gather(*(send(limiter, n, done, str(n), Priority.HERS) for n in range(1, 23)))
    assert 20 / 200 <= loop_time() - begun < 2
    assert done == [str(n) for n in range(1, 23)]


async def test_her_words_overtake_volunteers_at_the_gate() -> None:
    limiter, done = Limiter(LIVELY, loop_time), list[str]()
    volunteers = [send(limiter, n, done, "volunteer", Priority.VOLUNTEERS) for n in range(1, 11)]
    waiting = asyncio.gather(*volunteers)
    await asyncio.sleep(0)
    await asyncio.gather(*(send(limiter, n, done, "hers", Priority.HERS) for n in range(11, 16)))
    assert done[2:7] == ["hers"] * 5
    await waiting


async def test_one_chat_has_its_burst_and_then_its_own_rate_while_others_go_on() -> None:
    hand = Hand()
    limiter = Limiter(Rates(overall_burst=25.0), hand)
    async with limiter.turn(1) as turn:
        for _ in range(4):
            await asyncio.wait_for(turn.message(Priority.HERS), 0.1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(turn.message(Priority.HERS), 0.05)
    async with limiter.turn(2) as turn:
        await asyncio.wait_for(turn.message(Priority.HERS), 0.1)
    hand.at += 1.0
    async with limiter.turn(1) as turn:
        await asyncio.wait_for(turn.message(Priority.HERS), 0.1)


async def test_a_group_gets_eighteen_a_minute_and_nobody_waits_long_for_one() -> None:
    hand = Hand()
    limiter = Limiter(Rates(overall_burst=25.0), hand)
    async with limiter.turn(-100) as turn:
        for _ in range(3):
            await turn.message(Priority.VOLUNTEERS)
        with pytest.raises(Later) as later:
            await turn.message(Priority.VOLUNTEERS)
        assert later.value.seconds == pytest.approx(60 / 18)
        hand.at += 60
        for _ in range(3):
            await turn.message(Priority.VOLUNTEERS)


@pytest.mark.parametrize("rates", [Rates(), None])
async def test_a_chat_that_must_rest_rests_alone_also_where_limits_are_off(rates: Rates | None) -> None:
    hand = Hand()
    limiter = Limiter(rates, hand)
    async with limiter.turn(1) as turn:
        turn.rest(7)
        for attempt in (turn.message(Priority.HERS), turn.deletion()):
            with pytest.raises(Later) as later:
                await attempt
            assert later.value.seconds == 7
    limiter.forget(1)  # a rest is not forgotten
    async with limiter.turn(2) as turn:
        await turn.message(Priority.HERS)
    hand.at += 7
    async with limiter.turn(1) as turn:
        await turn.message(Priority.HERS)


async def test_one_request_at_a_time_is_on_its_way_to_a_chat() -> None:
    limiter, order = Limiter(None, Hand()), list[str]()

    async def one(name: str) -> None:
        async with limiter.turn(1):
            order.append(f"{name} begins")
            await asyncio.sleep(0.01)
            order.append(f"{name} ends")

    await asyncio.gather(one("a"), one("b"))
    assert order == ["a begins", "a ends", "b begins", "b ends"]


async def test_deletions_do_not_wait_behind_words() -> None:
    hand = Hand()
    limiter = Limiter(Rates(overall_burst=1.0), hand)
    async with limiter.turn(1) as turn:
        await turn.message(Priority.HERS)
    async with limiter.turn(2) as turn:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(turn.message(Priority.HERS), 0.05)
        await asyncio.wait_for(turn.deletion(), 0.1)


async def test_who_gave_up_waiting_takes_nobodys_place() -> None:
    limiter, done = Limiter(Rates(overall=50.0, overall_burst=1.0), loop_time), list[str]()
    await send(limiter, 1, done, "first", Priority.HERS)
    impatient = asyncio.ensure_future(send(limiter, 2, done, "impatient", Priority.HERS))
    patient = asyncio.ensure_future(send(limiter, 3, done, "patient", Priority.HERS))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.wait_for(patient, 2)
    assert done == ["first", "patient"]


async def test_chats_that_rested_are_forgotten_when_there_are_many() -> None:
    hand = Hand()
    limiter = Limiter(Rates(), hand)
    for chat in range(1, 5_000):
        limiter.turn(chat)
        hand.at += 0.01
    assert len(limiter._chats) < 4_500
