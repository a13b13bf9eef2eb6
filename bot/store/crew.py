"""Several members on one PostgreSQL: who lives, and who has which lead. Statements only (design §6).

A *member* is one process of the service; those on one database are its *crew*. A *lead* is what exactly one
of them may do: reading and sending on a messenger, inserting periodic jobs, writing the key ring. Each time
a lead changes hands its *term* rises, and whatever is done in its name asks for the term in the same
transaction: who lost the lead while it stood still can write nothing any more.

A member lives while its `beats` rise. The others tell that by their own steady clocks, so that no clock that
was set has a say. All of this runs on a session of the member's own, which commits each statement by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, text, update

from bot.store import tables as t
from bot.store.engine import session_name

HOUSE: Final = "house"
"""The lead of what is done once for all: periodic jobs, requests of commands, the key ring."""

ENDING_TAKES: Final = 3_000  # milliseconds the server is given to end the sessions of a member


def channel_lead(channel: str) -> str:
    """The lead of a channel: listening to it, and sending what is due on it."""
    return f"channel {channel}"


class LeadLost(Exception):
    """Another member has the lead by now; nothing was written."""


@dataclass(frozen=True, slots=True)
class Term:
    """One lead, held by one member for one while."""

    lead: str
    member: str
    number: int


FREE: Final = Term("", "", 0)
"""What needs no lead: whoever serves alone, and pages, which each process has of its own."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What one member last showed of itself."""

    id: str
    beats: int
    witness: str
    admitted: bool


def join(connection: Connection, member: str, witness: str, *, admitted: bool) -> None:
    """Come into the crew, or back into it: then what it led before is anybody's."""
    connection.execute(update(t.lead).where(t.lead.c.member == member).values(member=None))
    connection.execute(delete(t.member).where(t.member.c.id == member))
    moment = func.floor(func.extract("epoch", func.clock_timestamp()) * 1_000_000)
    connection.execute(
        insert(t.member).values(id=member, beats=0, since=moment, witness=witness, admitted=admitted)
    )


def beat(connection: Connection, member: str) -> bool:
    """Show that it lives; False when the others have counted it as gone."""
    row = t.member.c
    return (
        connection.execute(update(t.member).where(row.id == member).values(beats=row.beats + 1)).rowcount > 0
    )


def signs(connection: Connection) -> tuple[Sign, ...]:
    """What every member last showed."""
    row = t.member.c
    found = connection.execute(select(row.id, row.beats, row.witness, row.admitted).order_by(row.id))
    return tuple(Sign(*one) for one in found)


def terms(connection: Connection) -> dict[str, Term]:
    """Who has which lead; leads nobody has are left out."""
    found = connection.execute(select(t.lead).where(t.lead.c.member.is_not(None)))
    return {row.name: Term(row.name, row.member, row.term) for row in found}


def admit(connection: Connection, member: str) -> None:
    """The member has shown that it uses the same key ring."""
    connection.execute(update(t.member).where(t.member.c.id == member).values(admitted=True))


def lock(connection: Connection, lead: str) -> bool:
    """Take the advisory lock of a lead for this connection; False while another has it."""
    return bool(connection.execute(_LOCK, {"lead": lead}).scalar_one())


def unlock(connection: Connection, lead: str) -> None:
    """Give the advisory lock back."""
    connection.execute(_UNLOCK, {"lead": lead})


def take(connection: Connection, lead: str, member: str, before: str | None) -> Term | None:
    """Take a lead that nobody has, or that `before` had who is gone; None if somebody else was faster.

    Hold the advisory lock. Waits for transactions in which the one before still acts in its name.
    """
    known = connection.execute(select(t.lead.c.term).where(t.lead.c.name == lead)).scalar()
    if known is None:
        connection.execute(insert(t.lead).values(name=lead, member=member, term=1))
        return Term(lead, member, 1)
    row = t.lead.c
    free = row.member.is_(None) if before is None else (row.member.is_(None) | (row.member == before))
    taken = connection.execute(
        update(t.lead).where(row.name == lead, row.term == known, free).values(member=member, term=known + 1)
    )
    return Term(lead, member, known + 1) if taken.rowcount else None


def resign(connection: Connection, member: str) -> None:
    """Leave the crew in order: its leads are free at once."""
    connection.execute(update(t.lead).where(t.lead.c.member == member).values(member=None))
    connection.execute(delete(t.member).where(t.member.c.id == member))


def dismiss(connection: Connection, gone: Sign) -> bool:
    """Count a member as gone and end its sessions, so that it locks nothing.

    False if it has shown itself since. Its leads stay in its name until somebody takes them.
    """
    row = t.member.c
    dismissed = connection.execute(
        delete(t.member).where(row.id == gone.id, row.beats == gone.beats)
    ).rowcount
    if dismissed:
        end_sessions(connection, gone.id)
    return bool(dismissed)


def end_sessions(connection: Connection, member: str) -> int:
    """End every session of a member; returns how many there were."""
    named = {"name": session_name(member), "ms": ENDING_TAKES}
    return len(connection.execute(_END, named).all())


def anyone_lives(connection: Connection) -> bool:
    """Whether any member has a session on this database now; for commands, which are members of nothing."""
    return connection.execute(_SESSIONS, {"names": session_name("%")}).first() is not None


def clock(connection: Connection) -> datetime:
    """What time it is on the server."""
    return connection.execute(select(func.clock_timestamp())).scalar_one()


def require(connection: Connection, term: Term) -> None:
    """Raise `LeadLost` unless the lead is held in this very term; it stays so until the commit."""
    if not term.member:
        return  # whoever serves alone has every lead
    row = t.lead.c
    mine = select(row.name).where(row.name == term.lead, row.member == term.member, row.term == term.number)
    if connection.execute(mine.with_for_update(read=True)).first() is None:
        raise LeadLost(term.lead)


_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('hearthline lead ' || :lead, 0))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtextextended('hearthline lead ' || :lead, 0))")
_END = text(
    "SELECT pg_terminate_backend(pid, :ms) FROM pg_stat_activity "
    "WHERE application_name = :name AND datname = current_database() AND pid <> pg_backend_pid()"
)
_SESSIONS = text(
    "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE :names AND datname = current_database() "
    "AND pid <> pg_backend_pid()"
)
