"""At the keyboard: who signs, proven by password and one-time code."""

import getpass
import sys

from bot.cli.call import Call, Refused
from bot.services import people, sign_in, signing
from bot.services.premises import Premises
from bot.services.signing import Proof


def ask_who(call: Call, premises: Premises, alias: str) -> Proof:
    """Ask for password and code of `alias`; neither is shown. Raises `Refused`, `UnknownPerson`.

    Where nobody sits at a terminal, the two are read as two lines.
    """
    house = premises.house()
    with premises.read() as connection:
        person = people.find(connection, house, alias)
        claimed = sign_in.claim(connection, house, alias)
    if claimed.person is None:
        raise Refused(
            f"{alias} cannot sign: that takes a finished first sign-in with password and app, and not being "
            "shut out. `hotline people list` tells who stands how."
        )
    password = _ask(f"Password of {alias}: ")
    code = _ask("Code the app shows now: ")
    if not sign_in.proven(claimed, password, code, call.now):
        raise Refused(signing.NOT_PROVEN)
    return Proof(person.id, claimed, code)


def _ask(question: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(question)
    print(question, file=sys.stderr, flush=True)
    return sys.stdin.readline().rstrip("\r\n")
