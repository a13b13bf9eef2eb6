"""Who may be offered a chat, and if not, why: closed codes for page and audit (rota.md's hard rules)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handoff import languages
from handoff.capacity import has_room
from handoff.model import HIGH_RISK, LoadClass, Refusal, Tier, Volunteer, Waiting
from handoff.policy import DEFAULT_POLICY, Policy

FLAGGED = HIGH_RISK
UNTOLD: Final = frozenset({Refusal.BLOCKED_PAIR, Refusal.CONFLICT_TAG})
"""Codes that would tell a volunteer who was kept from her, or whom she was kept from."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else matters at a moment beside the two people.

    Attributes:
        supervisor_on_duty: without one no trainee takes a chat.
        offered: the volunteer has been offered this chat already: the offer itself does not count against
            her, and neither does a shift that meanwhile draws to its end.
        at_last: everybody else has been asked: who rests from a heavy chat is asked too, where that is soft.
    """

    supervisor_on_duty: bool = True
    offered: bool = False
    at_last: bool = False


ORDINARY: Final = Circumstances()


def refusals(
    volunteer: Volunteer,
    waiting: Waiting,
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
    given: Circumstances = ORDINARY,
) -> tuple[Refusal, ...]:
    """Every reason why this volunteer is not offered this chat; empty when she may be."""
    trainee = volunteer.load_class is LoadClass.TRAINEE
    checks: Mapping[Refusal, bool] = {
        Refusal.SUSPENDED: volunteer.suspended,
        **dict.fromkeys(sorted(volunteer.unfit), True),
        Refusal.NOT_ON_DUTY: volunteer.tier is Tier.SHADOW or volunteer.duty_ends <= now,
        Refusal.NOT_PRESENT: not volunteer.present,
        Refusal.ON_BREAK: volunteer.on_break,
        Refusal.COOLDOWN: _is_cooling(volunteer, now, given),
        Refusal.SUPERVISOR_MISSING: trainee and not given.supervisor_on_duty,
        Refusal.CAPACITY: not has_room(volunteer, waiting.urgency, offered=given.offered),
        Refusal.LANGUAGE: not languages.speaks(volunteer.languages, waiting.language, policy.language_level),
        **_of_skills(volunteer, waiting, policy),
        Refusal.GENDER_REQUIRED: waiting.gender_required and volunteer.gender != waiting.gender,
        Refusal.REGION: not _serves_region(volunteer, waiting, policy),
        Refusal.BLOCKED_PAIR: volunteer.person in waiting.never_with,
        Refusal.CONFLICT_TAG: not waiting.tags.isdisjoint(volunteer.conflicts),
        Refusal.ALREADY_DECLINED: volunteer.person in waiting.declined_by,
        Refusal.ENDING_SOON: not given.offered and _ends_soon(volunteer, now, policy),
    }
    return tuple(refusal for refusal, holds in checks.items() if holds)


def wished_for(
    volunteer: Volunteer, waiting: Waiting, now: datetime, policy: Policy = DEFAULT_POLICY
) -> bool:
    """Whether a preference of hers lets this one be asked; after a while it holds nobody back."""
    if not waiting.gender or volunteer.gender == waiting.gender:
        return True
    return now - waiting.search_began_at >= policy.relaxed_after(waiting.urgency)


def told(refusal: Refusal) -> Refusal:
    """The code as a volunteer may see it: it never tells that somebody is kept from somebody."""
    return Refusal.NOT_OPEN if refusal in UNTOLD else refusal


def supervisor_on_duty(volunteers: Iterable[Volunteer], now: datetime) -> bool:
    """Whether one of these is a supervisor on duty who has not left and is fit for it."""
    return any(
        one.tier is Tier.SUPERVISOR and one.duty_ends > now and not one.suspended and not one.unfit
        for one in volunteers
    )


def _is_cooling(volunteer: Volunteer, now: datetime, given: Circumstances) -> bool:
    if volunteer.cooling_until is None or volunteer.cooling_until <= now or given.offered:
        return False
    return volunteer.cooling_is_hard or not given.at_last


def _of_skills(volunteer: Volunteer, waiting: Waiting, policy: Policy) -> Mapping[Refusal, bool]:
    lacking = [
        skill for skill, level in policy.skills_needed(waiting) if volunteer.skills.get(skill, 0) < level
    ]
    lapsed = [skill for skill in lacking if skill in volunteer.lapsed_skills]
    found = {Refusal.SKILL: len(lapsed) < len(lacking)}
    return found | {Refusal.CERT_EXPIRED: True} if lapsed else found


def _serves_region(volunteer: Volunteer, waiting: Waiting, policy: Policy) -> bool:
    bound = waiting.need in policy.region_bound and waiting.country is not None
    return not bound or not volunteer.regions or waiting.country in volunteer.regions


def _ends_soon(volunteer: Volunteer, now: datetime, policy: Policy) -> bool:
    # Whoever has already left is NOT_ON_DUTY, which says more.
    return now < volunteer.duty_ends < now + timedelta(seconds=policy.ending_soon_seconds)
