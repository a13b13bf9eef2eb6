"""`hotline destroy-now`: every key and the database, at once and for good."""

import sys

from bot.cli.call import DONE, Call, Refused, SubWords, add_word
from bot.services.destroying import destroy

WORD = "destroy"


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(
        sub,
        "destroy-now",
        "Destroy all keys and the database, at once and for good. For a seizure or a threat.",
        destroy_now,
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def destroy_now(call: Call) -> int:
    """Ask for a typed word, then destroy."""
    settings = call.settings
    if not call.words.yes:
        print(
            f"This destroys every key and the database of the hotline in {settings.data_dir}.\n"
            "All open conversations end. Nothing can be opened again, by anyone, ever; people, rota and\n"
            f"scripts come back only from what you kept elsewhere. Type {WORD} to do it: ",
            end="",
            flush=True,
        )
        if sys.stdin.readline().strip() != WORD:
            raise Refused("Nothing was destroyed.")
    destroy(settings, lambda line: print(line, flush=True))
    return DONE
