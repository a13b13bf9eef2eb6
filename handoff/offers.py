"""Who is asked next, who no longer, and when to look again (design §5: waves and ladder).

`decide` holds nothing between calls: from the same facts it decides the same, and once its decision
is carried out it asks for nothing more until a fact or the time changes. So a restart, a repeated
deadline or a clock set back can neither skip a step nor take it twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handoff.eligibility import Circumstances, refusals, supervisor_on_duty, wished_for
from handoff.model import Offer, OfferState, Refusal, Tier, Urgency, Volunteer, Waiting
from handoff.policy import DEFAULT_POLICY, Policy
from handoff.queue import order
from handoff.ranking import Score, ranked

BUSY = frozenset({Refusal.CAPACITY})
"""What ends by itself before long: whoever is kept from a chat by nothing else may have it a little later."""


@dataclass(frozen=True, slots=True)
class OfferToMake:
    """Ask this person, until then; `score` is why she and not another."""

    person: str
    tier: Tier
    expires_at: datetime
    score: Score


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now for one waiting hand-off.

    Attributes:
        offers_to_make: in order of rank.
        rescind: ids of pending offers to withdraw: she may no longer take it.
        expire: ids of pending offers whose time is over: nobody is blamed, two in a row mean away.
        next_step_at: when to decide again at the latest; always after now (PR9).
        alert_supervisor: a supervisor must have been called by now; once per search.
        supervisor_may_take: any supervisor on duty may take it without being offered it.
        nobody: no one on duty could take it, even when free: tell her so, with other ways (B-096).
        wish_unmet: somebody could, but not of the gender she requires: she is told that honestly.
        too_long: the wait is long enough to offer her other ways, inside her window.
    """

    offers_to_make: tuple[OfferToMake, ...]
    rescind: tuple[str, ...]
    expire: tuple[str, ...]
    next_step_at: datetime
    alert_supervisor: bool
    supervisor_may_take: bool
    nobody: bool
    wish_unmet: bool = False
    too_long: bool = False


def decide(
    handoff: Waiting,
    volunteers: Iterable[Volunteer],
    offers: Iterable[Offer],
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
) -> Decision:
    """The next step of one search.

    An empty tier, or one where everybody declined, is passed over at once; one where people are busy
    or have let an offer lapse keeps its time. For U0 a busy tier is passed over at once as well.
    """
    search = _Search(handoff, volunteers, offers, now, policy)
    reached = search.reached()
    last = len(policy.rungs) - 1
    urgent = handoff.urgency is Urgency.U0
    chosen = search.candidates(reached)
    while reached < last and not (chosen or search.asked or search.hope(reached, busy_counts=not urgent)):
        reached += 1
        chosen = search.candidates(reached)
    if not (chosen or search.asked):
        chosen = search.wished_for_further_on(reached)
    made = tuple(OfferToMake(v.person, v.tier, now + search.standing, score) for v, score in chosen)
    nobody = reached == last and not (made or search.asked or search.could_ever())
    may_take = Tier.SUPERVISOR in policy.tiers(reached, handoff.urgency)
    return Decision(
        offers_to_make=made,
        rescind=search.rescind,
        expire=search.expire,
        next_step_at=search.next_step_at(reached, made),
        alert_supervisor=may_take or nobody or search.elapsed >= policy.alert_after(handoff.urgency),
        supervisor_may_take=may_take,
        nobody=nobody,
        wish_unmet=handoff.gender_required and not search.could_ever() and search.could_ever(any_gender=True),
        too_long=search.elapsed >= policy.long_after(handoff.urgency),
    )


