"""Addresses that meet only the emergency card for a while: asked for, reviewed, gone by themselves (B-066).

A volunteer who closes a chat as misuse may ask for it; nothing blocks by itself, and nobody in danger is
blocked (B-067). A day at first; a supervisor or coordinator who did not ask for it may confirm it for longer,
and any may lift it at once. The address is kept only as a digest under a key of its own that dies within
thirty days. Whoever is blocked still gets the emergency card for each message, and can say that it is a
mistake.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from bot.model import Stage
from bot.services import audit, calls, desk, people, speech
from bot.services.acts import Act
from bot.services.claims import DeskRefusal, claimed
from bot.services.house import House
from bot.services.newcomers import move_windows
from bot.services.opening import address_of
from bot.services.peeking import chat_name
from bot.services.permissions import Action, Thing, demand
from bot.services.talk import Talk
from bot.store import block_table
from bot.store.moments import from_moment, hour_down
from channels.message import Address, InboundKind
from handoff.eligibility import FLAGGED
from handoff.model import Outcome, Urgency
from triage import engine
from triage.effects import ShareResources
from triage.model import Script

MICROSECOND: Final = timedelta(microseconds=1)
ASKED_FOR: Final = timedelta(hours=24) // MICROSECOND
CONFIRMED_DAYS: Final = 7
MOST_DAYS: Final = 14
DAY: Final = timedelta(days=1) // MICROSECOND
OBJECTS: Final = "!object"


class BlockState(StrEnum):
    """Where a block stands; a lifted or expired one is not there any more."""

    ASKED = "asked"
    CONFIRMED = "confirmed"


class UnknownBlock(LookupError):
    """No block has this id: it was lifted, or its time is over."""


class OwnBlock(Exception):
    """Whoever asked for a block does not confirm it; another person decides."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block as reviewers see it; whom it is about nobody can see.

    Attributes:
        id: random; `name` is how people speak of it.
        asked_by: alias, "" for somebody who is gone.
        asked_at: to the hour, microseconds; `expires_at` likewise a moment.
        objections: how often whoever is blocked said that it is a mistake, or wrote of danger.
        mine: the one who looks has asked for it.
    """

    id: str
    name: str
    desk: str
    channel: str
    state: BlockState
    asked_by: str
    asked_at: int
    expires_at: int
    objections: int
    mine: bool


# --- asking -----------------------------------------------------------------------------------------------
def close_and_ask(
    connection: Connection, house: House, handoff: str, person: str, version: int, now: int
) -> None:
    """Close a chat as misuse and block its address for a day. DeskRefusal: BLOCK_DANGER, NOT_YOURS, GONE."""
    talk, row = claimed(connection, house, handoff, person, version, now)
    if FLAGGED & {Urgency(talk.opened.state.urgency), Urgency(row.urgency or "U2")}:
        raise DeskRefusal("BLOCK_DANGER")
    address = address_of(connection, house, talk.opened)
    if address is None:
        raise DeskRefusal("GONE")
    key, digest = house.vault.block_index(address.channel, address.handle, from_moment(now))
    connection.execute(
        insert(block_table.block).values(
            id=house.identifiers.new_id(), desk=row.desk, channel=address.channel, block_key=key,
            digest=digest, state=BlockState.ASKED.value, asked_by=person, asked_at=hour_down(now),
            expires_at=now + ASKED_FOR, objections=0,
        )
    )  # fmt: skip
    talk.count("block.asked")
    talk.writes.flush(connection)
    desk.close(connection, house, handoff, person, version, Outcome.MISUSE, now)


# --- meeting ----------------------------------------------------------------------------------------------
def blocked(
    connection: Connection, house: House, addresses: Iterable[Address], now: int
) -> dict[Address, str]:
    """Which addresses are blocked now, and by which block; one statement, none where no key lives."""
    by_digest = {
        digest: address
        for address in set(addresses)
        for _, digest in house.vault.block_indexes(address.channel, address.handle)
    }
    if not by_digest:
        return {}
    row = block_table.block.c
    rows = connection.execute(
        select(row.id, row.digest).where(row.digest.in_(list(by_digest)), row.expires_at > now)
    )
    return {by_digest[bytes(found.digest)]: found.id for found in rows}


def meets(talk: Talk, act: Act) -> bool:
    """Whether the block answers this act: not in a chat or a queue, never a goodbye or a deletion."""
    stage, run = talk.opened.stage, talk.opened.state.run
    asked = run is not None and not run.over  # the question of a chat that is closing
    goodbye = asked and act.kind == InboundKind.CHOICE.value and act.choice != OBJECTS
    return act.kind != InboundKind.DELETE.value and (
        stage is Stage.TRIAGE or (stage is Stage.CLOSING and not goodbye)
    )


def answer(talk: Talk, script: Script, act: Act, acted_at: int) -> None:
    """The emergency card and one line, for each message; her objection is noted, and a person told."""
    opened, state = talk.opened, talk.opened.state
    if act.kind == InboundKind.ARRIVED.value:
        opened.view_sequence = opened.next_sequence
    if state.run is None:
        surroundings = talk.house.library.surroundings(opened.desk, opened.channel, talk.at, act.language)
        state.run = engine.new_run(script, None, surroundings)
    offered, state.offered = dict(state.offered), []
    move_windows(opened, acted_at)
    objects = OBJECTS in {act.choice, offered.get(act.text.strip())}
    if objects or talk.house.library.signals.find(act.text, (talk.language, "en")):
        _object(talk, act.blocked)
    if objects:
        speech.tell(talk, "word.objected")
        return
    speech.share(talk, ShareResources(script.start, "emergency", None))
    state.offered = [["1", OBJECTS]]
    choices = ((OBJECTS, "word.object_label", "1"), ("!hide", "word.hide_label", "9"))
    speech.tell(talk, "word.blocked", choices)
    talk.count("block.met")


def _object(talk: Talk, block: str) -> None:
    """Once in a conversation: whoever is on duty as supervisor is called to look."""
    if OBJECTS in talk.opened.state.cards:
        return
    talk.opened.state.cards.append(OBJECTS)
    row = block_table.block.c
    talk.connection.execute(
        update(block_table.block).where(row.id == block).values(objections=block_table.block.c.objections + 1)
    )
    talk.writes.after.append(("alert", "supervisor", block))
    calls.ring_supervisors(talk.connection, talk.house, talk.opened.desk, f"block:{block}", talk.now)
    talk.count("block.objected")


# --- reviewing --------------------------------------------------------------------------------------------
def standing(
    connection: Connection, house: House, desks: Collection[str], now: int, by: str = ""
) -> tuple[Block, ...]:
    """Every block that holds at these desks, those with objections and not yet reviewed first."""
    row = block_table.block.c
    rows = connection.execute(
        select(block_table.block)
        .where(row.desk.in_(list(desks)), row.expires_at > now)
        .order_by(row.asked_at, row.id)
    ).all()
    found = [
        Block(
            one.id, chat_name(one.id), one.desk, one.channel, BlockState(one.state),
            _alias(connection, house, one.asked_by), one.asked_at, one.expires_at, one.objections,
            mine=one.asked_by == by,
        )
        for one in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (not one.objections, one.state is BlockState.CONFIRMED)))


def lift(connection: Connection, house: House, block: str, by: str, now: int) -> None:
    """End a block at once. `by` is a staff id. Raises `UnknownBlock`, `NotAllowed`."""
    row = _reviewed(connection, block, by, now)
    connection.execute(delete(block_table.block).where(block_table.block.c.id == row))
    audit.record(connection, house.vault, by, "lift_block", block, (), now)


def confirm(
    connection: Connection, house: House, block: str, by: str, now: int, days: int = CONFIRMED_DAYS
) -> int:
    """Let a block hold for some days, from when it was asked for; returns until when.

    Raises `OwnBlock`, `UnknownBlock`, `NotAllowed`, and `ValueError` for days that are not possible.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"a block holds 1 to {MOST_DAYS} days")
    _reviewed(connection, block, by, now)
    row = block_table.block.c
    found = connection.execute(select(row.asked_by, row.asked_at).where(row.id == block)).one()
    if found.asked_by == by:
        raise OwnBlock(
            "Whoever asked for a block does not confirm it. Another person decides, or it ends by itself."
        )
    until = max(found.asked_at + days * DAY, now)
    values = {"state": BlockState.CONFIRMED.value, "expires_at": until}
    connection.execute(update(block_table.block).where(row.id == block).values(values))
    audit.record(connection, house.vault, by, "confirm_block", block, (str(days),), now)
    return until


def forget_expired(connection: Connection, now: int) -> None:
    """Blocks whose time is over leave nothing behind."""
    connection.execute(delete(block_table.block).where(block_table.block.c.expires_at <= now))


def _reviewed(connection: Connection, block: str, by: str, now: int) -> str:
    row = block_table.block.c
    at = connection.execute(
        select(row.desk).where(row.id == block, row.expires_at > now).with_for_update()
    ).scalar_one_or_none()
    if at is None:
        raise UnknownBlock(f"There is no block {block} any more; the page of blocks shows those that hold.")
    demand(connection, by, Action.EDIT, Thing.BLOCK, at)
    return block


def _alias(connection: Connection, house: House, person: str) -> str:
    try:
        return people.alias_of(connection, house, person)
    except people.UnknownPerson:
        return ""
