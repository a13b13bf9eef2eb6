"""Lines of an open chat that have stood for a day go from her screen, hers and ours (B-014).

A network that refuses to delete what is older than two days would else keep them for ever. Each open
conversation there has one stored deadline: a day after it began, then every hour. Nothing is tried less
because it is late; what has grown too old meanwhile is told to the volunteer and to the operator.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from bot.model import DueKind, InboxState, Stage
from bot.services import quiet
from bot.services.acts import open_act, seal_act
from bot.services.entries import Body, Purpose, open_body, remote_place
from bot.services.house import House
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.writes import Writes
from bot.vault.envelope import open_sealed
from channels.message import Capabilities, DeliveryState, OutboundKind, Speaker

_MICROSECOND: Final = timedelta(microseconds=1)
STAND: Final = timedelta(hours=24) // _MICROSECOND
CARDS_STAND: Final = timedelta(hours=40) // _MICROSECOND
LOOK_EVERY: Final = timedelta(hours=1) // _MICROSECOND
LATE: Final = timedelta(hours=12) // _MICROSECOND
"""A deletion that has waited for so long: its line is a day and a half old, half a day is left to act."""
LATE_MARK: Final = 1  # `version` of a deadline that found deletions late
MOST_AT_ONCE: Final = 100  # lines of each side
_ON_THE_WAY: Final = (
    DeliveryState.PENDING.value, DeliveryState.SENDING.value, DeliveryState.FAILED_FOR_NOW.value,
)  # fmt: skip


class Copy(NamedTuple):
    """A line the network holds and can delete.

    Attributes:
        whose: "guide" or "her".
        name: id of the entry, or external id of the act.
        remote: what the network calls it, "" while it is in flight.
        at: since when it has stood there, microseconds; 0 where nobody noted it.
    """

    whose: str
    name: str
    remote: str
    at: int = 0


def grow_old(capabilities: Capabilities | None) -> bool:
    """Whether a network must be asked to delete lines while they are young."""
    if capabilities is None or capabilities.wipes or capabilities.delete_within is None:
        return False
    return capabilities.deletes_ours or capabilities.deletes_hers


def set_deadline(house: House, writes: Writes, conversation: str, at: int, version: int = 0) -> None:
    """When the lines of a conversation are looked at next."""
    identifier = house.identifiers.new_id()
    writes.set_due(identifier, DueKind.DELETE_OLD_LINES.value, conversation, at, version)


def remove(talk: Talk) -> None:
    """Have every line deleted that has stood for a day, and set the next deadline."""
    capabilities = talk.house.channels.get(talk.opened.channel)
    if capabilities is None or not grow_old(capabilities) or talk.opened.stage is Stage.CLOSED:
        return
    until = talk.now - STAND
    kept = [Copy(*body) for body in talk.opened.state.bodies]
    sides = (
        _ours(talk, until) if capabilities.deletes_ours else [],
        _hers(talk, until) if capabilities.deletes_hers else [],
        [copy for copy in kept if copy.at <= until][:MOST_AT_ONCE],
    )
    gone = sorted((copy for side in sides for copy in side), key=lambda copy: copy.at)
    for copy in gone:
        quiet.remove_line(talk, "hers" if copy.whose == "her" else "ours", copy.name, copy.remote)
    _forget(talk, {copy.name for copy in gone})
    limit = talk.now - (capabilities.delete_within or timedelta()) // _MICROSECOND
    too_old = sum(0 < copy.at <= limit for copy in gone)
    if too_old:
        talk.opened.state.undeleted = True
        talk.writes.count(talk.opened.desk, talk.month, "deletion.too_old", too_old)
        talk.writes.after.append(("alert", "deletion", ""))
    more = any(len(side) == MOST_AT_ONCE for side in sides)
    late = _are_late(talk)
    at = talk.now if more else talk.now + LOOK_EVERY
    set_deadline(talk.house, talk.writes, talk.opened.id, at, LATE_MARK if late else 0)


def repair(connection: Connection, house: House, now: int) -> None:
    """Whatever is open where lines grow old has its deadline, also what an older program began."""
    channels = [name for name, capabilities in house.channels.items() if grow_old(capabilities)]
    talk, due = t.conversation.c, t.due.c
    guarded = select(due.id).where(due.kind == DueKind.DELETE_OLD_LINES.value, due.subject == talk.id)
    missing = connection.execute(
        select(talk.id).where(talk.channel.in_(channels), talk.stage != Stage.CLOSED.value, ~guarded.exists())
    ).scalars()
    writes = Writes()
    for conversation in missing:
        set_deadline(house, writes, conversation, now)
    writes.flush(connection)


def on_their_way(talk: Talk) -> list[Copy]:
    """Lines whose deletion is written and not done yet, where the network's name for them is known."""
    return [
        Copy("her" if body.speaker == Speaker.HER.value else "guide", body.target, body.target_remote)
        for body in _waiting(talk)
        if body.target and body.target_remote
    ]


