"""What only an administrator of the homeserver can do: remove a room, or a file, altogether.

With `HOTLINE_MATRIX_ADMIN_TOKEN` only. Without it nothing happens here, and nothing is promised.
"""

import logging
from typing import Final

from channels.matrix.failures import Refusal, Trouble
from channels.matrix.reading import table
from channels.matrix.settings import MatrixSettings
from channels.matrix.station import Station
from channels.matrix.wire import Client, part

_log = logging.getLogger(__name__)
ADMIN: Final = "/_synapse/admin"


async def remove_room(station: Station, room: str) -> None:
    """Have the homeserver remove every event of a room, for everybody on it.

    A refusal is logged only; trouble on the way is raised, so that it is tried again.
    """
    if not station.settings.admin_token:
        return
    try:
        await station.client.ask(
            "DELETE",
            f"{ADMIN}/v2/rooms/{part(room)}",
            {"purge": True, "block": False},
            token=station.settings.admin_token,
        )
    except Refusal as refused:
        if refused.is_its_own or refused.is_limit:
            raise
        _log.warning("a room was not removed", extra={"error": type(refused).__name__})


async def purge_history(station: Station, room: str, before: str) -> None:
    """Have the homeserver remove everything in a room before an event, ours and hers; the room stays.

    A refusal is logged only; trouble on the way is raised, so that it is tried again.
    """
    if not station.settings.admin_token or not before:
        return
    try:
        await station.client.ask(
            "POST",
            f"{ADMIN}/v1/purge_history/{part(room)}/{part(before)}",
            {"delete_local_events": True},
            token=station.settings.admin_token,
        )
    except Refusal as refused:
        if refused.is_its_own or refused.is_limit:
            raise
        _log.warning("a room was not purged", extra={"error": type(refused).__name__})


async def remove_file(station: Station, address: str) -> None:
    """Have the homeserver remove a file that lies on it. A failure is logged only."""
    server, _, name = address.removeprefix("mxc://").partition("/")
    if not station.settings.admin_token or server != station.settings.server or not name:
        return
    try:
        await station.client.ask(
            "DELETE",
            f"{ADMIN}/v1/media/{part(server)}/{part(name)}",
            token=station.settings.admin_token,
        )
    except Trouble as trouble:
        _log.warning("a file was not removed", extra={"error": type(trouble).__name__})


async def limits_lifted(client: Client, settings: MatrixSettings) -> bool | None:
    """Whether the homeserver lets the line send without a limit; None where it does not tell us."""
    if not settings.admin_token:
        return None
    try:
        told = await client.ask(
            "GET", f"{ADMIN}/v1/users/{part(settings.user)}/override_ratelimit", token=settings.admin_token
        )
    except Refusal:
        return None
    return table(told).get("messages_per_second") == 0
