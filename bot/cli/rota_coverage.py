"""`hotline rota coverage`: where somebody is missing, and what is weakest."""

import json
import sys
from datetime import date, datetime, timedelta

from bot.cli.call import DONE, REFUSED, Call, Refused, SubWords, WrongUse, add_format, add_word, show
from bot.services import foreseeing
from bot.services.library import DutyBoard
from bot.services.premises import open_premises
from handoff.rota.coverage import Gap, gaps
from handoff.rota.demand import Need
from handoff.rota.heatmap import heatmap
from handoff.rota.planning import horizon
from handoff.rota.zones import zone_named

LONGEST = 800  # days
LEFT_OUT = "Planned and not counted (not signed in, suspended, or training that does not hold to the end)"


def add(words: SubWords) -> None:
    """Add the word."""
    parser = add_word(
        words,
        "coverage",
        "Where somebody is missing in the days to come: by the rota's demand, else one volunteer and one "
        "supervisor at all hours. Exit code 1 when there are gaps.",
        tell,
    )
    parser.add_argument("--from", dest="first", metavar="DAY", help="first local day, default today")
    parser.add_argument("--days", type=int, default=14, help="how many days (default 14)")
    parser.add_argument("--desk", help="default the one of the settings")
    parser.add_argument(
        "--exclusive", action="store_true", help="one person stands for one language or skill only"
    )
    parser.add_argument("--cells", action="store_true", help="one day in half hours instead of gaps")
    add_format(parser)


def tell(call: Call) -> int:
    """The gaps, or the cells of a day."""
    words = call.words
    desk = words.desk or call.settings.desk
    if not 1 <= words.days <= LONGEST:
        raise WrongUse(f"--days is a number from 1 to {LONGEST}.")
    with open_premises(call.settings) as premises, premises.read() as connection:
        known = foreseeing.boards(connection, premises.vault, call.settings.config_dir, call.now)
    if desk not in known:
        raise Refused(f"Desk {desk} has no rota. Write one, then `hotline rota import`.")
    board, zone = known[desk], zone_named(known[desk].rota.zone)
    first = _day(words.first) if words.first else zone.wall(call.now).date()
    days = 1 if words.cells else words.days
    since, until = zone.midnight(first), zone.midnight(first + timedelta(days=days))
    tell_left_out(foreseeing.left_out_between(board, since, until))
    if words.cells:
        _cells(call, board, first)
        return DONE
    stands = board.standings.stand_between
    found = gaps(board.rota, since, until, None, board.others, exclusive=words.exclusive, stands=stands)
    if words.format == "json":
        print(json.dumps([_gap(one) for one in found], ensure_ascii=False, indent=1))
    else:
        show(call, [{**_gap(one), "missing": [_short(*each) for each in one.missing]} for one in found])
    return REFUSED if found else DONE


def tell_left_out(names: tuple[str, ...]) -> None:
    """Who is planned and not counted, beside what is printed."""
    if names:
        print(f"{LEFT_OUT}: {', '.join(names)}.", file=sys.stderr)


def _cells(call: Call, board: DutyBoard, day: date) -> None:
    cells = heatmap(
        board.rota,
        day,
        board.others,
        published_until=horizon(board.rota, call.now),
        exclusive=call.words.exclusive,
        stands=board.standings.stand_between,
    )
    show(
        call,
        [
            {
                "cell": cell.label,
                "required": cell.required,
                "confirmed": cell.confirmed,
                "tentative": cell.tentative,
                "missing": [_short(*each) for each in cell.missing],
                "weakest": "" if cell.weakest is None else str(cell.weakest),
            }
            for cell in cells
        ],
    )


def _gap(gap: Gap) -> dict[str, object]:
    return {
        "start": _utc(gap.start),
        "end": _utc(gap.end),
        "missing": [
            {"tier": need.tier.value, "attribute": need.attribute, "value": need.value, "count": count}
            for need, count in gap.missing
        ],
        "weakest": str(gap.weakest),
    }


def _short(need: Need, count: int) -> str:
    return f"{need} {count}"


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise WrongUse(f"{typed} is not a day such as 2026-12-01.") from None


def _utc(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
