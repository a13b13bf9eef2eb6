"""Defaults plus what a test cares about."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from handoff.model import Offer, OfferState, Tier, Urgency, Volunteer, Waiting
from handoff.rota.pattern import Offered, Rota, ShiftPattern, Timing

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)  # a Monday
NOTHING_SAID = Offered()
EVERY_DAY = frozenset(range(7))


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def a_pattern(
    who: str,
    starts: str,
    ends: str,
    tier: Tier = Tier.PRIMARY,
    days: frozenset[int] = EVERY_DAY,
    valid_from: date | None = None,
    valid_to: date | None = None,
    offers: Offered = NOTHING_SAID,
) -> ShiftPattern:
    return ShiftPattern(
        id=f"{who}-{tier}-{starts}-{ends}-{sorted(days)}",
        who=(who,),
        tier=tier,
        timing=Timing(
            days=days,
            starts=time.fromisoformat(starts),
            ends=time.fromisoformat(ends),
            valid_from=valid_from,
            valid_to=valid_to,
        ),
        offers=offers,
    )


def a_rota(*patterns: ShiftPattern, zone: str = "Europe/Bucharest") -> Rota:
    return Rota(zone=zone, patterns=patterns)


def a_waiting(handoff: str = "h1", urgency: Urgency = Urgency.U2, **fields: object) -> Waiting:
    values: dict[str, object] = {
        "handoff": handoff,
        "desk": "demo",
        "urgency": urgency,
        "queued_at": NOON,
        "language": "en",
        "need": "talk",
        "country": "RO",
        "from_web": False,
    }
    return Waiting(**{**values, **fields})


def a_volunteer(person: str = "bao", tier: Tier = Tier.PRIMARY, **fields: object) -> Volunteer:
    values: dict[str, object] = {
        "person": person,
        "alias": person.title(),
        "tier": tier,
        "duty_ends": NOON + timedelta(hours=6),
        "languages": {"en": 5},
        "skills": {},
        "present": True,
        "holding": (),
    }
    values |= fields
    for name in ("languages", "skills"):  # without a level: as well as can be
        if not isinstance(values[name], Mapping):
            values[name] = dict.fromkeys(values[name], 5)
    return Volunteer(**values)


def an_offer(
    person: str, at: datetime = NOON, state: OfferState = OfferState.PENDING, handoff: str = "h1"
) -> Offer:
    return Offer(
        id=f"{handoff}-{person}-{at.timestamp()}",
        handoff=handoff,
        person=person,
        state=state,
        offered_at=at,
        expires_at=at + timedelta(seconds=60),
    )
