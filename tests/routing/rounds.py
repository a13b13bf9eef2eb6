"""Many claim one chat at the same moment, round after round: one winner each, nobody beyond her room."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import Connection, select

from bot.services import desk, people
from bot.services.desk import DeskRefusal
from bot.services.giving_back import give_back
from bot.store import tables as t
from tests.routing.crews import many_queued, plan, profile
from tests.town import Town


@dataclass
class Found:
    """What the rounds showed: how claims ended, and every broken promise in words."""

    endings: Counter[str] = field(default_factory=Counter[str])
    faults: list[str] = field(default_factory=list[str])


async def parallel_claims(town: Town, claimers: int, rounds: int, chats: int = 4, seed: int = 1) -> Found:
    """In each round as many claims as there are people begin at once, for `chats` chats that wait.

    In even rounds everybody claims one by lot. Of the odd ones, in every other a few claim several each, and
    in the rest two who have one place each claim all of them, many times over: some chats must stay.
    """
    crew = [f"V{number}" for number in range(claimers)]
    plan(town, **dict.fromkeys(crew, "primary"))
    for alias in crew[::2]:
        profile(town, alias, max_chats=2)
    ids = [town.person_id(alias) for alias in crew]
    handoffs = await many_queued(town, chats)
    found, dice = Found(), Random(seed)
    with ThreadPoolExecutor(claimers) as pool:
        for number in range(rounds):
            scarce = number % 4 == 3
            few = dice.sample(ids[1::2], 2) if scarce else dice.sample(ids, claimers // chats + 1)
            wanted = _several(dice, few, handoffs, claimers) if number % 2 else _one_each(dice, ids, handoffs)
            start = threading.Barrier(claimers)
            endings = list(pool.map(lambda pair, s=start: _claims(town, s, *pair), wanted))
            found.endings.update(endings)
            found.faults += [
                f"round {number}: {fault}" for fault in _faults(town, wanted, endings, scarce=scarce)
            ]
            town.write(_give_all_back)
            await town.settle()
    return found


def _one_each(dice: Random, ids: list[str], handoffs: list[str]) -> list[tuple[str, str]]:
    return [(person, dice.choice(handoffs)) for person in ids]


def _several(dice: Random, few: list[str], handoffs: list[str], claims: int) -> list[tuple[str, str]]:
    """So many claims, in which each of these people wants each of these chats as often as the others."""
    pairs = [(person, handoff) for person in few for handoff in handoffs]
    wanted = (pairs * (claims // len(pairs) + 1))[:claims]
    dice.shuffle(wanted)
    return wanted


def _claims(town: Town, start: threading.Barrier, person: str, handoff: str) -> str:
    start.wait()
    try:
        with town.engine.begin() as connection:
            desk.accept(connection, town.house, handoff, person, town.now)
    except DeskRefusal as refusal:
        return refusal.code
    return "won"


def _faults(town: Town, wanted: list[tuple[str, str]], endings: list[str], *, scarce: bool) -> list[str]:
    faults: list[str] = []
    won = [pair for pair, how in zip(wanted, endings, strict=True) if how == "won"]
    for handoff in sorted({handoff for _, handoff in wanted}):
        winners = [person for person, one in won if one == handoff]
        row = town.handoff(handoff)
        if scarce and not winners and row.state == "waiting":
            continue
        if len(winners) != 1 or (row.state, row.person) != ("active", winners[0]):
            faults.append(f"{len(winners)} winners; the row says {row.state}")
    unknown = set(endings) - {"won", "ALREADY_TAKEN", "CAPACITY"}
    if unknown:
        faults.append(f"refused with {sorted(unknown)}")
    loads = Counter(row.person for row in town.rows(t.handoff, t.handoff.c.state == "active"))
    rooms = {
        one.id: one.profile.max_chats or 1 for one in town.read(lambda c: people.everyone(c, town.house))
    }
    faults += [f"{held} held where {rooms[one]} fit" for one, held in loads.items() if held > rooms[one]]
    taken = [handoff for _, handoff in won]
    if not won:
        faults.append("everybody was refused")
    if town.rows(t.offer, t.offer.c.handoff.in_(taken), t.offer.c.state == "pending"):
        faults.append("an offer of a chat that is taken still stands")
    return faults


def _give_all_back(connection: Connection) -> None:
    held = select(t.handoff.c.person).where(t.handoff.c.state == "active").distinct()
    for person in connection.execute(held).scalars().all():
        give_back(connection, person)
