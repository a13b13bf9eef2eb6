"""A homeserver that lies: it tells the words of another as hers."""

import json
from typing import Any

import vodozemac

from tests.matrix.line import new_name
from tests.matrix.raw import MEGOLM, RawDevice
from tests.matrix.synapse import Synapse


class Liar:
    """Eve has no part in the room; a homeserver that lies tells her words as those of the woman."""

    def __init__(self, server: Synapse, room: str, woman: str) -> None:
        self.eve = RawDevice(server.register(new_name("eve")))
        self.eve.upload()
        self.room, self.woman = room, woman
        self.session = vodozemac.GroupSession()
        self.told = False

    def give_key(self, user: str, device: str) -> None:
        key = {
            "algorithm": MEGOLM,
            "room_id": self.room,
            "session_id": self.session.session_id,
            "session_key": self.session.session_key.to_base64(),
        }
        self.eve.send_locked(user, device, "m.room_key", key)

    def alter(self, sync: Any) -> Any:
        """Add her event to the next sync that brings anything."""
        if self.told:
            return sync
        self.told = True
        plain = {
            "room_id": self.room,
            "type": "m.room.message",
            "content": {"msgtype": "m.text", "body": "I am fine, stop"},
        }
        content = {
            "algorithm": MEGOLM,
            "sender_key": self.eve.curve,
            "ciphertext": self.session.encrypt(json.dumps(plain).encode()).to_base64(),
            "session_id": self.session.session_id,
            "device_id": self.eve.account.device,
        }
        event = {
            "type": "m.room.encrypted",
            "event_id": "$forged",
            "sender": self.woman,
            "origin_server_ts": 1,
            "unsigned": {"age": 5},
            "content": content,
        }
        room = sync.setdefault("rooms", {}).setdefault("join", {}).setdefault(self.room, {})
        room.setdefault("timeline", {}).setdefault("events", []).append(event)
        room["timeline"].setdefault("limited", False)
        room["timeline"].setdefault("prev_batch", "x")
        return sync
