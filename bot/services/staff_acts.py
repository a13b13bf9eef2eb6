"""What every act on texts begins and ends with: the right of who does it, and its entry in the audit."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.services import audit
from bot.services.audit import PROGRAM
from bot.services.house import House
from bot.services.permissions import Action, Thing, demand
from bot.store import requests
from bot.store.moments import to_moment


def demand_right(connection: Connection, actor: str, action: Action, desk: str) -> None:
    """Raise `NotAllowed` unless the actor may do this to the scripts of a desk.

    A command on the machine may do all of it: whoever runs the program could anyway, and it is audited.
    """
    if actor != PROGRAM:
        demand(connection, actor, action, Thing.SCRIPT, desk)


def note(
    connection: Connection,
    house: House,
    actor: str,
    verb: str,
    number: int,
    codes: Sequence[str],
    now: datetime,
) -> None:
    """Audit the act and tell the running service that something changed."""
    audit.record(connection, house.vault, actor, verb, f"script.{number}", codes, to_moment(now))
    requests.bump(connection)
