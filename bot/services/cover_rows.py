"""Calls for cover as they are kept, and who was asked."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, select, update

from bot.services.house import House
from bot.store import day_tables as d
from bot.store.moments import from_moment, to_moment
from bot.vault.envelope import Place, open_sealed, seal
from handoff.cover_call import Answer, CoverState
from handoff.model import Duty, Tier


@dataclass(frozen=True, slots=True)
class Cover:
    """One call for cover.

    Attributes:
        id, desk, state: which, where, and where it stands.
        person: whose shift it is, or was.
        duty: the shift as it was when she could not; its times follow when it is moved.
        released: number of the change that took it from her; None while she has it until somebody comes.
        wave, alarms: how many waves have gone out, and how often whoever plans was alarmed.
        covered_by: person id of who came, "" for nobody.
    """

    id: str
    desk: str
    state: CoverState
    person: str
    duty: Duty
    released: int | None = None
    wave: int = 0
    alarms: int = 0
    covered_by: str = ""


def shift_index(house: House, desk: str, instance: str) -> bytes:
    """How a shift is looked up without its id being stored in clear: that holds an alias."""
    return house.vault.organisation_index("shift", f"{desk}\0{instance}")


def add(connection: Connection, house: House, cover: Cover) -> None:
    """Keep a new one."""
    connection.execute(insert(d.cover).values(id=cover.id, **_values(house, cover)))


def keep(connection: Connection, house: House, cover: Cover, **changed: Any) -> Cover:
    """Write what has changed; returns it as it is now."""
    now = replace(cover, **changed)
    connection.execute(update(d.cover).where(d.cover.c.id == cover.id).values(_values(house, now)))
    return now


def find(connection: Connection, house: House, cover: str, *, lock: bool = True) -> Cover | None:
    """The call with this id; with `lock` nobody else decides about it until the end of the transaction."""
    query = select(d.cover).where(d.cover.c.id == cover)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _opened(house, row)


def open_of(connection: Connection, house: House, desk: str, person: str, instance: str) -> Cover | None:
    """The open call for somebody's shift."""
    c = d.cover.c
    row = connection.execute(
        select(d.cover).where(
            c.person == person,
            c.shift_index == shift_index(house, desk, instance),
            c.state == CoverState.OPEN.value,
        )
    ).first()
    return None if row is None else _opened(house, row)


def all_open(connection: Connection, house: House) -> tuple[Cover, ...]:
    """Every open call, by the shift's beginning."""
    query = select(d.cover).where(d.cover.c.state == CoverState.OPEN.value)
    return tuple(_opened(house, row) for row in connection.execute(query.order_by(d.cover.c.starts_at)))


def asked_of(connection: Connection, house: House, person: str) -> tuple[Cover, ...]:
    """Open calls somebody was asked in and has not answered, by the shift's beginning."""
    asked = d.cover_offer.c
    query = (
        select(d.cover)
        .join(d.cover_offer, asked.cover == d.cover.c.id)
        .where(
            asked.person == person, asked.answer == Answer.NONE.value,
            d.cover.c.state == CoverState.OPEN.value,
        )
        .order_by(d.cover.c.starts_at)
    )  # fmt: skip
    return tuple(_opened(house, row) for row in connection.execute(query))


def answers(connection: Connection, cover: str) -> dict[str, Answer]:
    """Person id → what she has said, of everybody who was asked."""
    rows = connection.execute(select(d.cover_offer).where(d.cover_offer.c.cover == cover))
    return {row.person: Answer(row.answer) for row in rows}


def note_asked(connection: Connection, cover: str, person: str) -> None:
    """She is asked."""
    connection.execute(insert(d.cover_offer).values(cover=cover, person=person, answer=Answer.NONE.value))


def note_answer(connection: Connection, cover: str, person: str, answer: Answer) -> None:
    """She has answered."""
    mine = (d.cover_offer.c.cover == cover) & (d.cover_offer.c.person == person)
    connection.execute(update(d.cover_offer).where(mine).values(answer=answer.value))


def _values(house: House, cover: Cover) -> dict[str, Any]:
    duty = cover.duty
    plain = {
        "instance": duty.instance, "tier": duty.tier.value, "role": duty.role, "who": duty.volunteer,
        "released": cover.released, "covered_by": cover.covered_by,
    }  # fmt: skip
    return {
        "desk": cover.desk,
        "state": cover.state.value,
        "person": cover.person,
        "shift_index": shift_index(house, cover.desk, duty.instance),
        "starts_at": to_moment(duty.start),
        "ends_at": to_moment(duty.end),
        "wave": cover.wave,
        "alarms": cover.alarms,
        "body_sealed": seal(house.vault.organisation, _place(cover.id), orjson.dumps(plain)),
    }


def _opened(house: House, row: Row[Any]) -> Cover:
    plain = orjson.loads(open_sealed(house.vault.organisation, _place(row.id), row.body_sealed))
    duty = Duty(
        plain["who"], Tier(plain["tier"]), from_moment(row.starts_at), from_moment(row.ends_at),
        plain["role"], plain["instance"],
    )  # fmt: skip
    return Cover(
        row.id, row.desk, CoverState(row.state), row.person, duty, plain["released"], row.wave, row.alarms,
        plain["covered_by"],
    )  # fmt: skip


def _place(cover: str) -> Place:
    return Place("cover", "body_sealed", cover)
