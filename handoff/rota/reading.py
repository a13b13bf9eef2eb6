"""`rota.yaml` text in, a Rota and complaints out.

zone: Europe/Bucharest
volunteers:                       # optional: what each brings to all her shifts
  Maple: {languages: [en, ro], skills: [minors]}
shifts:
  - who: Maple
    tier: primary                 # primary, backup, supervisor, shadow
    days: [fri, sat]              # the days it begins on
    from: '20:00'
    to: '02:00'                   # at or before `from`: the next day; 00:00 to 00:00 is a whole day
    # optional: id, languages, skills, valid_from: 2026-01-01, valid_to: 2026-06-30 (inclusive)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handoff.document import Node, language, parse
from handoff.issue import Complaint
from handoff.model import Tier
from handoff.rota.pattern import MONDAY_FIRST, Occurrence, Offered, Rota, ShiftPattern, occurrences

SPEC = 1
CHECK_AHEAD = timedelta(days=400)
_TIERS = {tier.value: tier for tier in Tier}
_DAYS = {name: number for number, name in enumerate(MONDAY_FIRST)}
_WALL = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_LOOKS_REAL = re.compile(r"@|(\d[\s.-]*){5}")
_SHIFT_KEYS = (
    *("id", "who", "tier", "days", "from", "to"),
    *("languages", "skills", "valid_from", "valid_to"),
)


def read_rota(text: str, file: str, today: date) -> tuple[Rota | None, tuple[Complaint, ...]]:
    """The rota a document holds, None when it has errors; warnings do not stand in its way.

    `today` is the local date from which the next 400 days are searched for shifts that a change of
    the clocks swallows.
    """
    root = parse(text, file)
    if root.value is None:
        return None, tuple(root.complaints)
    fields = root.fields(("spec", "zone", "volunteers", "shifts"), required=("zone", "shifts"))
    _check_spec(fields)
    zone = read_zone(fields["zone"]) if "zone" in fields else None
    volunteers = _volunteers(fields.get("volunteers"))
    lines = fields["shifts"].items() if "shifts" in fields else ()
    shifts = [(node, pattern) for node in lines if (pattern := _shift(node)) is not None]
    named = _with_ids(shifts)
    _check_spelling(shifts, fields.get("volunteers"))
    if zone is None or any(not complaint.warning for complaint in root.complaints):
        return None, tuple(sorted(root.complaints))
    rota = Rota(zone=zone, patterns=named, volunteers=volunteers)
    _warn_of_swallowed(rota, {p.id: node for (node, _), p in zip(shifts, named, strict=True)}, today)
    return rota, tuple(sorted(root.complaints))


def read_zone(node: Node) -> str | None:
    """The IANA name of a time zone."""
    name = node.word()
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        node.complain(f"{name!r} is not a time zone such as Europe/Bucharest")
        return None
    return name


@dataclass(frozen=True, slots=True)
class _Times:
    starts: time
    ends: time


def _check_spec(fields: Mapping[str, Node]) -> None:
    node = fields.get("spec")
    if node is not None and node.whole() != SPEC:
        node.complain(f"this release reads spec: {SPEC}")


def _volunteers(node: Node | None) -> Mapping[str, Offered]:
    entries = None if node is None else node.entries()
    return {alias: _offers(entry.fields(("languages", "skills"))) for alias, entry in (entries or {}).items()}


def _shift(node: Node) -> ShiftPattern | None:
    fields = node.fields(_SHIFT_KEYS, required=("who", "tier", "days", "from", "to"))
    who = _alias(fields["who"]) if "who" in fields else None
    tier = fields["tier"].one_of(_TIERS) if "tier" in fields else None
    days = fields["days"].each(lambda day: day.one_of(_DAYS)) if "days" in fields else ()
    times = _times(fields)
    valid = _validity(fields)
    if "days" in fields and fields["days"].value == []:
        fields["days"].complain("a shift needs at least one day")
    identity = fields["id"].word() if "id" in fields else ""
    if who is None or tier is None or not days or times is None or identity is None:
        return None
    return ShiftPattern(
        id=identity,
        who=who,
        tier=tier,
        days=frozenset(days),
        starts=times.starts,
        ends=times.ends,
        offers=_offers(fields),
        valid_from=valid[0],
        valid_to=valid[1],
    )


def _alias(node: Node) -> str | None:
    word = node.word()
    if word is not None and _LOOKS_REAL.search(word):
        node.complain("name a volunteer by her alias, never by an address or a phone number")
        return None
    return word


def _times(fields: Mapping[str, Node]) -> _Times | None:
    starts = _wall(fields["from"]) if "from" in fields else None
    ends = _wall(fields["to"], closing=True) if "to" in fields else None
    return None if starts is None or ends is None else _Times(starts, ends)


def _wall(node: Node, *, closing: bool = False) -> time | None:
    if closing and node.value == "24:00":
        return time(0, 0)
    match = _WALL.fullmatch(node.value) if isinstance(node.value, str) else None
    if match is None:
        node.complain("expected a time of day in quotes, such as '08:30'")
        return None
    return time(int(match[1]), int(match[2]))


def _validity(fields: Mapping[str, Node]) -> tuple[date | None, date | None]:
    first = fields["valid_from"].day() if "valid_from" in fields else None
    last = fields["valid_to"].day() if "valid_to" in fields else None
    if first is not None and last is not None and last < first:
        fields["valid_to"].complain("valid_to lies before valid_from: this shift never happens")
    return first, last


def _offers(fields: Mapping[str, Node]) -> Offered:
    languages = fields["languages"].each(language) if "languages" in fields else ()
    skills = fields["skills"].each(_code) if "skills" in fields else ()
    return Offered(frozenset(languages), frozenset(skills))


def _code(node: Node) -> str | None:
    word = node.word()
    if word is not None and not _CODE.fullmatch(word):
        node.complain(f"{word!r} is not a code: small letters, digits and _")
        return None
    return word


def _with_ids(shifts: list[tuple[Node, ShiftPattern]]) -> tuple[ShiftPattern, ...]:
    # Without an id of the author's a pattern is "the n-th shift of this volunteer in this tier":
    # that survives every edit of its times, which a name made of them would not.
    counts: dict[str, int] = {}
    taken: set[str] = {pattern.id for _, pattern in shifts if pattern.id}
    seen: set[str] = set()
    named: list[ShiftPattern] = []
    for node, pattern in shifts:
        identity = pattern.id
        if identity in seen:
            node.complain(f"the id {identity!r} is used twice")
        while not identity:
            stem = f"{pattern.who.casefold()}-{pattern.tier}"
            counts[stem] = counts.get(stem, 0) + 1
            candidate = f"{stem}-{counts[stem]}"
            identity = "" if candidate in taken else candidate
        seen.add(identity)
        named.append(replace(pattern, id=identity))
    return tuple(named)


def _check_spelling(shifts: list[tuple[Node, ShiftPattern]], volunteers: Node | None) -> None:
    # Two spellings would be two people, and one person would count twice.
    spelled: dict[str, str] = {}
    for node, pattern in shifts:
        first = spelled.setdefault(pattern.who.casefold(), pattern.who)
        if first != pattern.who:
            node.complain(f"{pattern.who!r} and {first!r} are one alias: write it the same way everywhere")
    for alias, node in (volunteers.entries() or {} if volunteers is not None else {}).items():
        if spelled.get(alias.casefold(), alias) != alias:
            node.complain(f"{alias!r} is written {spelled[alias.casefold()]!r} in the shifts")
        elif alias.casefold() not in spelled:
            node.complain(f"{alias!r} has no shift", warning=True)


def _warn_of_swallowed(rota: Rota, nodes: Mapping[str, Node], today: date) -> None:
    for occurrence in occurrences(rota, today, today + CHECK_AHEAD):
        if occurrence.is_empty:
            nodes[occurrence.id.pattern].complain(_swallowed(occurrence), warning=True)


def _swallowed(occurrence: Occurrence) -> str:
    pattern = occurrence.pattern
    return (
        f"on {occurrence.id.local_date} the clocks change and nothing is left of the shift from "
        f"{pattern.starts:%H:%M} to {pattern.ends:%H:%M}: nobody is on duty by it that night"
    )
