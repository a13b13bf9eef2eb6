"""What may happen to a hand-off: every move by everyone in every state, and then at random."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from handoff.model import HandoffState, Outcome, Refusal, Urgency
from handoff.transitions import (
    By,
    Handoff,
    Moved,
    Party,
    Staff,
    accept,
    acknowledged,
    close,
    decline,
    parked,
    pass_on,
    place_lost,
    raised,
    resumed,
    she_left,
    take_back,
)
from tests.handoff.builders import NOON, after

HOLDER, OTHER, CHIEF = Staff("bao"), Staff("dana"), Staff("alder", supervisor=True)
EVERYONE: tuple[By, ...] = (HOLDER, OTHER, CHIEF, Party.HER, Party.CLOCK)
S = HandoffState


def a_handoff(state: HandoffState = S.WAITING, urgency: Urgency = Urgency.U1) -> Handoff:
    return Handoff(
        id="h1",
        urgency=urgency,
        queued_at=NOON,
        state=state,
        claim_version=3,
        person="bao" if state in {S.ACTIVE, S.LEFT} else None,
        front=state is S.PASSING,
        held_until=after(1800) if state is S.PARKED else None,
        outcome=Outcome.TALKED if state is S.CLOSED else None,
    )


# For each move: the states it may start from with the state it leads to, and who may make it.
Move = Callable[[Handoff, By], Moved]
MOVES: dict[str, tuple[Move, dict[HandoffState, HandoffState], set[By]]] = {
    "pass_on": (pass_on, {S.ACTIVE: S.PASSING}, {HOLDER, CHIEF}),
    "take_back": (take_back, {S.ACTIVE: S.PASSING}, {CHIEF, Party.CLOCK}),
    "close": (lambda h, by: close(h, by, Outcome.TALKED), {S.ACTIVE: S.CLOSED}, {HOLDER, CHIEF}),
    "she_left": (
        lambda h, by: she_left(h, by, NOON),
        {S.WAITING: S.PARKED, S.PASSING: S.PARKED, S.ACTIVE: S.LEFT, S.PARKED: S.PARKED},
        {Party.HER, Party.CLOCK},
    ),
    "parked": (
        lambda h, by: parked(h, by, NOON),
        {S.WAITING: S.PARKED, S.PASSING: S.PARKED, S.ACTIVE: S.PARKED},
        {Party.HER, Party.CLOCK, CHIEF},
    ),
    "acknowledged": (acknowledged, {S.LEFT: S.CLOSED}, {HOLDER, CHIEF, Party.CLOCK}),
    "resumed": (resumed, {S.PARKED: S.WAITING}, {Party.HER}),
    "place_lost": (lambda h, by: place_lost(h, by, after(1800)), {S.PARKED: S.CLOSED}, {Party.CLOCK, CHIEF}),
}


@pytest.mark.parametrize("by", EVERYONE, ids=str)
@pytest.mark.parametrize("state", list(HandoffState))
@pytest.mark.parametrize("name", MOVES)
def test_each_move_is_made_from_its_states_by_its_people_and_by_nobody_else(
    name: str, state: HandoffState, by: By
) -> None:
    move, ways, movers = MOVES[name]
    before = a_handoff(state)
    moved = move(before, by)
    if state in ways and by in movers:
        assert isinstance(moved, Handoff)
        assert moved.state is ways[state]
        assert moved is before or moved.claim_version == before.claim_version + 1
    else:
        assert moved in {Refusal.NOT_OPEN, Refusal.NOT_ALLOWED, Refusal.NOT_YOURS}


@pytest.mark.parametrize("state", list(HandoffState))
@pytest.mark.parametrize("version", [2, 3, 4])
def test_the_first_to_accept_on_the_right_version_wins(state: HandoffState, version: int) -> None:
    moved = accept(a_handoff(state), OTHER, version)
    if version == 3 and state in {S.WAITING, S.PASSING}:
        assert isinstance(moved, Handoff)
        assert (moved.state, moved.person, moved.claim_version, moved.front) == (S.ACTIVE, "dana", 4, False)
    elif version == 3 and state is not S.ACTIVE:
        assert moved is Refusal.NOT_OPEN
    else:
        assert moved is Refusal.ALREADY_TAKEN


def test_whoever_has_no_room_does_not_get_it() -> None:
    assert accept(a_handoff(), OTHER, 3, Refusal.CAPACITY) is Refusal.CAPACITY
    assert accept(a_handoff(), OTHER, 2, Refusal.CAPACITY) is Refusal.ALREADY_TAKEN


@pytest.mark.parametrize("state", list(HandoffState))
def test_declining_leaves_the_offers_of_others_good(state: HandoffState) -> None:
    moved = decline(a_handoff(state), OTHER)
    if state in {S.WAITING, S.PASSING}:
        assert moved == replace(a_handoff(state), declined_by=frozenset({"dana"}))
    else:
        assert moved is Refusal.NOT_OPEN


def test_who_passes_it_on_is_not_offered_it_again_but_who_was_silent_may_be() -> None:
    passed = pass_on(a_handoff(S.ACTIVE), CHIEF)
    taken = take_back(a_handoff(S.ACTIVE), Party.CLOCK)
    assert isinstance(passed, Handoff)
    assert isinstance(taken, Handoff)
    assert (passed.declined_by, passed.front, passed.person) == (frozenset({"bao"}), True, None)
    assert (taken.declined_by, taken.front, taken.person) == (frozenset(), True, None)


@pytest.mark.parametrize("urgency", list(Urgency))
@pytest.mark.parametrize("keep_place", [True, False])
@pytest.mark.parametrize("state", [S.WAITING, S.PASSING, S.ACTIVE, S.PARKED])
def test_only_a_flagged_place_is_held_and_only_if_she_wants(
    *, state: HandoffState, keep_place: bool, urgency: Urgency
) -> None:
    moved = she_left(a_handoff(state, urgency), Party.HER, NOON, keep_place=keep_place)
    assert isinstance(moved, Handoff)
    held = keep_place and urgency in {Urgency.U0, Urgency.U1}
    if state is S.ACTIVE:
        assert moved.state is S.LEFT
    else:
        assert moved.state is (S.PARKED if held else S.CLOSED)
    assert moved.outcome is (Outcome.SHE_LEFT if moved.state is S.CLOSED else None)
    assert moved.held_until == (after(1800) if held else None)
    assert moved.person == ("bao" if moved.state is S.LEFT else None)


def test_the_volunteer_keeps_seeing_that_she_left_until_she_has_seen_it() -> None:
    left = she_left(a_handoff(S.ACTIVE, Urgency.U2), Party.HER, NOON)
    assert isinstance(left, Handoff)
    assert left.claim_version == 4  # so that nothing written meanwhile is sent
    seen = acknowledged(left, HOLDER)
    assert isinstance(seen, Handoff)
    assert (seen.state, seen.outcome, seen.person) == (S.CLOSED, Outcome.SHE_LEFT, None)


def test_a_held_place_outlasts_the_volunteers_look_and_not_its_time() -> None:
    left = she_left(a_handoff(S.ACTIVE), Party.HER, NOON)
    assert isinstance(left, Handoff)
    seen = acknowledged(left, HOLDER)
    assert isinstance(seen, Handoff)
    assert (seen.state, seen.person, seen.held_until) == (S.PARKED, None, after(1800))
    for unseen in (acknowledged(left, Party.CLOCK), place_lost(left, Party.CLOCK, after(1800))):
        assert isinstance(unseen, Handoff)
        assert (unseen.state, unseen.held_until, unseen.person) == (S.CLOSED, None, None)


def test_hiding_twice_does_not_hold_the_place_longer() -> None:
    once = she_left(a_handoff(), Party.HER, NOON)
    assert isinstance(once, Handoff)
    assert she_left(once, Party.HER, after(600)) == once


def test_who_had_been_talking_comes_back_to_the_head_and_who_waited_to_her_place() -> None:
    for state, expected in ((S.ACTIVE, S.PASSING), (S.PASSING, S.PASSING), (S.WAITING, S.WAITING)):
        away = she_left(a_handoff(state), Party.HER, NOON)
        assert isinstance(away, Handoff)
        back = resumed(away, Party.HER)
        assert isinstance(back, Handoff)
        assert (back.state, back.queued_at, back.held_until) == (expected, NOON, None)
        assert back.front == (expected is S.PASSING)


def test_a_place_is_not_lost_before_its_time() -> None:
    assert place_lost(a_handoff(S.PARKED), Party.CLOCK, after(1799)) is Refusal.NOT_OPEN


@pytest.mark.parametrize("before", list(Urgency))
@pytest.mark.parametrize("asked", list(Urgency))
def test_urgency_rises_and_never_sinks(before: Urgency, asked: Urgency) -> None:
    moved = raised(a_handoff(urgency=before), asked)
    assert isinstance(moved, Handoff)
    assert moved.urgency == min(before, asked)
    assert moved.claim_version == 3
    for over in (S.LEFT, S.CLOSED):
        assert raised(a_handoff(over), asked) is Refusal.NOT_OPEN


staff = st.sampled_from([HOLDER, OTHER, CHIEF])
anyone = st.sampled_from(EVERYONE)


class OneHandoff(RuleBasedStateMachine):
    """Volunteers with screens of different age, her, and the clock, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.handoff = Handoff("h1", Urgency.U2, NOON)
        self.screens: dict[str, int] = {}
        self.now: datetime = NOON
        self.claims: list[int] = []
        self.holder: str | None = None  # the model: who has been told "it is yours" and not yet lost it

    def apply(self, moved: Moved) -> bool:
        if isinstance(moved, Refusal):
            return False
        before, self.handoff = self.handoff, moved
        assert moved.claim_version - before.claim_version in {0, 1}
        assert moved.urgency <= before.urgency
        assert before.declined_by <= moved.declined_by
        assert before.is_open
        changed = (before.person, before.can_be_had) != (moved.person, moved.can_be_had)
        assert not changed or moved.claim_version > before.claim_version
        if moved.state not in {S.ACTIVE, S.LEFT}:
            self.holder = None
        return True

    @rule(by=staff)
    def looks(self, by: Staff) -> None:
        self.screens[by.person] = self.handoff.claim_version

    @rule(by=staff)
    def accepts(self, by: Staff) -> None:
        version = self.screens.get(by.person, 0)
        if self.apply(accept(self.handoff, by, version)):
            assert version not in self.claims  # one version is won once
            assert self.holder is None
            self.claims.append(version)
            self.holder = by.person

    @rule(by=staff)
    def declines(self, by: Staff) -> None:
        self.apply(decline(self.handoff, by))

    @rule(by=anyone)
    def passes_on(self, by: By) -> None:
        self.apply(pass_on(self.handoff, by))

    @rule(by=anyone)
    def takes_back(self, by: By) -> None:
        self.apply(take_back(self.handoff, by))

    @rule(by=anyone, outcome=st.sampled_from(Outcome))
    def closes(self, by: By, outcome: Outcome) -> None:
        self.apply(close(self.handoff, by, outcome))

    @rule(by=anyone, keep_place=st.sampled_from([True, True, True, False]))
    def leaves(self, *, by: By, keep_place: bool) -> None:
        self.apply(she_left(self.handoff, by, self.now, keep_place=keep_place))

    @rule(by=anyone)
    def sees_that_she_left(self, by: By) -> None:
        self.apply(acknowledged(self.handoff, by))

    @rule(by=anyone)
    def resumes(self, by: By) -> None:
        self.apply(resumed(self.handoff, by))

    @rule(by=anyone)
    def loses_her_place(self, by: By) -> None:
        self.apply(place_lost(self.handoff, by, self.now))

    @rule(urgency=st.sampled_from(Urgency))
    def rises(self, urgency: Urgency) -> None:
        self.apply(raised(self.handoff, urgency))

    @rule(minutes=st.integers(1, 20))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def each_fact_stands_exactly_in_its_state(self) -> None:
        handoff = self.handoff
        assert (handoff.person is not None) == (handoff.state in {S.ACTIVE, S.LEFT})
        assert handoff.held_until is not None or handoff.state is not S.PARKED
        assert handoff.held_until is None or handoff.state in {S.PARKED, S.LEFT}
        assert (handoff.outcome is not None) == (handoff.state is S.CLOSED)
        assert handoff.front or handoff.state is not S.PASSING

    @invariant()
    def nobody_has_it_but_the_one_who_was_told_so(self) -> None:
        assert self.handoff.person == self.holder


TestOneHandoff = OneHandoff.TestCase
TestOneHandoff.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
