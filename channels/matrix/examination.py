"""What `hotline doctor` and `hotline channels` ask about the line on Matrix; nobody is written to."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson
from nio import AsyncClientConfig

from channels.matrix import administration, cross_signing, entrance, keys
from channels.matrix.entrance import BEGUN, DEVICE, RENEW, CannotEnter
from channels.matrix.failures import Refusal, Trouble
from channels.matrix.keystore import ACCOUNT, KeyStore
from channels.matrix.ledger import Ledger
from channels.matrix.machine import Machine
from channels.matrix.reading import at, number, table, text
from channels.matrix.settings import MatrixSettings
from channels.matrix.wire import Client
from channels.message import Lives
from channels.port import OwnRows

FEW_KEYS: Final = 20


class Standing(StrEnum):
    """How something stands."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at: what was found, and what to do."""

    standing: Standing
    found: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """The line on Matrix, as others see it."""

    user: str
    device: str
    fingerprint: str


async def read_rows(rows: OwnRows, token: Callable[[], str]) -> Ledger:
    """What the line keeps."""
    ledger = Ledger(rows, token)
    await ledger.open()
    return ledger


def identity(settings: MatrixSettings, ledger: Ledger) -> Identity:
    """Who the line is; the fingerprint is empty before its first start."""
    begun: dict[str, str] = orjson.loads(ledger.get(BEGUN) or b"{}")
    kept = cross_signing.load(ledger)
    return Identity(settings.user, begun.get("device", ""), kept.fingerprint if kept is not None else "")


async def replace_device(ledger: Ledger) -> bool:
    """Have the next start make a new device; identity stays if it is kept. True if it is.

    What is known of people goes: every session with them was the old device's.
    """
    for owner in ledger.owners():
        ledger.drop_owner(owner)
    for name in (BEGUN, DEVICE, ACCOUNT, entrance.FILTER, keys.ROW):
        ledger.drop(name)
    for name, _ in [*ledger.of("olm"), *ledger.of("megolm")]:
        ledger.drop(name)
    ledger.put(RENEW, Lives.LINE, b"{}")
    await ledger.save()
    return cross_signing.load(ledger) is not None


async def examine(settings: MatrixSettings, ledger: Ledger, trust: Any = None) -> list[Found]:
    """Look at homeserver, login, device, keys and limits; stops where going on would tell nothing."""
    try:
        entrance.check_rows(settings, ledger)
    except CannotEnter as fault:
        return [Found(Standing.FAULT, str(fault))]
    limits = AsyncClientConfig(encryption_enabled=False, max_limit_exceeded=0, max_timeouts=0)
    client = Client(settings.homeserver, settings.user, config=limits, ssl=trust)
    try:
        return await _examine(settings, ledger, client)
    finally:
        await client.close()


async def _examine(settings: MatrixSettings, ledger: Ledger, client: Client) -> list[Found]:
    try:
        await client.ask("GET", "/_matrix/client/versions", token="")
    except Trouble as trouble:
        cure = f"Look at {settings.called('homeserver')}, and whether the homeserver runs."
        return [Found(Standing.FAULT, f"{settings.homeserver} does not answer ({_named(trouble)})", cure)]
    found = [Found(Standing.GOOD, f"{settings.homeserver} answers")]
    device: dict[str, str] = orjson.loads(ledger.get(DEVICE) or b"{}")
    if not device:
        told = "no device yet: the first start of the service makes it"
        return [*found, Found(Standing.GOOD, told), *await _limits(settings, client)]
    client.access_token = settings.access_token or device["token"]
    try:
        told = await client.get("/account/whoami")
    except Trouble as trouble:
        cure = "With a password the service gets a new token; else give a new token of the same device."
        return [*found, Found(Standing.FAULT, f"the login is refused ({_named(trouble)})", cure)]
    if told.get("user_id") != settings.user or told.get("device_id") != device["device"]:
        return [
            *found,
            Found(Standing.FAULT, "the token belongs to somebody else", entrance.way_back(settings)),
        ]
    found.append(Found(Standing.GOOD, f"logged in as {settings.user}, device {device['device']}"))
    try:
        found += await _keys(settings, ledger, client, device["device"])
        found += await _limits(settings, client)
    except Trouble as trouble:
        found.append(Found(Standing.WARNING, f"not everything could be looked at ({_named(trouble)})"))
    return found


async def _keys(settings: MatrixSettings, ledger: Ledger, client: Client, device: str) -> list[Found]:
    """What the homeserver shows of our keys, and how many are left."""
    machine, kept = Machine(settings.user, device, KeyStore(ledger)), cross_signing.load(ledger)
    shown = await cross_signing.query_own(client, machine)
    devices = table(at(shown, "device_keys", settings.user))
    ours = text(at(devices, device, "keys", f"ed25519:{device}"))
    found: list[Found] = []
    if kept is None or ours != machine.account.identity_keys["ed25519"]:
        told = "the homeserver shows other keys for our device than those kept here"
        return [Found(Standing.FAULT, told, entrance.way_back(settings))]
    if cross_signing.is_vouched(shown, settings.user, device, kept):
        found.append(Found(Standing.GOOD, f"the device is signed; fingerprint {kept.fingerprint}"))
    else:
        cure = (
            "Restart the service: it signs its device. Until then many clients neither read nor write to it."
        )
        found.append(Found(Standing.FAULT, "the homeserver does not show the device as signed", cure))
    others = sorted(set(devices) - {device})
    if others:
        told = f"{len(others)} more device(s) of the account have keys: who holds one can read along"
        found.append(Found(Standing.WARNING, told, "Log out every other session of this account."))
    answer = await client.post("/keys/upload", {})
    left = number(at(answer, "one_time_key_counts", keys.CURVE))
    if left < FEW_KEYS:
        cure = "The service fills them up within seconds; if not, somebody takes them as fast as they come."
        found.append(Found(Standing.WARNING, f"{left} one-time keys left", cure))
    else:
        found.append(Found(Standing.GOOD, f"{left} one-time keys left"))
    return found


async def _limits(settings: MatrixSettings, client: Client) -> list[Found]:
    """Limits of the homeserver that would choke a hotline."""
    lifted = await administration.limits_lifted(client, settings)
    if lifted is None:
        cure = (
            "As shipped, Synapse lets an account send 10 messages, then one in 5 s, and be invited 5 times, "
            "then once in 333 s. Raise rc_message, rc_invites and rc_joins (docs/matrix.md)."
        )
        return [Found(Standing.WARNING, "whether the homeserver limits the line cannot be asked", cure)]
    if lifted:
        return [Found(Standing.GOOD, "the homeserver lets the line send without a limit")]
    cure = (
        "Lift it once: POST /_synapse/admin/v1/users/<the line>/override_ratelimit with "
        '{"messages_per_second": 0, "burst_count": 0}; and raise rc_invites and rc_joins (docs/matrix.md).'
    )
    return [Found(Standing.FAULT, "the homeserver limits how fast the line sends", cure)]


def _named(trouble: Trouble) -> str:
    return str(trouble) if isinstance(trouble, Refusal) else type(trouble).__name__.lower()
