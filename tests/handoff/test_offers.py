"""Waves and ladder: who is asked when, and that nothing is asked twice."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from handoff.model import Offer, OfferState, Tier, Urgency, Volunteer, Waiting
from handoff.offers import Decision, decide, decide_queue
from handoff.policy import DEFAULT_POLICY, NotAPolicy, Policy, Rung
from handoff.strategies import Strategy
from tests.handoff.builders import NOON, a_volunteer, a_waiting, after, an_offer

NEVER = NOON + timedelta(days=1)


def a_crew(primary: int = 7, backup: int = 2, supervisor: int = 1) -> list[Volunteer]:
    tiers = ((Tier.PRIMARY, "p", primary), (Tier.BACKUP, "b", backup), (Tier.SUPERVISOR, "s", supervisor))
    return [a_volunteer(f"{letter}{n}", tier) for tier, letter, count in tiers for n in range(1, count + 1)]


@dataclass
class Desk:
    """Carries out decisions as the host would, in memory."""

    waiting: Waiting
    people: list[Volunteer]
    offers: list[Offer] = field(default_factory=list)
    policy: Policy = DEFAULT_POLICY

    def decide(self, now: datetime) -> Decision:
        pending = {o.person for o in self.offers if o.state is OfferState.PENDING}
        people = [
            replace(v, holding=(*v.holding, self.waiting.urgency)) if v.person in pending else v
            for v in self.people
        ]
        return decide(self.waiting, people, self.offers, now, self.policy)

    def step(self, now: datetime) -> list[str]:
        decision = self.decide(now)
        for number, offer in enumerate(self.offers):
            if offer.id in decision.expire:
                self.offers[number] = replace(offer, state=OfferState.EXPIRED)
            if offer.id in decision.rescind:
                self.offers[number] = replace(offer, state=OfferState.RESCINDED)
        for made in decision.offers_to_make:
            offer = an_offer(made.person, now, handoff=self.waiting.handoff)
            self.offers.append(replace(offer, expires_at=made.expires_at))
        return [made.person for made in decision.offers_to_make]

    def decline(self, *people: str) -> None:
        self.offers = [
            replace(o, state=OfferState.DECLINED) if o.person in people else o for o in self.offers
        ]


# --- the ladder -------------------------------------------------------------------------------------


def test_waves_widen_until_everyone_is_asked() -> None:
    desk = Desk(a_waiting(), a_crew())
    assert desk.step(after(0)) == ["p1", "p2"]
    assert desk.step(after(19)) == []
    assert desk.step(after(20)) == ["p3", "p4", "p5"]
    assert desk.step(after(40)) == ["p6", "p7"]
    assert desk.step(after(89)) == []
    assert desk.step(after(90)) == ["b1", "b2"]
    assert desk.step(after(149)) == []
    assert desk.step(after(150)) == ["p1", "p2", "p3", "p4", "p5", "s1"]  # lapsed offers have rested


def test_in_danger_the_steps_come_at_a_third_and_the_supervisor_knows_at_once() -> None:
    desk = Desk(a_waiting(urgency=Urgency.U0), a_crew())
    first = desk.decide(after(0))
    assert first.alert_supervisor
    assert first.supervisor_may_take
    assert desk.step(after(0)) == ["p1", "p2", "s1"]
    assert desk.step(after(7)) == ["p3", "p4", "p5"]
    assert desk.step(after(14)) == ["p6", "p7"]
    assert desk.step(after(29)) == []
    assert desk.step(after(30)) == ["b1", "b2"]
    assert desk.step(after(50)) == []


def test_a_flag_hastens_the_ladder_without_ringing_the_supervisor_at_once() -> None:
    desk = Desk(a_waiting(urgency=Urgency.U1), a_crew())
    assert desk.step(after(0)) == ["p1", "p2"]
    assert not desk.decide(after(19)).alert_supervisor
    assert desk.step(after(7)) == ["p3", "p4", "p5"]
    assert desk.decide(after(20)).alert_supervisor
    assert desk.step(after(30)) == ["p6", "p7", "b1", "b2"]
    assert desk.step(after(50)) == ["s1"]


def test_the_supervisor_is_told_after_a_minute_and_may_take_after_two_and_a_half() -> None:
    desk = Desk(a_waiting(), a_crew())
    assert not desk.decide(after(59)).alert_supervisor
    assert desk.decide(after(60)).alert_supervisor
    assert not desk.decide(after(149)).supervisor_may_take
    assert desk.decide(after(150)).supervisor_may_take


def test_an_empty_tier_is_passed_over_at_once() -> None:
    assert Desk(a_waiting(), a_crew(primary=0)).step(after(0)) == ["b1", "b2"]
    assert Desk(a_waiting(), a_crew(primary=0, backup=0)).step(after(0)) == ["s1"]


@pytest.mark.parametrize(
    "unfit",
    [
        {"present": False},
        {"languages": frozenset({"lt"})},
        {"suspended": True},
        {"duty_ends": NOON + timedelta(minutes=5)},
    ],
)
def test_a_tier_where_nobody_may_take_it_is_as_good_as_empty(unfit: dict[str, object]) -> None:
    people = [a_volunteer("p1", **unfit), a_volunteer("b1", Tier.BACKUP)]
    assert Desk(a_waiting(), people).step(after(0)) == ["b1"]


def test_a_busy_tier_keeps_its_time_but_not_when_she_is_in_danger() -> None:
    people = [a_volunteer("p1", holding=(Urgency.U2,)), a_volunteer("b1", Tier.BACKUP)]
    assert Desk(a_waiting(), people).step(after(0)) == []
    assert Desk(a_waiting(), people).step(after(90)) == ["b1"]
    assert Desk(a_waiting(urgency=Urgency.U0), people).step(after(0)) == ["b1"]


def test_whoever_has_a_break_or_rests_keeps_no_tier_waiting() -> None:
    for away in ({"on_break": True}, {"cooling_until": after(600)}):
        people = [a_volunteer("p1", **away), a_volunteer("b1", Tier.BACKUP)]
        assert Desk(a_waiting(), people).step(after(0)) == ["b1"]
    resting = Desk(a_waiting(), [a_volunteer("p1", cooling_until=after(600))])
    assert resting.step(after(0)) == ["p1"]  # there is nobody else
    assert not Desk(a_waiting(), [a_volunteer("p1", on_break=True)]).step(after(0))
    assert Desk(a_waiting(), [a_volunteer("p1", on_break=True)]).decide(after(0)).nobody


def test_when_all_who_were_asked_decline_the_next_are_asked_at_once() -> None:
    desk = Desk(a_waiting(), a_crew(primary=3))
    assert desk.step(after(0)) == ["p1", "p2"]
    desk.decline("p1", "p2")
    assert desk.step(after(3)) == ["p3"]
    desk.decline("p3")
    assert desk.step(after(4)) == ["b1", "b2"]
    desk.decline("b1", "b2")
    assert desk.step(after(5)) == ["s1"]
    desk.decline("s1")
    decision = desk.decide(after(6))
    assert decision.nobody
    assert decision.alert_supervisor
    assert decision.offers_to_make == ()


def test_one_decline_makes_room_for_one_more() -> None:
    desk = Desk(a_waiting(), a_crew())
    desk.step(after(0))
    desk.decline("p1")
    assert desk.step(after(2)) == ["p3"]


def test_nobody_is_said_only_when_no_one_on_duty_could_ever_take_it() -> None:
    busy = [a_volunteer("p1", holding=(Urgency.U2,))]
    assert not Desk(a_waiting(), busy).decide(after(600)).nobody
    assert not Desk(a_waiting(urgency=Urgency.U0), busy).decide(after(600)).nobody
    foreign = [a_volunteer("p1", languages=frozenset({"lt"}))]
    assert Desk(a_waiting(), foreign).decide(after(0)).nobody
    assert Desk(a_waiting(), []).decide(after(0)).nobody


def test_an_offer_nobody_answers_lapses_rests_and_is_made_again() -> None:
    desk = Desk(a_waiting(), [a_volunteer("p1")])
    assert desk.step(after(0)) == ["p1"]
    assert desk.decide(after(60)).expire == (desk.offers[0].id,)
    assert desk.step(after(60)) == []
    assert not desk.decide(after(61)).nobody
    assert desk.step(after(149)) == []
    assert desk.step(after(150)) == ["p1"]
    assert desk.step(after(210)) == []
    assert desk.step(after(270)) == ["p1"]


def test_an_offer_is_withdrawn_from_whoever_may_no_longer_take_it() -> None:
    desk = Desk(a_waiting(), a_crew(primary=1, backup=0, supervisor=0))
    desk.step(after(0))
    for change in (
        {"present": False},
        {"suspended": True},
        {"holding": (Urgency.U0,)},
        {"duty_ends": after(1)},
    ):
        changed = replace(desk, people=[replace(desk.people[0], **change)])
        assert changed.decide(after(5)).rescind == (desk.offers[0].id,)
    ending = replace(desk, people=[replace(desk.people[0], duty_ends=after(600))])
    assert ending.decide(after(5)).rescind == ()


def test_one_person_in_two_tiers_is_asked_once() -> None:
    people = [a_volunteer("p1"), a_volunteer("p1", Tier.BACKUP)]
    desk = Desk(a_waiting(), people)
    assert desk.step(after(0)) == ["p1"]
    assert desk.step(after(59)) == []


def test_a_passed_on_chat_starts_a_new_search_without_its_last_volunteer() -> None:
    old = [an_offer("p1", after(0), OfferState.ACCEPTED), an_offer("p2", after(0), OfferState.EXPIRED)]
    waiting = a_waiting(passed_on=True, since=after(3000), declined_by=frozenset({"p1"}))
    assert Desk(waiting, a_crew(), old).step(after(3000)) == ["p2", "p3"]


def test_a_clock_set_back_neither_skips_nor_repeats() -> None:
    desk = Desk(a_waiting(), a_crew())
    desk.step(after(0))
    assert desk.step(after(-3600)) == []
    assert desk.decide(after(-3600)).next_step_at > after(-3600)


def test_only_a_woman_means_only_a_woman_and_she_is_told_when_none_is_there() -> None:
    men = [
        a_volunteer("p1", gender="man"),
        a_volunteer("b1", Tier.BACKUP),
        a_volunteer("s1", Tier.SUPERVISOR),
    ]
    wish = a_waiting(gender="woman", gender_required=True)
    for seconds in (0, 75, 1000):
        decision = Desk(wish, men).decide(after(seconds))
        assert decision.offers_to_make == ()
        assert (decision.nobody, decision.wish_unmet) == (True, True)
    with_one = [*men, a_volunteer("b2", Tier.BACKUP, gender="woman")]
    assert Desk(wish, with_one).step(after(0)) == ["b2"]
    assert not Desk(wish, with_one).decide(after(0)).wish_unmet
    busy = [*men, a_volunteer("p2", gender="woman", holding=(Urgency.U2,))]
    assert not Desk(wish, busy).decide(after(0)).wish_unmet
    assert not Desk(wish, [a_volunteer("p1", present=False)]).decide(after(0)).wish_unmet


def test_rather_a_woman_waits_for_one_and_then_for_anybody() -> None:
    wish = a_waiting(gender="woman")
    desk = Desk(wish, [a_volunteer("p1"), a_volunteer("p2")])
    assert desk.step(after(0)) == []
    decision = desk.decide(after(40))
    assert (decision.nobody, decision.wish_unmet, decision.alert_supervisor) == (False, False, False)
    assert desk.decide(after(60)).next_step_at == after(75)
    assert desk.step(after(75)) == ["p1", "p2"]
    one_in_backup = Desk(wish, [a_volunteer("p1"), a_volunteer("b1", Tier.BACKUP, gender="woman")])
    assert one_in_backup.step(after(0)) == ["b1"]
    assert one_in_backup.step(after(75)) == ["p1"]
    both = Desk(wish, [a_volunteer("p1"), a_volunteer("p2", gender="woman")])
    assert both.step(after(0)) == ["p2"]


def test_the_supervisor_is_asked_about_danger_even_while_she_cannot_take_it() -> None:
    holding = [a_volunteer("p1"), a_volunteer("s1", Tier.SUPERVISOR, holding=(Urgency.U0,))]
    desk = Desk(a_waiting(urgency=Urgency.U0), holding)
    assert desk.step(after(0)) == ["p1"]
    assert desk.decide(after(1)).alert_supervisor


def test_pulled_work_rings_no_volunteer_and_the_ladder_still_climbs() -> None:
    policy = Policy(strategy=Strategy.PULL)
    desk = Desk(a_waiting(), a_crew(), policy=policy)
    for seconds in (0, 20, 89):
        assert desk.step(after(seconds)) == []
    assert not desk.decide(after(0)).nobody
    assert desk.step(after(90)) == ["b1", "b2"]
    assert desk.step(after(150)) == ["s1"]


def test_a_running_search_keeps_its_ladder_and_takes_in_people_who_are_added() -> None:
    began_with = Policy(rungs=(Rung(0, Tier.PRIMARY, 1), Rung(60, Tier.PRIMARY, 2)))
    live = Policy(rungs=(Rung(0, Tier.PRIMARY, 3), Rung(10, Tier.BACKUP), Rung(200, Tier.PRIMARY)))
    assert began_with.widened_by(live).rungs == (
        Rung(0, Tier.PRIMARY, 3),
        Rung(10, Tier.BACKUP),
        Rung(60, Tier.PRIMARY, 3),
    )
    narrower = Policy(rungs=(Rung(0, Tier.PRIMARY, 1),), offer_seconds=5)
    assert DEFAULT_POLICY.widened_by(narrower) == DEFAULT_POLICY


def test_a_long_wait_is_noticed_once_its_time_has_come() -> None:
    desk = Desk(a_waiting(), a_crew())
    assert not desk.decide(after(539)).too_long
    assert desk.decide(after(540)).too_long
    assert Desk(a_waiting(urgency=Urgency.U1), a_crew()).decide(after(180)).too_long


# --- many waiting -----------------------------------------------------------------------------------


def test_the_first_in_the_queue_is_served_first_and_nobody_is_asked_beyond_her_room() -> None:
    waiting = [a_waiting("old"), a_waiting("danger", Urgency.U0, queued_at=after(5))]
    decided = decide_queue(waiting, [a_volunteer("p1")], [], after(5), {})
    assert [(w.handoff, [o.person for o in d.offers_to_make]) for w, d in decided] == [
        ("danger", ["p1"]),
        ("old", []),
    ]
    roomy = [a_volunteer("p1", max_chats=2)]
    calm = [a_waiting(f"h{n}", queued_at=after(n)) for n in range(4)]
    made = [d.offers_to_make for _, d in decide_queue(calm, roomy, [], after(5), {})]
    assert [len(offers) for offers in made] == [1, 1, 0, 0]


def test_each_hand_off_follows_the_policy_it_began_with() -> None:
    alone = Policy(rungs=(Rung(0, Tier.SUPERVISOR, None),))
    crew = a_crew(primary=2)
    decided = decide_queue(
        [a_waiting("a"), a_waiting("b", queued_at=after(1))], crew, [], after(1), {"b": alone}
    )
    assert [[o.person for o in d.offers_to_make] for _, d in decided] == [["p1", "p2"], ["s1"]]


# --- the policy -------------------------------------------------------------------------------------


def test_a_policy_comes_back_from_its_snapshot_as_it_was() -> None:
    policy = Policy(
        rungs=(Rung(0, Tier.BACKUP, 3), Rung(10, Tier.PRIMARY)),
        required_skills={"x": "y"},
        strategy=Strategy.PULL,
        region_bound=frozenset({"legal"}),
    )
    assert Policy.from_plain(policy.to_plain()) == policy
    assert Policy.from_plain({}) == DEFAULT_POLICY


@pytest.mark.parametrize(
    "plain",
    [
        {"spec": 2},
        {"rungs": []},
        {"rungs": [[5, "primary", None]]},
        {"rungs": [[0, "primary", None], [30, "backup", None], [20, "backup", None]]},
        {"rungs": [[0, "owner", None]]},
        {"rungs": [[0, "primary"]]},
        {"rungs": 3},
        {"offer_seconds": 0},
        {"offer_seconds": "soon"},
        {"alert_seconds": -1},
        {"strategy": "lottery"},
        {"language_level": 0},
        {"unknown": 1},
    ],
)
def test_a_snapshot_that_is_no_policy_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises(NotAPolicy):
        Policy.from_plain(plain)


def test_a_calm_offer_gives_way_to_danger_that_nobody_else_can_take() -> None:
    """The one volunteer on duty is thinking about a calm chat when somebody in danger comes."""
    only = a_volunteer("p1", holding=(Urgency.U2,))
    calm = a_waiting(handoff="calm", urgency=Urgency.U2)
    danger = a_waiting(handoff="danger", urgency=Urgency.U0)
    thinking = replace(an_offer("p1", NOON, handoff="calm"), expires_at=after(60))
    (first, urgent), (second, resting) = decide_queue([calm, danger], [only], [thinking], after(5), {})
    assert (first.handoff, [one.person for one in urgent.offers_to_make]) == ("danger", ["p1"])
    assert (second.handoff, resting.rescind, resting.offers_to_make) == ("calm", (thinking.id,), ())


def test_a_calm_offer_stands_while_somebody_else_is_free_for_danger() -> None:
    crew = [a_volunteer("p1", holding=(Urgency.U2,)), a_volunteer("p2")]
    calm = a_waiting(handoff="calm", urgency=Urgency.U2)
    danger = a_waiting(handoff="danger", urgency=Urgency.U0)
    thinking = replace(an_offer("p1", NOON, handoff="calm"), expires_at=after(60))
    (_, urgent), (_, resting) = decide_queue([calm, danger], crew, [thinking], after(5), {})
    assert [one.person for one in urgent.offers_to_make] == ["p2"]
    assert resting.rescind == ()
    # The danger is offered to her by now; nothing more gives way for it.
    asked = replace(an_offer("p2", NOON, handoff="danger"), expires_at=after(60))
    crew = [crew[0], a_volunteer("p2", holding=(Urgency.U0,))]
    (_, urgent), (_, resting) = decide_queue([calm, danger], crew, [thinking, asked], after(6), {})
    assert (urgent.offers_to_make, resting.rescind) == ((), ())


def test_a_chat_somebody_holds_gives_way_to_nothing() -> None:
    holding = a_volunteer("p1", holding=(Urgency.U2,))
    danger = a_waiting(handoff="danger", urgency=Urgency.U0)
    ((_, urgent),) = decide_queue([danger], [holding], [], after(5), {})
    assert urgent.offers_to_make == ()
