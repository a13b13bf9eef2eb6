"""The lines of a rota document: shifts, calendars, demand and spill-over, each with its complaints."""

import re
from collections.abc import Mapping
from typing import Final

from handoff.document import Node, language
from handoff.issue import blocks
from handoff.model import Offered, Tier
from handoff.rota.demand import DemandWindow
from handoff.rota.ical.reading import read_calendar
from handoff.rota.pattern import CalendarPattern, Rotation, ShiftPattern
from handoff.rota.reading_timing import TIMING_KEYS, read_timing
from handoff.rota.spill import Spill, SpillWhen
from handoff.rota.zones import Zone

OFFER_KEYS: Final = ("languages", "skills")
MOST_NEEDED: Final = 1000
_SHIFT_KEYS: Final = ("id", "who", "rotation", "tier", "role", *TIMING_KEYS, *OFFER_KEYS)
_CALENDAR_KEYS: Final = ("file", "tier", "role", "people", *OFFER_KEYS)
_DEMAND_KEYS: Final = ("tier", "people", *TIMING_KEYS, *OFFER_KEYS)
_SPILL_KEYS: Final = ("desk", "when", "from_tier", "as_tier", *TIMING_KEYS)
_TIERS: Final = {tier.value: tier for tier in Tier}
_CODE: Final = re.compile(r"[a-z][a-z0-9_]*")
_FILE: Final = re.compile(r"[\w][\w .-]{0,99}\.ics")
_LOOKS_REAL: Final = re.compile(r"@|(\d[\s.-]*){5}")


def read_shift(node: Node) -> ShiftPattern | None:
    """One line of `shifts`; its id is "" where it has none."""
    fields = node.fields(_SHIFT_KEYS, required=("tier",))
    who = _who(fields["who"]) if "who" in fields else ()
    rotation = _rotation(fields["rotation"]) if "rotation" in fields else None
    if ("who" in fields) is ("rotation" in fields):
        node.complain("a shift has 'who', or people who take turns in a 'rotation'")
    tier = fields["tier"].one_of(_TIERS) if "tier" in fields else None
    role = read_code(fields["role"]) if "role" in fields else ""
    identity = fields["id"].word() if "id" in fields else ""
    timing = read_timing(node, fields)
    offers = read_offers(fields)
    if tier is None or timing is None or identity is None or not (who or rotation):
        return None
    return ShiftPattern(identity, who, tier, timing, offers, role or "", rotation)


def read_calendar_line(node: Node, texts: Mapping[str, str], zone: Zone) -> CalendarPattern | None:
    """One line of `calendars`, with what its file holds."""
    fields = node.fields(_CALENDAR_KEYS, required=("file", "tier"))
    name = fields["file"].word() if "file" in fields else None
    tier = fields["tier"].one_of(_TIERS) if "tier" in fields else None
    role = read_code(fields["role"]) if "role" in fields else ""
    people = _renamed(fields.get("people"))
    if name is None or tier is None:
        return None
    if not is_calendar_file(name):
        fields["file"].complain(
            f"{name!r} is not the name of a file beside this document, such as nights.ics"
        )
        return None
    if name not in texts:
        fields["file"].complain(f"there is no calendar file {name} beside this document")
        return None
    series, complaints = read_calendar(texts[name], name, zone, people)
    node.complaints.extend(complaints)
    if series is None or blocks(complaints):
        return None
    return CalendarPattern(name, tier, series, read_offers(fields), role or "")


def is_calendar_file(name: str) -> bool:
    """Whether this names a file in the document's own folder, and nothing else."""
    return _FILE.fullmatch(name) is not None


def read_demand(node: Node) -> DemandWindow | None:
    """One line of `demand`."""
    fields = node.fields(_DEMAND_KEYS)
    tier = fields["tier"].one_of(_TIERS) if "tier" in fields else Tier.PRIMARY
    total = _needed(fields["people"]) if "people" in fields else 1
    timing = read_timing(node, fields)
    needs = [
        (attribute, value, count)
        for attribute, key in (("language", "languages"), ("skill", "skills"))
        for value, each in (fields[key].entries() or {} if key in fields else {}).items()
        if (count := _needed(each)) is not None
    ]
    if tier is None or total is None or timing is None:
        return None
    return DemandWindow(timing, tier, total, tuple(needs))


def read_spill(node: Node) -> Spill | None:
    """One line of `spill_over`."""
    fields = node.fields(_SPILL_KEYS, required=("desk",))
    desk = fields["desk"].word() if "desk" in fields else None
    when = fields["when"].one_of({w.value: w for w in SpillWhen}) if "when" in fields else SpillWhen.GAP
    takes = fields["from_tier"].one_of(_TIERS) if "from_tier" in fields else Tier.PRIMARY
    gives = fields["as_tier"].one_of(_TIERS) if "as_tier" in fields else Tier.BACKUP
    timing = read_timing(node, fields) if any(key in fields for key in TIMING_KEYS) else None
    if desk is None or when is None or takes is None or gives is None:
        return None
    return Spill(desk, when, takes, gives, timing)


def read_offers(fields: Mapping[str, Node]) -> Offered:
    """Languages and skills of a shift or a volunteer."""
    languages = fields["languages"].each(language) if "languages" in fields else ()
    skills = fields["skills"].each(read_code) if "skills" in fields else ()
    return Offered(frozenset(languages), frozenset(skills))


def read_code(node: Node) -> str | None:
    """A code: small letters, digits and _."""
    word = node.word()
    if word is not None and not _CODE.fullmatch(word):
        node.complain(f"{word!r} is not a code: small letters, digits and _")
        return None
    return word


def _alias(node: Node) -> str | None:
    word = node.word()
    if word is not None and _LOOKS_REAL.search(word):
        node.complain("name a volunteer by her alias, never by an address or a phone number")
        return None
    return word


def _who(node: Node) -> tuple[str, ...]:
    """One alias, or several people who are on together."""
    if isinstance(node.value, list):
        people = node.each(_alias)
        if not people:
            node.complain("a shift needs at least one volunteer")
        return tuple(dict.fromkeys(people))
    alias = _alias(node)
    return () if alias is None else (alias,)


def _rotation(node: Node) -> Rotation | None:
    fields = node.fields(("groups", "from", "counted", "turn"), required=("groups", "from"))
    groups = tuple(_who(group) for group in (fields["groups"].items() if "groups" in fields else ()))
    anchor = fields["from"].day() if "from" in fields else None
    counted = fields["counted"].whole() if "counted" in fields else 0
    turn = _needed(fields["turn"]) if "turn" in fields else 1
    if "groups" in fields and not groups:
        fields["groups"].complain("people who take turns are listed in groups: [[Maple], [Juniper, Alder]]")
    if not groups or not all(groups) or anchor is None or counted is None or turn is None:
        return None
    return Rotation(groups, anchor, counted, turn)


def _needed(node: Node) -> int | None:
    number = node.whole()
    if number is not None and not 1 <= number <= MOST_NEEDED:
        node.complain(f"expected a number from 1 to {MOST_NEEDED}")
        return None
    return number


def _renamed(node: Node | None) -> Mapping[str, str]:
    """What a calendar calls a volunteer → her alias."""
    entries = None if node is None else node.entries()
    return {called: alias for called, each in (entries or {}).items() if (alias := _alias(each)) is not None}