def decide_queue(
    waiting: Iterable[Waiting],
    volunteers: Sequence[Volunteer],
    offers: Sequence[Offer],
    now: datetime,
    policies: Mapping[str, Policy],
) -> tuple[tuple[Waiting, Decision], ...]:
    """One decision for everyone who waits, in the order of the queue.

    What is offered to one counts at once against the room of the volunteer for the next, so the one
    who is first in the queue is served first and nobody is offered more than she can hold.
    `policies` are the snapshots by hand-off; the default stands for what is missing.
    """
    people = list(volunteers)
    decided: list[tuple[Waiting, Decision]] = []
    mine: dict[str, list[Offer]] = {}
    for offer in offers:
        mine.setdefault(offer.handoff, []).append(offer)
    in_order = order(waiting, now)
    for place, one in enumerate(in_order):
        own = mine.get(one.handoff, [])
        policy = policies.get(one.handoff, DEFAULT_POLICY)
        decision = decide(one, people, own, now, policy)
        if one.high_risk and not decision.offers_to_make and not _stands(own, decision, now):
            freed = _without_calm_offers(people, in_order[place + 1 :], mine, now)
            decision = decide(one, freed, own, now, policy)
        taken = {offer.person for offer in decision.offers_to_make}
        ended = {*decision.rescind, *decision.expire}
        freed = {offer.person for offer in own if offer.id in ended}
        people = [_with_offer(v, one.urgency) if v.person in taken else v for v in people]
        people = [_without_offer(v, one.urgency) if v.person in freed else v for v in people]
        decided.append((one, decision))
    return tuple(decided)


