"""Rows of callbacks, and the opt-in in her contact record: both end together (B-018)."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, select, update

from bot.model import DueKind
from bot.services import calls
from bot.services.house import House
from bot.services.newcomers import CONTACT_LIVES
from bot.services.opening import keep_contact, open_contacts
from bot.store.callback_table import callback
from bot.store.moments import hour_up
from bot.store.writes import Writes


def drop(connection: Connection, writes: Writes, contacts: Collection[str]) -> list[str]:
    """Remove the promises to these contacts, with their deadlines and calls; returns which there were."""
    gone = list(
        connection.execute(
            delete(callback).where(callback.c.contact.in_(sorted(contacts))).returning(callback.c.id)
        ).scalars()
    )
    for identifier in gone:
        writes.drop_due(DueKind.CALLBACK.value, identifier)
    if gone:
        calls.end(connection, writes, gone)
    return gone


def end_opt_in(
    connection: Connection, house: House, writes: Writes, contact: str, now: int, *, missed: bool
) -> None:
    """The record lives on as any other; of a promise nobody kept she is told when she is back."""
    known = open_contacts(connection, house, [contact]).get(contact)
    if known is None:
        return
    known.record.agreed_callback, known.record.ping = False, []
    known.record.callback_missed = missed
    if known.record.phrase is None:
        known.expires_at = hour_up(now + CONTACT_LIVES)
        identifier = house.identifiers.new_id()
        writes.set_due(identifier, DueKind.ERASE_CONTACT.value, contact, known.expires_at)
    keep_contact(connection, known)


def move(connection: Connection, writes: Writes, contact: str, to: str) -> None:
    """One record of hers is joined to another: the promise goes with it, the older one stands."""
    known = connection.execute(select(callback.c.id).where(callback.c.contact == to)).first()
    if known is not None:
        drop(connection, writes, [contact])
    connection.execute(update(callback).where(callback.c.contact == contact).values(contact=to))
