"""`rota.yaml` text in, a Rota and complaints out.

zone: Europe/Bucharest
volunteers:                       # optional: what each brings to all her shifts
  Maple: {languages: [en, ro], skills: [minors]}
shifts:
  - who: Maple                    # or several: [Maple, Juniper]
    tier: primary                 # primary, backup, supervisor, shadow
    days: [fri, sat]              # the days it begins on
    from: '20:00'
    to: '02:00'                   # at or before `from`: the next day; 00:00 to 00:00 is a whole day
    # optional: id, role, languages, skills, days_later: 7, also: [2026-12-24], not_on: [2026-12-25],
    #           valid_from: 2026-01-01, valid_to: 2026-06-30 (inclusive)
    # instead of days:  rule: FREQ=MONTHLY;BYDAY=1MO   with  first: 2026-01-05
    # instead of who:   rotation: {groups: [[Maple], [Juniper]], from: 2026-01-05, turn: 7}
# optional: calendars, demand, spill_over, publish_days, shared_feed; see docs/rota.md
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final, cast

from handoff.document import Node, parse
from handoff.issue import Complaint
from handoff.model import Offered
from handoff.rota.advice import plan_warnings
from handoff.rota.ical.reading import check_amount
from handoff.rota.pattern import CalendarPattern, Rota, ShiftPattern
from handoff.rota.reading_lines import (
    is_calendar_file,
    read_calendar_line,
    read_demand,
    read_offers,
    read_shift,
    read_spill,
)
from handoff.rota.zones import UnknownZone, zone_named

SPEC: Final = 1
_KEYS: Final = (
    *("spec", "zone", "volunteers", "shifts", "calendars", "demand", "spill_over"),
    *("publish_days", "shared_feed"),
)
_NO_CALENDARS: Final[Mapping[str, str]] = {}


def read_rota(
    text: str,
    file: str,
    today: date,
    calendars: Mapping[str, str] = _NO_CALENDARS,
    *,
    advise: bool = True,
) -> tuple[Rota | None, tuple[Complaint, ...]]:
    """The rota a document holds, None when it has errors; warnings do not stand in its way.

    `today` is the local date from which the next 400 days are searched for shifts that a change of
    the clocks swallows, and for calendars that recur beyond measure. `calendars`: the texts of the calendar
    files that lie beside the document, by file name. Without `advise` nothing is searched: for documents
    that were taken in before.
    """
    root = parse(text, file)
    if root.value is None:
        return None, tuple(root.complaints)
    fields = root.fields(_KEYS, required=("zone", "shifts"))
    _check_spec(fields)
    zone = read_zone(fields["zone"]) if "zone" in fields else None
    volunteers = _volunteers(fields.get("volunteers"))
    shifts = [(node, line) for node in _lines(fields, "shifts") if (line := read_shift(node)) is not None]
    named = _with_ids(shifts)
    demand = tuple(window for node in _lines(fields, "demand") if (window := read_demand(node)) is not None)
    spill = tuple(helper for node in _lines(fields, "spill_over") if (helper := read_spill(node)) is not None)
    spelled = _spelling(shifts)
    imported = () if zone is None else _calendars(fields, calendars, zone, today if advise else None, spelled)
    _check_volunteers(spelled, imported, fields.get("volunteers"))
    publish_days, shared = _publish_days(fields), fields.get("shared_feed")
    if shared is not None and not isinstance(shared.value, bool):
        shared.complain("expected true or false")
    if zone is None or any(not complaint.warning for complaint in root.complaints):
        return None, tuple(sorted(root.complaints))
    rota = Rota(
        zone=zone,
        patterns=named,
        volunteers=volunteers,
        calendars=imported,
        demand=demand,
        spill=spill,
        publish_days=publish_days,
        shared_feed=shared is not None and shared.value is True,
    )
    nodes = {pattern.id: node for (node, _), pattern in zip(shifts, named, strict=True)}
    for pattern, sentence in plan_warnings(rota, today) if advise else ():
        nodes.get(pattern, root).complain(sentence, warning=True)
    return rota, tuple(sorted(root.complaints))


def calendar_files(text: str, file: str) -> tuple[str, ...]:
    """Names of the calendar files a document asks for; none where it cannot be read."""
    root = parse(text, file)
    value: object = root.value
    if not isinstance(value, dict):
        return ()
    lines = cast("dict[object, object]", value).get("calendars")
    if not isinstance(lines, list):
        return ()
    found = [
        cast("dict[object, object]", line).get("file")
        for line in cast("list[object]", lines)
        if isinstance(line, dict)
    ]
    return tuple(dict.fromkeys(name for name in found if isinstance(name, str) and is_calendar_file(name)))


def read_zone(node: Node) -> str | None:
    """The IANA name of a time zone."""
    name = node.word()
    if name is None:
        return None
    try:
        return zone_named(name).name
    except UnknownZone as fault:
        node.complain(str(fault))
        return None


def _lines(fields: Mapping[str, Node], key: str) -> tuple[Node, ...]:
    return fields[key].items() if key in fields else ()


def _check_spec(fields: Mapping[str, Node]) -> None:
    node = fields.get("spec")
    if node is not None and node.whole() != SPEC:
        node.complain(f"this release reads spec: {SPEC}")


def _publish_days(fields: Mapping[str, Node]) -> int | None:
    node = fields.get("publish_days")
    days = None if node is None else node.whole()
    if node is not None and days is not None and days < 1:
        node.complain("expected a number of days, 1 or more")
    return days


def _volunteers(node: Node | None) -> Mapping[str, Offered]:
    entries = None if node is None else node.entries()
    return {
        alias: read_offers(entry.fields(("languages", "skills"))) for alias, entry in (entries or {}).items()
    }


def _calendars(
    fields: Mapping[str, Node],
    texts: Mapping[str, str],
    zone: str,
    today: date | None,
    spelled: Mapping[str, str],
) -> tuple[CalendarPattern, ...]:
    found: list[CalendarPattern] = []
    clock = zone_named(zone)
    for node in _lines(fields, "calendars"):
        line = read_calendar_line(node, texts, clock)
        if line is None:
            continue
        if any(line.id == other.id for other in found):
            node.complain(f"the calendar {line.id} stands here twice")
        if today is not None:
            node.complaints.extend(check_amount(line.series, line.id, today, clock))
        found.append(replace(line, series=tuple(one.renamed(spelled) for one in line.series)))
    return tuple(found)


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
            stem = f"{'-'.join(pattern.who).casefold() or 'rotation'}-{pattern.tier}"
            counts[stem] = counts.get(stem, 0) + 1
            candidate = f"{stem}-{counts[stem]}"
            identity = "" if candidate in taken else candidate
        seen.add(identity)
        named.append(replace(pattern, id=identity))
    return tuple(named)


def _spelling(shifts: list[tuple[Node, ShiftPattern]]) -> Mapping[str, str]:
    """Casefolded alias → as it is written. Two spellings would be two people, and one would count twice."""
    spelled: dict[str, str] = {}
    for node, pattern in shifts:
        for who in sorted(pattern.everyone):
            first = spelled.setdefault(who.casefold(), who)
            if first != who:
                node.complain(f"{who!r} and {first!r} are one alias: write it the same way everywhere")
    return spelled


def _check_volunteers(
    spelled: Mapping[str, str], calendars: tuple[CalendarPattern, ...], volunteers: Node | None
) -> None:
    entries = volunteers.entries() or {} if volunteers is not None else {}
    imported = {who.casefold() for calendar in calendars for who in calendar.everyone}
    for alias, node in entries.items():
        if spelled.get(alias.casefold(), alias) != alias:
            node.complain(f"{alias!r} is written {spelled[alias.casefold()]!r} in the shifts")
        elif alias.casefold() not in spelled and alias.casefold() not in imported:
            node.complain(f"{alias!r} has no shift", warning=True)
