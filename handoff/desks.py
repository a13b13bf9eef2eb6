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


class Minors(StrEnum):
    """Who answers people under 18 at a desk (B-051, B-053)."""

    CLOSED = "closed"  # nobody: they are given lines for them, and the emergency number
    SUPERVISOR_ONLY = "supervisor-only"
    TRAINED = "trained"  # volunteers with the skill `minors`


class OwnBehaviour(StrEnum):
    """What people who write about what they do to others are given at a desk (B-062)."""

    SIGNPOST = "signpost"  # lines for them
    PERSON = "person"  # a volunteer may talk with them


class Hours(StrEnum):
    """Where a desk's opening hours come from."""

    ROTA = "rota"  # open while a primary volunteer is on duty


@dataclass(frozen=True, slots=True)
class TextDecision:
    """The organisation's recorded decision that her words may stand on Telegram: who decided, and when."""

    decided_by: str
    decided_on: date


@dataclass(frozen=True, slots=True)
class MinorsPack:
    """What a desk's country asks of whoever talks with people under 18, as a lawyer signed it (B-051).

    Attributes:
        duty: what must be reported; `to_whom` and `by_when` say where and how soon.
        signed_by: who signed it off; `signed_on` is the day.
    """

    duty: str
    to_whom: str
    by_when: str
    signed_by: str
    signed_on: date


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
        minors: see `Minors`; anything but `closed` needs a pack.
        minors_pack: see `MinorsPack`, None while nobody has signed one.
        own_behaviour: see `OwnBehaviour`.
        absent: what the organisation states its regions do not have, `RO.women_at_any_hour` (D-52).
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
    minors: Minors = Minors.CLOSED
    minors_pack: MinorsPack | None = None
    own_behaviour: OwnBehaviour = OwnBehaviour.SIGNPOST
    absent: tuple[str, ...] = ()

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
    """What all desks share: who runs the line, the number of last resort, and every address of ours.

    `addresses` are told to whoever asks with `/official`, so that a false hotline can be known (B-150).
    """

    organisation: str
    emergency: Emergency
    addresses: tuple[str, ...] = ()


_DESK_REQUIRED = ("id", "name", "regions", "default_country", "languages", "zone", "rescue_policy")
_DESK_KEYS = (
    "spec", *_DESK_REQUIRED, "staff_surface", "staff_text", "hours", "minors", "minors_pack", "own_behaviour",
    "absent",
)  # fmt: skip
_PACK_KEYS = ("duty", "to_whom", "by_when", "signed_by", "signed_on")


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
    keys = ("spec", "organisation", "emergency", "addresses")
    fields = root.fields(keys, required=("organisation", "emergency"))
    _check_spec(fields)
    organisation = fields["organisation"].word() if "organisation" in fields else None
    emergency = _emergency(fields["emergency"]) if "emergency" in fields else None
    addresses = fields["addresses"].each(Node.word) if "addresses" in fields else ()
    if organisation is None or emergency is None:
        return _result(None, root)
    return _result(Network(organisation, emergency, addresses), root)


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
    minors, pack = _minors(fields)
    own = _own_behaviour(fields.get("own_behaviour"))
    if identity is None or name is None or zone is None or policy is None or default is None:
        return None
    decision = _decision(fields.get("staff_text"), surface)
    if surface is None or hours is None or minors is None or own is None:
        return None
    absent = fields["absent"].each(Node.word) if "absent" in fields else ()
    return Desk(
        identity,
        name,
        regions,
        default,
        tags,
        zone,
        policy,
        surface,
        hours,
        decision,
        minors,
        pack,
        own,
        absent,
    )


def _minors(fields: Mapping[str, Node]) -> tuple[Minors | None, MinorsPack | None]:
    """Who answers under 18, and the pack without which nobody may."""
    node = fields.get("minors")
    minors = Minors.CLOSED if node is None else node.one_of({one.value: one for one in Minors})
    pack = _pack(fields["minors_pack"]) if "minors_pack" in fields else None
    if node is not None and minors is not Minors.CLOSED and "minors_pack" not in fields:
        node.complain("nobody may answer under 18 without a signed minors_pack; write `closed`, or add it")
    return minors, pack


def _pack(node: Node) -> MinorsPack | None:
    fields = node.fields(_PACK_KEYS, required=_PACK_KEYS)
    said = [_word(fields, key) for key in _PACK_KEYS[:-1]]
    day = fields["signed_on"].day() if "signed_on" in fields else None
    duty, to_whom, by_when, signed_by = said
    if duty is None or to_whom is None or by_when is None or signed_by is None or day is None:
        return None
    return MinorsPack(duty, to_whom, by_when, signed_by, day)


def _own_behaviour(node: Node | None) -> OwnBehaviour | None:
    return OwnBehaviour.SIGNPOST if node is None else node.one_of({one.value: one for one in OwnBehaviour})


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
