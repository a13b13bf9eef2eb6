"""What somebody can, and wishes known: languages, skills, training, gender, regions, zone, load class."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from bot.services import audit, people
from bot.services.house import House
from bot.services.looking_again import look_again
from bot.services.profile import NotAProfile, Profile, levelled
from bot.store import requests
from handoff.capacity import MOST_CHATS
from handoff.model import LoadClass
from handoff.training import Training


class UnknownModule(ValueError):
    """The organisation's training has no module of this code."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is to be changed of a profile; None leaves a thing as it is.

    Attributes:
        languages, skills: as `Profile` writes them, all of them.
        gender: code; "" where she does not wish it known any more.
        regions, conflicts: all of them.
        load_class: see `LoadClass`.
        max_chats: load units, 0 for no limit of her own.
        zone: IANA zone, from `zone_from` on.
        zone_from: first day of that zone, None for today.
        probation_until: ISO day, "" to end it now.
    """

    languages: tuple[str, ...] | None = None
    skills: tuple[str, ...] | None = None
    gender: str | None = None
    regions: tuple[str, ...] | None = None
    conflicts: tuple[str, ...] | None = None
    load_class: str | None = None
    max_chats: int | None = None
    zone: str | None = None
    zone_from: date | None = None
    probation_until: str | None = None


def change(
    connection: Connection, house: House, person: str, facts: Facts, by: str, today: date, now: int
) -> Profile:
    """Change what is known of a person; returns her profile. Raises `NotAProfile`, `UnknownPerson`."""
    known = people.get(connection, house, person).profile
    changed = _changed(known, facts, today)
    people.save_profile(connection, house, person, changed)
    requests.bump(connection)
    look_again(connection, now)
    what = [name for name in Profile.__slots__ if getattr(known, name) != getattr(changed, name)]
    audit.record(connection, house.vault, by, "edit", person, what, now)
    return changed


def certify(
    connection: Connection, house: House, person: str, skill: str, ends: date | None, by: str, now: int
) -> None:
    """A skill is granted by somebody, with a day on which it lapses (None: it does not)."""
    known = people.get(connection, house, person).profile
    code, _ = levelled(skill)
    others = [text for text in known.skills if levelled(text)[0] != code]
    ending = {name: day for name, day in known.skill_ends.items() if name != code}
    if ends is not None:
        ending[code] = ends.isoformat()
    fresh = replace(
        known, skills=sorted([*others, skill]), skill_ends=ending, skill_by={**known.skill_by, code: by}
    )
    people.save_profile(connection, house, person, fresh)
    look_again(connection, now)
    audit.record(connection, house.vault, by, "certify", person, (code,), now)


def passed(
    connection: Connection,
    house: House,
    training: Training,
    person: str,
    module: str,
    on: date,
    by: str,
    now: int,
) -> date | None:
    """She passed a module on that day; returns when it lapses. Raises `UnknownModule`, `UnknownPerson`."""
    known = training.modules.get(module)
    if known is None:
        there = ", ".join(training.modules) or "none"
        raise UnknownModule(f"There is no module {module}; there are: {there}.")
    lapses = known.lapses_on(on)
    profile = people.get(connection, house, person).profile
    entry = [module, on.isoformat(), "" if lapses is None else lapses.isoformat(), by]
    kept = [one for one in profile.training if one[:2] != entry[:2]]
    people.save_profile(connection, house, person, replace(profile, training=sorted([*kept, entry])))
    requests.bump(connection)
    audit.record(connection, house.vault, by, "train", person, (module,), now)
    return lapses


def not_passed(connection: Connection, house: House, person: str, module: str, by: str, now: int) -> None:
    """A completion that was recorded wrongly, or is withdrawn, counts no more."""
    profile = people.get(connection, house, person).profile
    kept = [one for one in profile.training if one[0] != module]
    people.save_profile(connection, house, person, replace(profile, training=kept))
    requests.bump(connection)
    audit.record(connection, house.vault, by, "untrain", person, (module,), now)


def _changed(known: Profile, facts: Facts, today: date) -> Profile:
    for text in (*(facts.languages or ()), *(facts.skills or ())):
        levelled(text)
    values: dict[str, object] = {
        name: list(given) for name, given in _lists(facts).items() if given is not None
    }
    if facts.gender is not None:
        values["gender"] = facts.gender
    if facts.load_class is not None:
        values["load_class"] = _load_class(facts.load_class)
    if facts.max_chats is not None:
        values["max_chats"] = _max_chats(facts.max_chats)
    if facts.zone is not None:
        values["zones"] = _zones(known, facts.zone, facts.zone_from or today)
    if facts.probation_until is not None:
        values["probation_until"] = _day(facts.probation_until)
    changed = replace(known, **values)
    return replace(
        changed, skill_ends=_of(changed.skill_ends, changed), skill_by=_of(changed.skill_by, changed)
    )


def _lists(facts: Facts) -> Mapping[str, Iterable[str] | None]:
    return {
        "languages": facts.languages,
        "skills": facts.skills,
        "regions": facts.regions,
        "conflicts": facts.conflicts,
    }


def _of(said: Mapping[str, str], profile: Profile) -> dict[str, str]:
    """What was said of skills she still has."""
    kept = {levelled(text)[0] for text in profile.skills}
    return {skill: what for skill, what in said.items() if skill in kept}


def _load_class(word: str) -> str:
    known = [one.value for one in LoadClass]
    if word not in known:
        raise NotAProfile(f"{word!r} is not a load class; there are: {', '.join(known)}.")
    return word


def _max_chats(number: int) -> int | None:
    if not 0 <= number <= MOST_CHATS:
        raise NotAProfile(f"Nobody holds more than {MOST_CHATS} at once; 0 means no limit of her own.")
    return number or None


def _zones(known: Profile, zone: str, since: date) -> list[list[str]]:
    try:
        ZoneInfo(zone or "UTC")  # an empty one is the desk's
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotAProfile(f"{zone!r} is not a time zone such as Europe/Bucharest.") from None
    return sorted([*(one for one in known.zones if one[0] != since.isoformat()), [since.isoformat(), zone]])


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotAProfile(f"{text!r} is not a day such as 2026-11-30.") from None
