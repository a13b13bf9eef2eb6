"""Counters on PostgreSQL are written last in each transaction (F-2).

Every process counts the same few rows. Written where something happens, each such row would be locked until
the commit, in whatever order things happened: processes would wait for each other all the time, and for ever
where the orders differ. So a transaction keeps a tally, and writes it in one order just before it commits.
What is rolled back to a savepoint is not counted.
"""

from collections import Counter
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import postgresql

from bot.store import tables as t

Counts = Counter[tuple[str, str, str]]
"""(desk, month, name) → by how much."""

# One Counter for the transaction and one for each open savepoint. Not in `Connection.info`: that asks the
# server's session, and where it is lost the error of it would hide what went wrong.
_TALLIES: WeakKeyDictionary[Connection, list[Counts]] = WeakKeyDictionary()


def keep_tally(engine: Engine) -> None:
    """Have every transaction of this engine keep a tally."""
    event.listen(engine, "begin", _begin)
    event.listen(engine, "savepoint", _deeper)
    event.listen(engine, "rollback_savepoint", _let_go)
    event.listen(engine, "release_savepoint", _keep)
    event.listen(engine, "commit", _write)


def put_off(connection: Connection, counts: Mapping[tuple[str, str, str], int]) -> bool:
    """Count at the end of this transaction; False where no tally is kept, and nothing was done."""
    levels = _TALLIES.get(connection)
    if levels is None:
        return False
    levels[-1].update(counts)
    return True


def _begin(connection: Connection) -> None:
    _TALLIES[connection] = [Counter()]


def _deeper(connection: Connection, _name: str) -> None:
    _TALLIES[connection].append(Counter())


def _let_go(connection: Connection, _name: str, _context: object) -> None:
    _TALLIES[connection].pop()


def _keep(connection: Connection, _name: str, _context: object) -> None:
    levels = _TALLIES[connection]
    levels[-2].update(levels.pop())


def _write(connection: Connection) -> None:
    counts = _TALLIES[connection][0]
    if not counts:
        return
    rows = [{"desk": d, "month": m, "name": n, "value": v} for (d, m, n), v in sorted(counts.items())]
    counts.clear()
    statement = postgresql.insert(t.counter)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["desk", "month", "name"],
            set_={"value": t.counter.c.value + statement.excluded.value},
        ),
        rows,
    )
