"""The vocabulary of the directory: resources, and what a search finds (B-125, PR13).

A resource never carries a street address: a shelter's must not be sent, and its intake line is
enough for everyone else (B-127).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Self, cast
from zoneinfo import ZoneInfo

from triage.opening_hours import OpeningHours, parse

GLOBAL = "XX"  # country code of what serves everybody
UNION = "EU"  # country code of what serves every state of the European Union


class Kind(StrEnum):
    """What a resource is for."""

    EMERGENCY = "emergency"
    GENERAL_WOMEN = "general_women"
    DOMESTIC_VIOLENCE = "domestic_violence"
    SEXUAL_VIOLENCE = "sexual_violence"
    CRIME_VICTIMS = "crime_victims"
    SUICIDE_CRISIS = "suicide_crisis"  # emotional support too
    CHILD = "child"
    ONLINE_ABUSE = "online_abuse"
    SHELTER = "shelter"  # intake lines only
    LEGAL = "legal"
    MEN = "men"  # men who are harmed
    LGBTIQ = "lgbtiq"
    OWN_BEHAVIOUR = "own_behaviour"  # people who may use violence; never shown to anyone else


class Scope(StrEnum):
    """How far a resource reaches."""

    LOCAL = "local"
    NATIONAL = "national"
    EU = "eu"
    GLOBAL = "global"


class Service(StrEnum):
    """Which emergency service answers; only rows of kind emergency have one."""

    ALL = "all"
    POLICE = "police"
    AMBULANCE = "ambulance"
    TEXT = "text"  # by writing, for whoever cannot speak


class Group(StrEnum):
    """Whom a resource accepts."""

    WOMEN = "women"
    MEN = "men"
    MINORS = "minors"
    PERPETRATORS = "perpetrators"


class Confidence(StrEnum):
    """How well a row is sourced; says nothing about anybody having rung."""

    HIGH = "high"  # the official site, or two independent sources
    MEDIUM = "medium"  # one good source
    LOW = "low"  # otherwise: to ring, never sent


class Mode(StrEnum):
    """The modes of the program (design §7)."""

    DEMO = "demo"
    TRIAL = "trial"
    OPEN = "open"


class Mark(StrEnum):
    """What must be said beside a row that no person of the hotline has checked lately."""

    UNCHECKED = "unchecked"  # "not yet checked by us"
    STALE = "stale"  # "last checked in {month}"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row comes from, and what stood there."""

    where: str
    date: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """One contact point.

    Attributes:
        id: `<country>.<kind>.<slug>`, never reused.
        country: ISO 3166-1, `EU` or `XX`.
        kind: what it is for.
        scope: how far it reaches.
        region: ISO 3166-2 when only this part of the country is served, else "".
        name: in English; `name_local` as it calls itself.
        confidence: how well sourced.
        phone: as dialled inside the country, or with `+`; `display` is the better readable form.
        sms: number for text messages; `whatsapp`, `chat_url`, `email`, `website` likewise.
        hours: readable by `triage.opening_hours`, else ""; `hours_as_given` is the source's wording.
        zone: IANA time zone of the hours, "" when the country has several and it does not matter.
        languages: tags, as stated or the country's own.
        serves: the source's wording; `groups` is what the search goes by.
        only_for: code of a narrower group ("lgbtiq", "indigenous"), whose row never comes before others.
        second_to: id of the row this one is another number of.
        free: True, False, None when not known; `cost` is the source's wording.
        service: emergency rows only.
        needs_registration: works only for who registered before; never offered as the silent way.
        ring_first: an emergency row that must be rung before it is sent unmarked.
        non_emergency: a number that must not be mistaken for an emergency one.
        valid_until: last day it may be sent, None for no end.
        confidentiality: what the operator of the line states about it, "" for nothing.
        check: outcome of the number-plan check; catches typing errors only.
        sources: at least one.
        notes: for editors; never sent.
        verified_on: the day a person of the hotline rang, None for never; `verified_by` is that person.
    """

    id: str
    country: str
    kind: Kind
    scope: Scope
    name: str
    confidence: Confidence
    region: str = ""
    name_local: str = ""
    phone: str = ""
    display: str = ""
    sms: str = ""
    whatsapp: str = ""
    chat_url: str = ""
    email: str = ""
    website: str = ""
    hours: str = ""
    hours_as_given: str = ""
    zone: str = ""
    languages: tuple[str, ...] = ()
    serves: str = ""
    groups: frozenset[Group] = frozenset()
    only_for: str = ""
    second_to: str = ""
    free: bool | None = None
    cost: str = ""
    service: Service | None = None
    needs_registration: bool = False
    ring_first: bool = False
    non_emergency: bool = False
    valid_until: date | None = None
    confidentiality: str = ""
    check: str = ""
    sources: tuple[Source, ...] = ()
    notes: str = ""
    verified_on: date | None = None
    verified_by: str | None = None

    @property
    def writes(self) -> tuple[str, ...]:
        """Ways of writing instead of speaking."""
        return tuple(way for way in (self.sms, self.whatsapp, self.chat_url) if way)

    @property
    def ways(self) -> tuple[str, ...]:
        """Every way to reach it, best first."""
        return tuple(way for way in (self.phone, *self.writes, self.email, self.website) if way)

    @property
    def opening(self) -> OpeningHours | None:
        """The hours, None when unknown."""
        return _opening(self.hours)

    @property
    def time_zone(self) -> ZoneInfo | None:
        """The zone of the hours."""
        return ZoneInfo(self.zone) if self.zone else None

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready form without defaults; `from_plain` is its inverse."""
        plain: dict[str, Any] = {}
        for each in fields(self):
            value: Any = getattr(self, each.name)
            if value != each.default:
                plain[each.name] = _plain_value(value)
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Rebuild from `to_plain`; an unknown key or code raises, as it comes from a newer program."""
        return cls(**{key: _READ[key](value) if key in _READ else value for key, value in plain.items()})


