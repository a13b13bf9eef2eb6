"""Desk and network documents: text in, frozen values and complaints out (design §7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from handoff.document import Node, language, parse
from handoff.issue import Complaint, blocks
from handoff.rota.reading import read_zone

SPEC = 1

T = TypeVar("T")


class RescuePolicy(StrEnum):
    """Whether the organisation ever calls help for her; no default (B-032)."""

    NONE = "none"
    CONSENT_ONLY = "consent-only"
    IMMINENT_RISK = "imminent-risk"


class StaffSurface(StrEnum):
    """Where volunteers of a desk work (design §5)."""

    CONSOLE = "console"
    MATRIX = "matrix"
    TELEGRAM = "telegram"


class Hours(StrEnum):
    """Where a desk's opening hours come from."""

    ROTA = "rota"  # open while a primary volunteer is on duty


@dataclass(frozen=True, slots=True)
class TextDecision:
    """The organisation's recorded decision that her words may stand on Telegram: who decided, and when."""

    decided_by: str
    decided_on: date


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk of the network.

    Attributes:
        id: its folder's name.
        name: as the organisation calls it.
        regions: country codes (ISO 3166-1) it answers for, in the order offered.
        default_country: one of them: whose numbers show while no region is chosen.
        languages: language tags, the first is shown when nothing else fits.
        zone: IANA zone of its wall clock.
        rescue_policy: see `RescuePolicy`.
        staff_surface: see `StaffSurface`.
        hours: see `Hours`.
        staff_text: without it volunteers on Telegram are only rung; on Matrix no decision is needed.
    """

    id: str
    name: str
    regions: tuple[str, ...]
    default_country: str
    languages: tuple[str, ...]
    zone: str
    rescue_policy: RescuePolicy
    staff_surface: StaffSurface = StaffSurface.CONSOLE
    hours: Hours = Hours.ROTA
    staff_text: TextDecision | None = None

    def shows_words(self, surface: StaffSurface) -> bool:
        """Whether words of hers may stand on that surface."""
        if surface is not self.staff_surface:
            return surface is StaffSurface.CONSOLE
        return surface is not StaffSurface.TELEGRAM or self.staff_text is not None


@dataclass(frozen=True, slots=True)
class Emergency:
    """The number shown when no country's own is known: "EU" and "112"."""

    area: str
    number: str


@dataclass(frozen=True, slots=True)
class Network:
    """What all desks share: who runs the line, and the number of last resort."""

    organisation: str
    emergency: Emergency


_DESK_REQUIRED = ("id", "name", "regions", "default_country", "languages", "zone", "rescue_policy")
_DESK_KEYS = ("spec", *_DESK_REQUIRED, "staff_surface", "staff_text", "hours")


def read_desk(text: str, file: str) -> tuple[Desk | None, tuple[Complaint, ...]]:
    """The desk a `desk.yaml` describes, None when the document has errors."""
    root = parse(text, file)
    if root.value is None:
        return None, tuple(root.complaints)
    fields = root.fields(_DESK_KEYS, required=_DESK_REQUIRED)
    _check_spec(fields)
    regions = _distinct(fields["regions"], fields["regions"].each(_country)) if "regions" in fields else ()
    tags = _distinct(fields["languages"], fields["languages"].each(language)) if "languages" in fields else ()
    default = _country(fields["default_country"]) if "default_country" in fields else None
    if default is not None and regions and default not in regions:
        fields["default_country"].complain(f"{default!r} is not among the regions: {', '.join(regions)}")
    desk = _desk(fields, regions, tags, default)
    return _result(desk, root)


def read_network(text: str, file: str) -> tuple[Network | None, tuple[Complaint, ...]]:
    """The network a `network.yaml` describes, None when the document has errors."""
    root = parse(text, file)
    if root.value is None:
        return None, tuple(root.complaints)
    fields = root.fields(("spec", "organisation", "emergency"), required=("organisation", "emergency"))
    _check_spec(fields)
    organisation = fields["organisation"].word() if "organisation" in fields else None
    emergency = _emergency(fields["emergency"]) if "emergency" in fields else None
    network = None if organisation is None or emergency is None else Network(organisation, emergency)
    return _result(network, root)


def _desk(
    fields: Mapping[str, Node], regions: tuple[str, ...], tags: tuple[str, ...], default: str | None
) -> Desk | None:
    identity, name = _word(fields, "id"), _word(fields, "name")
    zone = read_zone(fields["zone"]) if "zone" in fields else None
    policy = (
        fields["rescue_policy"].one_of({p.value: p for p in RescuePolicy})
        if "rescue_policy" in fields
        else None
    )
    surface = _surface(fields.get("staff_surface"))
    hours = _hours(fields.get("hours"))
    if identity is None or name is None or zone is None or policy is None or default is None:
        return None
    decision = _decision(fields.get("staff_text"), surface)
    if surface is None or hours is None:
        return None
    return Desk(identity, name, regions, default, tags, zone, policy, surface, hours, decision)


def _word(fields: Mapping[str, Node], key: str) -> str | None:
    return fields[key].word() if key in fields else None


def _surface(node: Node | None) -> StaffSurface | None:
    return StaffSurface.CONSOLE if node is None else node.one_of({s.value: s for s in StaffSurface})


def _decision(node: Node | None, surface: StaffSurface | None) -> TextDecision | None:
    if node is None:
        return None
    keys = ("decided_by", "decided_on")
    fields = node.fields(keys, required=keys)
    decided_by = _word(fields, "decided_by")
    decided_on = fields["decided_on"].day() if "decided_on" in fields else None
    if surface is not StaffSurface.TELEGRAM:
        node.complain("only staff_surface: telegram needs this decision; take it out")
    return None if decided_by is None or decided_on is None else TextDecision(decided_by, decided_on)


def _hours(node: Node | None) -> Hours | None:
    return Hours.ROTA if node is None else node.one_of({h.value: h for h in Hours})


def _emergency(node: Node) -> Emergency | None:
    fields = node.fields(("area", "number"), required=("area", "number"))
    area, number = _word(fields, "area"), _word(fields, "number")
    if number is not None and not number.isdigit():
        fields["number"].complain("an emergency number is digits only, in quotes: '112'")
        return None
    return None if area is None or number is None else Emergency(area, number)


def _country(node: Node) -> str | None:
    # Norway is NO, which some readers of YAML take for "false"; this one does not.
    word = node.word()
    if word is not None and not (len(word) == 2 and word.isascii() and word.isalpha() and word.isupper()):
        node.complain(f"{word!r} is not a country code of two capitals, such as RO")
        return None
    return word


def _distinct(node: Node, values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        node.complain("at least one is needed")
    if len(set(values)) != len(values):
        node.complain("one of them stands here twice")
    return values


def _check_spec(fields: Mapping[str, Node]) -> None:
    node = fields.get("spec")
    if node is not None and node.whole() != SPEC:
        node.complain(f"this release reads spec: {SPEC}")


def _result(value: T | None, root: Node) -> tuple[T | None, tuple[Complaint, ...]]:
    complaints = tuple(sorted(root.complaints))
    return (None if blocks(complaints) else value), complaints
