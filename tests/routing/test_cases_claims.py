"""Routing cases 1 to 10 of the specification, by number: claims, offers, tiers, wishes, order."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from random import Random
from threading import Barrier
from typing import Any

from sqlalchemy import Connection, update

from bot.services import deadlines, desk, dispatch, pairs, pulling, watchdog
from bot.services.desk import DeskRefusal
from bot.services.handoff_facts import open_facts, seal_facts
from bot.services.opening import open_conversation
from bot.services.pairs import PairKind
from bot.store import tables as t
from handoff.model import Outcome
from tests.routing.crews import active, asked, many_queued, plan, profile, queued, refused, rota, talk
from tests.services.walks import in_a_chat, lines_of, say
from tests.town import Town


def claims(town: Town, alias: str, handoff: str) -> str:
    """Accept in a connection of its own: "won", or why not."""
    try:
        with town.engine.begin() as connection:
            person = desk.people.find(connection, town.house, alias).id
            desk.accept(connection, town.house, handoff, person, town.now)
    except DeskRefusal as refusal:
        return refusal.code
    return "won"


def together(town: Town, *wanted: tuple[str, str]) -> Counter[str]:
    """All these claims begin at the same moment; how they ended."""
    start = Barrier(len(wanted))

    def run(pair: tuple[str, str]) -> str:
        start.wait()
        return claims(town, *pair)

    with ThreadPoolExecutor(len(wanted)) as pool:
        return Counter(pool.map(run, wanted))


def answers(town: Town, handoff: str, **coded: str) -> None:
    """She has told this: coded answers of her hand-off."""

    row = town.handoff(handoff)

    def work(connection: Connection) -> None:
        opened = open_conversation(connection, town.house, row.conversation)
        assert opened is not None and opened.state.run is not None
        facts = open_facts(opened.key, handoff, row.facts_sealed)
        facts.answers |= coded
        sealed = seal_facts(opened.key, handoff, facts)
        connection.execute(update(t.handoff).where(t.handoff.c.id == handoff).values(facts_sealed=sealed))
        connection.execute(update(t.due).where(t.due.c.subject == handoff).values(at=town.now))
        connection.execute(t.offer.delete().where(t.offer.c.handoff == handoff))

    town.write(work)


def step(town: Town) -> None:
    """One step over the queue, in a connection of its own."""
    with town.engine.begin() as connection:
        dispatch.step(connection, town.house, "demo", town.now)


async def test_case_01_of_two_claims_in_one_millisecond_one_wins(either_town: Town) -> None:
    town = either_town
    handoff = await queued(town, "ann")
    assert together(town, ("Maple", handoff), ("Juniper", handoff)) == {"won": 1, "ALREADY_TAKEN": 1}
    assert active(town, "Maple") + active(town, "Juniper") == 1
    assert asked(town) == []
    row = town.handoff(handoff)
    assert (row.state, row.claim_version) == ("active", 1)


async def test_case_02_one_place_left_and_one_offer_out_is_no_place(town: Town) -> None:
    plan(town, Maple="primary")
    profile(town, "Maple", max_chats=2)
    talk(town, "Maple", await queued(town, "ann"))
    first = await queued(town, "bea")
    assert asked(town, first) == ["Maple"]
    second = await queued(town, "cara")
    assert asked(town, second) == []
    assert refused(town, "Maple", second) == "CAPACITY"
    town.accept("Maple", first)
    assert active(town, "Maple") == 2


async def test_case_03_fifty_chats_ten_volunteers_three_workers_never_above_twenty(either_town: Town) -> None:
    town = either_town
    crew = [f"V{n}" for n in range(10)]
    plan(town, **dict.fromkeys(crew, "primary"))
    for alias in crew:
        profile(town, alias, max_chats=2)
    handoffs = await many_queued(town, 50)
    seen: list[int] = []

    def worker(number: int) -> None:
        """Every volunteer takes what she is offered, and now and then what she is not."""
        dice = Random(number)
        for _ in range(3):
            for alias in dice.sample(crew, len(crew)):
                person = town.person_id(alias)
                offers = town.rows(t.offer, t.offer.c.person == person, t.offer.c.state == "pending")
                for handoff in (*(offer.handoff for offer in offers), dice.choice(handoffs)):
                    claims(town, alias, handoff)
            step(town)
            seen.append(sum(active(town, alias) for alias in crew))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(worker, range(3)))
    assert len(seen) == 9
    assert max(seen) <= 20
    assert all(active(town, alias) <= 2 for alias in crew)
    reserved = Counter(row.person for row in town.rows(t.offer, t.offer.c.state == "pending"))
    reserved += Counter(row.person for row in town.rows(t.handoff, t.handoff.c.state == "active"))
    assert max(reserved.values()) <= 2
    assert sum(active(town, alias) for alias in crew) == 20


async def test_case_04_an_empty_primary_tier_asks_the_backup_at_once(town: Town) -> None:
    plan(town, Maple="primary", Reed="backup", Alder="supervisor")
    town.set_ready("Maple", ready=False)
    handoff = await queued(town, "ann")
    assert asked(town, handoff) == ["Reed"]


async def test_case_05_killed_between_a_lapsed_offer_and_the_next_wave(town: Town) -> None:
    """The process dies after the offer's time is over and before anybody wrote it down."""
    plan(town, A="primary", B="primary", C="primary", Reed="backup")
    handoff = await queued(town, "ann")
    first = asked(town, handoff)
    assert len(first) == 2
    town.clock.move(seconds=61)  # nothing ran meanwhile
    town.restarts()
    await town.settle()
    assert set(asked(town, handoff, "expired")) == set(first)
    assert asked(town, handoff) == [alias for alias in ("A", "B", "C") if alias not in first]
    for _ in range(3):
        town.restarts()
        await town.settle()
    assert len(town.rows(t.offer, t.offer.c.handoff == handoff)) == 3
    assert town.write(lambda c: watchdog.late(c, town.now)) == 0


