"""Waves and ladder: who is asked when, and that nothing is asked twice."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from handoff.model import Offer, OfferState, Tier, Urgency, Volunteer, Waiting
from handoff.offers import Decision, decide, decide_queue, ranked
from handoff.policy import DEFAULT_POLICY, NotAPolicy, Policy, Rung
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
    assert desk.step(after(0)) == ["p1", "p2"]
    assert desk.step(after(7)) == ["p3", "p4", "p5"]
    assert desk.step(after(14)) == ["p6", "p7"]
    assert desk.step(after(29)) == []
    assert desk.step(after(30)) == ["b1", "b2"]
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


def test_best_is_the_skilled_then_the_free_then_the_longest_idle() -> None:
    people = [
        a_volunteer("ann", idle_since=after(5)),
        a_volunteer("bao", idle_since=after(1)),
        a_volunteer("cleo", max_chats=2, holding=(Urgency.U2,)),
        a_volunteer("dana", skills=frozenset({"tech"}), idle_since=after(9)),
        a_volunteer("eva"),
    ]
    assert [v.person for v in ranked(people)] == ["eva", "bao", "ann", "dana", "cleo"]
    assert ranked(people, "tech")[0].person == "dana"


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
    policy = Policy(rungs=(Rung(0, Tier.BACKUP, 3), Rung(10, Tier.PRIMARY)), required_skills={"x": "y"})
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
        {"unknown": 1},
    ],
)
def test_a_snapshot_that_is_no_policy_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises(NotAPolicy):
        Policy.from_plain(plain)


# --- properties -------------------------------------------------------------------------------------

volunteers = st.builds(
    a_volunteer,
    person=st.sampled_from([f"v{n}" for n in range(8)]),
    tier=st.sampled_from(list(Tier)),
    present=st.sampled_from([True, True, False]),
    holding=st.lists(st.sampled_from(list(Urgency)), max_size=2).map(tuple),
    max_chats=st.integers(1, 3),
    languages=st.sampled_from([frozenset({"en"}), frozenset({"ro"})]),
)
crews = st.lists(volunteers, max_size=8, unique_by=lambda v: v.person)
answers = st.lists(st.sampled_from(["wait", "decline", "leave"]), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(crews, st.sampled_from(list(Urgency)), answers, st.lists(st.integers(0, 80), min_size=12, max_size=12))
def test_however_it_goes_nobody_waits_without_a_next_step_and_no_step_is_taken_twice(
    crew: list[Volunteer], urgency: Urgency, acts: list[str], pauses: list[int]
) -> None:
    desk = Desk(a_waiting(urgency=urgency), crew)
    seconds = 0
    for act, pause in zip(acts, pauses, strict=False):
        seconds += pause
        now = after(seconds)
        before = desk.decide(now)
        assert now < before.next_step_at <= now + timedelta(seconds=DEFAULT_POLICY.recheck_seconds)
        desk.step(now)
        again = desk.decide(now)
        assert (again.offers_to_make, again.rescind, again.expire) == ((), (), ())
        assert now < again.next_step_at
        pending = [o.person for o in desk.offers if o.state is OfferState.PENDING]
        assert len(pending) == len(set(pending))
        assert not again.nobody or not pending
        if act == "decline":
            desk.decline(*pending[:1])
        if act == "leave" and pending:
            desk.people = [replace(v, present=v.person != pending[0] and v.present) for v in desk.people]
    declined = {o.person for o in desk.offers if o.state is OfferState.DECLINED}
    for person in declined:
        offers = [o for o in desk.offers if o.person == person]
        assert offers[-1].state is OfferState.DECLINED


@settings(max_examples=100, deadline=None)
@given(crews, st.lists(st.sampled_from(list(Urgency)), min_size=1, max_size=8), st.integers(0, 400))
def test_a_round_over_the_queue_never_offers_more_than_a_volunteer_can_hold(
    crew: list[Volunteer], urgencies: list[Urgency], seconds: int
) -> None:
    waiting = [a_waiting(f"h{n}", u, queued_at=NOON) for n, u in enumerate(urgencies)]
    decided = decide_queue(waiting, crew, [], after(seconds), {})
    for volunteer in crew:
        got = [w.urgency for w, d in decided for o in d.offers_to_make if o.person == volunteer.person]
        held = [*volunteer.holding, *got]
        assert not got or len(held) <= min(volunteer.max_chats, 3)
        flagged = [place for place, u in enumerate(held) if u in {Urgency.U0, Urgency.U1}]
        assert not got or not flagged or flagged[0] == len(held) - 1
