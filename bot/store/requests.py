"""What commands and the running service tell each other through the database (design §6).

A command that wrote something bumps the one `changes` row; the service looks at it and reads anew. What only
the holder of the data folder may do, a command asks for with a `request` row.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from bot.store import tables as t
from bot.store.notices import Word, tell

_ROW: Final = 1
_KEPT_FOR: Final = 24 * 3_600_000_000  # microseconds a carried-out request stays, for whoever waits for it


class RequestKind(StrEnum):
    """What can be asked of the service."""

    ROTATE = "rotate"  # turn the key epoch now
    ERASE = "erase"  # subject: "conversation:<id>" or "contact:<id>"


class RequestState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked for; `asked_at` in microseconds since 1970 UTC."""

    id: str
    kind: RequestKind
    subject: str
    asked_at: int


def bump(connection: Connection) -> None:
    """Tell every process on this database that something published or granted has changed."""
    changed = connection.execute(
        update(t.changes).where(t.changes.c.id == _ROW).values(version=t.changes.c.version + 1)
    )
    if changed.rowcount == 0:
        connection.execute(insert(t.changes).values(id=_ROW, version=1))
    tell(connection, Word.CHANGED)


def version(connection: Connection) -> int:
    """How often something has changed; 0 on a new database."""
    return connection.execute(select(t.changes.c.version).where(t.changes.c.id == _ROW)).scalar() or 0


def ask(connection: Connection, request_id: str, kind: RequestKind, subject: str, now: int) -> None:
    """Leave a request, and forget those carried out a day ago. `now` in microseconds."""
    connection.execute(
        delete(t.request).where(
            t.request.c.state != RequestState.ASKED.value, t.request.c.asked_at < now - _KEPT_FOR
        )
    )
    connection.execute(
        insert(t.request).values(
            id=request_id, kind=kind.value, subject=subject, state=RequestState.ASKED.value, asked_at=now
        )
    )
    tell(connection, Word.CHANGED)


def pending(connection: Connection) -> tuple[Request, ...]:
    """What was asked for and not yet done, oldest first."""
    rows = connection.execute(
        select(t.request)
        .where(t.request.c.state == RequestState.ASKED.value)
        .order_by(t.request.c.asked_at, t.request.c.id)
    )
    return tuple(Request(row.id, RequestKind(row.kind), row.subject, row.asked_at) for row in rows)


def finish(connection: Connection, request_id: str, state: RequestState) -> None:
    """Record what became of a request."""
    connection.execute(update(t.request).where(t.request.c.id == request_id).values(state=state.value))


def state_of(connection: Connection, request_id: str) -> RequestState | None:
    """Where a request stands, None if it was never left."""
    found = connection.execute(select(t.request.c.state).where(t.request.c.id == request_id)).scalar()
    return None if found is None else RequestState(found)


def withdraw(connection: Connection, request_id: str) -> bool:
    """Take a request back that nobody has carried out; False when it was too late."""
    taken = connection.execute(
        delete(t.request).where(t.request.c.id == request_id, t.request.c.state == RequestState.ASKED.value)
    )
    return taken.rowcount > 0
