"""Whether a row may be sent on a given day, and with what said beside it (PR13, B-126)."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from triage.directory_model import Confidence, Kind, Mark, Mode, Resource

FRESH_FOR = timedelta(days=180)
EMERGENCY_FRESH_FOR = timedelta(days=90)
STALE_FOR = timedelta(days=90)  # past its limit


class Standing(StrEnum):
    """How far a row can be relied on today."""

    VERIFIED = "verified"  # a person of the hotline rang it, lately enough
    TRUSTED = "trusted"  # an emergency number of high confidence: the one exception
    STALE = "stale"  # was verified; its limit has passed
    UNCHECKED = "unchecked"  # sourced; nobody of the hotline rang it
    WITHHELD = "withheld"  # never sent

    @property
    def mark(self) -> Mark | None:
        """What must be said beside it."""
        return {Standing.STALE: Mark.STALE, Standing.UNCHECKED: Mark.UNCHECKED}.get(self)


def day_of(resource: Resource, now: datetime) -> date:
    """The day it is where the resource is."""
    return now.astimezone(resource.time_zone or UTC).date()


def fresh_for(resource: Resource) -> timedelta:
    """How long a verification lasts."""
    return EMERGENCY_FRESH_FOR if resource.kind is Kind.EMERGENCY else FRESH_FOR


def overdue_for(resource: Resource, today: date) -> timedelta | None:
    """How long its limit has passed, zero or more; None while it has not, and for rows never verified."""
    if resource.verified_on is None:
        return None
    late = today - resource.verified_on - fresh_for(resource)
    return late if late >= timedelta() else None


def is_expired(resource: Resource, today: date) -> bool:
    """Whether its own end has passed."""
    return resource.valid_until is not None and resource.valid_until < today


def standing(resource: Resource, today: date, mode: Mode) -> Standing:
    """How far a row can be relied on.

    In open mode `STALE` is granted up to 90 days past the limit, and `UNCHECKED` never; both are for
    the caller to use only where nothing better is left.
    """
    if is_expired(resource, today) or not resource.ways:
        return Standing.WITHHELD
    # A date ahead of us was not yet lived by anyone: the row counts as never rung.
    rung = resource.verified_on is not None and resource.verified_on <= today
    late = overdue_for(resource, today)
    if rung and late is None:
        return Standing.VERIFIED
    if is_trusted(resource):
        return Standing.TRUSTED
    if rung and late is not None:
        kept = mode is not Mode.OPEN or late <= STALE_FOR
        return Standing.STALE if kept else Standing.WITHHELD
    if resource.confidence is Confidence.LOW or mode is Mode.OPEN:
        return Standing.WITHHELD
    return Standing.UNCHECKED


def is_trusted(resource: Resource) -> bool:
    """The one exception to ringing first: an emergency number of high confidence."""
    return (
        resource.kind is Kind.EMERGENCY and resource.confidence is Confidence.HIGH and not resource.ring_first
    )


def last_resort(resource: Resource, today: date) -> Standing:
    """How an emergency number is sent where no better one is left: the answer is never empty (PR13)."""
    if is_expired(resource, today) or not resource.phone:
        return Standing.WITHHELD
    if resource.verified_on is not None and resource.verified_on <= today:
        return Standing.STALE
    return Standing.WITHHELD if resource.confidence is Confidence.LOW else Standing.UNCHECKED
