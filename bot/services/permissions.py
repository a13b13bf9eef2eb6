"""Who may do what: role × action × object, a closed table, per desk; what is not listed is refused (PR12).

The table below is what a new installation begins with; the database holds the one that counts. Nobody
reads a live chat by a right alone: the right only lets the one who holds the chat read it (`panes`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, select

from bot.model import NETWORK_DESK, Role
from bot.store import tables as t


class Action(StrEnum):
    """Everything a person of the organisation can do."""

    VIEW = "view"
    EDIT = "edit"
    COMMENT = "comment"
    CLOSE = "close"
    TAKE = "take"
    JOIN = "join"
    SIGN = "sign"
    PUBLISH = "publish"
    INVITE = "invite"
    GRANT = "grant"
    SUSPEND = "suspend"
    VERIFY = "verify"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    ROTATE = "rotate"
    VOUCH = "vouch"
    RESET = "reset"
    OVERRIDE = "override"


class Thing(StrEnum):
    """Everything it can be done to."""

    QUEUE = "queue"  # view: numbers; edit: each one who waits, with coded facts
    LIVE_CHAT = "live_chat"
    NOTE = "note"
    DUTY = "duty"  # view: who is on; edit: say oneself ready or not
    PERSON = "person"
    SCRIPT = "script"
    RESOURCE = "resource"
    ROTA = "rota"
    AUDIT = "audit"
    KEY = "key"
    LIMIT = "limit"  # view: hours of people; override: let one go over a limit, with a reason
    PAIR = "pair"  # edit: keep two apart; view: why
    CALL = "call"  # edit: call a supervisor; take: answer such a call
    DEBRIEF = "debrief"  # edit: one's own; view, close: of those one looks after
    BLOCK = "block"  # addresses that meet only the emergency card: view the list, edit: lift or confirm


Permission = tuple[Role, Action, Thing]

_VOLUNTEER: Final[Mapping[Thing, str]] = {
    Thing.QUEUE: "view",
    Thing.LIVE_CHAT: "view edit take close",
    Thing.NOTE: "view edit",
    Thing.DUTY: "view edit",
    Thing.ROTA: "view",
    Thing.SCRIPT: "view comment",
    Thing.RESOURCE: "view comment",
    Thing.PERSON: "vouch",
    Thing.PAIR: "edit",
    Thing.CALL: "edit",
    Thing.DEBRIEF: "edit",
}

_TABLE: Final[Mapping[Role, Mapping[Thing, str]]] = {
    Role.TRAINEE: {Thing.QUEUE: "view"},
    Role.VOLUNTEER: _VOLUNTEER,
    Role.SUPERVISOR: {
        **_VOLUNTEER,
        Thing.QUEUE: "view edit",
        Thing.LIVE_CHAT: "view edit take close join",
        Thing.PERSON: "view suspend vouch reset",
        Thing.LIMIT: "view",
        Thing.CALL: "view edit take",
        Thing.DEBRIEF: "view edit close",
        Thing.BLOCK: "view edit",
        # Withdrawing takes one person, at once (PR14).
        Thing.SCRIPT: "view comment withdraw",
        Thing.RESOURCE: "view comment withdraw",
    },
    Role.COORDINATOR: {
        Thing.QUEUE: "view",
        Thing.DUTY: "view",
        Thing.ROTA: "view edit",
        Thing.PERSON: "view edit invite grant suspend vouch reset",
        Thing.LIMIT: "view override",
        Thing.PAIR: "view edit",
        Thing.CALL: "view take",
        Thing.BLOCK: "view edit",
        Thing.SCRIPT: "view comment sign publish withdraw",
        Thing.RESOURCE: "view comment verify withdraw",
    },
    Role.TRAINER: {
        Thing.PERSON: "view verify vouch",
        Thing.ROTA: "view",
        Thing.SCRIPT: "view comment",
    },
    Role.EDITOR: {
        Thing.SCRIPT: "view edit comment sign withdraw",
        Thing.RESOURCE: "view edit comment verify withdraw",
    },
    Role.REVIEWER: {
        Thing.SCRIPT: "view comment sign publish withdraw",
        Thing.RESOURCE: "view comment verify withdraw",
    },
    Role.STEWARD: {
        Thing.LIVE_CHAT: "erase",
        Thing.AUDIT: "view",
        Thing.KEY: "view rotate",
        Thing.PERSON: "view",
    },
    # No content, no queue, no people: whoever runs the machine turns its keys.
    Role.OPERATOR: {Thing.KEY: "view rotate"},
}

PERMISSIONS: Final[frozenset[Permission]] = frozenset(
    (role, Action(action), thing)
    for role, things in _TABLE.items()
    for thing, actions in things.items()
    for action in actions.split()
)
"""The closed table, as the migrations seed it."""


class NotAllowed(Exception):
    """No role of this person allows it at this desk; nothing was done."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do, and where."""

    granted: frozenset[tuple[Action, Thing, str]]

    def may(self, action: Action, thing: Thing, desk: str) -> bool:
        """Whether it is allowed at `desk`; a grant for the network covers every desk."""
        return (action, thing, desk) in self.granted or (action, thing, NETWORK_DESK) in self.granted

    def anywhere(self, action: Action, thing: Thing) -> bool:
        """Whether it is allowed at any desk at all."""
        return any((action, thing) == (one, other) for one, other, _ in self.granted)

    def desks(self, action: Action, thing: Thing, known: Iterable[str]) -> tuple[str, ...]:
        """The desks among `known` where it is allowed."""
        return tuple(desk for desk in known if self.may(action, thing, desk))


def rights_of(connection: Connection, person: str) -> Rights:
    """A person's rights as they stand now; none for someone who is not an active person."""
    query = (
        select(t.permission.c.action, t.permission.c.object, t.role_grant.c.desk)
        .join(t.role_grant, t.role_grant.c.role == t.permission.c.role)
        .join(t.person, t.person.c.id == t.role_grant.c.person)
        .where(t.person.c.id == person, t.person.c.state == "active")
    )
    rows = connection.execute(query).all()
    # A row this program does not know allows nothing.
    return Rights(
        frozenset(
            (Action(row.action), Thing(row.object), row.desk)
            for row in rows
            if row.action in _ACTIONS and row.object in _THINGS
        )
    )


_ACTIONS: Final = frozenset(action.value for action in Action)
_THINGS: Final = frozenset(thing.value for thing in Thing)


def demand(connection: Connection, person: str, action: Action, thing: Thing, desk: str) -> None:
    """Raise NotAllowed unless the person may do this at the desk now."""
    if not rights_of(connection, person).may(action, thing, desk):
        raise NotAllowed(f"{action.value} {thing.value}")
