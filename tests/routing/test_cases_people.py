"""Routing cases 11 to 20 of the specification, by number: shifts, absence, training, clocks, channels."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.model import Role
from bot.services import crew, desk, overdue, people, qualifying, shift_checks, sign_in
from bot.store import tables as t
from channels.message import DeliveryState, Receipt
from handoff.model import Refusal, Tier, Urgency
from handoff.policy import DEFAULT_POLICY, Policy, Rung
from handoff.shifts import Wanted
from handoff.staffing import Care, Escalation
from handoff.training import Module, Training
from tests.routing.crews import active, asked, plan, profile, queued, refused, rota, staffing, talk
from tests.services.walks import in_a_chat, lines_of, say
from tests.town import Town

HOUR = timedelta(hours=1)


async def test_case_11_at_the_end_of_a_shift_no_new_chat_and_the_old_one_stays(town: Town) -> None:
    """It is ten o'clock, noon in Bucharest; Maple goes at one."""
    rota(
        town,
        """
zone: Europe/Bucharest
shifts:
  - {who: Maple, tier: primary, days: [wed], from: '08:00', to: '13:00'}
  - {who: Juniper, tier: primary, days: [wed], from: '12:50', to: '16:00'}
""",
    )
    profile(town, "Maple", max_chats=3)
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("I am here until one")
    await town.passes(minutes=20)
    chat.writes("I am still here")  # half an hour without a word from either would end it
    await town.passes(minutes=19)
    before = await queued(town, "bea")
    assert asked(town, before) == ["Maple"]
    await town.passes(minutes=1.5)
    chat.writes("And stay until we have finished")
    late = await queued(town, "cara")
    assert asked(town, late) == []
    assert refused(town, "Maple", late) == "ENDING_SOON"
    await town.passes(minutes=25)
    assert town.read(lambda c: crew.volunteers_on_duty(c, town.house, "demo", town.now))[0].alias == "Juniper"
    assert town.handoff(chat.handoff).state == "active"
    assert chat.writes("Let us finish this well") is not None


async def test_case_12_two_missed_offers_mean_away_and_the_duty_remains(town: Town) -> None:
    plan(town, Maple="primary", Reed="backup")
    staffing(town, {"escalation": Escalation(Policy(rungs=(Rung(0, Tier.PRIMARY), Rung(300, Tier.BACKUP))))})
    first, second = await queued(town, "ann"), ""
    assert asked(town, first) == ["Maple"]
    await town.passes(seconds=59)
    assert there(town) == {Tier.PRIMARY: 1, Tier.BACKUP: 1}
    await town.passes(seconds=1)
    assert asked(town, first, "expired") == ["Maple"]
    assert there(town) == {Tier.PRIMARY: 1, Tier.BACKUP: 1}  # one is no reason
    second = await queued(town, "bea")
    assert asked(town, second) == ["Maple"]
    await town.passes(seconds=60)
    assert ("away", town.person_id("Maple")) in town.alerts
    assert there(town) == {Tier.BACKUP: 1}
    on_duty = town.read(lambda c: crew.volunteers_on_duty(c, town.house, "demo", town.now))
    assert {one.alias for one in on_duty} == {"Maple", "Reed"}
    assert refused(town, "Maple", second) == "NOT_PRESENT"
    assert asked(town, first) == asked(town, second) == ["Reed"] or asked(town) == ["Reed"]
    maple = town.person_id("Maple")
    town.write(lambda c: desk.say_ready(c, maple, town.now, ready=True))
    assert there(town) == {Tier.PRIMARY: 1, Tier.BACKUP: 1}


