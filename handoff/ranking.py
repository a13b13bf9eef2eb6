"""Who is asked first among those who may be asked: lexicographic and stable (rota.md §3.6).

1. who is not cooling down from a heavy chat, 2. who fits: the gender she would like, the skill that helps,
then whoever is least over-qualified, so that rare skills and rare languages stay free, 3. lowest load,
4. longest idle, 5. fewest heavy chats lately, 6. fairness credit, 7. id.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handoff.capacity import load
from handoff.languages import matching
from handoff.model import Volunteer, Waiting
from handoff.policy import DEFAULT_POLICY, Policy, skill_asked


@dataclass(frozen=True, slots=True, order=True)
class Score:
    """The place of one volunteer for one hand-off; the smallest is asked first. Numbers and codes only."""

    cooling: bool
    not_the_gender: bool
    lacks_preferred_skill: bool
    spare_skills: int
    rare_languages: int
    load: float
    idle_since: float
    recent_high_risk: int
    credit: float
    person: str

    def to_plain(self) -> dict[str, object]:
        """For the log of an offer: everything but who it is."""
        return {
            "cooling": self.cooling,
            "not_the_gender": self.not_the_gender,
            "lacks_preferred_skill": self.lacks_preferred_skill,
            "spare_skills": self.spare_skills,
            "rare_languages": self.rare_languages,
            "load": round(self.load, 3),
            "recent_high_risk": self.recent_high_risk,
            "credit": self.credit,
        }


def speakers(volunteers: Iterable[Volunteer]) -> Mapping[str, int]:
    """How many people of those on duty speak each language."""
    return Counter(tag for one in {v.person: v for v in volunteers}.values() for tag in one.languages)


def score(
    volunteer: Volunteer,
    waiting: Waiting,
    now: datetime,
    spoken_by: Mapping[str, int],
    policy: Policy = DEFAULT_POLICY,
) -> Score:
    """The vector by which `volunteer` is placed for `waiting`."""
    needed = {skill for skill, _ in policy.skills_needed(waiting)}
    wanted = policy.preferred_skills.get(waiting.need)
    preferred = None if wanted is None else skill_asked(wanted)
    lacks = preferred is not None and volunteer.skills.get(preferred[0], 0) < preferred[1]
    useful = needed if preferred is None else needed | {preferred[0]}
    used = matching(volunteer.languages, waiting.language)
    rare = [tag for tag in volunteer.languages if tag not in used and spoken_by.get(tag, 0) <= 1]
    return Score(
        cooling=volunteer.cooling_until is not None and volunteer.cooling_until > now,
        not_the_gender=bool(waiting.gender) and volunteer.gender != waiting.gender,
        lacks_preferred_skill=lacks,
        spare_skills=len(volunteer.skills.keys() - useful),
        rare_languages=len(rare),
        load=load(volunteer),
        # Whoever has had no chat yet has been idle longest.
        idle_since=volunteer.idle_since.timestamp() if volunteer.idle_since else float("-inf"),
        recent_high_risk=volunteer.recent_high_risk,
        credit=volunteer.credit,
        person=volunteer.person,
    )


def ranked(
    volunteers: Iterable[Volunteer],
    waiting: Waiting,
    now: datetime,
    on_duty: Sequence[Volunteer] = (),
    policy: Policy = DEFAULT_POLICY,
) -> tuple[tuple[Volunteer, Score], ...]:
    """Best first, each with the vector that put her there; `on_duty` tells which languages are rare."""
    candidates = list(volunteers)
    spoken_by = speakers(on_duty or candidates)
    placed = [(one, score(one, waiting, now, spoken_by, policy)) for one in candidates]
    return tuple(sorted(placed, key=lambda pair: pair[1]))
