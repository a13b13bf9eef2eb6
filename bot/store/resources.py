"""Published resources in the database: import, load, verify, withdraw, and compare with files (design §7).

Every function takes an open connection and leaves the transaction, the `changes` row and the audit to
its caller. Columns repeat what is asked for by index; the body is the canonical JSON of the facts.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, insert, select, update

from bot.model import NETWORK_DESK, DeskId, PersonId
from bot.store import tables as t
from bot.store.moments import to_moment
from triage.directory import Confidence, Directory, Resource

# What a woman dials or opens, and where it leads: change one of these, and whoever rang rang something else.
_RUNG = ("phone", "display", "sms", "whatsapp", "chat_url", "email", "website", "kind", "country", "region")
_VERIFICATION = {"verified_on": None, "verified_by": None}


class UnknownResource(LookupError):
    """No published resource has this id."""


class BelongsToAnotherDesk(ValueError):
    """The id is published by another desk; an id stands for one contact point in the whole network."""


class NeverSent(ValueError):
    """A row of low confidence: it belongs on the list to be rung, not among what is published."""


class Difference(StrEnum):
    """How a file and the database differ in one row."""

    CHANGED = "changed"
    ONLY_IN_FILE = "only_in_file"
    ONLY_PUBLISHED = "only_published"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, by id."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    verification_lost: tuple[str, ...] = ()  # changed in what is dialled: somebody must ring again
    still_withdrawn: tuple[str, ...] = ()  # in the file, but a person withdrew it
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Drift:
    """One row that differs between file and database."""

    id: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class Published:
    """One row as it is published, for `resources find|export` and the console."""

    resource: Resource
    desk: str
    withdrawn: bool


def import_rows(connection: Connection, desk: str, rows: Iterable[Resource]) -> Imported:
    """Publish rows for a desk; rows missing from `rows` stay published.

    A changed number or address loses its verification, and a withdrawn row stays withdrawn: no file
    brings back what a person took out. Verification in `rows` is ignored (PR13).

    Raises BelongsToAnotherDesk and NeverSent, before anything is written.
    """
    wanted = {row.id: replace(row, verified_on=None, verified_by=None) for row in rows}
    known = _rows_by_id(connection, wanted)
    _refuse(desk, wanted, known)
    added = [row for id_, row in wanted.items() if id_ not in known]
    if added:
        connection.execute(insert(t.resource), [_columns(row, desk) for row in added])
    changed: list[str] = []
    lost: list[str] = []
    for id_, stored in known.items():
        row = wanted[id_]
        if stored.body == _body(row):
            continue
        changed.append(id_)
        rung_differs = _rung(row) != _rung(_resource(stored))
        if rung_differs and stored.verified_on:
            lost.append(id_)
        forgotten = _VERIFICATION if rung_differs else {}
        values = _columns(row, desk) | forgotten
        connection.execute(update(t.resource).where(t.resource.c.id == id_).values(values))
    return Imported(
        added=tuple(sorted(row.id for row in added)),
        changed=tuple(sorted(changed)),
        verification_lost=tuple(sorted(lost)),
        still_withdrawn=tuple(sorted(id_ for id_, row in known.items() if row.withdrawn_at is not None)),
        unchanged=len(known) - len(changed),
    )


def load_directory(connection: Connection, desk: str) -> Directory:
    """What a desk may send: its own rows and the network's, without what was withdrawn."""
    return Directory.of(each.resource for each in published(connection, desk) if not each.withdrawn)


def published(connection: Connection, desk: str) -> tuple[Published, ...]:
    """Every row of a desk and of the network, withdrawn ones included, by id."""
    query = select(t.resource).where(t.resource.c.desk.in_((desk, NETWORK_DESK))).order_by(t.resource.c.id)
    return tuple(
        Published(_resource(row), row.desk, row.withdrawn_at is not None) for row in connection.execute(query)
    )


