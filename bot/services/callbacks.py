"""A callback is promised to her, for hours the rota staffs (design §4, "Callback"; B-018, B-019).

She agrees to hours in which the rota has somebody who can answer her, and to a neutral line. What is stored
in clear is a desk and two times; how it is kept stands in `calling_back`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import overload

from sqlalchemy import Connection, insert

from bot.model import DueKind
from bot.services.callback_hours import free_hours, zone_of
from bot.services.callback_rows import drop, end_opt_in
from bot.services.house import House
from bot.services.opening import keep_contact, open_contacts
from bot.services.talk import Talk
from bot.store.callback_table import callback
from bot.store.moments import to_moment
from bot.store.writes import Writes
from handoff.callbacks import CallbackState, Hours
from triage.effects import RequestCallback
from triage.language import local_time
from triage.model import Callback, Script
from triage.run import Surroundings

CANNOT_BE_RUNG = frozenset({"web"})
"""Channels where nothing reaches her once her page is closed: there none is offered."""
PING = "callback_ping"
"""What a script remembers when she picks the neutral line; its codes are ids of `sheets/pings.*.yaml`."""


class HoursToOffer(Sequence[tuple[str, str]]):
    """Hours a callback may be promised for; looked for only when a step asks for them, once in a turn."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._found: tuple[tuple[str, str], ...] | None = None

    @property
    def _hours(self) -> tuple[tuple[str, str], ...]:
        if self._found is None:
            talk, house, desk = self._talk, self._talk.house, self._talk.opened.desk
            talk.writes.flush(talk.connection)
            found = free_hours(talk.connection, house, desk, talk.language, talk.at)
            self._found = offers_of(found, str(zone_of(house, desk)), talk.language)
        return self._found

    def __len__(self) -> int:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        """How many are offered."""
        return len(self._hours)

    @overload
    def __getitem__(self, at: int) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[tuple[str, str], ...]: ...
    def __getitem__(self, at: int | slice) -> tuple[str, str] | tuple[tuple[str, str], ...]:  # pyright: ignore[reportImplicitOverride]  same
        """One of them, or some."""
        return self._hours[at]


def around(talk: Talk, surroundings: Surroundings) -> Surroundings:
    """The surroundings with the hours a callback may be promised for; none where it could not be kept."""
    if talk.opened.channel in CANNOT_BE_RUNG or not lines_of(talk.house, talk.language):
        return surroundings
    return replace(surroundings, callbacks=HoursToOffer(talk))


def answer(talk: Talk, asked: RequestCallback) -> None:
    """She agreed to hours that were offered in this very turn, so the rota has somebody then; or to none."""
    contact = talk.opened.contact
    if contact is None:
        return
    talk.writes.flush(talk.connection)
    if asked.window:
        _promise(talk, contact, asked)
    else:
        withdraw(talk.connection, talk.house, talk.writes, contact, talk.now)


def _promise(talk: Talk, whose: str, asked: RequestCallback) -> None:
    opened, connection, writes = talk.opened, talk.connection, talk.writes
    hours = _hours(asked.window)
    contact = open_contacts(connection, talk.house, [whose])[whose]
    drop(connection, writes, [contact.id])
    lines = lines_of(talk.house, talk.language)
    line = asked.answers.get(PING, "")
    contact.record.agreed_callback, contact.record.callback_missed = True, False
    contact.record.ping = [line if line in lines else next(iter(lines)), talk.language]
    keep_contact(connection, contact)
    identifier = talk.house.identifiers.new_id()
    connection.execute(
        insert(callback).values(
            id=identifier, desk=opened.desk, contact=contact.id, state=CallbackState.PROMISED.value,
            starts_at=to_moment(hours.start), ends_at=to_moment(hours.end), unstaffed=False,
        )
    )  # fmt: skip
    due = talk.house.identifiers.new_id()
    writes.set_due(due, DueKind.CALLBACK.value, identifier, to_moment(hours.start))
    talk.count("callback.promised")


def withdraw(connection: Connection, house: House, writes: Writes, contact: str, now: int) -> None:
    """She has talked with somebody, or wants none any more: nothing is sent, and the opt-in is gone."""
    if drop(connection, writes, [contact]):
        end_opt_in(connection, house, writes, contact, now, missed=False)


def asks_for_one(script: Script) -> bool:
    """Whether any step of it offers a callback; remembered, as each turn asks."""
    known: bool | None = script.memo.get("callback")
    if known is None:
        known = script.memo["callback"] = any(isinstance(one.kind, Callback) for one in script.steps.values())
    return known


def lines_of(house: House, language: str) -> dict[str, str]:
    """The neutral lines to choose from, in her language alone: none, and no callback is offered."""
    return dict(house.library.pings.get(language, {}))


def offers_of(found: Iterable[Hours], zone: str, language: str) -> tuple[tuple[str, str], ...]:
    """Hours as the engine takes them: a code that comes back, and what she reads."""
    return tuple((_code(one), _label(one, zone, language)) for one in found)


def _code(hours: Hours) -> str:
    minutes = int(hours.start.timestamp()) // 60
    return f"{minutes}-{int((hours.end - hours.start).total_seconds()) // 60}"


def _hours(code: str) -> Hours:
    begins, _, lasts = code.partition("-")
    start = datetime.fromtimestamp(int(begins) * 60, tz=UTC)
    return Hours(start, start + timedelta(minutes=int(lasts)))


def _label(hours: Hours, zone: str, language: str) -> str:
    """By the desk's clock: Monday 18:00–20:00."""
    begins, ends = local_time(hours.start, zone, language), local_time(hours.end, zone, language)
    return f"{begins}–{ends.rpartition(' ')[2]}"
