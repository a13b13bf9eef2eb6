"""`hotline blocks`: addresses that meet only the emergency card for a while; about whom, nobody sees."""

from datetime import UTC

from bot.cli.call import DONE, Call, Refused, SubWords, WrongUse, add_format, add_word, add_words, show
from bot.model import NETWORK_DESK
from bot.services import blocking, people
from bot.services.blocking import CONFIRMED_DAYS, MOST_DAYS, OwnBlock, UnknownBlock
from bot.services.house import House
from bot.services.permissions import Action, NotAllowed, Thing, rights_of
from bot.services.premises import Transaction, open_premises
from bot.store import tables as t
from bot.store.moments import from_moment, to_moment

DESCRIPTION = """\
Review blocks: an address whose chat was closed as misuse meets only the emergency card, for a day, or up to
fourteen once another person has confirmed it. Nobody can see whom a block is about, here or anywhere.
"""


def add(sub: SubWords) -> None:
    """Add the word and those below it."""
    parser = add_word(sub, "blocks", "Review addresses that are sent away for a while.")
    parser.description = DESCRIPTION
    words = add_words(parser)
    told = add_word(words, "list", "Blocks that hold, those that somebody objected to first.", list_blocks)
    add_format(told)
    told.add_argument("--as", dest="who", required=True, metavar="ALIAS", help="a supervisor or coordinator")
    review = add_word(words, "confirm", "Let a block hold for some days; not one's own.", confirm)
    review.add_argument("block", help="its id, from `hotline blocks list`")
    review.add_argument(
        "--days", type=int, default=CONFIRMED_DAYS, metavar="N",
        help=f"from when it was asked for, 1 to {MOST_DAYS} (default {CONFIRMED_DAYS})",
    )  # fmt: skip
    review.add_argument("--as", dest="who", required=True, metavar="ALIAS", help="who confirms it")
    end = add_word(words, "lift", "End a block at once.", lift)
    end.add_argument("block", help="its id, from `hotline blocks list`")
    end.add_argument("--as", dest="who", required=True, metavar="ALIAS", help="who lifts it")


def list_blocks(call: Call) -> int:
    """Blocks of the desks where this person may see them."""
    with open_premises(call.settings) as premises, premises.read() as connection:
        house = premises.house()
        person = people.find(connection, house, call.words.who).id
        rights = rights_of(connection, person)
        if not rights.anywhere(Action.VIEW, Thing.BLOCK):
            raise Refused(f"{call.words.who} may not see blocks; supervisors and coordinators may.")
        desks = rights.desks(Action.VIEW, Thing.BLOCK, _desks(connection))
        rows = [
            {
                "id": one.id,
                "name": one.name,
                "desk": one.desk,
                "channel": one.channel,
                "state": one.state.value,
                "asked_by": one.asked_by,
                "asked": _shown(one.asked_at),
                "until": _shown(one.expires_at),
                "objections": one.objections,
            }
            for one in blocking.standing(connection, house, desks, to_moment(call.now), person)
        ]
    show(call, rows)
    return DONE


def confirm(call: Call) -> int:
    """Review: it holds for longer."""
    words = call.words
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        by = _who(connection, house, words.who)
        try:
            until = blocking.confirm(connection, house, words.block, by, to_moment(call.now), words.days)
        except ValueError as wrong:
            raise WrongUse(f"--days: {wrong}.") from wrong
        except (OwnBlock, UnknownBlock) as refused:
            raise Refused(_told(refused)) from refused
        except NotAllowed as refused:
            raise Refused(f"{words.who} may not review blocks of this desk.") from refused
    print(f"The block holds until {_shown(until)}.")
    return DONE


def lift(call: Call) -> int:
    """Review: it was a mistake, or is enough."""
    words = call.words
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        by = _who(connection, house, words.who)
        try:
            blocking.lift(connection, house, words.block, by, to_moment(call.now))
        except UnknownBlock as refused:
            raise Refused(_told(refused)) from refused
        except NotAllowed as refused:
            raise Refused(f"{words.who} may not review blocks of this desk.") from refused
    print("The block is lifted. Whoever it was about is met as anybody from now on.")
    return DONE


def _who(connection: Transaction, house: House, alias: str) -> str:
    return people.find(connection, house, alias).id


def _desks(connection: Transaction) -> list[str]:
    return sorted({NETWORK_DESK, *connection.execute(t.desk.select()).scalars()})


def _told(refused: Exception) -> str:
    return str(refused).replace("the page of blocks shows", "`hotline blocks list` shows")


def _shown(moment: int) -> str:
    return f"{from_moment(moment).astimezone(UTC):%Y-%m-%dT%H:%MZ}"
