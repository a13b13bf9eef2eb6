"""Rooms of the line's own: locked from the start, without name, topic or picture. For any purpose."""

from typing import Any, Final

from channels.matrix.reading import Table, text
from channels.matrix.rooms import MEGOLM
from channels.matrix.wire import CLIENT, Client, part

ENCRYPTION: Final[Table] = {"algorithm": MEGOLM}
CLOSED: Final[Table] = {"invite": 100, "state_default": 100, "kick": 100, "ban": 100, "redact": 100}


async def make_room(
    client: Client,
    people: list[str],
    *,
    federated: bool,
    direct: bool,
    alias: str = "",
    closed: bool = False,
) -> str:
    """A locked room with these people asked in; its id.

    Not `federated`, no other homeserver can ever take part. `alias` is the local part of its address: a
    second room of one alias is refused. `closed`, only we ask people in and change anything about it.
    Raises what `Client.ask` raises.
    """
    state: list[dict[str, Any]] = [
        {"type": "m.room.encryption", "state_key": "", "content": ENCRYPTION},
        {"type": "m.room.history_visibility", "state_key": "", "content": {"history_visibility": "invited"}},
        {"type": "m.room.guest_access", "state_key": "", "content": {"guest_access": "forbidden"}},
    ]
    asked: dict[str, Any] = {
        "preset": "trusted_private_chat" if direct else "private_chat",
        "visibility": "private",
        "invite": people,
        "is_direct": direct,
        "initial_state": state,
        "creation_content": {} if federated else {"m.federate": False},
    }
    if alias:
        asked["room_alias_name"] = alias
    if closed:
        asked["power_level_content_override"] = CLOSED
    return text((await client.post("/createRoom", asked)).get("room_id"))


async def lock(client: Client, room: str) -> None:
    """Switch encryption on."""
    await client.put(f"/rooms/{part(room)}/state/m.room.encryption/", ENCRYPTION)


async def invite(client: Client, room: str, user: str) -> None:
    """Ask one more person in."""
    await client.post(f"/rooms/{part(room)}/invite", {"user_id": user})


async def remove(client: Client, room: str, user: str) -> None:
    """Send a person out, without a reason."""
    await client.post(f"/rooms/{part(room)}/kick", {"user_id": user})


async def room_of_alias(client: Client, alias: str) -> str:
    """The room an address such as "#name:example.org" leads to."""
    return text((await client.get(f"/directory/room/{part(alias)}")).get("room_id"))


async def drop_alias(client: Client, alias: str) -> None:
    """Take an address away."""
    await client.ask("DELETE", f"{CLIENT}/directory/room/{part(alias)}")


async def members(client: Client, room: str) -> set[str]:
    """Everybody who is in a room now."""
    joined = (await client.get(f"/rooms/{part(room)}/joined_members")).get("joined")
    return {str(name) for name in joined} if isinstance(joined, dict) else set()  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  keys of any JSON object