async def test_case_06_everybody_declined_asks_the_next_tier_at_once(town: Town) -> None:
    plan(town, A="primary", B="primary", Reed="backup")
    handoff = await queued(town, "ann")
    for alias in ("A", "B"):
        person = town.person_id(alias)
        town.write(lambda c, person=person: desk.decline(c, handoff, person, town.now))
    await town.settle()
    assert asked(town, handoff) == ["Reed"]
    assert town.clock.elapsed == timedelta(0)


async def test_case_07_the_only_one_on_duty_is_kept_from_her_and_nobody_is_told(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    ann, chat = await in_a_chat(town, "ann", "telegram")
    maple = town.person_id("Maple")
    town.write(
        lambda c: pairs.keep_from_her(
            c, town.house, chat.handoff, maple, PairKind.CONFLICT_OF_INTEREST, maple, town.now
        )
    )
    await town.settle()
    assert town.handoff(chat.handoff).state == "waiting"
    assert asked(town, chat.handoff) == ["Alder"]  # the next tier, at once
    assert refused(town, "Maple", chat.handoff) == "NOT_OPEN"
    assert "handing over" in lines_of(ann) or "had to leave" in lines_of(ann)
    for secret in ("kept", "conflict", "block"):
        assert secret not in lines_of(ann).split("hello")[-1]
    await say(town, ann, "hide")
    again = await queued(town, "ann")
    assert asked(town, again) == ["Alder"]  # as long as her record lives


async def test_case_08_only_a_woman_is_told_honestly_and_rather_a_woman_gives_way(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    profile(town, "Maple", gender="man")
    only = await queued(town, "ann")
    answers(town, only, gender="woman_required")
    await town.passes(seconds=100)
    assert asked(town, only) == []
    assert refused(town, "Maple", only) == "GENDER_REQUIRED"
    assert ("supervisor", only) in town.alerts  # the ladder runs
    ann = town.woman("ann", "telegram")
    await town.passes(minutes=2)
    assert "All people are busy at this moment" in lines_of(ann)
    assert town.handoff(only).state == "closed"
    rather = await queued(town, "bea")
    answers(town, rather, gender="woman_preferred")
    await town.passes(seconds=74)
    assert asked(town, rather) == []
    await town.passes(seconds=1)
    assert asked(town, rather) == ["Maple"]


async def test_case_09_who_waits_is_served_before_who_comes_in_the_same_moment(town: Town) -> None:
    plan(town, Maple="primary")
    town.patient = True
    _, chat = await in_a_chat(town, "ann", "telegram")
    older = await queued(town, "bea")
    await town.passes(seconds=30)
    chat.closes(Outcome.TALKED)  # capacity frees …
    newer = await queued(town, "cara")  # … and somebody comes before anything else has run
    assert asked(town, older) == ["Maple"]
    assert asked(town, newer) == []
    maple = town.person_id("Maple")
    taken, _ = town.write(lambda c: pulling.take_next(c, town.house, maple, town.now))
    assert taken == older


async def test_danger_takes_the_place_of_a_calm_offer_nobody_has_answered(either_town: Town) -> None:
    town = either_town
    plan(town, Maple="primary")
    calm = await queued(town, "ann")
    assert asked(town, calm) == ["Maple"]
    danger = await queued(town, "bea")
    await say(town, town.woman("bea", "telegram"), "he will kill me")
    assert (asked(town, danger), asked(town, calm)) == (["Maple"], [])
    assert refused(town, "Maple", calm) == "CAPACITY"
    town.accept("Maple", danger)
    assert asked(town, calm) == []
    assert unguarded(town) == []


async def test_case_10_who_returns_meets_the_same_desk_and_waits_for_no_one_person(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary")
    ann, chat = await in_a_chat(town, "ann", "telegram", with_whom="Maple")
    contact = town.rows(t.contact)[0]
    chat.closes(Outcome.TALKED)
    town.clock.move(hours=30)
    await town.settle()
    town.set_ready("Maple", ready=False)
    again = await queued(town, "ann")
    assert town.handoff(again).desk == contact.desk
    assert [row.id for row in town.rows(t.contact)] == [contact.id]
    assert asked(town, again) == ["Juniper"]
    assert ann is not None


def unguarded(town: Town) -> Any:
    return town.read(partial(deadlines.unguarded))


async def test_whoever_waits_has_a_deadline_whatever_happens_to_the_crew(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    handoff = await queued(town, "ann")
    mondays = "{who: Nobody, tier: primary, days: [mon], from: '00:00', to: '01:00'}"
    rota(town, f"zone: Europe/Bucharest\nshifts:\n  - {mondays}\n")
    for seconds in (0, 30, 200):
        await town.passes(seconds=seconds)
        assert unguarded(town) == []
    assert town.handoff(handoff).state == "closed"  # and she was told when people are back
