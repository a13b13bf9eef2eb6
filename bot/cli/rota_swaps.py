"""`hotline rota swaps|approve|cover`: what waits for a yes, and having others asked on behalf of somebody."""

from bot.cli.call import DONE, Call, Refused, SubWords, add_format, add_word, show
from bot.cli.rota_plan import asked, desk_of, house_with_library
from bot.services import on_behalf, people, rota_telling, swap_checks, swaps
from bot.services.on_behalf import NotHers
from bot.services.premises import open_premises
from bot.services.swap_checks import SeenSwap, SwapRefused
from bot.store.moments import to_moment
from handoff.rota.zones import Zone, zone_named


def add(words: SubWords) -> None:
    """Add the words."""
    listing = add_word(words, "swaps", "Swaps that wait for a yes; with --decided those that are.", tell)
    listing.add_argument("--decided", action="store_true")
    add_format(listing)
    deciding = add_word(words, "approve", "Say yes to a swap, or no, or undo it.", decide)
    deciding.add_argument("swap", help="its id, from `hotline rota swaps`")
    what = deciding.add_mutually_exclusive_group()
    what.add_argument("--refuse", action="store_true")
    what.add_argument("--undo", action="store_true", help="what is still to come is as it was before")
    cover = add_word(words, "cover", "Have others asked, in waves, to step in for somebody.", ask)
    cover.add_argument("alias", help="whose shift it is")
    cover.add_argument("shift", help="such as night/2026-11-20")
    cover.add_argument("--ill", action="store_true", help="take it from her at once")
    for parser in (listing, deciding, cover):
        parser.add_argument("--desk", help="default the one of the settings")
        parser.add_argument("--as", dest="who_acts", metavar="ALIAS", required=True, help="a coordinator")


def tell(call: Call) -> int:
    """The list."""
    desk, now = desk_of(call), to_moment(call.now)
    with open_premises(call.settings) as premises, premises.read() as connection:
        house = house_with_library(connection, premises, call)
        by = people.find(connection, house, call.words.who_acts).id
        if call.words.decided:
            found = asked(lambda: swap_checks.history(connection, house, desk, by))
        else:
            waiting = swap_checks.to_approve(connection, house, by, now)
            found = tuple(one for one in waiting if one.swap.desk == desk)
        board = house.library.boards.get(desk)
    zone = zone_named(board.rota.zone if board is not None else "UTC")
    show(call, [_row(one, zone) for one in found])
    return DONE


def decide(call: Call) -> int:
    """Yes, no, or back."""
    words, now = call.words, to_moment(call.now)
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = house_with_library(connection, premises, call)
        by = people.find(connection, house, words.who_acts).id
        act = swaps.refuse if words.refuse else swaps.undo if words.undo else swaps.approve
        try:
            asked(lambda: act(connection, house, words.swap, by, now))
        except SwapRefused as refused:
            codes = ", ".join(one.code.value for one in refused.objections) or refused.code.value
            raise Refused(f"This swap cannot be: {codes}. Nothing was changed.") from None
    print("Not approved: the first one keeps her shift." if words.refuse else "Done; it holds from now on.")
    return DONE


def ask(call: Call) -> int:
    """The first wave goes out."""
    desk, words, now = desk_of(call), call.words, to_moment(call.now)
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = house_with_library(connection, premises, call)
        by = people.find(connection, house, words.who_acts).id
        try:
            asked(
                lambda: on_behalf.ask_around(
                    connection, house, desk, words.alias, words.shift, by, now, ill=words.ill
                )
            )
        except NotHers as refused:
            raise Refused(str(refused)) from None
    print("Others are being asked, in waves.")
    return DONE


def _row(one: SeenSwap, zone: Zone) -> dict[str, object]:
    swap, judged = one.swap, one.verdict
    return {
        "swap": swap.id,
        "state": swap.state.value,
        "from": one.offered_by,
        "to": one.taken_by,
        "shift": f"{swap.gives.instance}, {rota_telling.when(swap.gives.start, swap.gives.end, zone)}",
        "in_return": "" if swap.in_return is None else swap.in_return.instance,
        "against": [] if judged is None else [each.code.value for each in judged.objections],
    }
