"""What a group of turns wants written, gathered and flushed with one statement per table (design §3)."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store import tables as t
from bot.store.notices import Word, tell
from bot.store.tally import put_off
from channels.message import Address

Row = dict[str, Any]

CONVERSATION_FIELDS = (
    "contact", "data_key", "stage", "revision", "state_sealed", "new_until", "edit_until",
    "next_sequence", "view_sequence", "version", "opened_at", "last_act_at", "closed_at",
)  # fmt: skip


@dataclass(slots=True)
class Writes:
    """Rows gathered during one transaction.

    Services append; `flush` writes everything and empties the lists. Order of tables: what others refer
    to first. `after` holds what must happen outside the database once the commit stands, `elsewhere` what
    other processes must learn of it: a word and a conversation. `correspondents` says who is behind a
    conversation, for a process that is told of it later.
    """

    data_keys: list[Row] = field(default_factory=list[Row])
    dead_keys: list[str] = field(default_factory=list[str])
    contacts: list[Row] = field(default_factory=list[Row])
    new_conversations: list[Row] = field(default_factory=list[Row])
    conversations: dict[str, Row] = field(default_factory=dict[str, Row])
    inbox: list[Row] = field(default_factory=list[Row])
    inbox_states: list[Row] = field(default_factory=list[Row])
    outbox: list[Row] = field(default_factory=list[Row])
    handoffs: list[Row] = field(default_factory=list[Row])
    dues: dict[tuple[str, str], Row] = field(default_factory=dict[tuple[str, str], Row])
    dead_dues: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    counters: dict[tuple[str, str, str], int] = field(default_factory=dict[tuple[str, str, str], int])
    after: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    elsewhere: list[tuple[Word, str]] = field(default_factory=list[tuple[Word, str]])
    correspondents: dict[str, Address] = field(default_factory=dict[str, Address])

    def count(self, desk: str, month: str, name: str, by: int = 1) -> None:
        """Count an event at event time; no row per contact is kept (F-2)."""
        key = (desk, month, name)
        self.counters[key] = self.counters.get(key, 0) + by

    def set_due(self, due_id: str, kind: str, subject: str, at: int, version: int = 0) -> None:
        """Set or move the one deadline of `kind` for `subject`."""
        self.dues[(kind, subject)] = {
            "id": due_id,
            "kind": kind,
            "subject": subject,
            "at": at,
            "version": version,
        }

    def drop_due(self, kind: str, subject: str) -> None:
        """Remove a deadline, if there is one."""
        self.dues.pop((kind, subject), None)
        self.dead_dues.append((kind, subject))

    def flush(self, connection: Connection) -> None:
        """Write everything gathered."""
        if self.outbox:
            tell(connection, Word.OUTBOX)
        for word, conversation in self.elsewhere:
            tell(connection, word, conversation)
        self.elsewhere.clear()
        for table, rows in (
            (t.data_key, self.data_keys),
            (t.contact, self.contacts),
            (t.conversation, self.new_conversations),
            (t.inbox, self.inbox),
            (t.outbox, self.outbox),
            (t.handoff, self.handoffs),
        ):
            if rows:
                connection.execute(insert(table), rows)
                rows.clear()
        if self.conversations:
            connection.execute(_UPDATE_CONVERSATION, list(self.conversations.values()))
            self.conversations.clear()
        if self.inbox_states:
            connection.execute(_UPDATE_INBOX, self.inbox_states)
            self.inbox_states.clear()
        self._flush_dues(connection)
        if self.counters:
            _count(connection, self.counters)
            self.counters.clear()
        if self.dead_keys:
            connection.execute(delete(t.data_key).where(t.data_key.c.id.in_(self.dead_keys)))
            self.dead_keys.clear()

    def _flush_dues(self, connection: Connection) -> None:
        if self.dead_dues:
            connection.execute(
                delete(t.due).where(
                    t.due.c.kind == bindparam("b_kind"), t.due.c.subject == bindparam("b_subject")
                ),
                [{"b_kind": kind, "b_subject": subject} for kind, subject in self.dead_dues],
            )
            self.dead_dues.clear()
        if self.dues:
            statement = _upsert(connection, t.due)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "subject"],
                    set_={"at": statement.excluded.at, "version": statement.excluded.version},
                ),
                list(self.dues.values()),
            )
            self.dues.clear()


_UPDATE_CONVERSATION = (
    update(t.conversation)
    .where(t.conversation.c.id == bindparam("b_id"))
    .values({name: bindparam(f"b_{name}") for name in CONVERSATION_FIELDS})
)

_UPDATE_INBOX = update(t.inbox).where(t.inbox.c.id == bindparam("b_id")).values(state=bindparam("b_state"))


def insert_once(connection: Connection, table: Any, **values: Any) -> None:
    """Insert a row that has an `id` of its own, unless another process has done so in the same moment."""
    connection.execute(
        _upsert(connection, table).values(**values).on_conflict_do_nothing(index_elements=["id"])
    )


def _upsert(connection: Connection, table: Any) -> Any:
    # Both backends know ON CONFLICT, each behind its own insert.
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def _count(connection: Connection, counters: dict[tuple[str, str, str], int]) -> None:
    if put_off(connection, counters):
        return
    statement = _upsert(connection, t.counter)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["desk", "month", "name"],
            set_={"value": t.counter.c.value + statement.excluded.value},
        ),
        [{"desk": d, "month": m, "name": n, "value": v} for (d, m, n), v in sorted(counters.items())],
    )