def _plain_value(value: Any) -> Any:
    match value:
        case frozenset():
            return sorted(str(code) for code in cast(frozenset[Group], value))
        case tuple():
            return [_plain_value(each) for each in cast(tuple[Any, ...], value)]
        case Source():
            named = ((each.name, getattr(value, each.name)) for each in fields(value))
            return {name: text for name, text in named if text}
        case date():
            return value.isoformat()
        case StrEnum():
            return str(value)
        case _:
            return value


def _groups(codes: Iterable[str]) -> frozenset[Group]:
    return frozenset(Group(code) for code in codes)


def _sources(plain: Iterable[Mapping[str, str]]) -> tuple[Source, ...]:
    return tuple(Source(**source) for source in plain)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "kind": Kind,
    "scope": Scope,
    "languages": tuple,
    "groups": _groups,
    "confidence": Confidence,
    "service": Service,
    "valid_until": date.fromisoformat,
    "verified_on": date.fromisoformat,
    "sources": _sources,
}


@cache
def _opening(hours: str) -> OpeningHours | None:
    return parse(hours) if hours else None


@dataclass(frozen=True, slots=True)
class Directory:
    """All published resources of a desk. Built once, never changed."""

    by_country: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict[str, tuple[Resource, ...]])

    @classmethod
    def of(cls, resources: Iterable[Resource]) -> Self:
        """Group resources by country, in the order of their ids."""
        by_country: dict[str, list[Resource]] = {}
        for resource in sorted(resources, key=lambda each: each.id):
            by_country.setdefault(resource.country, []).append(resource)
        return cls({country: tuple(rows) for country, rows in sorted(by_country.items())})

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Every resource, by country."""
        return tuple(row for rows in self.by_country.values() for row in rows)

    @property
    def regions(self) -> tuple[str, ...]:
        """Countries she may choose (B-128), by code; without `EU` and `XX`."""
        return tuple(country for country in self.by_country if country not in (GLOBAL, UNION))

    def parts(self, country: str) -> tuple[str, ...]:
        """Codes of the parts of `country` that have rows of their own."""
        return tuple(sorted({row.region for row in self.by_country.get(country, ()) if row.region}))


@dataclass(frozen=True, slots=True)
class Hit:
    """One resource as it may be sent now.

    Attributes:
        resource: what to send.
        mark: what must be said beside it, None for nothing.
        month: "2026-03" when the mark is stale, else None.
        open_now: True, False, None when not known.
        next_opening: in the resource's own zone, when it is closed now.
        silent: she looks for a way without speaking: the written way comes first.
        why: codes that explain the choice ("national", "fall_back", "open", "verified", …).
    """

    resource: Resource
    mark: Mark | None = None
    month: str | None = None
    open_now: bool | None = None
    next_opening: datetime | None = None
    silent: bool = False
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        rows: to send now, at most three (B-130).
        more: what else fits, on demand.
        parts: parts of her country that have rows of their own for this need, to be offered as a choice.
        alarms: codes for the operator: `stale:<id>`, `none_checked:<need>:<place>`,
            `emergency_unchecked:<id>`, `no_emergency:<place>`.
    """

    rows: tuple[Hit, ...]
    more: tuple[Hit, ...] = ()
    parts: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
