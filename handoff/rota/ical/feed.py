"""Calendar feeds: a volunteer's own shifts, told so that nobody who reads over her shoulder learns anything.

An entry keeps its UID as long as it is the same part of the same shift, wherever that is moved. What changes
raises its SEQUENCE, what is gone stays for 60 days as cancelled: a calendar program that misses an entry
only keeps the old one. The text is the same until something changes, so an ETag can be made of it.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from handoff.model import Duty
from handoff.rota.ical.writing import escaped, written

BEHIND: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=180)
TOMBSTONES_STAY: Final = timedelta(days=60)
REFRESH: Final = "PT1H"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed as it was told last.

    Attributes:
        uid: its name for good.
        start, end: moments.
        summary: what a calendar shows.
        sequence: how often it has changed.
        changed_at: when it changed last.
        cancelled: it is gone, and told so.
    """

    uid: str
    start: datetime
    end: datetime
    summary: str
    sequence: int
    changed_at: datetime
    cancelled: bool = False


def window(now: datetime) -> tuple[datetime, datetime]:
    """What a feed tells: whole UTC days, so that it stays the same through a day."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - BEHIND, today + AHEAD


def uid_of(key: bytes, desk: str, duty: Duty, part: int) -> str:
    """The UID of one part of one volunteer's shift: says nothing to whoever has not the key."""
    named = "\x00".join((desk, duty.instance, duty.volunteer.casefold(), str(part)))
    digits = hmac.new(key, named.encode(), hashlib.sha256).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


def entries_now(
    duties: Iterable[tuple[str, Duty]], key: bytes, summaries: Mapping[str, str], now: datetime
) -> dict[str, Entry]:
    """UID → entry for (desk, duty) pairs; `summaries`: what to show for each alias.

    Pieces of one shift that meet are one entry, whatever change put each of them there.
    """
    found: dict[str, Entry] = {}
    parts: dict[tuple[str, str, str], list[str]] = {}
    for desk, duty in sorted(duties, key=lambda each: (each[1].start, each[0], each[1].volunteer)):
        known = parts.setdefault((desk, duty.instance, duty.volunteer), [])
        if known and found[known[-1]].end == duty.start:
            found[known[-1]] = replace(found[known[-1]], end=duty.end)
            continue
        uid = uid_of(key, desk, duty, len(known))
        known.append(uid)
        found[uid] = Entry(uid, duty.start, duty.end, summaries[duty.volunteer], 0, now)
    return found


def brought_up_to_date(
    known: Mapping[str, Entry], current: Mapping[str, Entry], now: datetime
) -> dict[str, Entry]:
    """What the feed tells now, from what it told last and what is the case.

    What is gone from the plan becomes a tombstone; what only lies too far back is let go.
    """
    since, _ = window(now)
    told: dict[str, Entry] = {}
    for uid, entry in current.items():
        before = known.get(uid)
        if before is None:
            told[uid] = replace(entry, changed_at=now)
        elif not before.cancelled and _same(before, entry):
            told[uid] = before
        else:
            told[uid] = replace(entry, sequence=before.sequence + 1, changed_at=now)
    for uid, before in known.items():
        if uid in current:
            continue
        if before.cancelled:
            if now - before.changed_at < TOMBSTONES_STAY:
                told[uid] = before
        elif before.end > since:
            told[uid] = replace(before, sequence=before.sequence + 1, changed_at=now, cancelled=True)
    return told


def feed_text(entries: Iterable[Entry], name: str) -> str:
    """The calendar; `name` is what a calendar program calls it. UTC throughout, so no zone is told."""
    ordered = sorted(entries, key=lambda entry: (entry.start, entry.uid))
    return written((*_head(name), *(line for entry in ordered for line in _event(entry)), "END:VCALENDAR"))


def etag(text: str) -> str:
    """A strong ETag of a feed."""
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def to_plain(entries: Iterable[Entry]) -> list[list[object]]:
    """The entries as JSON values; `from_plain` reads them back."""
    found: list[list[object]] = []
    for one in entries:
        times = (_stamp(one.start), _stamp(one.end), _stamp(one.changed_at))
        found.append([one.uid, *times, one.summary, one.sequence, one.cancelled])
    return found


def from_plain(plain: Sequence[Sequence[object]]) -> dict[str, Entry]:
    """UID → entry, of what `to_plain` made."""
    found: dict[str, Entry] = {}
    for uid, start, end, changed_at, summary, sequence, cancelled in plain:
        times = (_moment(start), _moment(end))
        number, gone = int(str(sequence)), cancelled is True
        found[str(uid)] = Entry(str(uid), *times, str(summary), number, _moment(changed_at), gone)
    return found


def _same(one: Entry, other: Entry) -> bool:
    return (one.start, one.end, one.summary) == (other.start, other.end, other.summary)


def _head(name: str) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//calendar//EN"
    yield "CALSCALE:GREGORIAN"
    yield f"NAME:{escaped(name)}"
    yield f"X-WR-CALNAME:{escaped(name)}"
    yield f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"
    yield f"X-PUBLISHED-TTL:{REFRESH}"


def _event(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    # Without METHOD this is when the entry was last revised (RFC 5545 §3.8.7.2), not when it was fetched.
    yield f"DTSTAMP:{_stamp(entry.changed_at)}"
    yield f"LAST-MODIFIED:{_stamp(entry.changed_at)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTART:{_stamp(entry.start)}"
    yield f"DTEND:{_stamp(entry.end)}"
    yield f"SUMMARY:{escaped(entry.summary)}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield "CLASS:PRIVATE"
    yield f"TRANSP:{'TRANSPARENT' if entry.cancelled else 'OPAQUE'}"
    yield "END:VEVENT"


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _moment(plain: object) -> datetime:
    return datetime.strptime(str(plain), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
