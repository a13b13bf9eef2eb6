"""What is on duty, as the codes a script may ask for: `minors in on_duty` (design §7)."""

from collections.abc import Iterable
from datetime import datetime

from handoff.desks import Desk, Minors, OwnBehaviour
from handoff.model import Duty, Tier
from handoff.rota.pattern import Rota
from handoff.rota.questions import offered

MINORS = "minors"
OWN_BEHAVIOUR = "own_behaviour"
VOLUNTEER = "volunteer"


def codes_on_duty(desk: Desk | None, rota: Rota, duties: Iterable[Duty], at: datetime) -> frozenset[str]:
    """Tiers on duty, the skills the rota gives them, and what the desk's rules make of both.

    `minors` is among them only where a signed pack allows somebody of those on duty to answer under 18
    (B-051), `own_behaviour` only where the organisation chose to (B-062).
    """
    there = list(duties)
    tiers = {duty.tier for duty in there}
    codes = {VOLUNTEER if tier is Tier.PRIMARY else tier.value for tier in tiers}
    skills = {skill for duty in there for skill in offered(rota, duty.volunteer, duty.tier, at).skills}
    codes |= skills - {MINORS, OWN_BEHAVIOUR}
    if desk is None:
        return frozenset(codes)
    trained = desk.minors is Minors.TRAINED and MINORS in skills
    guided = desk.minors is Minors.SUPERVISOR_ONLY and Tier.SUPERVISOR in tiers
    if desk.minors_pack is not None and (trained or guided):
        codes.add(MINORS)
    if desk.own_behaviour is OwnBehaviour.PERSON and Tier.PRIMARY in tiers:
        codes.add(OWN_BEHAVIOUR)
    return frozenset(codes)


def everybody(desk: Desk) -> frozenset[str]:
    """What is on duty when everyone a desk could have is there: for whoever plays it through."""
    codes = {VOLUNTEER, Tier.SUPERVISOR.value}
    if desk.minors_pack is not None and desk.minors is not Minors.CLOSED:
        codes.add(MINORS)
    if desk.own_behaviour is OwnBehaviour.PERSON:
        codes.add(OWN_BEHAVIOUR)
    return frozenset(codes)
