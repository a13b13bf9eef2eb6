"""Whether somebody may have a shift: at sign-up, at publish, when a swap or a cover is accepted (§3.6).

The same question is asked again when the shift begins (`handoff.standing`): what lapsed meanwhile counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from handoff import languages, limits, training
from handoff.limits import DEFAULT_LIMITS, Force, Limits, Span, Zones
from handoff.model import LoadClass, Refusal, Tier
from handoff.training import NO_TRAINING, Completion, Training

NOTHING = frozenset[str]()
NO_REFUSALS = frozenset[Refusal]()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A shift, or a part of one, that somebody may get.

    Attributes:
        tier, start, end: what for and when.
        language: tag that must be spoken, "" for none.
        skills: codes that must be there.
        gender: "" for anybody.
        places: how many are free; 0 means full.
        opens_at, closes_at: from when to when people may put themselves down; None for no bound.
        supervised: whether a supervisor is planned for all of it.
    """

    tier: Tier
    start: datetime
    end: datetime
    language: str = ""
    skills: frozenset[str] = NOTHING
    gender: str = ""
    places: int = 1
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    supervised: bool = True


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who would have it.

    Attributes:
        duties: every duty she has already, at every desk.
        zone: of her wall clock.
        languages, skills: code → level.
        roles: what she is at this desk.
        completions: her training.
        away: when she is on leave.
        gone: LEFT or SUSPENDED, None while she is with us.
        overridden: limits a coordinator has lifted for this time.
    """

    duties: tuple[Span, ...]
    zone: ZoneInfo
    languages: Mapping[str, int] = field(default_factory=dict[str, int])
    skills: Mapping[str, int] = field(default_factory=dict[str, int])
    gender: str = ""
    load_class: LoadClass = LoadClass.STANDARD
    roles: frozenset[str] = NOTHING
    completions: tuple[Completion, ...] = ()
    away: tuple[Span, ...] = ()
    gone: Refusal | None = None
    overridden: frozenset[Refusal] = NO_REFUSALS


@dataclass(frozen=True, slots=True)
class Rules:
    """What a desk asks: its wall clock, its limits, its training, how well a language is spoken."""

    zone: ZoneInfo
    limits: Limits = DEFAULT_LIMITS
    training: Training = NO_TRAINING
    language_level: int = 3


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against it. A soft one is told and does not stand in the way.

    Attributes:
        code: why.
        force: hard or soft.
        next_start: when a shift as long could begin, where hours or rest are the reason.
        module: the module that is missing or lapses, "" otherwise.
        overridden: a coordinator has lifted it for this time: it is told, and stands in nobody's way.
    """

    code: Refusal
    force: Force = Force.HARD
    next_start: datetime | None = None
    module: str = ""
    overridden: bool = False

    @property
    def stands_in_the_way(self) -> bool:
        """Whether she may not have the shift."""
        return self.force is Force.HARD and not self.overridden


def objections(wanted: Wanted, applicant: Applicant, now: datetime, rules: Rules) -> tuple[Objection, ...]:
    """Everything that speaks against it, each with its code; empty when nothing does."""
    found = [Objection(code) for code, holds in _plain_reasons(wanted, applicant, now, rules) if holds]
    needed = rules.training.needed(wanted.tier, applicant.roles)
    lacking = training.lacking(needed, applicant.completions, wanted.end, rules.zone)
    found += [Objection(code, module=module) for module, code in lacking.items()]
    shift, zones = (wanted.start, wanted.end), Zones(applicant.zone, rules.zone)
    for one in limits.broken(applicant.duties, shift, zones, rules.limits):
        lifted = one.code in applicant.overridden
        found.append(Objection(one.code, one.force, one.next_start, overridden=lifted))
    return tuple(found)


def allowed(found: Iterable[Objection]) -> bool:
    """Whether nothing among these stands in the way."""
    return not any(one.stands_in_the_way for one in found)


def what_is_left(start: datetime, end: datetime, now: datetime) -> Span | None:
    """The part of a window that can still change hands; None once it is over.

    A swap or a cover that is approved after it began moves the rest only: the past is closed.
    """
    begins = max(start, now)
    return (begins, end) if begins < end else None


def _plain_reasons(
    wanted: Wanted, applicant: Applicant, now: datetime, rules: Rules
) -> Iterable[tuple[Refusal, bool]]:
    trainee = applicant.load_class is LoadClass.TRAINEE and wanted.tier in {Tier.PRIMARY, Tier.BACKUP}
    shift = (wanted.start, wanted.end)
    return (
        (applicant.gone or Refusal.LEFT, applicant.gone is not None),
        (Refusal.NOT_YET_OPEN, wanted.opens_at is not None and now < wanted.opens_at),
        (Refusal.TOO_LATE, wanted.end <= now or (wanted.closes_at is not None and now >= wanted.closes_at)),
        (Refusal.SHIFT_FULL, wanted.places < 1),
        (Refusal.COLLIDES, any(_meet(shift, duty) for duty in applicant.duties)),
        (Refusal.NOT_ON_DUTY, any(_meet(shift, span) for span in applicant.away)),
        (
            Refusal.LANGUAGE,
            not languages.speaks(applicant.languages, wanted.language, rules.language_level),
        ),
        (Refusal.SKILL, not wanted.skills <= applicant.skills.keys()),
        (Refusal.GENDER_REQUIRED, bool(wanted.gender) and wanted.gender != applicant.gender),
        (Refusal.SUPERVISOR_MISSING, trainee and not wanted.supervised),
    )


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
