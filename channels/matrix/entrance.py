"""Getting in: one device for the life of the line, its keys kept by us, its identity shown by the homeserver.

A new device is never made in silence. Where the keys of the one before are gone, or the homeserver shows keys
we do not hold, the line stays off Matrix and says what to do: `hotline channels replace-device` leads back.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import orjson

from channels.matrix import cross_signing, filters, keys
from channels.matrix.failures import Refusal
from channels.matrix.keystore import ACCOUNT
from channels.matrix.ledger import Ledger, Name
from channels.matrix.reading import Table, at, table, tables, text
from channels.matrix.settings import MatrixSettings
from channels.matrix.station import Station, open_station
from channels.matrix.wire import Client, part
from channels.message import Lives

_log = logging.getLogger(__name__)
BEGUN: Final = Name("", "begun")  # which device there is; outlives its keys
DEVICE: Final = Name("", "device")  # its token
FILTER: Final = Name("", "filter")
RENEW: Final = Name("", "renew")  # the operator wants a new device


def way_back(settings: MatrixSettings) -> str:
    """What leads back where the device is lost."""
    words = "channels replace-device" + (" --staff" if settings.staff else "")
    return f"With the service stopped, `hotline {words}` makes a new one (docs/matrix.md)."


class CannotEnter(Exception):
    """The line cannot be on Matrix like this; the text says why and what to do."""


def check_rows(settings: MatrixSettings, ledger: Ledger) -> None:
    """Raise `CannotEnter` for what can be known without asking anybody."""
    body = ledger.get(BEGUN)
    if body is None:
        return
    begun: dict[str, str] = orjson.loads(body)
    if begun["user"] != settings.user:
        raise CannotEnter(
            f"{settings.called('user')} is {settings.user}, but the device of this hotline belongs to "
            f"another account. Set it back. {way_back(settings)}"
        )
    if ledger.get(ACCOUNT) is None or ledger.get(DEVICE) is None:
        raise CannotEnter(
            f"The keys of the Matrix device {begun['device']} are gone: they lie under a key that no backup "
            f"holds. What was written to it cannot be read any more. {way_back(settings)}"
        )
    if settings.device_id and settings.device_id != begun["device"]:
        raise CannotEnter(
            f"{settings.called('device_id')} is {settings.device_id}, but the keys kept here are of "
            f"{begun['device']}. Set it back. {way_back(settings)}"
        )


async def enter(
    settings: MatrixSettings,
    client: Client,
    ledger: Ledger,
    now: Callable[[], datetime],
    token: Callable[[], str],
) -> Station:
    """Log in or go on as before; keys published, identity shown.

    Raises `CannotEnter`, and what `Client.ask` raises.
    """
    check_rows(settings, ledger)
    begun = ledger.get(BEGUN) is not None
    if ledger.get(DEVICE) is not None:  # also where a first start was cut short
        device = await _go_on(settings, client, ledger)
    else:
        device = await _begin(settings, client, ledger)
        await ledger.save()
    station = open_station(settings, client, ledger, device, now, token)
    if not begun:
        await _refuse_keys_elsewhere(station)
        plain = {"user": settings.user, "device": device}
        ledger.put(BEGUN, Lives.LINE, orjson.dumps(plain))
    identity = cross_signing.load(ledger) or cross_signing.make(ledger)
    await ledger.save()
    await keys.begin(client, station.machine, ledger, station.stock, now())
    try:
        renews = ledger.get(RENEW) is not None
        await cross_signing.publish(client, station.machine, identity, settings.password, replaces=renews)
    except cross_signing.OtherIdentity as other:
        raise CannotEnter(
            f"{str(other).capitalize()}: somebody else may use the account. {way_back(settings)}"
        ) from None
    if ledger.get(RENEW) is not None:
        await _end_old_devices(station)
        ledger.drop(RENEW)
    await ledger.save()
    return station


async def log_in_again(settings: MatrixSettings, client: Client, ledger: Ledger) -> bool:
    """The token is refused: get a new one for the same device. False without a password."""
    body = ledger.get(BEGUN)
    if not settings.password or body is None:
        return False
    begun: dict[str, str] = orjson.loads(body)
    await _log_in(settings, client, ledger, begun["device"])
    return True


async def filter_id(station: Station) -> str:
    """The id of our filter, uploaded once."""
    written = json.dumps(filters.SYNC, sort_keys=True)
    print_of = hashlib.sha256(written.encode()).hexdigest()
    body = station.ledger.get(FILTER)
    if body is not None:
        kept: dict[str, str] = orjson.loads(body)
        if kept["print"] == print_of:
            return kept["id"]
    answer = await station.client.post(f"/user/{part(station.me)}/filter", filters.SYNC)
    name = text(answer.get("filter_id"))
    station.ledger.put(FILTER, Lives.KEYS, orjson.dumps({"print": print_of, "id": name}))
    return name


async def _go_on(settings: MatrixSettings, client: Client, ledger: Ledger) -> str:
    kept: dict[str, str] = orjson.loads(ledger.get(DEVICE) or b"{}")
    client.access_token = settings.access_token or kept["token"]
    client.user_id, client.device_id = settings.user, kept["device"]
    try:
        await _whoami(settings, client, kept["device"])
    except Refusal as refused:
        if not refused.is_token or not await log_in_again(settings, client, ledger):
            raise
        await _whoami(settings, client, kept["device"])
    return kept["device"]


async def _begin(settings: MatrixSettings, client: Client, ledger: Ledger) -> str:
    if settings.password:
        return await _log_in(settings, client, ledger, "")
    client.access_token = settings.access_token
    client.user_id, client.device_id = settings.user, settings.device_id
    await _whoami(settings, client, settings.device_id)
    _keep_device(ledger, settings.device_id, "")
    return settings.device_id


async def _log_in(settings: MatrixSettings, client: Client, ledger: Ledger, device: str) -> str:
    asked: dict[str, Any] = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": settings.user},
        "password": settings.password,
    }
    if device:
        asked["device_id"] = device
    try:
        told = await client.post("/login", asked, token="")
    except Refusal as refused:
        if refused.may_pass:
            raise
        raise CannotEnter(
            f"The homeserver refuses the login of {settings.user} ({refused}). Look at "
            f"{settings.called('user')} and {settings.called('password')}. Where logging in with a "
            "password is off, use an access token."
        ) from None
    client.access_token = text(told.get("access_token"))
    client.user_id, client.device_id = settings.user, text(told.get("device_id"))
    if text(told.get("user_id")) != settings.user or (device and client.device_id != device):
        raise CannotEnter(f"The homeserver logged us in as somebody else. Look at {settings.called('user')}.")
    _keep_device(ledger, client.device_id, client.access_token)
    return client.device_id


def _keep_device(ledger: Ledger, device: str, token: str) -> None:
    ledger.put(DEVICE, Lives.KEYS, orjson.dumps({"device": device, "token": token}))


async def _whoami(settings: MatrixSettings, client: Client, device: str) -> None:
    told = await client.get("/account/whoami")
    if told.get("user_id") != settings.user or told.get("device_id") != device:
        raise CannotEnter(
            f"The access token belongs to {text(told.get('user_id'))}, device {text(told.get('device_id'))}, "
            f"not to {settings.user}, device {device}. Two programs on one device would spoil each other's "
            "keys: give this hotline a device of its own."
        )


async def _refuse_keys_elsewhere(station: Station) -> None:
    """A device of ours begins without any keys: what the homeserver shows would be somebody else's."""
    shown = await cross_signing.query_own(station.client, station.machine)
    theirs = table(at(shown, "device_keys", station.me, station.machine.device_id))
    identity, kept = table(at(shown, "master_keys", station.me)), cross_signing.load(station.ledger)
    foreign = identity and (kept is None or kept.public not in table(identity.get("keys")).values())
    if station.ledger.get(RENEW) is None and (theirs or foreign):
        raise CannotEnter(
            f"The account {station.settings.user} has keys already that this hotline does not hold: the "
            f"database was lost, or the account is used by somebody else. {way_back(station.settings)}"
        )


async def _end_old_devices(station: Station) -> None:
    """After a new device was made the others of the account are logged out, if we may."""
    devices = [
        text(one.get("device_id")) for one in tables((await station.client.get("/devices")).get("devices"))
    ]
    old = [name for name in devices if name and name != station.machine.device_id]
    if not old or not station.settings.password:
        return
    asked: Table = {"devices": old}
    try:
        await station.client.post("/delete_devices", asked)
    except Refusal as refused:
        if refused.status != 401:
            _log.warning("old devices were not logged out")
            return
        login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": station.me}}
        auth = {**login, "password": station.settings.password}
        await station.client.post("/delete_devices", {**asked, "auth": auth})
