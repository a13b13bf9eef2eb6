"""What should have been done by now: reasons for the operator, without content (`/readyz`)."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from bot.model import DueKind
from bot.services import watchdog
from bot.services.old_lines import LATE_MARK
from bot.store import staff_tables as s, tables as t
from bot.store.moments import to_moment
from bot.vault.vault import Vault
from channels.message import DeliveryState

EPOCH_AT_MOST: Final = timedelta(hours=26)
DEADLINE_LATE: Final = timedelta(minutes=1)
UNSENT_LATE: Final = timedelta(minutes=5)
FAILED_OFTEN: Final = 3
_WAITING: Final = [
    DeliveryState.PENDING.value,
    DeliveryState.SENDING.value,
    DeliveryState.FAILED_FOR_NOW.value,
]

# Whoever looked when lines were a day and a half old left a mark: half a day is left (design §4).
_LATE_DELETIONS: Final = select(t.due.c.id).where(
    t.due.c.kind.in_([DueKind.DELETE_OLD_LINES.value, DueKind.ERASE_CONVERSATION.value]),
    t.due.c.version == LATE_MARK,
)


def reasons(connection: Connection, vault: Vault, now: datetime) -> list[str]:
    """Sentences for the operator, empty when nothing is late. Numbers of people are not told."""
    found: list[str] = []
    age = now - vault.epoch_begun
    if age > EPOCH_AT_MOST:
        found.append(f"keys: the epoch has not turned for {age // timedelta(hours=1)} hours")
    late = to_moment(now - DEADLINE_LATE)
    if connection.execute(select(func.count()).select_from(t.due).where(t.due.c.at < late)).scalar_one():
        found.append("deadlines: some are more than a minute late")
    if watchdog.late(connection, to_moment(now)):
        found.append("queue: somebody waits, and the next step is more than ten seconds late")
    if late_deletions(connection):
        found.append("deletions: some are older than 36 hours")
    return [*found, *unsent(connection, now)]


def late_deletions(connection: Connection) -> bool:
    """Whether somebody's lines stand on her phone though they should have gone half a day ago."""
    return connection.execute(_LATE_DELETIONS).first() is not None


def unsent(connection: Connection, now: datetime) -> list[str]:
    """What should have gone out and did not, to women or to volunteers; empty when all goes out."""
    found: list[str] = []
    since, hers, theirs = to_moment(now - UNSENT_LATE), t.outbox.c, s.staff_post.c
    waiting = hers.state.in_([DeliveryState.PENDING.value, DeliveryState.SENDING.value])
    if connection.execute(select(hers.id).where(waiting, hers.due_at < since).limit(1)).first():
        found.append("outbox: some entries have waited for more than five minutes")
    rings = theirs.state.in_(_WAITING) & (theirs.posted_at < since)
    if connection.execute(select(theirs.id).where(rings).limit(1)).first():
        found.append("messengers: something for volunteers has waited for more than five minutes")
    failing = select(hers.channel).where(
        hers.state == DeliveryState.FAILED_FOR_NOW.value, hers.attempts >= FAILED_OFTEN
    )
    down = sorted(set(connection.execute(failing).scalars()))
    return [*found, *(f"channel {name}: messages do not get through; they are tried again" for name in down)]
