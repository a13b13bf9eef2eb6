"""A note she leaves when nobody could be asked: kept with her record for the next person (B-096).

Her free text of this conversation since she was told so, at most LONGEST characters. It moves to her contact
record, under that record's key, when the conversation ends; whoever takes her next chat reads it if she
shares what she wrote, and with that it leaves the record. `hide` withdraws it, `stop` erases it.
"""

from typing import Final

from sqlalchemy import select

from bot.services.acts import Act, open_act
from bot.services.opening import keep_contact, open_contacts
from bot.services.talk import Talk
from bot.store import tables as t

LONGEST: Final = 2_000


def begin(talk: Talk) -> None:
    """A person was asked for and none can come: what she writes from here on is a note."""
    talk.opened.state.noting = True


def add(talk: Talk, act: Act) -> None:
    """She wrote something of her own, which is kept."""
    if talk.opened.state.noting:
        talk.opened.state.noted.append(act.external_id)


def move_to_record(talk: Talk) -> None:
    """Before the words of this conversation go: the note goes to her record, after an older one."""
    opened, state = talk.opened, talk.opened.state
    noted, state.noted = state.noted, []
    if not noted or opened.contact is None:
        return
    talk.writes.flush(talk.connection)
    index = talk.house.vault.external_indexes
    digests = [digest for name in noted for _, digest in index(opened.channel, name)]
    row = t.inbox.c
    rows = talk.connection.execute(
        select(row.external_index, row.body_sealed)
        .where(row.conversation == opened.id, row.external_index.in_(digests), row.body_sealed.is_not(None))
        .order_by(row.id)
    )
    acts = [open_act(opened.key, bytes(found.external_index), found.body_sealed) for found in rows]
    note = "\n".join(act.text for act in acts if act.text)
    contact = open_contacts(talk.connection, talk.house, [opened.contact]).get(opened.contact)
    if contact is not None and note:
        contact.record.note = joined(contact.record.note, note)
        keep_contact(talk.connection, contact)


def joined(older: str, newer: str) -> str:
    """One note of two; where both are too long, the newer one is whole as far as there is room."""
    newer = newer[:LONGEST]
    room = LONGEST - len(newer) - 1
    if not (older and newer):
        return older[:LONGEST] or newer
    return f"{older[:room]}\n{newer}" if room > 0 else newer


def hand_over(talk: Talk) -> str:
    """The note of her record, for the volunteer she shares it with; it is in the record no longer."""
    opened, state = talk.opened, talk.opened.state
    # What she wrote in this very conversation the volunteer reads there.
    state.noted = []
    if opened.contact is None:
        return ""
    contact = open_contacts(talk.connection, talk.house, [opened.contact]).get(opened.contact)
    if contact is None or not contact.record.note:
        return ""
    note, contact.record.note = contact.record.note, ""
    keep_contact(talk.connection, contact)
    talk.count("note.handed_over")
    return note