async def test_case_12_an_answer_between_two_missed_offers_begins_anew(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary", Alder="supervisor")
    maple = town.person_id("Maple")
    await queued(town, "ann")
    await town.passes(seconds=60)
    declined = await queued(town, "bea")
    town.write(lambda c: desk.decline(c, declined, maple, town.now))
    await town.settle()
    await queued(town, "cara")
    await town.passes(seconds=60)
    assert ("away", maple) not in town.alerts
    assert people_present(town, "Maple")


def there(town: Town) -> dict[Tier, int]:
    """The live coverage of the desk."""
    return dict(town.read(lambda c: crew.there_now(crew.volunteers_on_duty(c, town.house, "demo", town.now))))


def people_present(town: Town, alias: str) -> bool:
    return town.read(lambda c: people.find(c, town.house, alias)).present


async def test_case_13_a_certificate_that_ends_within_a_shift_is_refused_at_sign_up(town: Town) -> None:
    module = Module("listening", "Listening", 12)
    needed = Training({"listening": module}, for_tier={Tier.PRIMARY: frozenset({"listening"})})
    staffing(town, {"training": needed})
    maple, now = town.person_id("Maple"), town.now
    plan(town, Juniper="primary")

    def trains(passed: date) -> None:
        town.write(lambda c: qualifying.passed(c, town.house, needed, maple, "listening", passed, maple, now))

    def objections(lasts: timedelta) -> list[Refusal]:
        begins = datetime(2026, 11, 20, 19, tzinfo=UTC)  # 21:00 in Bucharest
        wanted = Wanted(Tier.PRIMARY, begins, begins + lasts)
        found = town.read(lambda c: shift_checks.sign_up(c, town.house, "demo", maple, wanted, now))
        return [one.code for one in found]

    assert objections(2 * HOUR) == [Refusal.MODULE_MISSING]
    trains(date(2025, 11, 21))  # holds until the end of the 20th
    assert objections(2 * HOUR) == []
    assert objections(3 * HOUR) == []  # until midnight
    assert objections(4 * HOUR) == [Refusal.CERT_EXPIRED]
    trains(date(2026, 11, 1))
    assert objections(4 * HOUR) == []


async def test_case_14_a_clock_set_back_an_hour_changes_no_timer(town: Town) -> None:
    plan(town, A="primary", B="primary", C="primary", Reed="backup")
    handoff = await queued(town, "ann")
    await town.passes(seconds=10)
    town.clock.step(hours=-1)
    await town.settle()
    first = asked(town, handoff)
    assert len(first) == 2
    await town.passes(seconds=9)
    assert len(asked(town, handoff)) == 2
    await town.passes(seconds=1)
    assert asked(town, handoff) == ["A", "B", "C"]  # twenty seconds after she came
    await town.passes(seconds=39)
    assert len(asked(town, handoff)) == 3
    await town.passes(seconds=1)
    assert asked(town, handoff, "expired") == first
    await town.passes(seconds=30)
    assert "Reed" in asked(town, handoff)  # ninety
    town.clock.step(hours=1)
    await town.passes(seconds=1)
    assert town.handoff(handoff).state == "waiting"


async def test_case_15_a_ladder_edited_during_a_search_keeps_its_times_and_adds_people(
    town: Town,
) -> None:
    plan(town, A="primary", Reed="backup", Alder="supervisor")
    began_with = Policy(rungs=(Rung(0, Tier.PRIMARY), Rung(90, Tier.SUPERVISOR)))
    staffing(town, {"escalation": Escalation(began_with)})
    town.patient = True
    handoff = await queued(town, "ann")
    assert asked(town, handoff) == ["A"]
    edited = Policy(
        rungs=(Rung(0, Tier.PRIMARY), Rung(30, Tier.BACKUP), Rung(600, Tier.SUPERVISOR)), offer_seconds=600
    )
    staffing(town, {"escalation": Escalation(edited)})
    plan(town, A="primary", New="primary", Reed="backup", Alder="supervisor")
    town.write(lambda c: desk.look_again(c, town.now))
    await town.settle()
    assert asked(town, handoff) == ["A", "New"]  # who joined is asked at once
    await town.passes(seconds=30)
    assert asked(town, handoff) == ["A", "New", "Reed"]  # a tier that was added
    await town.passes(seconds=30)
    assert asked(town, handoff, "expired") == ["A", "New"]  # an offer still stands a minute, not ten
    await town.passes(seconds=30)
    assert "Alder" in asked(town, handoff)  # the supervisor after ninety seconds, as it began
    assert DEFAULT_POLICY.offer_seconds == 60


async def test_case_16_a_swap_approved_late_moves_only_what_is_left(town: Town) -> None:
    juniper = town.person_id("Juniper")
    begins = town.clock.now()
    wanted = Wanted(Tier.PRIMARY, begins, begins + 3 * HOUR)
    plan(town, Maple="primary")
    await town.passes(minutes=2)
    takeover = town.read(lambda c: shift_checks.take_over(c, town.house, "demo", juniper, wanted, town.now))
    assert takeover.allowed
    assert takeover.left == (begins + timedelta(minutes=2), begins + 3 * HOUR)
    await town.passes(hours=3)
    over = town.read(lambda c: shift_checks.take_over(c, town.house, "demo", juniper, wanted, town.now))
    assert (over.allowed, over.left, over.objections[0].code) == (False, None, Refusal.TOO_LATE)


async def test_case_17_a_cover_with_ten_hours_of_rest_is_refused_with_the_next_start(town: Town) -> None:
    staffing(town, {"care": Care()})  # the demo's own has every limit off
    rota(
        town,
        """
zone: Europe/Bucharest
shifts:
  - {who: Juniper, tier: primary, days: [thu], from: '18:00', to: '22:00'}
  - {who: Maple, tier: primary, days: [fri], from: '08:00', to: '12:00'}
""",
    )
    juniper = town.person_id("Juniper")
    begins = datetime(2026, 11, 20, 6, tzinfo=UTC)  # Friday, eight in Bucharest: ten hours after ten
    wanted = Wanted(Tier.PRIMARY, begins, begins + 4 * HOUR)
    takeover = town.read(lambda c: shift_checks.take_over(c, town.house, "demo", juniper, wanted, town.now))
    (objection,) = takeover.objections
    assert (objection.code, objection.stands_in_the_way) == (Refusal.REST, True)
    assert objection.next_start == begins + HOUR
    later = Wanted(Tier.PRIMARY, begins + HOUR, begins + 5 * HOUR)
    assert town.read(
        lambda c: shift_checks.take_over(c, town.house, "demo", juniper, later, town.now)
    ).allowed


async def test_case_18_with_one_network_down_offers_go_on_and_it_is_told(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary")
    for alias in ("Maple", "Juniper"):
        profile(town, alias, max_chats=2)
    ann = await queued(town, "ann")
    town.channels["telegram"].answer = lambda _: Receipt(DeliveryState.FAILED_FOR_NOW, "network")
    bea, chat = await in_a_chat(town, "bea", "matrix")
    chat.writes("I read you")
    await town.settle()
    assert bea.texts()[-1] == "I read you"
    assert asked(town, ann) == ["Juniper", "Maple"]
    talk(town, "Juniper", ann)
    await town.passes(minutes=2)
    found = town.read(lambda c: overdue.reasons(c, town.house.vault, town.clock.now()))
    assert any("telegram" in reason for reason in found), found
    assert not any("matrix" in reason for reason in found)
    town.channels["telegram"].answer = lambda _: None
    await town.passes(minutes=9)
    assert not town.read(lambda c: overdue.reasons(c, town.house.vault, town.clock.now()))


@pytest.mark.parametrize("word", ["hide", "stop", "guide only"])
async def test_case_19_she_leaves_while_it_is_offered_and_nobody_missed_it(town: Town, word: str) -> None:
    plan(town, Maple="primary", Juniper="primary")
    for number in range(3):  # three times, where two missed offers would be one too many
        handoff = await queued(town, f"ann{number}")
        assert asked(town, handoff) == ["Juniper", "Maple"]
        await say(town, town.woman(f"ann{number}", "telegram"), word)
        assert asked(town) == []
        await town.passes(seconds=90)
    assert people_present(town, "Maple") and people_present(town, "Juniper")
    assert not [what for what, _ in town.alerts if what == "away"]


async def test_case_20_one_person_in_two_tiers_and_two_browsers_has_one_load(either_town: Town) -> None:
    town = either_town
    rota(
        town,
        """
zone: Europe/Bucharest
shifts:
  - {who: Maple, tier: primary, days: [wed], from: '00:00', to: '24:00'}
  - {who: Maple, tier: primary, days: [wed], from: '08:00', to: '24:00'}
  - {who: Maple, tier: backup, days: [wed], from: '00:00', to: '24:00'}
""",
    )
    maple = town.person_id("Maple")
    for _ in range(2):
        town.write(lambda c: sign_in.begin_visit(c, town.house, maple, town.now))
    first, second = await queued(town, "ann"), await queued(town, "bea")
    assert asked(town) == ["Maple"]  # one offer, whatever she is on duty for
    (offered,) = {row.handoff for row in town.rows(t.offer, t.offer.c.state == "pending")}
    assert offered == first
    talk(town, "Maple", first)
    assert refused(town, "Maple", second) == "CAPACITY"
    there_twice = town.read(lambda c: crew.volunteers_on_duty(c, town.house, "demo", town.now))
    assert [one.holding for one in there_twice] == [(Urgency.U2,)] * len(there_twice)
    assert active(town, "Maple") == 1
    with pytest.raises(people.AliasTaken):
        town.add_person("MAPLE", Role.VOLUNTEER)
    assert lines_of(town.woman("bea", "telegram"))
