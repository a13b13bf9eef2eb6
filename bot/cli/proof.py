"""Who says she is there proves it at the terminal: password and one-time code, used up in the act."""

import sys
from collections.abc import Callable
from datetime import datetime
from getpass import getpass
from typing import TypeVar

from bot.cli.call import Call, Refused
from bot.services import people, sign_in
from bot.services.house import House
from bot.services.premises import Premises, Transaction

Result = TypeVar("Result")
NOT_PROVEN = (
    "Password or code are not right, or the code was used already. Nothing was done. Wait for the next code."
)


def proven(
    call: Call, premises: Premises, alias: str, act: Callable[[Transaction, House, str], Result]
) -> Result:
    """Do something as `alias`, who proves who she is in the same commit.

    In the demo nobody has a password, and nothing is asked. Raises `Refused`, `UnknownPerson`.
    """
    house = premises.house()
    if house.mode == "demo":
        with premises.write() as connection:
            return act(connection, house, people.find(connection, house, alias).id)
    with premises.read() as connection:
        people.find(connection, house, alias)
        claimed = sign_in.claim(connection, house, alias)
    password, code = _typed(alias)
    if not sign_in.proven(claimed, password, code, call.now):
        raise Refused(NOT_PROVEN)
    with premises.write() as connection:
        return act(connection, house, _spent(connection, house, claimed, code, call.now))


def _spent(connection: Transaction, house: House, claimed: sign_in.Claim, code: str, at: datetime) -> str:
    person = sign_in.spend_code(connection, house, claimed, code, at)
    if person is None:
        raise Refused(NOT_PROVEN)
    return person


def _typed(alias: str) -> tuple[str, str]:
    """Password and code: asked for at a terminal, else the next two lines of the input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n"), sys.stdin.readline().strip()
    password = getpass(f"Password of {alias}: ")
    print("Six digits her app shows now: ", end="", file=sys.stderr, flush=True)
    return password, sys.stdin.readline().strip()
