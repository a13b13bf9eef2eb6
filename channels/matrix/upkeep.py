"""Devices and keys, looked after beside the sync: who has which device, our stock, broken sessions."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from nio import RoomKeyRequest, ToDeviceMessage

from channels.matrix import keys, trust, volunteers
from channels.matrix.hearing import Gathered, Hearing
from channels.matrix.reading import Table, at, table, text
from channels.matrix.sharing import CLAIM_FOR, Sharing
from channels.matrix.station import Station
from channels.matrix.unreadable import GRACE, Unreadable
from channels.matrix.wire import part

QUERIED_AT_ONCE: Final = 50
QUERY_FOR: Final = 8_000  # milliseconds
_ALL: Final[list[str]] = []  # every device
QUERY_RESTS: Final = timedelta(seconds=30)  # somebody's homeserver did not answer


@dataclass(slots=True)
class Upkeep:
    """What keeps us able to read and to be read. Each method returns True if something is left to do."""

    station: Station
    sharing: Sharing
    hearing: Hearing
    unreadable: Unreadable
    gathered: Gathered
    requests: list[RoomKeyRequest] = field(default_factory=list[RoomKeyRequest])
    _rests: dict[str, datetime] = field(default_factory=dict[str, datetime])

    async def query(self) -> bool:
        """Ask for the devices of whoever has new ones."""
        station, machine, now = self.station, self.station.machine, self.station.now()
        self._rests = {user: until for user, until in self._rests.items() if until > now}
        for user in [user for user in machine.users_for_key_query if station.people.of(user) is None]:
            machine.users_for_key_query.discard(user)
        chosen = [user for user in machine.users_for_key_query if user not in self._rests]
        chosen = chosen[:QUERIED_AT_ONCE]
        if not chosen:
            return bool(machine.users_for_key_query)
        answer = await station.client.post(
            "/keys/query", {"device_keys": dict.fromkeys(chosen, _ALL), "timeout": QUERY_FOR}
        )
        failed = set(table(answer.get("failures")))
        for user in chosen:
            if user.partition(":")[2] in failed and user not in table(answer.get("device_keys")):
                self._rests[user] = now + QUERY_RESTS
            else:
                self._met(user, answer, now)
        await station.ledger.save()
        return bool(machine.users_for_key_query)

    def _met(self, user: str, answer: Table, now: datetime) -> None:
        station = self.station
        devices = table(at(answer, "device_keys", user))
        sound = {device.device_id for device in station.machine.take_devices(user, devices)}
        whole = {name: device for name, device in devices.items() if name in sound}
        shown = trust.read_shown(user, {**answer, "device_keys": {user: whole}})
        person = station.people.meet(user)
        if station.settings.staff:
            volunteers.meet(person, shown)
        elif trust.meet(person, shown, now):
            self.hearing.ask_about_device(person, self.gathered)
        station.people.keep(person)
        station.bell.set()  # what waited for a device may be read now

    async def stock(self) -> bool:
        """Publish keys where some are missing."""
        station = self.station
        await keys.refill(station.client, station.machine, station.ledger, station.stock, station.now())
        return False

    async def mend(self) -> bool:
        """Begin anew with devices whose session is broken, and tell them."""
        station, machine = self.station, self.station.machine
        for user in list(machine.greeted):
            machine.greeted.discard(user)
            self.sharing.meet_again(user)
        if machine.wedged_devices:
            asked: dict[str, dict[str, str]] = {}
            for device in machine.wedged_devices:
                asked.setdefault(device.user_id, {})[device.device_id] = keys.CURVE
            machine.wedged_devices.clear()  # one try: if it fails, the next broken message begins another
            answer = await station.client.post("/keys/claim", {"one_time_keys": asked, "timeout": CLAIM_FOR})
            machine.mend(table(answer.get("one_time_keys")))
        while machine.outgoing_to_device_messages:
            message = machine.outgoing_to_device_messages[0]
            await station.ledger.save()
            await self._to_device(
                message.type, message.recipient, message.recipient_device, _content(message)
            )
            del machine.outgoing_to_device_messages[0]
        return False

    async def answer_requests(self) -> bool:
        """A device that was given a key and did not get it asks again."""
        while self.requests:
            asked = self.requests.pop(0)
            person = self.station.people.of(asked.sender)
            device = person.devices.get(asked.requesting_device_id) if person is not None else None
            known = self.station.device(asked.sender, device) if device is not None else None
            if known is not None and device is not None and device.may_read:
                await self.sharing.pass_on_again(asked.room_id, asked.session_id, known)
        return False

    async def ask_for_keys(self) -> bool:
        """Ask the device that wrote what cannot be read for its key, once."""
        now, machine = self.station.now(), self.station.machine
        for kept in self.unreadable.all():
            content = table(kept.event.get("content"))
            session, device = text(content.get("session_id")), text(content.get("device_id")) or "*"
            if now - kept.came_at < GRACE or session in machine.asked:
                continue
            machine.asked.add(session)
            body = {name: content.get(name) for name in ("algorithm", "session_id", "sender_key")}
            request = {
                "action": "request",
                "body": {**body, "room_id": kept.room},
                "request_id": self.station.token(),
                "requesting_device_id": machine.device_id,
            }
            await self._to_device("m.room_key_request", kept.sender, device, request)
        return False

    async def _to_device(self, kind: str, user: str, device: str, content: object) -> None:
        path = f"/sendToDevice/{part(kind)}/{part(self.station.token())}"
        await self.station.client.put(path, {"messages": {user: {device: content}}})


def _content(message: ToDeviceMessage) -> Table:
    return table(cast("Any", message).content)
