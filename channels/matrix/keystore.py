"""nio's store on sealed rows: no file of its own, nothing in the clear, nothing for too long (PR6, PR7).

A room key as it came could open everything it ever locked. What is stored is the key as it will be for the
next message: what was read and committed cannot be read again by anybody who takes the rows, with the copies
of the homeserver in hand.
"""

from datetime import datetime
from typing import Any, Final

import orjson
from nio.crypto import (
    DeviceStore,
    GroupSessionStore,
    InboundGroupSession,
    OlmAccount,
    OlmDevice,
    OutgoingKeyRequest,
    Session,
    SessionStore,
)

from channels.matrix.ledger import Ledger, Name
from channels.message import Lives

ACCOUNT: Final = Name("", "account")
OLM: Final = "olm"
MEGOLM: Final = "megolm"
MOST_OLM: Final = 5  # sessions with one device
MOST_MEGOLM: Final = 60  # room keys of one person
REMEMBERED: Final = 40  # messages of one key that are known again when they are told again
_CURVE: Final = 43  # letters of a device's key; a "/" may be among them
_MARK: Final = 16  # letters of an event's id that tell it from others
# The vault seals each row. A second lock whose key lies beside it would protect nothing.
_PICKLE: Final = ""


class KeyStore:
    """What `nio.crypto.Olm` asks of its store, and what becomes of a key once it was used."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.owners: dict[str, str] = {}  # curve25519 key of a device → whose it is
        self._seen: dict[Name, dict[int, str]] = {}  # message index → event, of each room key
        self._next: dict[Name, int] = {}  # the message index from which on a stored room key opens

    # --- what nio calls ---------------------------------------------------------------------------------
    def load_account(self) -> OlmAccount | None:
        """The device's own keys, None at the very first start."""
        body = self._ledger.get(ACCOUNT)
        if body is None:
            return None
        plain: dict[str, Any] = orjson.loads(body)
        return OlmAccount.from_pickle(plain["pickle"].encode(), _PICKLE, shared=plain["shared"])

    def save_account(self, account: OlmAccount) -> None:
        """Remember them; stored before anything is published (hole 7)."""
        plain = {"pickle": account.pickle(_PICKLE).decode(), "shared": account.shared}
        self._ledger.put(ACCOUNT, Lives.KEYS, orjson.dumps(plain))

    def load_sessions(self) -> SessionStore:
        """Sessions with devices."""
        store = SessionStore()
        for name, body in self._ledger.of(OLM):
            plain: dict[str, Any] = orjson.loads(body)
            curve = name.name[:_CURVE]
            session = Session.from_pickle(
                plain["pickle"].encode(), _moment(plain["created"]), _PICKLE, _moment(plain["used"])
            )
            self.owners[curve] = name.owner
            store.add(curve, session)
        return store

    def save_session(self, curve_key: str, session: Session) -> None:
        """Remember how far a session with a device has come."""
        plain = {
            "pickle": session.pickle(_PICKLE).decode(),
            "created": session.creation_time.timestamp(),
            "used": session.use_time.timestamp(),
        }
        owner = self.owners.get(curve_key, "")
        self._ledger.put(Name(owner, OLM, f"{curve_key}/{session.id}"), Lives.CONTACT, orjson.dumps(plain))

    def load_inbound_group_sessions(self) -> GroupSessionStore:
        """Room keys, each from the message on that was not read yet."""
        store = GroupSessionStore()
        for name, body in self._ledger.of(MEGOLM):
            plain: dict[str, Any] = orjson.loads(body)
            self._seen[name] = {int(index): event for index, event in plain["seen"].items()}
            self._next[name] = plain["next"]
            session = InboundGroupSession.import_session(
                plain["key"], plain["ed25519"], plain["sender_key"], plain["room"], plain["chain"]
            )
            store.add(session)
            self.owners.setdefault(plain["sender_key"], name.owner)
        return store

    def save_inbound_group_session(self, session: InboundGroupSession) -> None:
        """Remember a room key that came."""
        name = self.name_of(session)
        self._seen.setdefault(name, {})
        self._next[name] = session.first_known_index
        self._ledger.put(name, Lives.CONTACT, self._written(session, name))

    def load_device_keys(self) -> DeviceStore:
        """Empty: devices lie with the people they belong to (`people`)."""
        return DeviceStore()

    def save_device_keys(self, device_keys: dict[str, dict[str, OlmDevice]]) -> None:
        """See `load_device_keys`."""

    def load_encrypted_rooms(self) -> set[str]:
        """Empty: whether a room is locked is asked of its state, at every start."""
        return set()

    def save_encrypted_rooms(self, rooms: set[str]) -> None:
        """See `load_encrypted_rooms`."""

    def delete_encrypted_room(self, room: str) -> None:
        """See `load_encrypted_rooms`."""

    def load_outgoing_key_requests(self) -> dict[str, OutgoingKeyRequest]:
        """Empty: they are asked anew after a start."""
        return {}

    def add_outgoing_key_request(self, key_request: OutgoingKeyRequest) -> None:
        """See `load_outgoing_key_requests`."""

    def remove_outgoing_key_request(self, key_request: OutgoingKeyRequest) -> None:
        """See `load_outgoing_key_requests`."""

    # Who may read is decided in `trust`, never by nio's marks.
    def is_device_verified(self, _device: OlmDevice) -> bool:
        """Never: nothing here hangs on it."""
        return False

    def is_device_blacklisted(self, _device: OlmDevice) -> bool:
        """Never: nothing here hangs on it."""
        return False

    def is_device_ignored(self, _device: OlmDevice) -> bool:
        """Never: nothing here hangs on it."""
        return False

    # --- what becomes of keys ---------------------------------------------------------------------------
    def name_of(self, session: InboundGroupSession) -> Name:
        """The row of a room key."""
        return Name(self.owners.get(session.sender_key, ""), MEGOLM, f"{session.room_id} {session.id}")

    def is_repeat(self, session: InboundGroupSession, index: int, event: str) -> bool:
        """Whether another event was locked with this key at this index before: somebody plays it again."""
        known = self._seen.get(self.name_of(session), {}).get(index)
        return known is not None and known != event[:_MARK]

    def was_read(self, owner: str, room: str, session_id: str, event: str) -> bool:
        """Whether this event was opened before: it is being told again."""
        seen = self._seen.get(Name(owner, MEGOLM, f"{room} {session_id}"), {})
        return event[:_MARK] in seen.values()

    def note_read(self, session: InboundGroupSession, index: int, event: str) -> None:
        """A message was opened: with its batch the stored key moves on past it."""
        name = self.name_of(session)
        seen = self._seen.setdefault(name, {})
        seen[index] = event[:_MARK]
        while len(seen) > REMEMBERED:
            del seen[min(seen)]
        self._next[name] = max(self._next.get(name, 0), index + 1)
        self._ledger.put(name, Lives.CONTACT, self._written(session, name), with_batch=True)

    def drop_room(self, room: str) -> None:
        """No key of this room is needed any more."""
        for name, _ in self._ledger.of(MEGOLM):
            if name.name.startswith(f"{room} "):
                self._ledger.drop(name)
                self._seen.pop(name, None)
                self._next.pop(name, None)

    def forget(self, owner: str) -> None:
        """Nothing of this person is known any more; her rows are the ledger's to drop."""
        self.owners = {curve: whose for curve, whose in self.owners.items() if whose != owner}
        for name in [name for name in self._seen if name.owner == owner]:
            self._seen.pop(name, None)
            self._next.pop(name, None)

    def drop_session(self, curve_key: str, session: Session) -> None:
        """One session with a device is needed no longer."""
        owner = self.owners.get(curve_key, "")
        self._ledger.drop(Name(owner, OLM, f"{curve_key}/{session.id}"))

    def drop_key(self, session: InboundGroupSession) -> None:
        """One room key is needed no longer."""
        name = self.name_of(session)
        self._ledger.drop(name)
        self._seen.pop(name, None)
        self._next.pop(name, None)

    def holders(self) -> set[str]:
        """Everybody there are keys of."""
        return {name.owner for kind in (OLM, MEGOLM) for name, _ in self._ledger.of(kind)} - {""}

    def _written(self, session: InboundGroupSession, name: Name) -> bytes:
        index = max(self._next.get(name, 0), session.first_known_index)
        return orjson.dumps(
            {
                "key": session.export_session(index),
                "ed25519": session.ed25519,
                "sender_key": session.sender_key,
                "room": session.room_id,
                "chain": session.forwarding_chain,
                "next": index,
                "seen": {str(at): event for at, event in self._seen.get(name, {}).items()},
            }
        )


def _moment(seconds: float) -> datetime:
    # nio counts a session's age in naive local time.
    return datetime.fromtimestamp(seconds)  # noqa: DTZ006
