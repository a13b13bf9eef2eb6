"""The escalation policy: when who is asked. Plain data, kept as a snapshot with each hand-off.

Times are elapsed seconds since the search for a volunteer began. For U0 the rungs come at a third.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from handoff.model import Tier, Urgency

SPEC = 1


class NotAPolicy(ValueError):
    """The plain value is not what `Policy.to_plain` made."""


@dataclass(frozen=True, slots=True)
class Rung:
    """From `after_seconds` on, up to `at_most` people of `tier` are being asked at a time (None: all)."""

    after_seconds: int
    tier: Tier
    at_most: int | None = None


DEFAULT_RUNGS = (
    Rung(0, Tier.PRIMARY, 2),
    Rung(20, Tier.PRIMARY, 5),
    Rung(40, Tier.PRIMARY, None),
    Rung(90, Tier.BACKUP, None),
    Rung(150, Tier.SUPERVISOR, None),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How long to wait for whom.

    Attributes:
        rungs: in order of time; the first is at 0.
        offer_seconds: how long one offer stands before it lapses.
        again_seconds: after the last rung, how long a lapsed offer rests before it is made again.
        recheck_seconds: a search is looked at least this often, whatever else is missed (PR9).
        alert_seconds: when a supervisor is told that nobody has accepted (B-097); U0: at once.
        urgent_divisor: for U0 all rungs come after this part of their time.
        ending_soon_seconds: no new chat to whoever leaves within this time.
        required_skills: need → skill without which nobody is asked.
        preferred_skills: need → skill that puts a volunteer first, no more (B-092).
    """

    rungs: tuple[Rung, ...] = DEFAULT_RUNGS
    offer_seconds: int = 60
    again_seconds: int = 60
    recheck_seconds: int = 60
    alert_seconds: int = 60
    urgent_divisor: int = 3
    ending_soon_seconds: int = 20 * 60
    required_skills: Mapping[str, str] = field(default_factory=dict[str, str])
    preferred_skills: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        times = [rung.after_seconds for rung in self.rungs]
        if not times or times[0] != 0 or times != sorted(times):
            raise NotAPolicy("rungs begin at 0 and follow in order of time")
        durations = (self.offer_seconds, self.again_seconds, self.recheck_seconds, self.urgent_divisor)
        if min(durations) < 1 or min(self.alert_seconds, self.ending_soon_seconds) < 0:
            raise NotAPolicy("durations are positive")

    def rung_after(self, rung: Rung, urgency: Urgency) -> timedelta:
        """When a rung is reached, elapsed since the search began."""
        return timedelta(seconds=rung.after_seconds) / (self.urgent_divisor if urgency is Urgency.U0 else 1)

    def alert_after(self, urgency: Urgency) -> timedelta:
        """When a supervisor is told, elapsed since the search began."""
        return timedelta(0) if urgency is Urgency.U0 else timedelta(seconds=self.alert_seconds)

    def to_plain(self) -> dict[str, Any]:
        """The policy as JSON values; `from_plain` reads it back."""
        return {
            "spec": SPEC,
            "rungs": [[rung.after_seconds, rung.tier.value, rung.at_most] for rung in self.rungs],
            "offer_seconds": self.offer_seconds,
            "again_seconds": self.again_seconds,
            "recheck_seconds": self.recheck_seconds,
            "alert_seconds": self.alert_seconds,
            "urgent_divisor": self.urgent_divisor,
            "ending_soon_seconds": self.ending_soon_seconds,
            "required_skills": dict(self.required_skills),
            "preferred_skills": dict(self.preferred_skills),
        }

    @staticmethod
    def from_plain(plain: Mapping[str, Any]) -> "Policy":
        """The policy a snapshot holds; what it does not name has its default. Raises `NotAPolicy`."""
        values = dict(plain)
        if values.pop("spec", SPEC) != SPEC:
            raise NotAPolicy(f"this release reads spec {SPEC}")
        try:
            if "rungs" in values:
                values["rungs"] = tuple(_rung(rung) for rung in values["rungs"])
            return Policy(**values)
        except (TypeError, ValueError, KeyError) as fault:
            raise NotAPolicy(str(fault)) from fault


DEFAULT_POLICY = Policy()


def _rung(plain: object) -> Rung:
    after_seconds, tier, at_most = cast(tuple[int, str, int | None], plain)
    return Rung(int(after_seconds), Tier(tier), None if at_most is None else int(at_most))
