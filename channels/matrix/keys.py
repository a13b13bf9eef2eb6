"""Keys for whoever writes first: two hundred one-time keys and always a fallback key (holes 6, 7 and 9).

A key whose private half is lost makes a first message unreadable for ever, so every key is stored before it
is published. nio publishes fifty, none to fall back on, and stores them afterwards.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from channels.matrix.ledger import Ledger, Name
from channels.matrix.machine import Machine
from channels.matrix.reading import Table, at, listing, number, table
from channels.matrix.wire import Client
from channels.message import Lives

WANTED: Final = 200
AT_ONCE: Final = 50
FALLBACK_LIVES: Final = timedelta(days=7)
CURVE: Final = "signed_curve25519"
ROW: Final = Name("", "fallback")


@dataclass(slots=True)
class Stock:
    """How many keys the homeserver has of us, as it last said."""

    one_time: int | None = None
    fallback_unused: bool = False

    def take(self, sync: Table) -> None:
        """Follow an answer to a sync. Without a word about it there is none left."""
        counts = table(sync.get("device_one_time_keys_count"))
        self.one_time = number(counts.get(CURVE))
        self.fallback_unused = CURVE in listing(sync.get("device_unused_fallback_key_types"))


async def begin(client: Client, machine: Machine, ledger: Ledger, stock: Stock, now: datetime) -> None:
    """Publish the device's own keys, once, and fill the stock."""
    if not machine.account.shared:
        content = {"device_keys": _device_keys(machine)}
        await ledger.save()
        answer = await client.post("/keys/upload", content)
        machine.account.shared = True
        machine.save_account()
        stock.one_time = number(at(answer, "one_time_key_counts", CURVE))
    await refill(client, machine, ledger, stock, now)


async def refill(client: Client, machine: Machine, ledger: Ledger, stock: Stock, now: datetime) -> None:
    """Publish as many keys as are missing, and a new fallback key when the last was used or is old."""
    if _fallback_due(ledger, stock, now):
        await _publish_fallback(client, machine, ledger, now)
        stock.fallback_unused = True
    while stock.one_time is not None and stock.one_time <= WANTED - AT_ONCE // 2:
        machine.account.generate_one_time_keys(min(AT_ONCE, WANTED - stock.one_time))
        made = machine.account.one_time_keys["curve25519"]
        # Counted as published before they are: after a crash none is offered to two people.
        machine.mark_keys_as_published()
        machine.save_account()
        await ledger.save()
        keys = {f"{CURVE}:{name}": _signed(machine, {"key": key}) for name, key in made.items()}
        answer = await client.post("/keys/upload", {"one_time_keys": keys})
        before, stock.one_time = stock.one_time, number(at(answer, "one_time_key_counts", CURVE))
        if stock.one_time <= before:
            return  # somebody takes them as fast as they come: the fallback key holds


def _fallback_due(ledger: Ledger, stock: Stock, now: datetime) -> bool:
    body = ledger.get(ROW)
    made = orjson.loads(body) if body is not None else 0.0
    return not stock.fallback_unused or now.timestamp() - made > FALLBACK_LIVES.total_seconds()


async def _publish_fallback(client: Client, machine: Machine, ledger: Ledger, now: datetime) -> None:
    account: Any = machine.account._account  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  nio knows no fallback keys
    if not account.fallback_key:
        account.generate_fallback_key()  # the one before still opens what was locked with it
    machine.save_account()
    await ledger.save()
    keys = {
        f"{CURVE}:{name}": _signed(machine, {"key": key.to_base64(), "fallback": True})
        for name, key in account.fallback_key.items()
    }
    # Until it is there, the same one is offered again: the one before it must not be forgotten too early.
    await client.post("/keys/upload", {"fallback_keys": keys})
    machine.mark_keys_as_published()
    machine.save_account()
    ledger.put(ROW, Lives.KEYS, orjson.dumps(now.timestamp()))


def _device_keys(machine: Machine) -> Table:
    ours = machine.account.identity_keys
    keys: Table = {
        "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
        "device_id": machine.device_id,
        "user_id": machine.user_id,
        "keys": {
            f"curve25519:{machine.device_id}": ours["curve25519"],
            f"ed25519:{machine.device_id}": ours["ed25519"],
        },
    }
    return _signed(machine, keys)


def _signed(machine: Machine, plain: Table) -> Table:
    signature = machine.sign_json(plain)
    return {**plain, "signatures": {machine.user_id: {f"ed25519:{machine.device_id}": signature}}}
