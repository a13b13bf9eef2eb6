"""What everybody sees of the bot, by language: read from the network, and set where it differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from channels.telegram.wire import Wire

_CALLS: Final = {"name": "MyName", "short_description": "MyShortDescription", "description": "MyDescription"}


@dataclass(frozen=True, slots=True)
class Profile:
    """One language's texts; `commands` name → what it does, in the order of the menu."""

    name: str
    short_description: str
    description: str
    commands: Mapping[str, str]


async def read_profile(wire: Wire, language: str) -> Profile:
    """What the network shows now; "" is for languages without texts of their own."""
    of: dict[str, Any] = {"language_code": language} if language else {}
    texts = {field: str((await wire.ask(f"get{call}", **of))[field]) for field, call in _CALLS.items()}
    told: Any = await wire.ask("getMyCommands", **of)
    commands = {str(one["command"]): str(one["description"]) for one in cast("list[Any]", told)}
    return Profile(**texts, commands=commands)


async def set_profile(wire: Wire, language: str, wanted: Profile) -> tuple[str, ...]:
    """Set what differs, and only that: a name may be changed a few times a day. Returns what was set."""
    of: dict[str, Any] = {"language_code": language} if language else {}
    shown, changed = await read_profile(wire, language), list[str]()
    for field, call in _CALLS.items():
        text = getattr(wanted, field)
        if getattr(shown, field) != text:
            await wire.ask(f"set{call}", **{field: text}, **of)
            changed.append(field)
    if list(shown.commands.items()) != list(wanted.commands.items()):
        listed = [{"command": name, "description": about} for name, about in wanted.commands.items()]
        await wire.ask("setMyCommands", commands=listed, **of)
        changed.append("commands")
    return tuple(changed)


async def set_menu(wire: Wire) -> bool:
    """The menu button shows the commands; whether that had to be set."""
    if (await wire.ask("getChatMenuButton"))["type"] == "commands":
        return False
    await wire.ask("setChatMenuButton", menu_button={"type": "commands"})
    return True
