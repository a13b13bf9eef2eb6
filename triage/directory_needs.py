"""Needs of a script, the kinds of resource that meet them, and who may be sent what."""

from collections.abc import Mapping
from enum import StrEnum

from triage.directory_model import Group, Kind, Resource, Service

DANGER = "emergency"
MEDICAL = "medical"
SILENT = "silent"

_WOMEN = (Kind.GENERAL_WOMEN, Kind.DOMESTIC_VIOLENCE)

# The kinds that meet a need, best first; the emergency number ends every chain by itself.
NEEDS: Mapping[str, tuple[Kind, ...]] = {
    DANGER: (),
    MEDICAL: (),
    SILENT: (
        *_WOMEN,
        Kind.SEXUAL_VIOLENCE,
        Kind.CRIME_VICTIMS,
        Kind.ONLINE_ABUSE,
        Kind.SUICIDE_CRISIS,
    ),
    "domestic_violence": (Kind.DOMESTIC_VIOLENCE, Kind.GENERAL_WOMEN, Kind.CRIME_VICTIMS),
    "general_women": (*_WOMEN, Kind.CRIME_VICTIMS),
    "sexual_violence": (Kind.SEXUAL_VIOLENCE, *_WOMEN, Kind.CRIME_VICTIMS),
    "crime_victims": (Kind.CRIME_VICTIMS, *_WOMEN),
    "online_abuse": (Kind.ONLINE_ABUSE, *_WOMEN, Kind.CRIME_VICTIMS),
    "shelter": (Kind.SHELTER, Kind.DOMESTIC_VIOLENCE, Kind.GENERAL_WOMEN),
    "legal": (Kind.LEGAL, Kind.DOMESTIC_VIOLENCE, Kind.GENERAL_WOMEN, Kind.CRIME_VICTIMS),
    "suicide_crisis": (Kind.SUICIDE_CRISIS,),
    "child": (Kind.CHILD,),
    "men": (Kind.MEN, Kind.DOMESTIC_VIOLENCE, Kind.SEXUAL_VIOLENCE, Kind.CRIME_VICTIMS, Kind.SUICIDE_CRISIS),
    "lgbtiq": (Kind.LGBTIQ, Kind.DOMESTIC_VIOLENCE, Kind.GENERAL_WOMEN, Kind.CRIME_VICTIMS),
    "own_behaviour": (Kind.OWN_BEHAVIOUR, Kind.DOMESTIC_VIOLENCE, Kind.SUICIDE_CRISIS),
}
# What a need that no chain is written for is answered with: never nothing (PR13).
ANY_NEED = NEEDS["general_women"]

_SERVICES: Mapping[str, tuple[Service, ...]] = {
    MEDICAL: (Service.ALL, Service.AMBULANCE, Service.TEXT, Service.POLICE),
    SILENT: (Service.TEXT, Service.ALL, Service.POLICE, Service.AMBULANCE),
}
_SERVICES_IN_DANGER = (Service.ALL, Service.POLICE, Service.TEXT, Service.AMBULANCE)


class Audience(StrEnum):
    """For whom a search is made. Whoever told nothing is an adult."""

    ADULT = "adult"
    MINOR = "minor"
    MAN = "man"
    OWN_BEHAVIOUR = "own_behaviour"


def chain(need: str, audience: Audience) -> tuple[Kind, ...]:
    """The kinds to look through, best first, without the emergency number.

    A child's line comes first for whoever is under 18 (B-053), a line of their own for men and for
    people worried about their own behaviour, whatever the need.
    """
    kinds = NEEDS.get(need, ANY_NEED)
    if need in (DANGER, MEDICAL):
        return kinds
    match audience:
        case Audience.ADULT:
            return kinds
        case Audience.MINOR:
            own = (Kind.ONLINE_ABUSE,) if need == "online_abuse" else ()
            rest = tuple(kind for kind in kinds if kind not in (*own, Kind.CHILD))
            return (*own, Kind.CHILD, *rest)
        case Audience.MAN:
            own = tuple(kind for kind in kinds if kind not in NEEDS["general_women"])
            return (*own, *(kind for kind in NEEDS["men"] if kind not in own))
        case Audience.OWN_BEHAVIOUR:
            return NEEDS["own_behaviour"]


def suits(resource: Resource, need: str, audience: Audience) -> bool:
    """Whether this row may be sent to this person for this need.

    Rows for people who may use violence go to nobody else, and those people get neither shelters nor
    lines that do not say they take them (B-062).
    """
    if resource.kind is Kind.LGBTIQ and need != "lgbtiq":
        return False
    if resource.kind is Kind.EMERGENCY:
        return True
    match audience:
        case Audience.ADULT:
            worried_about_a_child = need == "child" and resource.kind is Kind.CHILD
            return worried_about_a_child or Group.WOMEN in resource.groups
        case Audience.MINOR:
            return Group.MINORS in resource.groups
        case Audience.MAN:
            return Group.MEN in resource.groups
        case Audience.OWN_BEHAVIOUR:
            return Group.PERPETRATORS in resource.groups or (
                resource.kind is Kind.SUICIDE_CRISIS and Group.MEN in resource.groups
            )


def service_rank(resource: Resource, need: str) -> int:
    """How soon this emergency service is named for this need; 0 for rows that are none."""
    if resource.service is None:
        return 0
    return _SERVICES.get(need, _SERVICES_IN_DANGER).index(resource.service)