def are_refused(connection: Connection, conversation: str) -> bool:
    """Whether the network refused to delete a line of an open conversation."""
    row = t.outbox.c
    refused = select(row.id).where(
        row.conversation == conversation,
        row.purpose == Purpose.DELETION.value,
        row.state == DeliveryState.FAILED_FOR_GOOD.value,
    )
    return connection.execute(refused.limit(1)).first() is not None


def _ours(talk: Talk, until: int) -> list[Copy]:
    """Entries that stand on her screen since then or longer; what is still being sent is left alone."""
    opened, row = talk.opened, t.outbox.c
    query = select(row.id, row.remote_sealed, row.due_at).where(
        row.conversation == opened.id,
        row.kind == OutboundKind.NEW.value,
        row.remote_sealed.is_not(None),
        row.state.not_in(_ON_THE_WAY),
        row.due_at <= until,
    )
    if opened.stage is Stage.CLOSING:  # she is being asked whether the numbers shall stay
        query = query.where((row.purpose != Purpose.CARD.value) | (row.due_at <= talk.now - CARDS_STAND))
    found = talk.connection.execute(query.order_by(row.sequence).limit(MOST_AT_ONCE)).all()
    copies = [
        Copy(
            "guide",
            one.id,
            open_sealed(opened.key, remote_place(one.id), one.remote_sealed).decode(),
            one.due_at,
        )
        for one in found
    ]
    if copies:
        forgotten = update(t.outbox).where(row.id.in_([copy.name for copy in copies]))
        talk.connection.execute(forgotten.values(remote_sealed=None))
    return copies


def _hers(talk: Talk, until: int) -> list[Copy]:
    """Her lines that are as old; the words stay with us for the volunteer, the network's id goes."""
    opened, row = talk.opened, t.inbox.c
    found = talk.connection.execute(
        select(row.id, row.external_index, row.received_at, row.body_sealed)
        .where(
            row.conversation == opened.id,
            row.state != InboxState.NEW.value,
            row.received_at <= until,
            row.body_sealed.is_not(None),
        )
        .order_by(row.id)
    ).all()
    copies: list[Copy] = []
    forgotten: list[dict[str, object]] = []
    for one in found:
        index = bytes(one.external_index)
        act = open_act(opened.key, index, one.body_sealed)
        if act.remote_id is None or len(copies) == MOST_AT_ONCE:
            continue
        copies.append(Copy("her", act.external_id, act.remote_id, one.received_at))
        body = seal_act(opened.key, index, replace(act, remote_id=None))
        forgotten.append({"b_id": one.id, "b_body": body})
    if forgotten:
        talk.connection.execute(_FORGET_HERS, forgotten)
    return copies


_FORGET_HERS = (
    update(t.inbox).where(t.inbox.c.id == bindparam("b_id")).values(body_sealed=bindparam("b_body"))
)


def _forget(talk: Talk, names: Collection[str]) -> None:
    """What is deleted is no longer on her screen; her next act brings a status message anew."""
    state = talk.opened.state
    state.bodies = [body for body in state.bodies if body[1] not in names]
    state.screen = [line for line in state.screen if line[1] not in names]
    if state.status in names:
        state.status = ""


def _waiting(talk: Talk) -> list[Body]:
    """Deletions of this conversation that are written and not done yet."""
    row = t.outbox.c
    rows = talk.connection.execute(
        select(row.id, row.body_sealed).where(
            row.conversation == talk.opened.id,
            row.purpose == Purpose.DELETION.value,
            row.state.in_(_ON_THE_WAY),
            row.body_sealed.is_not(None),
        )
    )
    return [open_body(talk.opened.key, one.id, one.body_sealed) for one in rows]


def _are_late(talk: Talk) -> bool:
    """Whether a deletion has waited so long that somebody must act; told each time one looks."""
    late = any(body.written_at <= talk.now - LATE for body in _waiting(talk))
    if late:
        talk.count("deletion.late")
        talk.writes.after.append(("alert", "deletion", ""))
    return late
