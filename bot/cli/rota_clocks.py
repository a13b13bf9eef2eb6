"""`hotline rota clocks`: what the clocks do to the rota in the days to come."""

from datetime import datetime, timedelta

from bot.cli.call import DONE, Call, Refused, SubWords, WrongUse, add_format, add_word, show
from bot.services import audit, rotas
from bot.services.premises import open_premises
from bot.store.moments import to_moment
from handoff.rota.advice import odd_handovers, odd_lengths
from handoff.rota.clocks import ShiftMoved
from handoff.rota.pattern import Rota
from handoff.rota.zones import IANA_VERSION, Oddity

LONGEST = 800  # days
_MEANS = {
    Oddity.FOLD: "which comes twice: the first counts",
    Oddity.GAP: "which never comes: the clocks jump over it",
}


def add(words: SubWords) -> None:
    """Add the word."""
    parser = add_word(
        words,
        "clocks",
        "Nights that are longer or shorter than the clock says, handovers at a time that comes twice or "
        "never, and shifts that new time-zone data moves.",
        tell,
    )
    parser.add_argument("--days", type=int, default=400, help="how many days ahead (default 400)")
    parser.add_argument("--desk", help="default the one of the settings")
    parser.add_argument(
        "--accept", action="store_true", help="plan by the time-zone data in use: the people have been told"
    )
    add_format(parser)


def tell(call: Call) -> int:
    """The list, and with --accept the note that it is known."""
    words = call.words
    desk = words.desk or call.settings.desk
    if not 1 <= words.days <= LONGEST:
        raise WrongUse(f"--days is a number from 1 to {LONGEST}.")
    with open_premises(call.settings) as premises, premises.write() as connection:
        rota = rotas.load(connection, premises.vault, call.now).get(desk)
        if rota is None:
            raise Refused(f"Desk {desk} has no rota. Write one, then `hotline rota import`.")
        moved = rotas.moved_by_zone_data(connection, premises.vault, desk, rota, call.now)
        if words.accept:
            rotas.accept_zone_data(connection, premises.vault, desk, rota, call.now)
            codes = (desk, IANA_VERSION)
            now = to_moment(call.now)
            audit.record(connection, premises.vault, audit.PROGRAM, "accept", "zone_data", codes, now)
    until = call.now + timedelta(days=words.days)
    rows = [_moved(one, moved[0]) for one in moved[1]] if moved is not None else []
    show(call, [*rows, *_odd(rota, call.now, until)])
    return DONE


def _odd(rota: Rota, since: datetime, until: datetime) -> list[dict[str, object]]:
    handovers: list[dict[str, object]] = [
        {
            "shift": one.instance,
            "what": f"{one.edge.value} at {one.wall:%H:%M}, {_MEANS[one.oddity]}",
            "when": _utc(one.moment),
        }
        for one in odd_handovers(rota, since, until)
    ]
    lengths: list[dict[str, object]] = [
        {
            "shift": one.instance,
            "what": f"lasts {_hours(one.lasts)} instead of {_hours(one.on_the_clock)}",
            "when": _utc(one.start),
        }
        for one in odd_lengths(rota, since, until)
    ]
    return sorted([*handovers, *lengths], key=lambda row: str(row["when"]))


def _moved(one: ShiftMoved, version: str) -> dict[str, object]:
    return {
        "shift": one.shift.instance,
        "what": f"was {_utc(one.start)}/{_utc(one.end)} by {version}, for {', '.join(one.shift.people)}",
        "when": _utc(one.shift.start),
    }


def _hours(lasts: timedelta) -> str:
    minutes = lasts // timedelta(minutes=1)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes // 60} h {minutes % 60} min"


def _utc(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
