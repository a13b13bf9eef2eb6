"""What is known of one person of the organisation, sealed under its key (B-123)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import orjson

from bot.vault.envelope import Place
from handoff.languages import FIRST_LANGUAGE, LEVELS
from handoff.model import LoadClass
from handoff.training import Completion


class NotAProfile(ValueError):
    """Something about a person is not written as it must be; the text says what and how."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a person, sealed.

    Attributes:
        alias: the only name anyone sees.
        languages: tags; "ro" as a first language, "ro:3" with a level of 1 to 5.
        skills: codes; "suicide" or "suicide:3" with a level of 1 to 5.
        max_chats: load units at once, None where nobody set a limit.
        password: Argon2id hash, None until set.
        totp: secret, None until set.
        totp_step: last accepted step, so that a code works once; None before enrolment is finished.
        skill_ends: skill → first day on which its certificate holds no more, ISO.
        skill_by: skill → person id of who granted it.
        gender: code ("woman"), "" where she does not wish it known.
        regions: countries she answers for where that is bound; none: all.
        load_class: see `LoadClass`.
        conflicts: tags of places and people she must not meet in a chat ("town:brno").
        zones: [from day, IANA zone] in order; none, or "": the desk's.
        training: [module, passed on, lapses on or "", assessor's id], in order.
        invited_by: person id of who invited her, "" for the program.
        probation_until: until that day she counts as a trainee, "" for no probation.
        pin: mark of her PIN under the organisation's key, "" for none (`check_in`).
        reads: language of what she reads on a messenger, "" for the first of hers that the program speaks.
    """

    alias: str
    languages: list[str] = field(default_factory=list[str])
    skills: list[str] = field(default_factory=list[str])
    max_chats: int | None = None
    password: str | None = None
    totp: str | None = None
    totp_step: int | None = None
    skill_ends: dict[str, str] = field(default_factory=dict[str, str])
    skill_by: dict[str, str] = field(default_factory=dict[str, str])
    gender: str = ""
    regions: list[str] = field(default_factory=list[str])
    load_class: str = LoadClass.STANDARD.value
    conflicts: list[str] = field(default_factory=list[str])
    zones: list[list[str]] = field(default_factory=list[list[str]])
    training: list[list[str]] = field(default_factory=list[list[str]])
    invited_by: str = ""
    probation_until: str = ""
    pin: str = ""
    reads: str = ""

    @property
    def enrolled(self) -> bool:
        """Whether password and one-time codes are set and were used once."""
        return self.password is not None and self.totp is not None and self.totp_step is not None

    @property
    def levels(self) -> Mapping[str, int]:
        """Language → level."""
        return dict(levelled(text) for text in self.languages)

    @property
    def completions(self) -> tuple[Completion, ...]:
        """Her training, as the gate reads it."""
        return tuple(
            Completion(module, date.fromisoformat(passed), date.fromisoformat(ends) if ends else None, by)
            for module, passed, ends, by in self.training
        )

    def skill_levels(self, day: date) -> Mapping[str, int]:
        """Skill → level, of those whose certificate holds on this day."""
        known = dict(levelled(text) for text in self.skills)
        return {skill: level for skill, level in known.items() if skill not in self.lapsed(day)}

    def lapsed(self, day: date) -> frozenset[str]:
        """Skills whose certificate is over on this day."""
        return frozenset(skill for skill, ends in self.skill_ends.items() if date.fromisoformat(ends) <= day)

    def class_on(self, day: date) -> LoadClass:
        """Her load class: while on probation she counts as a trainee."""
        return LoadClass.TRAINEE if self.on_probation(day) else LoadClass(self.load_class)

    def on_probation(self, day: date) -> bool:
        """Whether her first weeks are not over."""
        return bool(self.probation_until) and day < date.fromisoformat(self.probation_until)

    def zone_on(self, day: date, otherwise: ZoneInfo) -> ZoneInfo:
        """The zone of her wall clock on a day."""
        begun = [zone for since, zone in sorted(self.zones) if date.fromisoformat(since) <= day]
        return ZoneInfo(begun[-1]) if begun and begun[-1] else otherwise

    def to_bytes(self) -> bytes:
        """For sealing; `from_bytes` is its inverse."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_bytes(cls, plain: bytes) -> "Profile":
        """Rebuild a profile, also one written before a field was added, or kept elsewhere (`leaves`)."""
        fields = orjson.loads(plain)
        fields.pop("away", None)
        return cls(**fields)


def profile_place(person: str) -> Place:
    """Where a profile is sealed."""
    return Place("person", "profile_sealed", person)


def levelled(text: str) -> tuple[str, int]:
    """`"ro:3"` as tag and level; without a level the highest. Raises `NotAProfile`."""
    tag, colon, level = text.partition(":")
    if not colon:
        return tag, FIRST_LANGUAGE
    if not level.isdigit() or int(level) not in LEVELS:
        raise NotAProfile(f"{text!r}: a level is a number from 1 to 5, such as {tag}:3")
    return tag, int(level)
