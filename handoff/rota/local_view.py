"""Duty as somebody sees it where she is: the rota's zone rules the moments, hers the clock she reads."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from handoff.rota.spans import Span
from handoff.rota.zones import Zone


class Residence(NamedTuple):
    """From this moment on she lives by this clock."""

    since: datetime
    zone: Zone


class Seen(NamedTuple):
    """One duty on her clock, both ends with the offsets that hold then."""

    zone: Zone
    start: datetime
    end: datetime


def zone_at(residences: Sequence[Residence], moment: datetime, otherwise: Zone) -> Zone:
    """The zone she lives in at a moment; the rota's where she has not said."""
    known = [one for one in residences if one.since <= moment]
    return max(known, key=lambda one: one.since).zone if known else otherwise


def seen(spans: Iterable[Span], residences: Sequence[Residence], otherwise: Zone) -> tuple[Seen, ...]:
    """Each span in the zone in force for her at its start."""
    found: list[Seen] = []
    for start, end in spans:
        zone = zone_at(residences, start, otherwise)
        found.append(Seen(zone, zone.local(start), zone.local(end)))
    return tuple(found)
