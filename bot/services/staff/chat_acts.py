"""What is done with a chat from a messenger beside writing: asking her, passing on, numbers, joining.

The same services as in the console; each function answers with what the volunteer is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from bot.services import blocking, desk, giving, handing_over, joining
from bot.services.giving import Wanted
from bot.services.house import House
from bot.services.messenger.addresses import StaffAddress
from bot.services.messenger.surfaces import shows_words
from bot.services.panes import NotYours, desk_of
from bot.services.peeking import chat_name
from bot.services.permissions import Action, Thing, demand
from bot.services.staff import chats, lists
from bot.services.staff.chats import Chat
from bot.services.staff.told import Told
from bot.store import tables as t
from handoff.commands import NOW, PLACES, Asked, Verb, Where as Lists, picks, shown
from handoff.model import HandoffState
from triage.directory_needs import NEEDS

MORE: Final = "more"
SEPARATOR: Final = "\n"


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, in one transaction, with her words; `audit` notes an act of hers on a chat."""

    connection: Connection
    house: House
    address: StaffAddress
    now: int
    words: Callable[[str], str]
    audit: Callable[[str, str], None]


def ask_over(by: Acting, chat: Chat) -> Told:
    """Ask her whether another person may take over."""
    handing_over.ask(by.connection, by.house, chat.handoff, chat.person, chat.version, by.now)
    by.audit("ask_pass_on", chat.handoff)
    return Told(by.words("staff.asked_over"), chat=chat)


def ask_stop(by: Acting, chat: Chat) -> Told:
    """Ask her whether it is a good place to stop."""
    handing_over.ask_to_stop(by.connection, by.house, chat.handoff, chat.person, chat.version, by.now)
    return Told(by.words("staff.asked_stop"), chat=chat)


def pass_on(by: Acting, asked: Asked, chat: Chat) -> Told:
    """Ask her first, or at once: the volunteer decides, and she is told either way."""
    if asked.argument != NOW:
        return Told(by.words("staff.how_pass"), _list(by, Lists.PASSING, chat), chat)
    desk.pass_on(by.connection, by.house, chat.handoff, chat.person, chat.version, by.now)
    by.audit("pass_on", chat.handoff)
    return Told(by.words("staff.passed_on"))


def block(by: Acting, chat: Chat) -> Told:
    """Close as misuse, and ask for a block."""
    blocking.close_and_ask(by.connection, by.house, chat.handoff, chat.person, chat.version, by.now)
    by.audit("block", chat.handoff)
    return Told(by.words("staff.block_asked"))


# --- numbers and ready answers ---------------------------------------------------------------------------
def look_for_numbers(by: Acting, asked: Asked, chat: Chat) -> Told:
    """Numbers and places for her need, or for one that was typed."""
    need = asked.text.strip().casefold().replace(" ", "_")
    return _cards(by, chat, Wanted(need if need in NEEDS else ""), everything=False)


def pick_number(by: Acting, asked: Asked) -> Told:
    """Send the one that was picked, or show the rest of the list."""
    picked = lists.picked(by.connection, by.house, by.address.id, asked.subject, asked.argument)
    if picked is None:
        raise NotYours("a list that is over")
    need, region, resource = picked.value.split(SEPARATOR)
    chat = picked.chat
    demand(
        by.connection, by.address.person, Action.EDIT, Thing.LIVE_CHAT, desk_of(by.connection, chat.handoff)
    )
    if resource == MORE:
        return _cards(by, chat, Wanted(need, region), everything=True)
    wanted = Wanted(need, region)
    giving.give(by.connection, by.house, chat.handoff, chat.person, chat.version, resource, wanted, by.now)
    return Told(by.words("staff.card_sent"), chat=chat)


