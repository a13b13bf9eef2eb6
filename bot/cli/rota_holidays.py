"""`hotline rota holidays`: public holidays of the countries a desk answers for, in the days to come."""

import sys
from datetime import timedelta

from bot.cli.call import DONE, Call, Refused, SubWords, WrongUse, add_format, add_word, show
from bot.services import documents, public_holidays

LONGEST = 800  # days


def add(words: SubWords) -> None:
    """Add the word."""
    parser = add_word(
        words,
        "holidays",
        "Public holidays of the countries the desk answers for; they change no hours. "
        "A country without a list is named on the error output.",
        tell,
    )
    parser.add_argument("--days", type=int, default=60, help="how many days ahead (default 60)")
    parser.add_argument("--desk", help="default the one of the settings")
    add_format(parser)


def tell(call: Call) -> int:
    """The list."""
    desk = call.words.desk or call.settings.desk
    if not 1 <= call.words.days <= LONGEST:
        raise WrongUse(f"--days is a number from 1 to {LONGEST}.")
    config = documents.config_folder(call.settings.config_dir)
    if desk not in documents.desk_names(config):
        raise Refused(f"The configuration folder has no desk {desk}.")
    today = call.now.date()
    regions = documents.desk(config, desk).regions
    found = public_holidays.between(regions, today, today + timedelta(days=call.words.days))
    if unknown := public_holidays.without_list(regions):
        print(
            f"There is no list of holidays here for {', '.join(unknown)}: look them up elsewhere.",
            file=sys.stderr,
        )
    show(call, [{"day": day.isoformat(), "holiday": name} for day, names in found.items() for name in names])
    return DONE
