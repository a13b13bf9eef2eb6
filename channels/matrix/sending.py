"""From an outbox entry to events in her room: locked for her devices only, and never in the clear.

The host holds at most one send in flight per person and decides the order; here a lock per room makes sure of
it. The entry's id is the transaction id: sent twice, it is one event (PR2). The homeserver remembers that for
a day; what may have been sent longer ago is looked for first.
"""

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from typing import Final

from nio.crypto import OlmDevice

from channels.matrix import filters, making, places, trust
from channels.matrix.capabilities import CAPABILITIES
from channels.matrix.failures import Refusal, Trouble, receipt
from channels.matrix.leaving import Leaving
from channels.matrix.people import Person
from channels.matrix.policy import Verdict, judge
from channels.matrix.reading import Table, at, number, tables, text
from channels.matrix.sharing import Sharing
from channels.matrix.station import Station
from channels.matrix.wire import part
from channels.message import DeliveryState, OutboundKind, OutboundMessage, Receipt, Speaker
from channels.rendering import render

_log = logging.getLogger(__name__)
REMEMBERED_FOR: Final = timedelta(hours=20)  # a homeserver knows a transaction for 24
MOST_PAGES: Final = 40
NOT_CONNECTED: Final = Receipt(DeliveryState.FAILED_FOR_NOW, "not_connected")
GONE: Final = Receipt(DeliveryState.FAILED_FOR_GOOD, "gone")
PAUSED: Final = Receipt(DeliveryState.FAILED_FOR_NOW, "paused", retry_after=timedelta(seconds=5))


