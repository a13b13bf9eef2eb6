"""The line's identity: three keys that vouch for its device, so that every client believes it (MSC4153).

nio has none of this. Each key is a `vodozemac.Account` of which only the signing key is used: it signs, it
can be kept, and its base64 is unpadded, as key ids must be. With these keys kept, a new device of the line is
trusted at once; without them, everybody sees that its identity changed.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson
import vodozemac
from nio import Api

from channels.matrix.failures import Refusal
from channels.matrix.ledger import Ledger, Name
from channels.matrix.machine import Machine
from channels.matrix.reading import Table, at, table, text
from channels.matrix.wire import Client
from channels.message import Lives

ROW: Final = Name("", "identity")
_PICKLE: Final = bytes(32)  # the vault seals the row: see `keystore`


class OtherIdentity(Exception):
    """The account has an identity that is not ours, or a device of ours that is not ours any more."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The three keys."""

    master: vodozemac.Account
    self_signing: vodozemac.Account
    user_signing: vodozemac.Account

    @property
    def fingerprint(self) -> str:
        """The master key, as people compare it: in groups of four."""
        key = _public(self.master)
        return " ".join(key[start : start + 4] for start in range(0, len(key), 4))

    @property
    def public(self) -> str:
        """The master key."""
        return _public(self.master)


def load(ledger: Ledger) -> Identity | None:
    """The identity kept, None for none."""
    body = ledger.get(ROW)
    if body is None:
        return None
    kept: dict[str, str] = orjson.loads(body)
    return Identity(**{name: vodozemac.Account.from_pickle(pickle, _PICKLE) for name, pickle in kept.items()})


def make(ledger: Ledger) -> Identity:
    """A new identity, kept with the organisation's own rows: a backup holds it."""
    made = Identity(vodozemac.Account(), vodozemac.Account(), vodozemac.Account())
    kept = {name: getattr(made, name).pickle(_PICKLE) for name in Identity.__slots__}
    ledger.put(ROW, Lives.LINE, orjson.dumps(kept))
    return made


async def publish(
    client: Client, machine: Machine, identity: Identity, password: str, *, replaces: bool = False
) -> None:
    """Have the homeserver show our identity and our device signed by it, and look that it does.

    `replaces`: another identity there is put aside for ours. Raises `OtherIdentity` and what `ask` raises.
    """
    shown = await query_own(client, machine)
    master = next(iter(table(at(shown, "master_keys", machine.user_id, "keys")).values()), "")
    if master and master != identity.public and not replaces:
        raise OtherIdentity("the account has another identity than the one kept here")
    if master != identity.public:
        await _upload(client, machine.user_id, identity, password)
    device = table(at(shown, "device_keys", machine.user_id, machine.device_id))
    if not _vouched(device, machine.user_id, identity):
        await _sign_device(client, machine, identity)
        shown = await query_own(client, machine)
        device = table(at(shown, "device_keys", machine.user_id, machine.device_id))
        if not _vouched(device, machine.user_id, identity):
            raise OtherIdentity("the homeserver does not show our device as signed")


def is_vouched(shown: Table, user: str, device: str, identity: Identity) -> bool:
    """Whether an answer of `query_own` shows our device signed by our identity."""
    master = next(iter(table(at(shown, "master_keys", user, "keys")).values()), "")
    return master == identity.public and _vouched(
        table(at(shown, "device_keys", user, device)), user, identity
    )


async def query_own(client: Client, machine: Machine) -> Table:
    """What the homeserver shows of our own keys."""
    return await client.post("/keys/query", {"device_keys": {machine.user_id: []}})


async def _upload(client: Client, user: str, identity: Identity, password: str) -> None:
    keys: dict[str, Any] = {}
    for name, usage in (
        ("master", "master"),
        ("self_signing", "self_signing"),
        ("user_signing", "user_signing"),
    ):
        public = _public(getattr(identity, name))
        key: dict[str, Any] = {"user_id": user, "usage": [usage], "keys": {f"ed25519:{public}": public}}
        if name != "master":
            key["signatures"] = {user: {f"ed25519:{identity.public}": _signature(identity.master, key)}}
        keys[f"{name}_key"] = key
    try:
        await client.post("/keys/device_signing/upload", keys)
    except Refusal as refused:
        if refused.status != 401 or not password:
            raise
        # Replacing an identity, and on older homeservers making one, asks for the password once more.
        login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}}
        await client.post("/keys/device_signing/upload", {**keys, "auth": {**login, "password": password}})


async def _sign_device(client: Client, machine: Machine, identity: Identity) -> None:
    """The self-signing key vouches for the device; the device signs the master key in turn."""
    user, device = machine.user_id, machine.device_id
    shown = await query_own(client, machine)
    keys = table(at(shown, "device_keys", user, device))
    ours: Table = machine.account.identity_keys  # pyright: ignore[reportAssignmentType]  a typed dict of two strings
    if text(at(keys, "keys", f"ed25519:{device}")) != ours["ed25519"]:
        raise OtherIdentity("the homeserver shows other keys for our device")
    bare = {name: value for name, value in keys.items() if name not in {"signatures", "unsigned"}}
    signed = {
        **bare,
        "signatures": {
            user: {f"ed25519:{_public(identity.self_signing)}": _signature(identity.self_signing, bare)}
        },
    }
    master: dict[str, Any] = {
        "user_id": user,
        "usage": ["master"],
        "keys": {f"ed25519:{identity.public}": identity.public},
    }
    master["signatures"] = {user: {f"ed25519:{device}": machine.sign_json(dict(master))}}
    answer = await client.post("/keys/signatures/upload", {user: {device: signed, identity.public: master}})
    if at(answer, "failures", user, device):
        raise OtherIdentity("the homeserver did not take the signature of our device")


def _vouched(device: Table, user: str, identity: Identity) -> bool:
    signing = _public(identity.self_signing)
    signature = text(at(device, "signatures", user, f"ed25519:{signing}"))
    bare = {name: value for name, value in device.items() if name not in {"signatures", "unsigned"}}
    return bool(bare) and signature == _signature(identity.self_signing, bare)


def _public(account: vodozemac.Account) -> str:
    return account.ed25519_key.to_base64()


def _signature(account: vodozemac.Account, plain: Table) -> str:
    return account.sign(Api.to_canonical_json(plain).encode()).to_base64()
