"""The rota as this transaction knows it: with every change recorded so far, also those of the last moments.

The library is read anew a moment after a commit. Whoever decides about a shift must not decide by what was
true before somebody else's decision, so changes and absences are read here, in the same transaction.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.services import rota_records
from bot.services.house import House
from bot.services.library import DutyBoard
from handoff.model import Duty
from handoff.rota.pattern import Rota
from handoff.rota.questions import whole_duties


def as_recorded(connection: Connection, house: House) -> House:
    """The house with boards that know what is recorded now."""
    changes = rota_records.changes(connection, house.vault)
    absences = tuple(rota_records.absences(connection, house.vault))

    def fresh(desk: str, rota: Rota) -> Rota:
        return replace(rota, changes=tuple(changes.get(desk, rota.changes)), absences=absences)

    boards = {
        desk: DutyBoard(
            fresh(desk, board.rota),
            {other: fresh(other, rota) for other, rota in board.others.items()},
            board.standings,
        )
        for desk, board in house.library.boards.items()
    }
    return replace(house, library=replace(house.library, boards=boards))


def held(rota: Rota, alias: str, instance: str, span: tuple[datetime, datetime]) -> tuple[Duty, ...]:
    """The pieces of a shift that somebody has within a time, whole ones."""
    who = alias.casefold()
    return tuple(
        duty
        for duty in whole_duties(rota, *span)
        if duty.instance == instance and duty.volunteer.casefold() == who
    )


def name_in(rota: Rota, alias: str) -> str:
    """The alias as this rota writes it: its changes name people to the letter."""
    folded = alias.casefold()
    return next((who for who in sorted(rota.planned) if who.casefold() == folded), alias)
