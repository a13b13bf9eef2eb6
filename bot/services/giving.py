"""What a volunteer gives her without writing it herself: checked numbers from the directory, ready answers.

Numbers come from the directory alone, marked as everywhere, in her language (PR13). A card obeys her window
and the claim; it is not a word of the volunteer's, who still owes one (PR9). A ready answer is never sent by
itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from bot.services import held, quiet, speech
from bot.services.claims import DeskRefusal, finish
from bot.services.entries import Body, Purpose, post, window_of
from bot.services.handoff_facts import open_facts
from bot.services.house import House
from bot.services.peeking import peek, peeked
from bot.services.talk import Talk
from bot.services.writing import speaker
from bot.store import tables as t
from channels.message import OutboundKind
from triage.directory import LIMIT
from triage.directory_lines import lines
from triage.directory_model import Hit
from triage.directory_places import REACHES
from triage.rendering import fill

LAST: Final = len(REACHES)


@dataclass(frozen=True, slots=True)
class Card:
    """One resource as it would be sent to her: its id, and its words in her language."""

    id: str
    text: str
    open_now: bool | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; `need` "" and `region` "" stand for hers who is meant."""

    need: str = ""
    region: str = ""


HERS: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Cards:
    """What was found: the first few, and how many more there are; for what, and in which language."""

    wanted: Wanted
    language: str
    cards: tuple[Card, ...]
    more: int


def find(
    connection: Connection,
    house: House,
    handoff: str,
    wanted: Wanted,
    now: int,
    *,
    everything: bool = False,
) -> Cards:
    """Resources for her who is meant, for the one who may see the chat; LookupError once it is erased."""
    chat = t.handoff.c
    row = connection.execute(
        select(chat.id, chat.conversation, chat.facts_sealed).where(chat.id == handoff)
    ).one_or_none()
    opened = None if row is None else peek(connection, house, [row.conversation]).get(row.conversation)
    if row is None or opened is None or row.facts_sealed is None:
        raise LookupError(handoff)
    talk = peeked(connection, house, opened, now)
    need = wanted.need or open_facts(opened.key, row.id, row.facts_sealed).need
    whole = Wanted(need, wanted.region or speech.region(talk) or "")
    hits = _hits(talk, whole)
    shown = hits if everything else hits[:LIMIT]
    cards = tuple(Card(hit.resource.id, _told(talk, hit), hit.open_now) for hit in shown)
    return Cards(whole, talk.language, cards, len(hits) - len(shown))


def give(
    connection: Connection,
    house: House,
    handoff: str,
    person: str,
    version: int,
    resource: str,
    wanted: Wanted,
    now: int,
) -> bool:
    """Send one resource as a card; whether it is held for her next act. DeskRefusal: NOT_SENDABLE, NOT_YOURS.

    `wanted` is what it was found for: what may not be sent for that now is not sent.
    """
    talk, _ = speaker(connection, house, handoff, person, version, now)
    hit = next((one for one in _hits(talk, wanted) if one.resource.id == resource), None)
    if hit is None:
        raise DeskRefusal("NOT_SENDABLE")
    until = window_of(talk, OutboundKind.NEW, Purpose.CARD)
    keeps_back = held.keeps_back(talk) or until <= now
    post(
        talk, Body(text=_told(talk, hit), language=talk.language), Purpose.CARD, until=until, held=keeps_back
    )
    if keeps_back and talk.opened.state.quiet and talk.opened.edit_until > now:
        quiet.tell_silently(talk)
    talk.count("resource.sent")
    talk.count("resource.inserted")
    finish(talk)
    return keeps_back


def ready_answers(house: House, language: str) -> Mapping[str, str]:
    """Id → text in the language she reads, or its wider form; none where nobody wrote any (B-134).

    A word that works everywhere, `{hide}` for one, stands there as she would type it.
    """
    library = house.library
    answers = library.answers.get(language) or library.answers.get(language.partition("-")[0]) or {}
    typed = {
        name: library.globals.first(action, language) for name, action in speech.WORD_PLACEHOLDERS.items()
    }
    return {id_: fill(text, typed)[0] for id_, text in answers.items()}


def _hits(talk: Talk, wanted: Wanted) -> list[Hit]:
    """All that may be sent for this, the nearest first; what is closed now behind what is not (B-129)."""
    run = talk.opened.state.run
    found = speech.search(talk, wanted.need, wanted.region or None, run.answers if run else {})
    return sorted((*found.rows, *found.more), key=lambda hit: (hit.open_now is False, _reach(hit)))


def _reach(hit: Hit) -> int:
    return next((REACHES.index(code) for code in hit.why if code in REACHES), LAST)


def _told(talk: Talk, hit: Hit) -> str:
    library = talk.house.library
    names = library.region_names.get(talk.language, {})
    return lines(hit, talk.language, library.words(talk.language), names)
