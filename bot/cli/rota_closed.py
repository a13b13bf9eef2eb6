"""`hotline rota close|reopen`: the desk is closed until a moment; hours, waits and callbacks follow."""

from bot.cli.call import DONE, Call, Refused, SubWords, WrongUse, add_word
from bot.cli.moments import moment
from bot.cli.rota_plan import actor, asked, desk_of, house_with_library
from bot.services import closures, rota_plans
from bot.services.closures import NotAClosure
from bot.services.premises import open_premises
from bot.services.rota_telling import moment as told_at
from handoff.rota.zones import zone_named


def add(words: SubWords) -> None:
    """Add the words."""
    closing = add_word(
        words,
        "close",
        "Close the desk until a moment, whoever is planned. Women are told when it opens again; chats that "
        "are open go on.",
        close,
    )
    closing.add_argument("--until", metavar="T", required=True, help="such as 2026-11-21T08:00+02:00")
    closing.add_argument("--from", dest="since", metavar="T", help="default now")
    opening = add_word(words, "reopen", "Open the desk again, from now on.", reopen)
    opening.add_argument("number", nargs="?", type=int, help="of a closure that lies ahead")
    for parser in (closing, opening):
        parser.add_argument("--desk", help="default the one of the settings")
        parser.add_argument("--as", dest="who_acts", metavar="ALIAS", help="who does it; she needs the right")


def close(call: Call) -> int:
    """Close it."""
    desk, words = desk_of(call), call.words
    until = moment(words.until, call.now)
    since = None if words.since is None else moment(words.since, call.now)
    with open_premises(call.settings) as premises, premises.write() as connection:
        house, by = house_with_library(connection, premises, call), actor(connection, premises, call)
        try:
            made = asked(lambda: closures.close(connection, house, desk, until, by, call.now, since))
        except NotAClosure as wrong:
            raise WrongUse(str(wrong)) from None
        zone = zone_named(rota_plans.plan_of(connection, house, desk, call.now).before.rota.zone)
    print(f"Desk {desk} is closed until {told_at(until, zone)} ({zone.name}), change {made.seq}.")
    return DONE


def reopen(call: Call) -> int:
    """Open it."""
    desk, number = desk_of(call), call.words.number
    with open_premises(call.settings) as premises, premises.write() as connection:
        house, by = house_with_library(connection, premises, call), actor(connection, premises, call)
        try:
            asked(lambda: closures.reopen(connection, house, desk, by, call.now, number))
        except NotAClosure as wrong:
            raise Refused(str(wrong)) from None
    print(f"Desk {desk}: whoever is planned is on duty again." if number is None else "It is taken back.")
    return DONE
