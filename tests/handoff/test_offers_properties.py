"""However it goes: a next step for everyone, nothing twice, nobody beyond her room or against a hard rule."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings, strategies as st

from handoff.capacity import MOST_CHATS, room, units
from handoff.eligibility import Circumstances, refusals, supervisor_on_duty, wished_for
from handoff.model import HIGH_RISK, LoadClass, OfferState, Refusal, Tier, Urgency, Volunteer, Waiting
from handoff.offers import decide_queue
from handoff.policy import DEFAULT_POLICY, Policy
from handoff.strategies import Strategy
from tests.handoff.builders import NOON, a_volunteer, a_waiting, after
from tests.handoff.test_offers import Desk

PEOPLE = [f"v{n}" for n in range(8)]
few = st.sampled_from
volunteers = st.builds(
    a_volunteer,
    person=few(PEOPLE),
    tier=few(list(Tier)),
    present=few([True, True, True, False]),
    holding=st.lists(few(list(Urgency)), max_size=2).map(tuple),
    max_chats=st.integers(0, 3),
    languages=few([{"en": 5}, {"en": 2}, {"ro": 5}, {"en": 3, "ro": 1}]),
    load_class=few(list(LoadClass)),
    gender=few(["", "woman", "man"]),
    on_break=few([False, False, False, True]),
    cooling_until=few([None, None, after(100)]),
    cooling_is_hard=st.booleans(),
    one_more=st.booleans(),
    suspended=few([False, False, False, True]),
    unfit=few([frozenset(), frozenset(), frozenset({Refusal.CERT_EXPIRED})]),
    conflicts=few([frozenset(), frozenset({"town:x"})]),
    duty_ends=few([NOON + timedelta(hours=6), after(900), after(30)]),
)
crews = st.lists(volunteers, max_size=8, unique_by=lambda v: v.person)
searches = st.builds(
    a_waiting,
    urgency=few(list(Urgency)),
    gender=few(["", "woman"]),
    gender_required=st.booleans(),
    never_with=st.frozensets(few(PEOPLE), max_size=2),
    declined_by=st.frozensets(few(PEOPLE), max_size=2),
    tags=few([frozenset(), frozenset({"town:x"})]),
    required_skills=few([frozenset(), frozenset(), frozenset({"minors"})]),
)
policies = few([DEFAULT_POLICY, Policy(strategy=Strategy.PULL), Policy(preferred_skills={"talk": "tech"})])
answers = st.lists(few(["wait", "decline", "leave"]), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(crews, searches, policies, answers, st.lists(st.integers(0, 80), min_size=12, max_size=12))
def test_however_it_goes_nobody_waits_without_a_next_step_and_no_step_is_taken_twice(
    crew: list[Volunteer], waiting: Waiting, policy: Policy, acts: list[str], pauses: list[int]
) -> None:
    desk = Desk(waiting, crew, policy=policy)
    seconds = 0
    for act, pause in zip(acts, pauses, strict=False):
        seconds += pause
        now = after(seconds)
        before = desk.decide(now)
        assert now < before.next_step_at <= now + timedelta(seconds=policy.recheck_seconds)
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


@settings(max_examples=200, deadline=None)
@given(crews, searches, policies, st.integers(0, 400))
def test_nobody_is_asked_against_a_hard_rule(
    crew: list[Volunteer], waiting: Waiting, policy: Policy, seconds: int
) -> None:
    now = after(seconds)
    supervised = supervisor_on_duty(crew, now)
    for made in Desk(waiting, crew, policy=policy).decide(now).offers_to_make:
        one = next(v for v in crew if v.person == made.person)
        given = Circumstances(supervised, at_last=True)
        assert refusals(one, waiting, now, policy, given) == ()
        assert not (one.cooling_is_hard and one.cooling_until is not None and now < one.cooling_until)
        assert wished_for(one, waiting, now, policy)
        assert one.tier is not Tier.SHADOW
        assert one.load_class is not LoadClass.TRAINEE or (supervised and not one.holding)
        assert policy.strategy is not Strategy.PULL or one.tier is not Tier.PRIMARY


@settings(max_examples=150, deadline=None)
@given(crews, st.lists(searches, min_size=1, max_size=8), st.integers(0, 400))
def test_a_round_over_the_queue_never_offers_more_than_a_volunteer_can_hold(
    crew: list[Volunteer], queue: list[Waiting], seconds: int
) -> None:
    waiting = [replace(one, handoff=f"h{n}") for n, one in enumerate(queue)]
    decided = decide_queue(waiting, crew, [], after(seconds), {})
    assert {one.handoff for one, _ in decided} == {one.handoff for one in waiting}
    for volunteer in crew:
        got = [w.urgency for w, d in decided for o in d.offers_to_make if o.person == volunteer.person]
        if not got:
            continue
        held = replace(volunteer, holding=(*volunteer.holding, *got))
        assert len(held.holding) <= MOST_CHATS
        assert len(held.holding) == 1 or units(held) <= room(held)
        flagged = [place for place, urgency in enumerate(held.holding) if urgency in HIGH_RISK]
        assert not flagged or flagged[0] == len(held.holding) - 1


@settings(max_examples=100, deadline=None)
@given(crews, searches, st.integers(0, 400))
def test_nobody_is_said_to_be_here_only_when_no_time_would_help(
    crew: list[Volunteer], waiting: Waiting, seconds: int
) -> None:
    """Of whom it is said that nobody can come, for her nobody of the same people is asked later either."""
    desk = Desk(waiting, crew)
    if desk.decide(after(seconds)).nobody:
        rested = [replace(v, cooling_until=None) for v in crew if not v.cooling_is_hard]
        assert all(
            not Desk(waiting, rested).decide(after(seconds + s)).offers_to_make for s in (75, 150, 600)
        )
