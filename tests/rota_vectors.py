"""A rota vector answered with public functions of the product, and nothing else.

`evaluate(vector)` takes a vector of the format `rota-vectors/1` and gives plain JSON values: instants as
`YYYY-MM-DDTHH:MM:SSZ`; `total_minutes` as whole minutes by volunteer. A vector with `report` is answered
with exactly those keys. A field that is missing or malformed raises VectorFault; fields that the format
does not know are for its readers and say nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from handoff.model import Tier
from handoff.rota.changes import Change, ChangeStatus
from handoff.rota.coverage import Demand, at_all_hours, demand_of, gaps_in, stretches
from handoff.rota.demand import DemandWindow
from handoff.rota.hours import by_week, minutes, rests, times, total
from handoff.rota.ical.reading import read_calendar
from handoff.rota.local_view import Residence, seen
from handoff.rota.pattern import CalendarPattern, Rota
from handoff.rota.records import BadRecord, instant, read_change
from handoff.rota.resolve import final_duty
from handoff.rota.series import Series
from handoff.rota.spans import Span
from handoff.rota.zones import UnknownZone, Zone, zone_named

Plain = Any
CHANGE = ("seq", "kind", "status", "from", "to", "start", "end", "a", "b", "instance", "tier", "role")
SIDE = ("who", "start", "end", "instance")


class VectorFault(ValueError):
    """A vector that cannot be answered; the text names the field."""


def evaluate(vector: dict[str, Plain]) -> dict[str, Plain]:
    """What a vector's rota says, or the keys of `report` alone. Raises VectorFault."""
    try:
        found = _answers(vector)
    except (BadRecord, UnknownZone) as fault:
        raise VectorFault(str(fault)) from fault
    wanted = vector.get("report")
    if wanted is None:
        return found
    unknown = [key for key in wanted if key not in found]
    if unknown:
        raise VectorFault(f"report: this vector gives nothing to tell {unknown[0]!r} from")
    return {key: found[key] for key in wanted}


def _answers(vector: dict[str, Plain]) -> dict[str, Plain]:
    zone = zone_named(_field(vector, "rota_zone", str))
    query = _field(vector, "query", dict)
    since, until = instant(query.get("start"), "query.start"), instant(query.get("end"), "query.end")
    if until <= since:
        raise VectorFault("query: the end does not lie after the start")
    rota = Rota(
        zone=zone.name,
        calendars=(
            CalendarPattern("vector", Tier.PRIMARY, _series(_field(vector, "ical", str), "ical", zone)),
        ),
        changes=_changes(vector.get("changes") or ()),
    )
    duties = final_duty(rota, since, until)
    on = times(duties)
    found: dict[str, Plain] = {
        "on_duty": {
            who: [[_written(start), _written(end)] for start, end in spans] for who, spans in on.items()
        },
        "total_minutes": {who: minutes(total(spans)) for who, spans in on.items()},
    }
    if vector.get("demand") is not None:
        demand = _demand(_field(vector, "demand", dict), zone, since, until)
        found["gaps"] = [
            {"start": _written(gap.start), "end": _written(gap.end), "missing": gap.missing[0][1]}
            for gap in gaps_in(stretches(duties, demand, since, until))
        ]
    if vector.get("volunteers") is not None:
        found["local_view"] = _local_view(_field(vector, "volunteers", dict), on, zone)
    if vector.get("fatigue") is not None:
        found["fatigue"] = _fatigue(_field(vector, "fatigue", dict), on, zone)
    return found


def _series(text: str, name: str, zone: Zone) -> tuple[Series, ...]:
    series, complaints = read_calendar(text, name, zone)
    if series is None:
        raise VectorFault("\n".join(str(complaint) for complaint in complaints))
    return series


def _changes(plain: Sequence[Plain]) -> tuple[Change, ...]:
    """Those that are approved; what a vector adds to a change for its readers is left aside."""
    found: list[Change] = []
    for change in plain:
        if _field(change, "status", str) == ChangeStatus.APPROVED.value:
            fields = {name: change[name] for name in CHANGE if name in change}
            sides = {name: _side(fields[name]) for name in ("a", "b") if isinstance(fields.get(name), dict)}
            found.append(read_change({**fields, **sides}))
    return tuple(found)


def _side(plain: Mapping[str, Plain]) -> dict[str, Plain]:
    return {name: plain[name] for name in SIDE if name in plain}


def _demand(plain: Mapping[str, Plain], zone: Zone, since: datetime, until: datetime) -> Demand:
    if "required" in plain:
        return at_all_hours({Tier.PRIMARY: _field(plain, "required", int)}, since, until)
    windows = _series(_field(plain, "ical", str), "demand.ical", zone)
    for one in windows:
        for event in one.events:
            if event.required is None and not event.cancelled:
                raise VectorFault(f"demand.ical:{event.line}: a window has no X-REQUIRED")
    asked = Rota(zone=zone.name, demand=tuple(DemandWindow(None, series=one) for one in windows))
    # A calendar without a window needs nobody; a rota without demand would need its least cover.
    return demand_of(asked, since, until) if windows else Demand((), ())


def _local_view(
    plain: Mapping[str, Plain], on: Mapping[str, Sequence[Span]], zone: Zone
) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for who, spans in on.items():
        residences = [
            Residence(instant(one.get("from"), "zones.from"), zone_named(_field(one, "zone", str)))
            for one in (plain.get(who) or {}).get("zones") or ()
        ]
        found[who] = [
            {
                "zone": one.zone.name,
                "start": one.start.isoformat(timespec="seconds"),
                "end": one.end.isoformat(timespec="seconds"),
            }
            for one in seen(spans, residences, zone)
        ]
    return found


def _fatigue(plain: Mapping[str, Plain], on: Mapping[str, Sequence[Span]], zone: Zone) -> dict[str, Plain]:
    least = _field(plain, "min_rest_minutes", int)
    weeks_of = zone_named(_field(plain, "zone", str)) if "zone" in plain else zone
    return {
        "rest": {
            who: [
                {
                    "from": _written(rest.start),
                    "to": _written(rest.end),
                    "minutes": minutes(rest.lasts),
                    "ok": minutes(rest.lasts) >= least,
                }
                for rest in rests(spans)
            ]
            for who, spans in on.items()
        },
        "week_minutes": {
            who: {week: minutes(lasts) for week, lasts in by_week(spans, weeks_of).items()}
            for who, spans in on.items()
        },
    }


def _field(plain: Mapping[str, Plain], name: str, kind: type) -> Plain:
    if not isinstance(plain, Mapping):
        raise VectorFault(f"{name} is looked for in what is no mapping")
    value = plain.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise VectorFault(f"{name} is missing, or not of type {kind.__name__}")
    return value


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