def verify(connection: Connection, resource_id: str, person_id: str, today: date) -> Resource:
    """Record that this person rang it today and that it is right; a withdrawn row is published again.

    Raises UnknownResource.
    """
    values = {"verified_on": today.isoformat(), "verified_by": person_id, "withdrawn_at": None}
    return _change(connection, resource_id, values)


def withdraw(connection: Connection, resource_id: str, now: datetime) -> Resource:
    """Take it out at once; one person is enough (PR14). Withdrawing twice keeps the first moment.

    Raises UnknownResource.
    """
    already = _one(connection, resource_id).withdrawn_at
    moment = to_moment(now) if already is None else already
    return _change(connection, resource_id, {"withdrawn_at": moment})


def drifted(connection: Connection, desk: str, rows: Iterable[Resource]) -> tuple[Drift, ...]:
    """How files differ from what this desk published; files are never served (`doctor`)."""
    in_file = {row.id: digest(row) for row in rows}
    query = select(t.resource).where(t.resource.c.desk == desk)
    in_database = {row.id: digest(_resource(row)) for row in connection.execute(query)}
    found: list[Drift] = []
    for id_ in sorted(in_file.keys() | in_database.keys()):
        if id_ not in in_database:
            found.append(Drift(id_, Difference.ONLY_IN_FILE))
        elif id_ not in in_file:
            found.append(Drift(id_, Difference.ONLY_PUBLISHED))
        elif in_file[id_] != in_database[id_]:
            found.append(Drift(id_, Difference.CHANGED))
    return tuple(found)


def digest(resource: Resource) -> str:
    """SHA-256 of a row's facts, without who verified it and when."""
    return hashlib.sha256(_body(resource).encode()).hexdigest()


def _refuse(desk: str, wanted: Mapping[str, Resource], known: Mapping[str, Row[tuple[object, ...]]]) -> None:
    for id_, stored in known.items():
        if stored.desk != desk:
            raise BelongsToAnotherDesk(f"{id_} is published by desk {stored.desk}")
    for id_, row in wanted.items():
        if row.confidence is Confidence.LOW or not row.ways:
            raise NeverSent(f"{id_} is poorly sourced or has no way to be reached")


def _rows_by_id(connection: Connection, wanted: Mapping[str, Resource]) -> dict[str, Row[tuple[object, ...]]]:
    countries = {row.country for row in wanted.values()}
    query = select(t.resource).where(t.resource.c.country.in_(countries))
    return {row.id: row for row in connection.execute(query) if row.id in wanted}


def _one(connection: Connection, resource_id: str) -> Row[tuple[object, ...]]:
    row = connection.execute(select(t.resource).where(t.resource.c.id == resource_id)).one_or_none()
    if row is None:
        raise UnknownResource(
            f"There is no resource {resource_id}; `hotline resources export FOLDER` writes all there are."
        )
    return row


def _change(connection: Connection, resource_id: str, values: Mapping[str, object]) -> Resource:
    connection.execute(update(t.resource).where(t.resource.c.id == resource_id).values(dict(values)))
    return _resource(_one(connection, resource_id))


def _columns(row: Resource, desk: str) -> dict[str, object]:
    return {
        "id": row.id,
        "desk": DeskId(desk),
        "country": row.country,
        "kind": str(row.kind),
        "body": _body(row),
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
    }


def _body(row: Resource) -> str:
    facts = replace(row, verified_on=None, verified_by=None).to_plain()
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _resource(row: Row[tuple[object, ...]]) -> Resource:
    stored = Resource.from_plain(json.loads(row.body))
    if row.verified_on is None:
        return stored
    return replace(
        stored,
        verified_on=date.fromisoformat(row.verified_on),
        verified_by=PersonId(row.verified_by) if row.verified_by else None,
    )


def _rung(row: Resource) -> tuple[str, ...]:
    return tuple(str(getattr(row, name)) for name in _RUNG)
