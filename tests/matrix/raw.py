"""A device without a client: what an attacker, or a broken program, can put on a homeserver by hand."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import vodozemac
from nio import Api
from unpaddedbase64 import encode_base64

from tests.matrix.synapse import Account

OLM = "m.olm.v1.curve25519-aes-sha2"
MEGOLM = "m.megolm.v1.aes-sha2"
CURVE = "signed_curve25519"


@dataclass
class RawDevice:
    """One device with real keys, and everything it does spelled out."""

    account: Account
    keys: vodozemac.Account = field(default_factory=vodozemac.Account)

    @property
    def curve(self) -> str:
        return self.keys.curve25519_key.to_base64()

    @property
    def ed(self) -> str:
        return self.keys.ed25519_key.to_base64()

    def signed(self, plain: dict[str, Any]) -> dict[str, Any]:
        signature = self.keys.sign(Api.to_canonical_json(plain).encode()).to_base64()
        name = f"ed25519:{self.account.device}"
        return {**plain, "signatures": {self.account.user: {name: signature}}}

    def upload(self, one_time: dict[str, Any] | None = None, **wrong: str) -> None:
        """Publish device keys (`wrong` replaces one of them) and one-time keys as given."""
        device = self.account.device
        keys = {"curve25519": self.curve, "ed25519": self.ed, **wrong}
        plain = {
            "algorithms": [OLM, MEGOLM],
            "device_id": device,
            "user_id": self.account.user,
            "keys": {f"{kind}:{device}": key for kind, key in keys.items()},
        }
        body: dict[str, Any] = {"device_keys": self.signed(plain)}
        if one_time is not None:
            body["one_time_keys"] = {f"{CURVE}:{name}": self.signed(key) for name, key in one_time.items()}
        self.account.ask("POST", "/_matrix/client/v3/keys/upload", body)

    def device_of(self, user: str, device: str) -> dict[str, Any]:
        """The keys of somebody's device."""
        asked = {"device_keys": {user: [device]}}
        return self.account.ask("POST", "/_matrix/client/v3/keys/query", asked)["device_keys"][user][device]

    def claim(self, user: str, device: str) -> str:
        """A one-time key of somebody's device, "" if there is none."""
        asked = {"one_time_keys": {user: {device: CURVE}}}
        told = self.account.ask("POST", "/_matrix/client/v3/keys/claim", asked)["one_time_keys"]
        found = told.get(user, {}).get(device, {})
        return next(iter(found.values()))["key"] if found else ""

    def to_device(self, user: str, device: str, kind: str, content: Any) -> None:
        path = f"/_matrix/client/v3/sendToDevice/{kind}/{secrets.token_hex(8)}"
        self.account.ask("PUT", path, {"messages": {user: {device: content}}})

    def send_locked(self, user: str, device: str, kind: str, content: dict[str, Any]) -> None:
        """A proper encrypted message to somebody's device."""
        theirs = self.device_of(user, device)["keys"]
        curve, ed = theirs[f"curve25519:{device}"], theirs[f"ed25519:{device}"]
        session = self.keys.create_outbound_session(
            vodozemac.Curve25519PublicKey.from_base64(curve),
            vodozemac.Curve25519PublicKey.from_base64(self.claim(user, device)),
        )
        payload = {
            "sender": self.account.user,
            "sender_device": self.account.device,
            "keys": {"ed25519": self.ed},
            "recipient": user,
            "recipient_keys": {"ed25519": ed},
            "type": kind,
            "content": content,
        }
        form, ciphertext = session.encrypt(json.dumps(payload).encode()).to_parts()
        body = encode_base64(ciphertext)
        self.to_device(
            user,
            device,
            "m.room.encrypted",
            {"algorithm": OLM, "sender_key": self.curve, "ciphertext": {curve: {"type": form, "body": body}}},
        )