@dataclass(slots=True)
class Sending:
    """Puts messages on the wire."""

    station: Station
    sharing: Sharing
    leaving: Leaving
    _locks: "defaultdict[str, asyncio.Lock]" = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _rest_until: float = 0.0

    async def send(self, message: OutboundMessage) -> Receipt:
        """One message; what became of it. Never raises for the network."""
        clock = asyncio.get_running_loop().time
        if not self.station.ready.is_set():
            return NOT_CONNECTED
        if clock() < self._rest_until:
            # Told to slow down, all rooms rest: asking again would only lengthen it.
            rest = timedelta(seconds=self._rest_until - clock())
            return Receipt(DeliveryState.FAILED_FOR_NOW, "rate_limited", retry_after=rest)
        try:
            return await self._put(message)
        except Trouble as trouble:
            if isinstance(trouble, Refusal) and trouble.is_limit and trouble.rest is not None:
                self._rest_until = max(self._rest_until, clock() + trouble.rest.total_seconds())
            return receipt(trouble)

    async def _put(self, message: OutboundMessage) -> Receipt:
        if message.kind is OutboundKind.LEAVE:
            return await self.leaving.leave_all(message.address.handle)
        if message.kind is OutboundKind.DELETE:
            return await self._redact(message)
        person = self.station.people.of(message.address.handle)
        room = person.room if person is not None else ""
        if person is None or self.station.rooms.get(room) is None:
            return GONE
        async with self._locks[room]:
            if person.paused and not message.aside:
                return PAUSED
            return await self._speak(person, room, message)

    async def _speak(self, person: Person, room: str, message: OutboundMessage) -> Receipt:
        """A new message or an edit, for her devices as they are now."""
        refused = await self._unfit(room)
        if refused is not None:
            return refused
        person.language = message.language or person.language
        events: list[str] = []
        parts = render(message.text, message.choices, CAPABILITIES).parts
        for place, written in enumerate(parts):
            transaction = message.entry_id if place == 0 else f"{message.entry_id}.{place}"
            known = await self._already(room, transaction, message)
            if known is not None:
                events.append(known)
                continue
            content = _content(message, written, edits=place == 0 and message.kind is OutboundKind.EDIT)
            events.append(await self.say(room, self._readers(person, message), content, transaction))
        return Receipt(DeliveryState.SENT, remote_id=places.joined(room, *events))

    async def say(self, room: str, readers: list[OlmDevice], content: Table, transaction: str) -> str:
        """One event in a locked room, for exactly these devices; its id. Raises what `Client.ask` raises."""
        session = await self.sharing.key_for(room, readers)
        locked = self.sharing.locked(room, session, "m.room.message", content)
        path = f"/rooms/{part(room)}/send/m.room.encrypted/{part(transaction)}"
        answer = await self.station.client.put(path, locked)
        return text(answer.get("event_id"))

    def _readers(self, person: Person, message: OutboundMessage) -> list[OlmDevice]:
        chosen = trust.readers(person, aside=message.aside)
        found = [self.station.device(person.user, device) for device in chosen]
        return [device for device in found if device is not None]

    async def _unfit(self, room: str) -> Receipt | None:
        """Nothing is ever said in a room that is not locked, or where others are (hole 8)."""
        view = self.station.rooms[room]
        if not view.whole:
            view.take_members(await making.members(self.station.client, room))
        verdict = judge(view)
        if verdict is Verdict.TALK:
            return None
        if verdict in {Verdict.LOCK, Verdict.UNKNOWN}:
            return Receipt(DeliveryState.FAILED_FOR_NOW, "not_connected")
        return GONE

    async def _already(self, room: str, transaction: str, message: OutboundMessage) -> str | None:
        """The event of a transaction the homeserver may have forgotten; None if there is none."""
        written = message.written_at
        if not message.tried_before or written is None:
            return None
        if self.station.now() - written < REMEMBERED_FOR:
            return None
        oldest = int((written - timedelta(hours=1)).timestamp() * 1000)
        query = {"dir": "b", "limit": "100", "filter": filters.as_query(filters.SWEEP)}
        for _ in range(MOST_PAGES):
            answer = await self.station.client.get(f"/rooms/{part(room)}/messages", query=query)
            found = tables(answer.get("chunk"))
            for event in found:
                if text(at(event, "unsigned", "transaction_id")) == transaction:
                    return text(event.get("event_id"))
            end = text(answer.get("end"))
            if not end or (found and number(found[-1].get("origin_server_ts")) < oldest):
                return None
            query["from"] = end
        return None

    async def _redact(self, message: OutboundMessage) -> Receipt:
        """Take back a message, ours or hers; one that is gone already is well."""
        room, events = places.parted(message.target_remote_id or "")
        if self.station.rooms.get(room) is None:
            return GONE
        try:
            async with self._locks[room]:
                for place, event in enumerate(events):
                    await self.leaving.redact(room, event, f"{message.entry_id}.{place}")
        except Refusal as refused:
            if refused.status == 404:
                return Receipt(DeliveryState.SENT)
            if refused.status == 403:  # the room keeps what others wrote: nobody has shut us out
                return Receipt(DeliveryState.FAILED_FOR_GOOD, "refused")
            raise
        return Receipt(DeliveryState.SENT)


def _content(message: OutboundMessage, written: str, *, edits: bool) -> Table:
    content: Table = {
        "msgtype": "m.notice" if message.silent else "m.text",
        "body": written,
        "m.mentions": {},
    }
    if message.speaker is Speaker.PERSON and message.speaker_name:
        # Who speaks stands above the words where a client shows it; the words themselves stay as they are.
        shown = escape(written).replace("\n", "<br>")
        content["format"] = "org.matrix.custom.html"
        content["formatted_body"] = f"<strong>{escape(message.speaker_name)}</strong><br>{shown}"
    if message.reply_to is not None:
        _, answered = places.parted(message.reply_to)
        content["m.relates_to"] = {"m.in_reply_to": {"event_id": answered[-1]}}
    if not edits:
        return content
    _, (target, *_) = places.parted(message.target_remote_id or " ")
    return {
        **content,
        "body": f"* {written}",
        "m.new_content": content,
        "m.relates_to": {"rel_type": "m.replace", "event_id": target},
    }