def _cards(by: Acting, chat: Chat, wanted: Wanted, *, everything: bool) -> Told:
    found = giving.find(by.connection, by.house, chat.handoff, wanted, by.now, everything=everything)
    cards = found.cards[: len(PLACES) - 1]
    told = [f"{number}. {card.text}" for number, card in enumerate(cards, start=1)]
    place = (found.wanted.need, found.wanted.region)
    values = [SEPARATOR.join((*place, card.id)) for card in cards]
    labels = [by.words("staff.send_number").format(number=number) for number in range(1, len(cards) + 1)]
    if found.more and not everything:
        values.append(SEPARATOR.join((*place, MORE)))
        labels.append(by.words("staff.show_more"))
    head = by.words("staff.numbers_found" if cards else "staff.numbers_none")
    return _pick_list(by, chat, Verb.NUMBERS, "\n\n".join([head, *told]), labels, values)


def show_answers(by: Acting, chat: Chat) -> Told:
    """The ready answers in her language."""
    found = giving.find(by.connection, by.house, chat.handoff, giving.HERS, by.now)
    answers = dict(list(giving.ready_answers(by.house, found.language).items())[: len(PLACES)])
    told = [f"{number}. {text}" for number, text in enumerate(answers.values(), start=1)]
    labels = [by.words("staff.send_number").format(number=number) for number in range(1, len(answers) + 1)]
    head = by.words("staff.answers_found" if answers else "staff.answers_none")
    return _pick_list(by, chat, Verb.ANSWERS, "\n".join([head, *told]), labels, list(answers.values()))


def picked_answer(by: Acting, asked: Asked) -> lists.Picked:
    """The ready answer that was picked, and its chat. Raises NotYours for a list that is over."""
    picked = lists.picked(by.connection, by.house, by.address.id, asked.subject, asked.argument)
    if picked is None:
        raise NotYours("a list that is over")
    return picked


def _pick_list(by: Acting, chat: Chat, verb: Verb, text: str, labels: list[str], values: list[str]) -> Told:
    name = by.house.identifiers.new_id()
    choices = [[one.token, one.label, one.digit] for one in picks(verb, labels, name)]
    return Told(text, choices, chat, picks=values, name=name)


# --- joining ----------------------------------------------------------------------------------------------
def join(by: Acting, asked: Asked) -> Told:
    """Join the chat a call names, or one whose name was typed."""
    handoff = asked.subject or _named(by, asked.text)
    if chats.holds_one_without_place(by.connection, by.address.id):
        return Told(by.words("staff.one_here"))
    version = joining.join(by.connection, by.house, handoff, by.address.person, by.now)
    by.audit("join", handoff)
    name = chat_name(handoff)
    if not shows_words(by.house, by.address.channel, desk_of(by.connection, handoff)):
        return Told(by.words("staff.joined_elsewhere").format(name=name))
    if chats.of_handoff(by.connection, by.address.id, handoff) is None:
        chats.begin(by.connection, by.house, by.address, handoff, version)
        by.audit("read", handoff)
    return Told(by.words("staff.joined").format(name=name))


def part(by: Acting, chat: Chat) -> Told:
    """Leave a chat one has joined; she is told."""
    joining.part(by.connection, by.house, chat.handoff, chat.person, by.now)
    by.audit("part", chat.handoff)
    return Told(by.words("staff.parted"))


def _named(by: Acting, name: str) -> str:
    """The chat under way that is called so; raises NotYours for none."""
    wanted = " ".join(name.split()).casefold()
    rows = by.connection.execute(
        select(t.handoff.c.id).where(t.handoff.c.state == HandoffState.ACTIVE.value)
    ).scalars()
    found = [handoff for handoff in rows if wanted and chat_name(handoff).casefold() == wanted]
    if len(found) != 1:
        raise NotYours("no chat, or several, of this name")
    return found[0]


def _list(by: Acting, where: Lists, chat: Chat) -> list[list[str]]:
    return [[one.token, one.label, one.digit] for one in shown(where, by.words, chat.handoff)]
