"""The escalation policy: when who is asked. Plain data, kept as a snapshot with each hand-off.

Times are elapsed seconds since the search for a volunteer began. In a search of high risk they come at a
third (rota.md §3.8). A running search keeps its snapshot; only what adds people to it applies at once
(`widened_by`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, cast

from handoff.model import HIGH_RISK, Tier, Urgency, Waiting
from handoff.strategies import ROOM, Room, Strategy

SPEC = 1
NO_CODES: Final = frozenset[str]()


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
        alert_seconds: when a supervisor is called because nobody has accepted (B-097); U0: at once.
        relax_seconds: when a preference (a woman, please, if it can be) stops holding back the others.
        long_wait_seconds: when she is offered other ways, inside her window, and never closed silently. By
            itself a minute before ten are over: then the window of who has said nothing since ends as well.
        urgent_divisor: in a search of high risk all times come after this part of theirs.
        ending_soon_seconds: no new chat to whoever leaves within this time.
        language_level: how well her language must be spoken.
        strategy: see `handoff.strategies`.
        required_skills: need → skill without which nobody is asked; "suicide:3" asks for level 3.
        preferred_skills: need → skill that puts a volunteer first, no more (B-092).
        region_bound: needs that only volunteers of her country may take, where the law asks for it.
    """

    rungs: tuple[Rung, ...] = DEFAULT_RUNGS
    offer_seconds: int = 60
    again_seconds: int = 60
    recheck_seconds: int = 60
    alert_seconds: int = 60
    relax_seconds: int = 75
    long_wait_seconds: int = 540
    urgent_divisor: int = 3
    ending_soon_seconds: int = 20 * 60
    language_level: int = 3
    strategy: Strategy = Strategy.WAVES
    required_skills: Mapping[str, str] = field(default_factory=dict[str, str])
    preferred_skills: Mapping[str, str] = field(default_factory=dict[str, str])
    region_bound: frozenset[str] = NO_CODES

    def __post_init__(self) -> None:
        times = [rung.after_seconds for rung in self.rungs]
        if not times or times[0] != 0 or times != sorted(times):
            raise NotAPolicy("rungs begin at 0 and follow in order of time")
        durations = (
            *(self.offer_seconds, self.again_seconds, self.recheck_seconds, self.urgent_divisor),
            *(self.relax_seconds, self.long_wait_seconds, self.language_level),
        )
        if min(durations) < 1 or min(self.alert_seconds, self.ending_soon_seconds) < 0:
            raise NotAPolicy("durations are positive")

    def rung_after(self, rung: Rung, urgency: Urgency) -> timedelta:
        """When a rung is reached, elapsed since the search began."""
        return self._hastened(rung.after_seconds, urgency)

    def alert_after(self, urgency: Urgency) -> timedelta:
        """When a supervisor is called, elapsed since the search began."""
        return timedelta(0) if urgency is Urgency.U0 else self._hastened(self.alert_seconds, urgency)

    def relaxed_after(self, urgency: Urgency) -> timedelta:
        """When preferences give way, elapsed since the search began; in danger now they hold nobody back."""
        return timedelta(0) if urgency is Urgency.U0 else self._hastened(self.relax_seconds, urgency)

    def long_after(self, urgency: Urgency) -> timedelta:
        """When the wait has become too long to say nothing of it, elapsed since the search began."""
        return self._hastened(self.long_wait_seconds, urgency)

    def room(self, reached: int, urgency: Urgency) -> Room:
        """Tier → how many of it may be asked at a time once rung number `reached` has come.

        In danger now (U0) the supervisors are asked from the first moment, beside the others.
        """
        rungs = [(rung.tier, rung.at_most) for rung in self.rungs[: reached + 1]]
        if urgency is Urgency.U0:
            rungs.append((Tier.SUPERVISOR, None))
        return ROOM[self.strategy](rungs)

    def tiers(self, reached: int, urgency: Urgency) -> frozenset[Tier]:
        """Who may be asked, or take it themselves, by then."""
        found = {rung.tier for rung in self.rungs[: reached + 1]}
        return frozenset(found | {Tier.SUPERVISOR} if urgency is Urgency.U0 else found)

    def skills_needed(self, waiting: Waiting) -> frozenset[tuple[str, int]]:
        """The skills with levels without which nobody is asked: her own (an under-18) and her need's."""
        by_need = self.required_skills.get(waiting.need)
        own = {skill_asked(skill) for skill in waiting.required_skills}
        return frozenset(own if by_need is None else own | {skill_asked(by_need)})

    def widened_by(self, live: "Policy") -> "Policy":
        """This snapshot with what the live policy adds of people: a tier it lacked, a higher limit.

        Times, and whatever would ask fewer people, stay as they were when the search began.
        """
        wider = [replace(rung, at_most=_wider(rung, live)) for rung in self.rungs]
        known = {rung.tier for rung in self.rungs}
        wider += [rung for rung in live.rungs if rung.tier not in known]
        return replace(self, rungs=tuple(sorted(wider, key=lambda rung: rung.after_seconds)))

    def to_plain(self) -> dict[str, Any]:
        """The policy as JSON values; `from_plain` reads it back."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {
            "spec": SPEC,
            "rungs": [[rung.after_seconds, rung.tier.value, rung.at_most] for rung in self.rungs],
            "strategy": self.strategy.value,
            "required_skills": dict(self.required_skills),
            "preferred_skills": dict(self.preferred_skills),
            "region_bound": sorted(self.region_bound),
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
            if "strategy" in values:
                values["strategy"] = Strategy(values["strategy"])
            values["region_bound"] = frozenset(values.get("region_bound", ()))
            return Policy(**values)
        except (TypeError, ValueError, KeyError) as fault:
            raise NotAPolicy(str(fault)) from fault

    def _hastened(self, seconds: int, urgency: Urgency) -> timedelta:
        return timedelta(seconds=seconds) / (self.urgent_divisor if urgency in HIGH_RISK else 1)


DEFAULT_POLICY = Policy()


def skill_asked(text: str) -> tuple[str, int]:
    """`"minors"` or `"suicide:3"` as code and least level. Raises `NotAPolicy`."""
    code, colon, level = text.partition(":")
    if colon and not level.isdigit():
        raise NotAPolicy(f"{text!r}: a skill is a code, or a code and a level such as suicide:3")
    return code, int(level) if colon else 1


def _wider(rung: Rung, live: Policy) -> int | None:
    """The higher of what this rung allows and what the live policy allows of its tier by then."""
    allowed = [
        other.at_most
        for other in live.rungs
        if other.tier is rung.tier and other.after_seconds <= rung.after_seconds
    ]
    if rung.at_most is None or None in allowed:
        return None
    return max([rung.at_most, *(one for one in allowed if one is not None)])


def _rung(plain: object) -> Rung:
    after_seconds, tier, at_most = cast(tuple[int, str, int | None], plain)
    return Rung(int(after_seconds), Tier(tier), None if at_most is None else int(at_most))
