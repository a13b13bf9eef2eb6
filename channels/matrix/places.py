"""Where a message lies on the network, as one opaque string: a room and one event or more. Pure."""

from typing import Final

_BETWEEN: Final = " "


def joined(room: str, *events: str) -> str:
    """The remote id of a message that is these events."""
    return _BETWEEN.join((room, *events))


def parted(remote: str) -> tuple[str, tuple[str, ...]]:
    """Room and events of a remote id."""
    room, *events = remote.split(_BETWEEN)
    return room, tuple(events)