class _Search:
    """The facts of one decision, sorted."""

    def __init__(
        self,
        handoff: Waiting,
        volunteers: Iterable[Volunteer],
        offers: Iterable[Offer],
        now: datetime,
        policy: Policy,
    ) -> None:
        self._handoff = handoff
        self._now = now
        self._policy = policy
        self._began_at = min(handoff.search_began_at, now)
        self.elapsed = now - self._began_at
        self.standing = timedelta(seconds=policy.offer_seconds)
        mine = [o for o in offers if o.handoff == handoff.handoff and o.offered_at >= self._began_at]
        pending = [o for o in mine if o.state is OfferState.PENDING]
        over = [o for o in pending if o.expires_at <= now]
        alive = [o for o in pending if o.expires_at > now]
        released = {o.person for o in over}
        self._people = [_without_offer(v, handoff.urgency) if v.person in released else v for v in volunteers]
        self._supervised = supervisor_on_duty(self._people, now)
        self._declined = {o.person for o in mine if o.state is OfferState.DECLINED}
        self._reserved = {o.person for o in alive}
        self.expire = tuple(o.id for o in over)
        self.rescind = tuple(o.id for o in alive if not self._may_still_take(o.person))
        self._alive = [o for o in alive if o.id not in self.rescind]
        self.asked = {o.person for o in self._alive}
        self._lapsed: dict[str, datetime] = {}
        for offer in mine:
            if offer.state is OfferState.EXPIRED or offer.id in self.expire:
                lapsed = self._lapsed.get(offer.person, offer.expires_at)
                self._lapsed[offer.person] = max(lapsed, offer.expires_at)

    def reached(self) -> int:
        """The last rung whose time has come."""
        return sum(self._rung_at(index) <= self._now for index in range(len(self._policy.rungs))) - 1

    def candidates(self, reached: int) -> list[tuple[Volunteer, Score]]:
        """Who is to be asked now, best first within each tier, everyone once."""
        chosen: list[tuple[Volunteer, Score]] = []
        approached = self.asked | self._resting(reached)
        for tier, at_most in self._policy.room(reached, self._handoff.urgency).items():
            there = [v for v in self._people if v.tier is tier]
            already = approached | {v.person for v, _ in chosen}
            free = [v for v in there if v.person not in already and self._may_be_asked(v, reached)]
            best = ranked(free, self._handoff, self._now, self._people, self._policy)
            under_way = len(approached & {v.person for v in there})
            chosen.extend(best if at_most is None else best[: max(at_most - under_way, 0)])
        return chosen

    def hope(self, reached: int, *, busy_counts: bool) -> bool:
        """Whether someone in the tiers reached so far could still take it without a next rung."""
        tiers = self._policy.tiers(reached, self._handoff.urgency)
        passing = BUSY if busy_counts else frozenset[Refusal]()
        return any(v.tier in tiers and set(self._refusals(v, reached)) <= passing for v in self._people)

    def wished_for_further_on(self, reached: int) -> list[tuple[Volunteer, Score]]:
        """Who is as she wishes in the tiers to come, while her wish still holds the others back."""
        for index in range(reached + 1, len(self._policy.rungs)) if self._holds_back() else ():
            if chosen := self.candidates(index):
                return chosen
        return []

    def could_ever(self, *, any_gender: bool = False) -> bool:
        """Whether anyone on duty could take it, were she free; with `any_gender` whoever she asked for."""
        passing = BUSY | {Refusal.GENDER_REQUIRED} if any_gender else BUSY
        last = len(self._policy.rungs) - 1
        tiers = self._policy.tiers(last, self._handoff.urgency)
        return any(v.tier in tiers and set(self._refusals(v, last)) <= passing for v in self._people)

    def next_step_at(self, reached: int, made: Sequence[OfferToMake]) -> datetime:
        """When something next becomes due, at most `recheck_seconds` from now."""
        policy, urgency = self._policy, self._handoff.urgency
        times = [self._now + timedelta(seconds=policy.recheck_seconds)]
        times += [self._rung_at(index) for index in range(len(policy.rungs))]
        times += [offer.expires_at for offer in self._alive]
        times += [offer.expires_at for offer in made]
        marks = (policy.alert_after(urgency), policy.relaxed_after(urgency), policy.long_after(urgency))
        times += [self._began_at + mark for mark in marks]
        if reached == len(policy.rungs) - 1:
            times += [over + timedelta(seconds=policy.again_seconds) for over in self._lapsed.values()]
        return min(moment for moment in times if moment > self._now)

    def _rung_at(self, index: int) -> datetime:
        rung = self._policy.rungs[index]
        return self._began_at + self._policy.rung_after(rung, self._handoff.urgency)

    def _resting(self, reached: int) -> set[str]:
        again = timedelta(seconds=self._policy.again_seconds)
        climbed = reached == len(self._policy.rungs) - 1
        return {p for p, over in self._lapsed.items() if not (climbed and over + again <= self._now)}

    def _holds_back(self) -> bool:
        return any(not wished_for(v, self._handoff, self._now, self._policy) for v in self._people)

    def _may_be_asked(self, volunteer: Volunteer, reached: int) -> bool:
        wished = wished_for(volunteer, self._handoff, self._now, self._policy)
        return wished and not self._refusals(volunteer, reached)

    def _refusals(self, volunteer: Volunteer, reached: int) -> tuple[Refusal, ...]:
        climbed = reached == len(self._policy.rungs) - 1
        given = Circumstances(
            supervisor_on_duty=self._supervised,
            offered=volunteer.person in self._reserved,
            at_last=climbed or self._handoff.urgency is Urgency.U0,
        )
        found = refusals(volunteer, self._handoff, self._now, self._policy, given)
        return (*found, Refusal.ALREADY_DECLINED) if volunteer.person in self._declined else found

    def _may_still_take(self, person: str) -> bool:
        # Whoever is on duty in two tiers keeps an offer while one of them lets her.
        last = len(self._policy.rungs) - 1
        return any(v.person == person and not self._refusals(v, last) for v in self._people)


def _stands(own: Iterable[Offer], decision: Decision, now: datetime) -> bool:
    """Whether somebody is being asked already."""
    alive = (o for o in own if o.state is OfferState.PENDING and o.expires_at > now)
    return any(offer.id not in decision.rescind for offer in alive)


def _without_calm_offers(
    people: Sequence[Volunteer],
    later: Iterable[Waiting],
    offers: Mapping[str, Sequence[Offer]],
    now: datetime,
) -> list[Volunteer]:
    """People as they are once calm offers further back in the queue, which nobody has answered, give way."""
    freed = list(people)
    for one in later:
        if one.high_risk:
            continue
        asked = {
            offer.person
            for offer in offers.get(one.handoff, ())
            if offer.state is OfferState.PENDING and offer.expires_at > now
        }
        freed = [_without_offer(v, one.urgency) if v.person in asked else v for v in freed]
    return freed


def _with_offer(volunteer: Volunteer, urgency: Urgency) -> Volunteer:
    return replace(volunteer, holding=(*volunteer.holding, urgency))


def _without_offer(volunteer: Volunteer, urgency: Urgency) -> Volunteer:
    held = list(volunteer.holding)
    if urgency in held:
        held.remove(urgency)
    return replace(volunteer, holding=tuple(held))
