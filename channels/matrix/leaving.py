"""Taking back, leaving, forgetting: what `hide` does to a room (design §4).

Ours goes always, hers where the room lets us. Then we leave and forget it; where the organisation runs the
homeserver, it is removed there altogether. What other servers and other devices keep is theirs: the guide
says so.
"""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final

from channels.matrix import administration, filters, making
from channels.matrix.bookmarks import Bookmark
from channels.matrix.failures import Refusal
from channels.matrix.reading import Table, at, tables, text
from channels.matrix.station import Station
from channels.matrix.wire import part
from channels.message import DeliveryState, Receipt

_log = logging.getLogger(__name__)
MOST_PAGES: Final = 100


@dataclass(slots=True)
class Leaving:
    """Empties and leaves rooms; usable for any room we are in."""

    station: Station

    async def leave_all(self, user: str) -> Receipt:
        """Every room with a person: emptied, left, forgotten, removed. Raises what `Client.ask` raises."""
        for room in self.station.rooms_with(user) or [
            mark.room for mark in self.station.bookmarks.of_user(user)
        ]:
            await self.leave(room)
        person = self.station.people.of(user)
        if person is not None and not person.last_act:
            self.station.forget(user)  # made anew as the host forgot her
        await self.station.ledger.save()
        return Receipt(DeliveryState.SENT)

    async def leave(self, room: str, *, empty: bool = True) -> None:
        """One room: emptied if so wished, left, forgotten, removed where it is ours to remove."""
        client = self.station.client
        try:
            if empty:
                await self.empty(room)
            await client.post(f"/rooms/{part(room)}/leave", {})
        except Refusal as refused:
            if refused.status not in {403, 404}:
                raise
            _log.info("a room was left before")
        try:
            await client.post(f"/rooms/{part(room)}/forget", {})
        except Refusal as refused:
            if refused.status not in {400, 403, 404}:
                raise
        await administration.remove_room(self.station, room)
        self.station.forget_room(room)

    async def close(self, room: str) -> None:
        """The room of a chat: every word taken back, whoever is in it taken out, its address gone, left."""
        station, client = self.station, self.station.client
        known, view = station.chat_rooms.of(room), station.rooms.get(room)
        await _if_there(self.empty(room))
        inside: set[str] = {known.user} if known is not None else set()
        if view is not None:
            inside |= view.members | view.invited
        for user in inside - {station.me}:
            await _if_there(making.remove(client, room, user))
        if known is not None:
            await _if_there(making.drop_alias(client, known.alias))
        await self.leave(room, empty=False)

    async def empty(self, room: str) -> None:
        """Take back every message of a room that we may take back, the newest first."""
        view, me = self.station.rooms.get(room), self.station.me
        hers_too = view is not None and view.may_redact()
        query = {"dir": "b", "limit": "100", "filter": filters.as_query(filters.SWEEP)}
        for _ in range(MOST_PAGES):
            answer = await self.station.client.get(f"/rooms/{part(room)}/messages", query=query)
            for event in tables(answer.get("chunk")):
                if _says_something(event) and (hers_too or event.get("sender") == me):
                    name = text(event.get("event_id"))
                    await self.redact(room, name, f"empty.{name}")
            end = text(answer.get("end"))
            if not end:
                return
            query["from"] = end

    async def redact(self, room: str, event: str, transaction: str) -> None:
        """Take back one event, without a reason, and the file that belongs to it."""
        mark = self.station.bookmarks.of(room)
        path = f"/rooms/{part(room)}/redact/{part(event)}/{part(transaction)}"
        await self.station.client.put(path, {})
        if mark is not None:
            await self._remove_file(mark, event)

    async def _remove_file(self, mark: Bookmark, event: str) -> None:
        address = mark.files.pop(event, "")
        if address:
            await administration.remove_file(self.station, address)


def _says_something(event: Table) -> bool:
    redacted = at(event, "unsigned", "redacted_because") is not None
    return not redacted and bool(event.get("content")) and "state_key" not in event


async def _if_there(doing: Awaitable[Any]) -> None:
    """What is gone, or is not ours to change any more, is well."""
    try:
        await doing
    except Refusal as refused:
        if refused.status not in {403, 404}:
            raise
