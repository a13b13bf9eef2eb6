"""Training that must hold: modules, completions with expiry, and the gate before a shift (domain E).

A module must be valid at the *end* of the shift. The gate is asked at sign-up, at publish, when a swap or a
cover is accepted, and again when the shift begins; whoever no longer passes counts as missing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handoff.model import Refusal, Tier


@dataclass(frozen=True, slots=True)
class Module:
    """One module of the training.

    Attributes:
        id: code.
        name: as people call it.
        valid_months: how long a completion holds, None for good.
    """

    id: str
    name: str
    valid_months: int | None = None

    def lapses_on(self, passed_on: date) -> date | None:
        """The first day on which a completion of `passed_on` holds no more, None for never."""
        if self.valid_months is None:
            return None
        months = passed_on.year * 12 + passed_on.month - 1 + self.valid_months
        year, month = divmod(months, 12)
        day = passed_on.day
        while True:  # the 31st of a short month is its last day
            try:
                return date(year, month + 1, day)
            except ValueError:
                day -= 1


@dataclass(frozen=True, slots=True)
class Completion:
    """Somebody passed a module.

    Attributes:
        module: code.
        passed_on: day.
        lapses_on: the first day on which it holds no more, None for never.
        assessor: person id of who assessed it, "" where nobody is named.
    """

    module: str
    passed_on: date
    lapses_on: date | None = None
    assessor: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether it is valid on this day."""
        return self.passed_on <= day and (self.lapses_on is None or day < self.lapses_on)


@dataclass(frozen=True, slots=True)
class Training:
    """The organisation's modules, and what needs which.

    Attributes:
        modules: by code.
        for_tier: tier → codes of the modules a shift in it needs.
        for_role: role → codes of the modules it needs, whatever the shift.
        for_skill: skill → codes of the modules without which it counts as lapsed.
    """

    modules: Mapping[str, Module] = field(default_factory=dict[str, Module])
    for_tier: Mapping[Tier, frozenset[str]] = field(default_factory=dict[Tier, frozenset[str]])
    for_role: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    for_skill: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    def needed(self, tier: Tier, roles: Iterable[str] = ()) -> frozenset[str]:
        """Modules a shift in this tier needs from somebody with these roles."""
        by_roles = (code for role in roles for code in self.for_role.get(role, ()))
        return frozenset([*self.for_tier.get(tier, ()), *by_roles])


NO_TRAINING = Training()


def lacking(
    needed: Collection[str], completions: Iterable[Completion], ends: datetime, zone: ZoneInfo
) -> Mapping[str, Refusal]:
    """Module → why it does not let her work a shift that ends then; empty when all hold.

    The day of the end is the one on the wall clock of `zone`. A shift that ends on a midnight needs nothing
    of the day that begins there.
    """
    local = ends.astimezone(zone)
    day = local.date()
    if local.time() == local.time().min:
        day = date.fromordinal(day.toordinal() - 1)
    passed: dict[str, list[Completion]] = {}
    for one in completions:
        passed.setdefault(one.module, []).append(one)
    return {
        module: Refusal.CERT_EXPIRED if module in passed else Refusal.MODULE_MISSING
        for module in sorted(needed)
        if not any(one.holds_on(day) for one in passed.get(module, ()))
    }


def lapsed_skills(
    skills: Iterable[str], training: Training, completions: Iterable[Completion], day: date
) -> frozenset[str]:
    """Skills that do not count on this day, because a module they rest on does not hold."""
    held = {one.module for one in completions if one.holds_on(day)}
    return frozenset(skill for skill in skills if not training.for_skill.get(skill, frozenset()) <= held)
