"""`hotline init`: everything a hotline needs before it can run."""

import sys
from collections.abc import Iterator

from bot.cli.call import DONE, Call, SubWords, WrongUse, add_word
from bot.cli.people import invite_one
from bot.model import Role
from bot.services import first_start
from bot.services.people import AliasTaken
from bot.services.premises import Premises, open_premises

WHO = (
    ("Alias of the first coordinator", Role.COORDINATOR),
    ("Alias of a supervisor", Role.SUPERVISOR),
    ("Alias of a volunteer", Role.VOLUNTEER),
)
SHOWN_WARNINGS = 5


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(
        sub,
        "init",
        "Make data folder, keys and database, publish the documents, invite the first people.",
        init,
    )
    parser.add_argument(
        "--non-interactive",
        action="store_true",
        help="ask nothing and invite nobody; `hotline people invite` does it later",
    )


def init(call: Call) -> int:
    """Begin a hotline and say where everything lies."""
    settings = call.settings
    begun = first_start.begin(settings, call.now)
    print("A hotline has been made:")
    for what, where in begun.places:
        print(f"  {what}: {where}")
    if begun.warnings:
        print(f"{len(begun.warnings)} things in the documents to look at (`hotline scripts lint` tells all):")
        for told in begun.warnings[:SHOWN_WARNINGS]:
            print(f"  {told}")
    if not call.words.non_interactive:
        with open_premises(settings) as premises:
            _invite(call, premises)
    print("Next: `hotline doctor`, then `hotline run`.")
    return DONE


def _invite(call: Call, premises: Premises) -> None:
    print(
        "Now the first people, by alias: a name for the hotline, not their own. An empty line goes on.\n"
        "Each gets a link that works once, within 24 hours. Hand it over in person or sealed."
    )
    for question, role in WHO:
        for alias in _answers(question):
            try:
                link = invite_one(call, premises, alias, role, languages=("en",))
            except AliasTaken:
                print("  This alias is taken. Choose another.")
            except WrongUse as error:
                print(f"  {error}")
            else:
                print(f"  {alias} ({role.value}): {link}")


def _answers(question: str) -> Iterator[str]:
    """What is typed to one question, until a line is empty or the input ends."""
    while True:
        print(f"{question}: ", end="", flush=True)
        typed = sys.stdin.readline().strip()
        if not sys.stdin.isatty():
            print()
        if not typed:
            return
        yield typed
