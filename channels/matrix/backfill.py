"""What a sync left out of a room's story is fetched, back to what was taken in before (PR1)."""

from typing import Final

from channels.matrix import filters
from channels.matrix.reading import Table, at, tables, text
from channels.matrix.wire import Client, part

AT_ONCE: Final = "100"
MOST_PAGES: Final = 100  # ten thousand events of one room


class TooFar(Exception):
    """The gap is longer than anybody writes; what lies beyond is given up and counted."""

    def __init__(self, found: list[Table]) -> None:
        super().__init__("a gap is too long")
        self.found = found


async def missing(client: Client, room: str, before: str, known: str, me: str) -> list[Table]:
    """Events of a room before the token `before`, oldest first, back to event `known` or our own invitation.

    Raises `TooFar` with what was found, and what `Client.ask` raises.
    """
    found: list[Table] = []
    query = {"dir": "b", "limit": AT_ONCE, "filter": filters.as_query(filters.BACKFILL), "from": before}
    for _ in range(MOST_PAGES):
        answer = await client.get(f"/rooms/{part(room)}/messages", query=query)
        for event in tables(answer.get("chunk")):
            if known and text(event.get("event_id")) == known:
                return found[::-1]
            found.append(event)
            if not known and begins(event, me):
                return found[::-1]
        end = text(answer.get("end"))
        if not end:
            return found[::-1]
        query["from"] = end
    raise TooFar(found[::-1])


def begins(event: Table, me: str) -> bool:
    """Whether our part of a room's story begins here: somebody asked us in."""
    ours = event.get("type") == "m.room.member" and event.get("state_key") == me
    return ours and at(event, "content", "membership") == "invite"
