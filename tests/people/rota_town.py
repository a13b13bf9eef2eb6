"""A town whose rota lies in the database, and a service that reads it anew when told to."""

from dataclasses import replace

from bot.services import rotas
from bot.services.library import DutyBoard
from bot.services.standings import standings
from tests.town import Town
from triage.reading import SourceFile

EVERY_DAY = "days: [mon, tue, wed, thu, fri, sat, sun]"


def takes_in(town: Town, *lines: str) -> None:
    """A rota of the town's own, in the database and on the board."""
    text = "zone: Europe/Bucharest\nshifts:\n" + "".join(f"  - {{{line}}}\n" for line in lines)
    source = SourceFile("rota.yaml", text)
    town.write(lambda c: rotas.import_rota(c, town.house.vault, "demo", source, town.clock.now()))
    reads_anew(town)


def reads_anew(town: Town) -> None:
    """The service looks for changes, as it does every two seconds."""
    library, now = town.house.library, town.clock.now()
    planned = town.read(lambda c: rotas.answered(c, town.house.vault, now))
    known = town.read(lambda c: standings(c, town.house.vault, planned, library.desks, library.staffing))
    boards = {desk: DutyBoard(one.rota, one.others, known[desk]) for desk, one in planned.items()}
    town.library = town.house.library = replace(library, boards=boards)


def day_and_night(who: str, tier: str) -> str:
    return f"who: {who}, tier: {tier}, {EVERY_DAY}, from: '00:00', to: '00:00'"
