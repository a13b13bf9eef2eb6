"""Who may be offered a chat, and if not, why: closed codes for page and audit (rota.md's hard rules)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from handoff.model import Refusal, Tier, Urgency, Volunteer, Waiting
from handoff.policy import DEFAULT_POLICY, Policy

MOST_CHATS = 3  # never more, whatever a profile says (domain E)
FLAGGED = frozenset({Urgency.U0, Urgency.U1})


def refusals(
    volunteer: Volunteer,
    waiting: Waiting,
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
    *,
    offered: bool = False,
) -> tuple[Refusal, ...]:
    """Every reason why this volunteer is not offered this chat; empty when she may be.

    `offered` says that she has been offered it already: then the offer itself, which is among what
    she holds, does not count against her, and neither does a shift that meanwhile draws to its end.
    """
    checks = (
        (volunteer.suspended, Refusal.SUSPENDED),
        (volunteer.tier is Tier.SHADOW or volunteer.duty_ends <= now, Refusal.NOT_ON_DUTY),
        (not volunteer.present, Refusal.NOT_PRESENT),
        (not _has_room(volunteer, waiting.urgency, offered=offered), Refusal.CAPACITY),
        (not speaks(volunteer.languages, waiting.language), Refusal.LANGUAGE),
        (not skills_needed(waiting, policy) <= volunteer.skills, Refusal.SKILL),
        (volunteer.person in waiting.declined_by, Refusal.ALREADY_DECLINED),
        (not offered and _ends_soon(volunteer, now, policy), Refusal.ENDING_SOON),
    )
    return tuple(refusal for holds, refusal in checks if holds)


def speaks(languages: Iterable[str], wanted: str) -> bool:
    """Whether one of the languages serves `wanted`: the same tag, or one a narrower form of the other.

    `de` serves `de-AT` and `de-AT` serves `de`; `de-CH` does not serve `de-AT`. An unknown language
    ("") is served by everyone.
    """
    asked = wanted.casefold().split("-") if wanted else []
    for language in languages:
        known = language.casefold().split("-")
        shorter = min(len(known), len(asked))
        if known[:shorter] == asked[:shorter]:
            return True
    return not asked


def skills_needed(waiting: Waiting, policy: Policy = DEFAULT_POLICY) -> frozenset[str]:
    """The skills without which nobody is asked: her own (an under-18) and her need's."""
    by_need = policy.required_skills.get(waiting.need)
    return waiting.required_skills if by_need is None else waiting.required_skills | {by_need}


def load(volunteer: Volunteer) -> float:
    """The part of her capacity that is taken, offers included: 0.0 free, 1.0 full."""
    room = min(volunteer.max_chats, MOST_CHATS)
    return len(volunteer.holding) / room if room > 0 else 1.0


def _has_room(volunteer: Volunteer, urgency: Urgency, *, offered: bool) -> bool:
    held = list(volunteer.holding)
    if offered and urgency in held:
        held.remove(urgency)
    return FLAGGED.isdisjoint(held) and len(held) < min(volunteer.max_chats, MOST_CHATS)


def _ends_soon(volunteer: Volunteer, now: datetime, policy: Policy) -> bool:
    # Whoever has already left is NOT_ON_DUTY, which says more.
    return now < volunteer.duty_ends < now + timedelta(seconds=policy.ending_soon_seconds)
