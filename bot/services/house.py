"""What every service needs, handed down as one value: keys, ids, and the published library."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.identifiers import Identifiers
from bot.services.library import Library
from bot.vault.vault import Vault
from channels.message import Capabilities


@dataclass(slots=True)
class House:
    """The services' surroundings for the life of the program.

    Attributes:
        vault: seals and opens.
        identifiers: makes ids.
        library: published scripts, words, signals, resources, desks, rotas; replaced as a whole.
        channels: capability table by channel name.
        desk: the desk that newcomers meet.
        mode: "demo", "trial" or "open".
        organisation: display name told in the notice.
        staff_channels: capability table of the volunteers' messengers, by channel name.
        console_url: how a volunteer's browser reaches the console, "" where only this machine does.
        public_url: under which address calendar links are reached, "" where only this machine does.
        member: this process among several on one PostgreSQL, "" where one serves alone.
        clock_seen: the latest moment this process saw, microseconds; `clock_noted`: the one it last stored.
        shifts_looked_at, shifts_looked_in: when, and by which library, all shifts were looked at last.
        recent_waits: seconds the last accepted ones waited; empty after a restart, and then we say so.
    """

    vault: Vault
    identifiers: Identifiers
    library: Library
    channels: Mapping[str, Capabilities] = field(default_factory=dict[str, Capabilities])
    desk: str = "demo"
    mode: str = "demo"
    organisation: str = "Hearthline"
    staff_channels: Mapping[str, Capabilities] = field(default_factory=dict[str, Capabilities])
    console_url: str = ""
    public_url: str = ""
    member: str = ""
    clock_seen: int = 0
    clock_noted: int = 0
    shifts_looked_at: int = 0
    shifts_looked_in: Library | None = None
    recent_waits: deque[int] = field(default_factory=lambda: deque[int](maxlen=50))
