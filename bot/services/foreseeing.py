"""Who will answer, as far as it is known now: what `hotline rota on-duty` and `coverage` count.

It is the board that routing asks (PR11), made without scripts. As long as nobody whom a rota names has ever
signed in, that rota is being prepared, and is told as it is planned.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.services import documents, rotas
from bot.services.library import DutyBoard
from bot.services.people import active_aliases
from bot.services.staffing_files import staffing
from bot.services.standings import standings
from bot.vault.vault import Vault
from handoff.model import Duty
from handoff.rota.questions import on_duty
from handoff.rota.resolve import final_duty


def boards(
    connection: Connection, vault: Vault, config_dir: Path | None, now: datetime
) -> dict[str, DutyBoard]:
    """Desk → its board. Raises `UnusableFile` for a file this program does not read."""
    config = documents.config_folder(config_dir)
    planned = rotas.answered(connection, vault, now)
    folders = documents.desk_names(config)
    known = {name: documents.desk(config, name) for name in planned if name in folders}
    staffed = {name: staffing(config, name) for name in planned}
    standing = standings(connection, vault, planned, known, staffed)
    ever = active_aliases(connection, vault, ever=True)
    return {
        name: DutyBoard(one.rota, one.others, standing[name])
        if any(who.casefold() in ever for who in one.rota.planned)
        else DutyBoard(replace(one.rota, answering=None), one.others)
        for name, one in planned.items()
    }


def there_at(board: DutyBoard, at: datetime) -> tuple[Duty, ...]:
    """Who is on duty at `at` as the board has it, each duty told in its full length."""
    return board.standings.stand(on_duty(board.rota, at, board.others), at)


def left_out_at(board: DutyBoard, at: datetime) -> tuple[str, ...]:
    """Whom the rota names at `at` and who cannot answer then, by alias."""
    everybody = on_duty(replace(board.rota, answering=None), at, board.others)
    return _besides(everybody, there_at(board, at))


def left_out_between(board: DutyBoard, since: datetime, until: datetime) -> tuple[str, ...]:
    """Whom the rota names between the two and who will have to miss a shift of it, by alias."""
    everybody = final_duty(replace(board.rota, answering=None), since, until, board.others)
    answering, stands = board.rota.answering, board.standings.stand_between
    missed = [
        duty
        for duty in everybody
        if not (duty.desk or answering is None or duty.volunteer.casefold() in answering) or not stands(duty)
    ]
    return _besides(missed, ())


def _besides(planned: Iterable[Duty], there: Iterable[Duty]) -> tuple[str, ...]:
    known = {duty.volunteer.casefold() for duty in there}
    names = {duty.volunteer.casefold(): duty.volunteer for duty in planned}
    return tuple(name for who, name in sorted(names.items()) if who not in known)
