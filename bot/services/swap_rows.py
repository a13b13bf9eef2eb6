"""Swaps as they are kept: states and people by id in clear, the shift itself sealed."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, insert, select, update

from bot.services.house import House
from bot.store import day_tables as d
from bot.vault.envelope import Place, open_sealed, seal
from handoff.model import Tier
from handoff.swaps import PENDING, SwapState


@dataclass(frozen=True, slots=True)
class Part:
    """A shift by its id, with the times it had when it was named: they are told, the id is what counts."""

    instance: str
    tier: Tier
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Swap:
    """One swap.

    Attributes:
        id, desk, state: which, where, and where it stands.
        offered_by: person id of who has the shift until it is approved.
        taken_by: person id of who took it, None while nobody has.
        made_at: microseconds.
        gives: the shift.
        to: person ids it is offered to; empty: everybody who may have it.
        in_return: what the other gives for it, None for nothing.
        seq: number of the rota change it became, None before.
        decided_by: staff id of who approved, refused or undid it, "" for nobody.
    """

    id: str
    desk: str
    state: SwapState
    offered_by: str
    made_at: int
    gives: Part
    taken_by: str | None = None
    to: tuple[str, ...] = ()
    in_return: Part | None = None
    seq: int | None = None
    decided_by: str = ""


@dataclass(slots=True)
class _Body:
    gives: dict[str, Any]
    to: list[str] = field(default_factory=list[str])
    in_return: dict[str, Any] | None = None
    seq: int | None = None
    decided_by: str = ""


def add(connection: Connection, house: House, swap: Swap) -> None:
    """Keep a new one."""
    connection.execute(insert(d.swap).values(id=swap.id, made_at=swap.made_at, **_values(house, swap)))


def keep(connection: Connection, house: House, swap: Swap, **changed: Any) -> Swap:
    """Write what has changed of it; returns it as it is now."""
    now = replace(swap, **changed)
    connection.execute(update(d.swap).where(d.swap.c.id == swap.id).values(_values(house, now)))
    return now


def find(connection: Connection, house: House, swap: str, *, lock: bool = False) -> Swap | None:
    """The swap with this id; with `lock` nobody else decides about it meanwhile."""
    query = select(d.swap).where(d.swap.c.id == swap)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _opened(house, row)


def pending(connection: Connection, house: House) -> tuple[Swap, ...]:
    """Every swap that is open or waits for a yes, oldest first."""
    return _many(connection, house, select(d.swap).where(d.swap.c.state.in_([one.value for one in PENDING])))


def of_person(connection: Connection, house: House, person: str) -> tuple[Swap, ...]:
    """Every swap that somebody offered or took, in whatever state, oldest first."""
    hers = (d.swap.c.offered_by == person) | (d.swap.c.taken_by == person)
    return _many(connection, house, select(d.swap).where(hers))


def of_desk(connection: Connection, house: House, desk: str) -> tuple[Swap, ...]:
    """Every swap of a desk, in whatever state, oldest first."""
    return _many(connection, house, select(d.swap).where(d.swap.c.desk == desk))


def in_state(connection: Connection, house: House, state: SwapState) -> tuple[Swap, ...]:
    """Every swap in one state, oldest first."""
    return _many(connection, house, select(d.swap).where(d.swap.c.state == state.value))


def _many(connection: Connection, house: House, query: Select[Any]) -> tuple[Swap, ...]:
    rows = connection.execute(query.order_by(d.swap.c.made_at, d.swap.c.id))
    return tuple(_opened(house, row) for row in rows)


def _values(house: House, swap: Swap) -> dict[str, Any]:
    body = _Body(
        gives=asdict(swap.gives), to=list(swap.to), seq=swap.seq, decided_by=swap.decided_by,
        in_return=None if swap.in_return is None else asdict(swap.in_return),
    )  # fmt: skip
    return {
        "desk": swap.desk,
        "state": swap.state.value,
        "offered_by": swap.offered_by,
        "taken_by": swap.taken_by,
        "body_sealed": seal(house.vault.organisation, _place(swap.id), orjson.dumps(body)),
    }


def _opened(house: House, row: Row[Any]) -> Swap:
    body = _Body(**orjson.loads(open_sealed(house.vault.organisation, _place(row.id), row.body_sealed)))
    return Swap(
        row.id, row.desk, SwapState(row.state), row.offered_by, row.made_at, _part(body.gives), row.taken_by,
        tuple(body.to), None if body.in_return is None else _part(body.in_return), body.seq, body.decided_by,
    )  # fmt: skip


def _part(plain: dict[str, Any]) -> Part:
    return Part(
        plain["instance"], Tier(plain["tier"]), datetime.fromisoformat(plain["start"]),
        datetime.fromisoformat(plain["end"]),
    )  # fmt: skip


def _place(swap: str) -> Place:
    return Place("swap", "body_sealed", swap)
