"""What is relayed between two rooms on Matrix waits a moment, by lot, before it goes on.

A homeserver cannot read what it carries, but it sees when: two rooms in which somebody always writes at the
same moment belong together, and so a woman to her volunteer. On other channels no server sees both sides.
"""

from typing import Final

from sqlalchemy import Connection, select, update

from bot.services.entries import Purpose
from bot.services.house import House
from bot.services.messenger.surfaces import MATRIX as MATRIX_STAFF
from bot.store import tables as t
from channels.message import DeliveryState

HERS: Final = "matrix"
SHORTEST: Final = 1_000_000  # microseconds
LONGEST: Final = 5_000_000


def wait(house: House, hers: str | None, surface: str) -> int:
    """Microseconds a line waits on its way between her channel and a volunteer's surface.

    `hers` is None where it is not known any more: then it waits as if she were on Matrix.
    """
    if surface != MATRIX_STAFF or hers not in {HERS, None}:
        return 0
    return house.identifiers.choice(range(SHORTEST, LONGEST + 1))


def put_off(
    connection: Connection, house: House, claim: tuple[str, int, str], surface: str, now: int
) -> None:
    """Have words a volunteer wrote just now wait, where both sides are rooms on Matrix.

    `claim` is (hand-off, claim version, person) they were written under; `surface` where she wrote them.
    """
    if surface != MATRIX_STAFF:
        return
    handoff, version, person = claim
    row = t.outbox.c
    talk = select(t.handoff.c.conversation).where(t.handoff.c.id == handoff).scalar_subquery()
    connection.execute(
        update(t.outbox)
        .where(
            row.conversation == talk,
            row.channel == HERS,
            row.purpose == Purpose.RELAY.value,
            row.state == DeliveryState.PENDING.value,
            row.claim_version == version,
            row.person == person,
            row.due_at == now,
        )
        .values(due_at=now + wait(house, HERS, surface))
    )
