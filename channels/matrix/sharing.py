"""The key of a room goes to exactly those devices that may read, before anything is locked with it.

As shipped, nio counts a key as given when the homeserver refused to pass it on (hole 5), and after one failed
request waits for ever in that room (holes 3 and 4). Here a key that did not go out is thrown away.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from nio.crypto import OlmDevice, OutboundGroupSession

from channels.matrix.failures import NoKeys
from channels.matrix.keys import CURVE
from channels.matrix.reading import Table, table
from channels.matrix.rooms import MEGOLM
from channels.matrix.station import Station
from channels.matrix.wire import part

CLAIM_FOR: Final = 8_000  # milliseconds a homeserver may ask others for keys
TRY_AGAIN: Final = timedelta(minutes=10)  # a device without a key to give


@dataclass(slots=True)
class Sharing:
    """Who has the key of which room."""

    station: Station
    _unreachable: dict[str, datetime] = field(default_factory=dict[str, datetime])
    _first: dict[str, str] = field(default_factory=dict[str, str])  # keys as they were before their first use

    async def key_for(self, room: str, devices: list[OlmDevice]) -> OutboundGroupSession:
        """The key of a room that exactly these devices have, made and passed on if need be.

        Raises `NoKeys` if none of them can be given one, and what `Client.ask` raises.
        """
        machine, now = self.station.machine, self.station.now()
        wanted = [device for device in devices if not self._rests(device, now)] or devices
        session = machine.outbound_group_sessions.get(room)
        names = {(device.user_id, device.device_id) for device in wanted}
        if session is not None and session.users_shared_with == names and not session.expired:
            return session
        machine.outbound_group_sessions.pop(room, None)
        await self._claim(machine.missing(wanted))
        made = OutboundGroupSession()
        first = made.session_key
        reached = await self._pass_on(room, made.id, first, wanted)
        if session is not None:
            self._first.pop(session.id, None)
        self._first[made.id] = first
        for device in wanted:
            if (device.user_id, device.device_id) not in reached:
                self._unreachable[device.curve25519] = now
        made.shared = True
        made.users_shared_with = reached
        machine.outbound_group_sessions[room] = made
        return made

    def meet_again(self, user: str) -> None:
        """Something came from a device of hers: all of them are tried again, with a new key."""
        for device in self.station.machine.device_store.active_user_devices(user):
            self._unreachable.pop(device.curve25519, None)
        for room in self.station.rooms_with(user):
            self.station.machine.outbound_group_sessions.pop(room, None)

    def locked(self, room: str, session: OutboundGroupSession, kind: str, content: Table) -> Table:
        """An event's content under the key of its room; relations stand outside, as every client expects."""
        machine = self.station.machine
        plain = json.dumps({"room_id": room, "type": kind, "content": content}, separators=(",", ":"))
        locked: Table = {
            "algorithm": MEGOLM,
            "sender_key": machine.account.identity_keys["curve25519"],
            "ciphertext": cast("Any", session).encrypt(plain),
            "session_id": session.id,
            "device_id": machine.device_id,
        }
        if "m.relates_to" in content:
            locked["m.relates_to"] = content["m.relates_to"]
        return locked

    async def _claim(self, devices: list[OlmDevice]) -> None:
        """Begin sessions with devices we have none with."""
        if not devices:
            return
        asked: dict[str, dict[str, str]] = {}
        for device in devices:
            asked.setdefault(device.user_id, {})[device.device_id] = CURVE
        answer = await self.station.client.post("/keys/claim", {"one_time_keys": asked, "timeout": CLAIM_FOR})
        self.station.machine.take_one_time_keys(table(answer.get("one_time_keys")))

    async def pass_on_again(self, room: str, session_id: str, device: OlmDevice) -> None:
        """A device that was given a key asks for it: it did not arrive. Others get none."""
        session = self.station.machine.outbound_group_sessions.get(room)
        first = self._first.get(session_id)
        if session is None or session.id != session_id or first is None:
            return
        if (device.user_id, device.device_id) in session.users_shared_with:
            await self._pass_on(room, session_id, first, [device])

    async def _pass_on(
        self, room: str, session_id: str, key: str, devices: list[OlmDevice]
    ) -> set[tuple[str, str]]:
        """Give a key to each device; who was reached."""
        station = self.station
        content = {
            "algorithm": MEGOLM,
            "room_id": room,
            "session_id": session_id,
            "session_key": key,
        }
        messages: dict[str, Table] = {}
        for device in devices:
            locked = station.machine.locked_for(device, "m.room_key", content)
            if locked is not None:
                messages.setdefault(device.user_id, {})[device.device_id] = locked
        if not messages:
            raise NoKeys("no device could be given the key")
        await station.ledger.save()  # a session must never be used twice from the same state
        path = f"/sendToDevice/m.room.encrypted/{part(station.token())}"
        await station.client.put(path, {"messages": messages})
        return {(user, name) for user, devices_of in messages.items() for name in devices_of}

    def _rests(self, device: OlmDevice, now: datetime) -> bool:
        since = self._unreachable.get(device.curve25519)
        if since is None or now - since < TRY_AGAIN:
            return since is not None
        del self._unreachable[device.curve25519]
        return False
