"""Her phrase: set by taps, compared outside the writer thread, silent in failure (design §4, B-020).

The slow hashing runs between two transactions: `prepare` reads, the caller hashes, `finish` writes. A
stranger, a wrong phrase and a locked record take the same way and the same number of hashes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, delete, select

from bot.model import DueKind, Stage
from bot.services import asking_words, callback_rows, held, notes_left, recalling
from bot.services.asking_words import Told
from bot.services.effects import apply
from bot.services.house import House
from bot.services.opening import (
    OpenedContact,
    keep,
    keep_contact,
    open_contacts,
    open_conversation,
    opened_contact,
)
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.moments import from_moment, hour_up
from bot.store.writes import Writes
from triage import engine
from triage.run import PhraseOutcome, Tapped

COMPARED = 2  # always this many hashes: how many records an address has must not show in time
FAILURES_A_DAY = 5
FAILURES_EVER = 15
LIVES = timedelta(days=90) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What must be hashed: the words as one text, and the hashes to compare with (None: a dummy)."""

    conversation: str
    words: str
    setting: bool
    hashes: tuple[str | None, ...]
    contacts: tuple[str | None, ...]
    asked_by: str = ""  # the hand-off whose volunteer asked
    known: bool = False  # somebody set words from this address


def prepare(connection: Connection, house: House, conversation: str, now: int) -> Comparison | None:
    """Read what is to be hashed or compared; None if the conversation is gone or nothing was given."""
    opened = open_conversation(connection, house, conversation)
    if opened is None or not opened.state.tried or opened.contact is None:
        return None
    words = " ".join(opened.state.tried)
    if opened.state.setting_phrase:
        return Comparison(conversation, words, setting=True, hashes=(), contacts=())
    known = _older(connection, house, opened.contact)
    if opened.state.asked_by:
        mine = open_contacts(connection, house, [opened.contact])[opened.contact]
        known = [c for c in (mine, *known) if c.record.phrase]
    candidates = [c for c in known if _may_try(c, now)][:COMPARED]
    hashes: list[str | None] = [candidate.record.phrase for candidate in candidates]
    contacts: list[str | None] = [candidate.id for candidate in candidates]
    missing = COMPARED - len(hashes)
    return Comparison(
        conversation,
        words,
        setting=False,
        hashes=(*hashes, *[None] * missing),
        contacts=(*contacts, *[None] * missing),
        asked_by=opened.state.asked_by,
        known=bool(known),
    )


def finish(
    connection: Connection,
    house: House,
    comparison: Comparison,
    results: Sequence[bool],
    new_hash: str | None,
    now: int,
) -> None:
    """Store a new phrase, or tell the run what the comparison gave; the right one joins the records."""
    opened = open_conversation(connection, house, comparison.conversation)
    if opened is None or " ".join(opened.state.tried) != comparison.words or opened.contact is None:
        return  # gone, or given anew meanwhile
    writes = Writes()
    talk = Talk(connection, house, writes, opened, now)
    writes.drop_due(DueKind.COMPARE_PHRASE.value, opened.id)
    opened.state.tried = []
    if comparison.setting:
        contact = open_contacts(connection, house, [opened.contact])[opened.contact]
        contact.record.phrase = new_hash
        contact.expires_at = hour_up(now + LIVES)
        keep_contact(connection, contact)
        talk.count("phrase.set")
    else:
        right = next((c for c, ok in zip(comparison.contacts, results, strict=True) if ok and c), None)
        if right is None:
            _count_failures(connection, house, [c for c in comparison.contacts if c], now)
        if comparison.asked_by:
            _tell_volunteer(talk, comparison, found=right is not None)
        else:
            if right is not None:
                _join(talk, right)
            _resume(talk, found=right is not None)
    if opened.stage is not Stage.CLOSED:
        keep(writes, opened)
    writes.flush(connection)


def _tell_volunteer(talk: Talk, comparison: Comparison, *, found: bool) -> None:
    """Whoever asked reads a code; if she has the chat no longer, nobody does."""
    if talk.opened.stage is Stage.LIVE and talk.opened.state.handoff == comparison.asked_by:
        wrong = Told.WRONG if comparison.known else Told.NONE
        asking_words.tell(talk, Told.RIGHT if found else wrong)


def _resume(talk: Talk, *, found: bool) -> None:
    opened = talk.opened
    if opened.state.run is None:
        return
    began_with = opened.revision
    script = recalling.script_of(talk)
    surroundings = talk.house.library.surroundings(opened.desk, opened.channel, talk.at)
    if found and talk.checked:
        held.tell_recorded(talk)  # else after the safe check of the page that was opened meanwhile (B-011)
    # The step that waited for this is gone with a recalled revision: the menu answers in its place.
    gone = recalling.left_a_revision(talk, began_with)
    reply = Tapped("!menu") if gone else PhraseOutcome(found)
    apply(talk, script, engine.resume(script, opened.state.run, reply, surroundings))


def _older(connection: Connection, house: House, contact: str) -> list[OpenedContact]:
    """Locked records of the same address, newest first."""
    mine = open_contacts(connection, house, [contact])[contact]
    digests = [d for _, d in house.vault.address_indexes(mine.address.channel, mine.address.handle)]
    rows = connection.execute(
        select(t.contact, t.data_key.c.epoch, t.data_key.c.wrapped)
        .join(t.data_key, t.data_key.c.id == t.contact.c.data_key)
        .where(t.contact.c.address_index.in_(digests), t.contact.c.locked.is_(True))
        .order_by(t.contact.c.created_at.desc(), t.contact.c.id)
    )
    return [opened_contact(house, row) for row in rows]


def _may_try(contact: OpenedContact, now: int) -> bool:
    record = contact.record
    today = from_moment(now).date().isoformat()
    return record.failures_ever < FAILURES_EVER and not (
        record.failed_on == today and record.failures >= FAILURES_A_DAY
    )


def _count_failures(connection: Connection, house: House, contacts: list[str], now: int) -> None:
    today = from_moment(now).date().isoformat()
    for contact in open_contacts(connection, house, contacts).values():
        record = contact.record
        record.failures = record.failures + 1 if record.failed_on == today else 1
        record.failed_on = today
        record.failures_ever += 1
        keep_contact(connection, contact)


def _join(talk: Talk, older: str) -> None:
    """Her older record becomes the one of this conversation; the newcomer's empty one is erased."""
    opened, connection = talk.opened, talk.connection
    newcomer = opened.contact
    if newcomer is None:
        return
    both = open_contacts(connection, talk.house, [older, newcomer])
    record = both[older]
    record.locked = False
    record.record.failures = 0
    record.record.note = notes_left.joined(record.record.note, both[newcomer].record.note)
    keep_contact(connection, record)
    opened.contact = older
    opened.state.recovered = True
    keep(talk.writes, opened)
    talk.writes.flush(connection)
    callback_rows.move(connection, talk.writes, newcomer, older)
    connection.execute(delete(t.contact).where(t.contact.c.id == newcomer))
    talk.writes.dead_keys.append(both[newcomer].key.id)
    talk.count("phrase.found")
    if opened.state.run is not None:
        answers = {**record.record.answers, **opened.state.run.answers}
        opened.state.run = replace(opened.state.run, answers=answers)
