"""Under which claim somebody acts on a chat: checked in the transaction that acts (PR8).

One order of locking everywhere: her conversation before the hand-off, so that an act of a volunteer, her own
and a deadline cannot wait for each other.
"""

from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from bot.model import Stage
from bot.services.house import House
from bot.services.opening import keep, open_conversation
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.writes import Writes
from handoff.flags import Flags
from handoff.model import HandoffState, Refusal

Found = Row[*tuple[Any, ...]]


class DeskRefusal(Exception):
    """An act of a volunteer that cannot be done now; `code` says why, in words for the page."""

    def __init__(self, code: Refusal | str) -> None:
        super().__init__(str(code))
        self.code = str(code)


class Flagged(DeskRefusal):
    """Words that should be looked at once more (`handoff.flags`); nothing was sent yet."""

    def __init__(self, flags: Flags) -> None:
        super().__init__("FLAGGED")
        self.flags = flags


def locked(connection: Connection, house: House, handoff: str, now: int) -> tuple[Talk | None, Found | None]:
    """A hand-off and its conversation, locked until this transaction ends; None for what is not there."""
    found = connection.execute(_CONVERSATION_OF, {"b_id": handoff}).scalar_one_or_none()
    opened = None if found is None else open_conversation(connection, house, found)
    row = connection.execute(_HANDOFF, {"b_id": handoff}).one_or_none()
    return (None if opened is None else Talk(connection, house, Writes(), opened, now)), row


def claimed(
    connection: Connection, house: House, handoff: str, person: str, version: int, now: int
) -> tuple[Talk, Found]:
    """The chat, if this person holds it under this claim. DeskRefusal: NOT_YOURS, SHE_LEFT, GONE."""
    talk, row = locked(connection, house, handoff, now)
    return held_by(talk, row, person, version)


def held_by(talk: Talk | None, row: Found | None, person: str, version: int) -> tuple[Talk, Found]:
    """The same for what has been locked already."""
    if row is None or row.person != person:
        raise DeskRefusal("NOT_YOURS")
    if row.state == HandoffState.LEFT.value:
        raise DeskRefusal("SHE_LEFT")
    if row.state != HandoffState.ACTIVE.value or row.claim_version != version:
        raise DeskRefusal("NOT_YOURS")
    if talk is None:
        raise DeskRefusal("GONE")
    return talk, row


def finish(talk: Talk) -> None:
    """Keep what an act changed."""
    if talk.opened.stage is not Stage.CLOSED:
        keep(talk.writes, talk.opened)
    talk.writes.flush(talk.connection)


_CONVERSATION_OF: Final = select(t.handoff.c.conversation).where(t.handoff.c.id == bindparam("b_id"))
_HANDOFF: Final = select(t.handoff).where(t.handoff.c.id == bindparam("b_id")).with_for_update()
