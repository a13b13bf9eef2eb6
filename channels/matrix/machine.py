"""nio's cryptography with its holes closed; `tests/matrix/test_holes.py` tries each, on nio as shipped too.

| hole | who can do it | here |
| --- | --- | --- |
| 1 a malformed message to our device ends the sync | anybody | whatever cannot be read is nothing |
| 2 a malformed device key hides the devices of others | anybody | each person's devices are read apart |
| 3 a malformed one-time key locks a room for ever | anybody | such a device is left out |
| 6, 9 no key left for a newcomer's first message | anybody | `keys`: two hundred, and a fallback key |
| 10 a message is whose the homeserver says | homeserver | `trust`: its key belongs to a device of hers |

Holes 4, 5, 7 and 8 are closed where requests are made: `sharing`, `keys`, `sending`.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, cast

import vodozemac
from nio import EncryptedToDeviceEvent, EncryptionError, KeysClaimResponse, RoomKeyEvent, ToDeviceEvent
from nio.crypto import InboundGroupSession, Olm, OlmDevice, Session

from channels.matrix.keystore import MOST_MEGOLM, MOST_OLM, KeyStore
from channels.matrix.reading import Table, at, table, text
from channels.matrix.rooms import MEGOLM

_log = logging.getLogger(__name__)
_KINDS: Final = ("ed25519", "curve25519")


class Closed(Enum):
    """Why an event could not be opened."""

    NO_KEY = "no_key"  # its key may still come
    REPEATED = "repeated"  # it was opened before: the homeserver tells it again
    NEVER = "never"  # broken, played again, or not for us


@dataclass(frozen=True, slots=True)
class Opened:
    """One event opened: type and content, keys of the device that wrote it, its place in the room key."""

    kind: str
    content: Table
    curve25519: str
    ed25519: str
    event: str
    key: InboundGroupSession
    index: int


class Machine(Olm):
    """`nio.crypto.Olm` for a line that anybody may write to."""

    store: KeyStore  # ours, with the methods nio calls

    def __init__(self, user_id: str, device_id: str, store: KeyStore) -> None:
        self.unread = 0  # messages to our device that could not be opened
        self.came: list[tuple[str, str]] = []  # rooms and ids of keys that came
        self.greeted: set[str] = set()  # people a device of whom began with us anew
        self.asked: set[str] = set()  # ids of room keys we asked for
        self._wedged: set[tuple[str, str]] = set()  # people and keys of devices we do not know yet
        nio: Any = super()
        nio.__init__(user_id, device_id, store)

    # --- what comes to our device -----------------------------------------------------------------------
    def take_to_device(self, plain: object) -> ToDeviceEvent | None:
        """One message to our device, opened if it was locked; None for what says nothing. Never raises.

        Requests to compare emoji are not answered, and no memory is spent on them.
        """
        opened: object = None
        try:
            event = cast("Any", ToDeviceEvent).parse_event(table(plain))
            if not isinstance(event, EncryptedToDeviceEvent):
                return event if isinstance(event, ToDeviceEvent) else None
            opened = self.decrypt_event(event)
        except Exception as error:  # noqa: BLE001  whoever wrote it chose its form: hole 1
            _log.info("a message to our device could not be read", extra={"error": type(error).__name__})
        if opened is None:
            self.unread += 1
        return opened if isinstance(opened, ToDeviceEvent) else None

    def decrypt(self, sender: str, sender_key: str, message: Any) -> Any:  # pyright: ignore[reportImplicitOverride]
        """Open with any session; a new one belongs to its sender from the start."""
        self.store.owners.setdefault(sender_key, sender)
        known = len(self.session_store[sender_key])
        opened = super().decrypt(sender, sender_key, message)
        if len(self.session_store[sender_key]) > known:
            self.greeted.add(sender)
            self._trim_olm(sender_key)
            self.save_account()  # nio saves it before the one-time key is used up, and not after
        return opened

    def _mark_device_for_unwedging(self, sender: str, sender_key: str) -> None:  # pyright: ignore[reportImplicitOverride]
        """A session with a device is broken: a new one is begun, once we know the device."""
        if self.device_store.device_from_sender_key(sender, sender_key) is None:
            self._wedged.add((sender, sender_key))
            self.users_for_key_query.add(sender)
        nio: Any = super()
        nio._mark_device_for_unwedging(sender, sender_key)  # noqa: SLF001  its own method

    def _handle_room_key_event(self, sender: str, sender_key: str, payload: Any) -> Any:  # pyright: ignore[reportImplicitOverride]
        self.store.owners[sender_key] = sender
        return super()._handle_room_key_event(sender, sender_key, payload)

    def _handle_forwarded_room_key_event(self, sender: str, sender_key: str, payload: Any) -> Any:  # pyright: ignore[reportImplicitOverride]
        """A key we asked for is believed from the very device that made it, and from nobody else."""
        content = table(payload.get("content"))
        claimed = text(at(payload, "keys", "ed25519"))
        if (
            content.get("algorithm") != MEGOLM
            or text(content.get("sender_key")) != sender_key
            or text(content.get("sender_claimed_ed25519_key")) != claimed
            or content.get("forwarding_curve25519_key_chain")
            or text(content.get("session_id")) not in self.asked
        ):
            return None
        session = InboundGroupSession.import_session(
            text(content.get("session_key")), claimed, sender_key, text(content.get("room_id"))
        )
        if session.id != content.get("session_id"):
            return None
        self.asked.discard(session.id)
        self._keep_key(session)
        return RoomKeyEvent(payload, sender, sender_key, session.room_id, session.id, MEGOLM)

    def create_group_session(  # pyright: ignore[reportImplicitOverride]
        self, sender_key: str, sender_fp_key: str, room_id: str, session_id: str, session_key: str
    ) -> None:
        """A room key came. One that opens less than the one we have is not taken."""
        session = InboundGroupSession(session_key, sender_fp_key, sender_key, room_id)
        if session.id == session_id:
            self._keep_key(session)

    def _keep_key(self, session: InboundGroupSession) -> None:
        known = self.inbound_group_store.get(session.room_id, session.sender_key, session.id)
        if known is not None and known.first_known_index <= session.first_known_index:
            return
        keys = self.inbound_group_store[session.room_id][session.sender_key]
        while len(keys) >= MOST_MEGOLM:
            self.store.drop_key(keys.pop(next(iter(keys))))
        keys[session.id] = session
        self.store.save_inbound_group_session(session)
        self.came.append((session.room_id, session.id))

    def _trim_olm(self, curve_key: str) -> None:
        sessions = self.session_store[curve_key]
        while len(sessions) > MOST_OLM:
            oldest = min(sessions, key=lambda session: session.use_time)
            sessions.remove(oldest)
            self.store.drop_session(curve_key, oldest)

    # --- what is written in rooms ------------------------------------------------------------------------
    def open(self, event: Table, room: str) -> Opened | Closed:
        """Open an event of a room. Never raises."""
        content = table(event.get("content"))
        if content.get("algorithm") != MEGOLM:
            return Closed.NEVER
        key, name = text(content.get("session_id")), text(event.get("event_id"))
        session = self._key_of(room, key)
        if session is None:
            return Closed.NO_KEY
        try:
            plain, index = session.decrypt(text(content.get("ciphertext")))
            told = table(json.loads(plain))
        except Exception:  # noqa: BLE001  written by anybody, in any form
            again = self.store.was_read(text(event.get("sender")), room, key, name)
            return Closed.REPEATED if again else Closed.NO_KEY
        if self.store.is_repeat(session, index, name) or text(told.get("room_id")) != room:
            return Closed.NEVER
        opened = table(told.get("content"))
        if "m.relates_to" not in opened and "m.relates_to" in content:
            opened["m.relates_to"] = content["m.relates_to"]  # relations travel in the clear
        kind = text(told.get("type"))
        return Opened(kind, opened, session.sender_key, session.ed25519, name, session, index)

    def accept(self, opened: Opened) -> None:
        """It is taken in: once its batch is stored, its key opens it no more."""
        self.store.note_read(opened.key, opened.index, opened.event)

    def _key_of(self, room: str, session_id: str) -> InboundGroupSession | None:
        """The room key of that id, whoever's it is: what an event says of its sender's key proves nothing."""
        rooms: Any = self.inbound_group_store
        for keys in rooms[room].values():
            if session_id in keys:
                return keys[session_id]
        return None

    # --- devices of others -------------------------------------------------------------------------------
    def verify_json(self, json: Any, user_key: str, user_id: str, device_id: str) -> bool:  # pyright: ignore[reportImplicitOverride]
        """Whether a signature is right; one that cannot even be read is not (holes 2 and 3)."""
        nio: Any = super()
        try:
            return bool(nio.verify_json(json, user_key, user_id, device_id))
        except (ValueError, TypeError, AttributeError, KeyError):
            return False

    def take_devices(self, user: str, devices: Table) -> list[OlmDevice]:
        """The devices of one person that say truly who they are; what is malformed is left out (hole 2)."""
        found = [
            OlmDevice(user, name, {kind: text(at(device, "keys", f"{kind}:{name}")) for kind in _KINDS})
            for name, device in ((name, table(device)) for name, device in devices.items())
            if _is_device(user, name, device)
            and self.verify_json(dict(device), text(at(device, "keys", f"ed25519:{name}")), user, name)
        ]
        self.device_store[user].clear()
        for device in found:
            self.know(device)
        self.users_for_key_query.discard(user)
        for sender, curve in [wedged for wedged in self._wedged if wedged[0] == user]:
            self._wedged.discard((sender, curve))
            nio: Any = super()
            nio._mark_device_for_unwedging(sender, curve)  # noqa: SLF001  its own method
        return found

    def take_one_time_keys(self, claimed: Table) -> None:
        """Begin sessions with what was claimed; a key that is none is left out (hole 3)."""
        nio: Any = super()
        for user, devices in claimed.items():
            for device, keys in table(devices).items():
                first = next(iter(table(keys).values()), None)
                if not text(table(first).get("key")):
                    continue
                try:
                    nio._handle_key_claiming(  # noqa: SLF001  its own method
                        KeysClaimResponse({user: {device: {"": dict(table(first))}}}, {})
                    )
                except (ValueError, TypeError, KeyError, EncryptionError):
                    _log.info("a one-time key was malformed")

    def mend(self, claimed: Table) -> None:
        """Begin sessions anew with devices whose old one is broken, and queue a word that tells them."""
        self.take_one_time_keys(claimed)
        nio: Any = super()
        for user, devices in claimed.items():
            for name in table(devices):
                device = self.device_store[user].get(name)
                session = self.session_store.get(device.curve25519) if device is not None else None
                if device is not None and session is not None:
                    nio._queue_dummy_message(session, device)  # noqa: SLF001  its own method

    def know(self, device: OlmDevice) -> None:
        """A device that was read from our own rows."""
        self.store.owners[device.curve25519] = device.user_id
        self.device_store.add(device)

    def forget(self, user: str) -> None:
        """Know nothing of a person any more."""
        self.device_store[user].clear()
        sessions: Any = self.session_store
        for curve in [curve for curve, owner in self.store.owners.items() if owner == user]:
            sessions._entries.pop(curve, None)  # noqa: SLF001  nio offers no way to take one away
        rooms: Any = self.inbound_group_store
        for keys in rooms._entries.values():  # noqa: SLF001  same
            for sender_key in [key for key in keys if self.store.owners.get(key) == user]:
                del keys[sender_key]
        self.users_for_key_query.discard(user)
        self.store.forget(user)

    def forget_room(self, room: str) -> None:
        """The room is over: none of its keys is needed."""
        rooms: Any = self.inbound_group_store
        rooms._entries.pop(room, None)  # noqa: SLF001  nio offers no way to take one away
        self.outbound_group_sessions.pop(room, None)
        self.store.drop_room(room)

    # --- what goes to devices ----------------------------------------------------------------------------
    def create_outbound_group_session(self, room_id: str) -> None:  # pyright: ignore[reportImplicitOverride]
        """Not nio's way: what we write ourselves we need not read again. See `sharing`."""
        raise NotImplementedError

    def missing(self, devices: Iterable[OlmDevice]) -> list[OlmDevice]:
        """Devices we have no session with."""
        return [device for device in devices if self.session_store.get(device.curve25519) is None]

    def locked_for(self, device: OlmDevice, kind: str, content: Table) -> Table | None:
        """A message for one device; None if there is no session with it."""
        session: Session | None = self.session_store.get(device.curve25519)
        if session is None:
            return None
        nio: Any = super()
        return table(nio._olm_encrypt(session, device, kind, content))  # noqa: SLF001  its own method


def _is_device(user: str, name: str, device: Table) -> bool:
    keys = table(device.get("keys"))
    if device.get("user_id") != user or device.get("device_id") != name:
        return False
    try:
        vodozemac.Ed25519PublicKey.from_base64(text(keys.get(f"ed25519:{name}")))
        vodozemac.Curve25519PublicKey.from_base64(text(keys.get(f"curve25519:{name}")))
    except ValueError:
        return False
    return isinstance(device.get("signatures"), dict) and isinstance(device.get("unsigned", {}), dict)
