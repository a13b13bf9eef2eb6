"""Coming to a shift: once a shift she shows that it is she, by the code of her app or by her PIN.

At the console she has shown it when she signed in. Five wrong codes and nothing is looked at for ten minutes.
A PIN is kept as a mark under the organisation's key, inside the sealed profile.
"""

from dataclasses import replace
from enum import StrEnum
from hmac import compare_digest
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection

from bot.services import audit, cover_calls, cover_rows, desk, people, shift_rows, shift_watch
from bot.services.as_recorded import as_recorded
from bot.services.desk import DeskRefusal
from bot.services.house import House
from bot.services.messenger import addresses
from bot.services.people import Person
from bot.services.shift_rows import Watched
from bot.store.moments import from_moment
from bot.vault import totp
from handoff.model import Refusal
from handoff.shift_day import Course, Presence

TRIES: Final = "check-in"
"""The channel under which wrong codes are counted beside those of links."""
PIN_LENGTHS: Final = range(6, 13)


class Proof(StrEnum):
    """What became of a code."""

    RIGHT = "right"
    WRONG = "wrong"
    RESTING = "resting"  # too many wrong ones: not looked at


class BadPin(ValueError):
    """A PIN has six to twelve figures, not all the same, not in a row."""


def set_pin(connection: Connection, house: House, person: str, pin: str, now: int) -> None:
    """A PIN of her own choice; "" for none. Raises `BadPin`."""
    figures = "".join(pin.split())
    if figures and not _good(figures):
        raise BadPin
    known = people.get(connection, house, person)
    mark = _mark(house, person, figures) if figures else ""
    people.save_profile(connection, house, person, replace(known.profile, pin=mark))
    audit.record(connection, house.vault, person, "pin", person, (), now)


def asks_code(connection: Connection, house: House, person: str, now: int) -> bool:
    """Whether she must show a code before she does anything with a chat: on duty, and not yet come."""
    known = people.get(connection, house, person)
    if not _has_secret(house, known):
        return False
    at = from_moment(now)
    rows = _running(connection, house, person, now)
    return bool(rows) and not any(
        one.course.presence is Presence.THERE and one.course.start <= at + shift_watch.CHECKS_IN_FROM
        for one in rows
    )


def prove(connection: Connection, house: House, person: str, code: str, now: int) -> Proof:
    """Whether the code is hers; a code of her app is used up by it."""
    known = people.get(connection, house, person)
    if not _has_secret(house, known):
        return Proof.RIGHT
    index = house.vault.organisation_index(TRIES, person)
    if addresses.resting(connection, TRIES, index, now):
        return Proof.RESTING
    profile, figures = known.profile, "".join(code.split())
    if profile.pin and compare_digest(profile.pin, _mark(house, person, figures)):
        return Proof.RIGHT
    step = totp.verify(profile.totp, figures, from_moment(now), profile.totp_step) if profile.totp else None
    if step is not None:
        people.save_profile(connection, house, person, replace(profile, totp_step=step))
        return Proof.RIGHT
    addresses.count_try(connection, TRIES, index, now)
    return Proof.WRONG


def check_in(connection: Connection, house: House, person: str, now: int) -> tuple[Watched, ...]:
    """She has come: whatever was set going because she had not is stopped. Returns the shifts she came to.

    Raises `DeskRefusal` (NOT_ON_DUTY) when none of hers runs, or begins within a quarter of an hour.
    """
    rows = _running(connection, house, person, now)
    if not rows:
        raise DeskRefusal(Refusal.NOT_ON_DUTY)
    for one in rows:
        old = one.course
        course = Course(old.start, old.end, old.done, Presence.THERE, old.expected_at)
        shift_watch.settle(connection, house, one, course, now)
        cover = cover_rows.open_of(connection, house, one.desk, person, one.instance)
        if cover is not None:
            cover_calls.withdraw(connection, house, cover.id, person, now)
    desk.say_ready(connection, person, now, ready=True)
    audit.record(connection, house.vault, person, "check_in", person, tuple(one.id for one in rows), now)
    return tuple(rows)


def say_ready_at_console(connection: Connection, house: House, person: str, now: int, *, ready: bool) -> None:
    """She says that she is ready, or not, where she has signed in with her code: so she has come, too."""
    desk.say_ready(connection, person, now, ready=ready)
    if ready and _running(connection, house, person, now):
        check_in(connection, house, person, now)


def _running(connection: Connection, house: House, person: str, now: int) -> list[Watched]:
    """Shifts of hers she can check in to now; a rota of the last moments is looked at too."""
    at = from_moment(now)

    def found() -> list[Watched]:
        known = shift_rows.of_person(connection, house, person)
        return [one for one in known if shift_watch.running(one.course, at)]

    rows = found()
    if not rows and _planned_now(connection, house, person, now):
        shift_watch.look(connection, as_recorded(connection, house), now)
        rows = found()
    return rows


def _planned_now(connection: Connection, house: House, person: str, now: int) -> bool:
    alias = people.alias_of(connection, house, person).casefold()
    soon = from_moment(now) + shift_watch.CHECKS_IN_FROM
    return any(
        duty.volunteer.casefold() == alias
        for board in house.library.boards.values()
        for at in (from_moment(now), soon)
        for duty in board.there_at(at)
    )


def _has_secret(house: House, person: Person) -> bool:
    return house.mode != "demo" and bool(person.profile.pin or person.profile.totp)


def _good(figures: str) -> bool:
    if not (figures.isascii() and figures.isdecimal()) or len(figures) not in PIN_LENGTHS:
        return False
    steps = {int(b) - int(a) for a, b in pairwise(figures)}
    return len(steps) > 1 or not steps <= {0, 1, -1}


def _mark(house: House, person: str, figures: str) -> str:
    return house.vault.organisation_index("pin", f"{person}\0{figures}").hex()
