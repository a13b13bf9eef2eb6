"""Who a volunteer is on Matrix: an account together with the key that vouches for its devices. Pure.

Her address holds both, so that what she proved with a one-time code is the account *and* the key. Another
identity of the account, or a device it does not vouch for, has another address: it is a stranger's. Whoever
takes over the account, or the homeserver itself, reads nothing and speaks for nobody until somebody links
anew with a code of the console.

An account without an identity (cross-signing) is known by the device it was linked from, and by no other.
"""

from dataclasses import replace
from typing import Final

from channels.matrix.people import Device, Person
from channels.matrix.places import joined
from channels.matrix.reading import at, text
from channels.matrix.translate import Heard
from channels.matrix.trust import Shown
from channels.message import Address, Aside, InboundKind, InboundMessage

_BETWEEN: Final = " "


def handle_of(person: Person, device: Device) -> str:
    """The address of whoever writes from this device."""
    return _BETWEEN.join((person.user, person.shown if device.signed else device.ed25519))


def parted(handle: str) -> tuple[str, str]:
    """The account of an address, and the key that vouches for it."""
    user, _, key = handle.partition(_BETWEEN)
    return user, key


def readers(person: Person, key: str) -> list[Device]:
    """The devices this key vouches for: nobody else reads what is written to the address."""
    return [
        device
        for device in person.devices.values()
        if device.ed25519 == key or (device.signed and person.shown == key)
    ]


def meet(person: Person, shown: Shown) -> None:
    """Take in what an account's devices are now. Nobody is asked about a new one: see the module."""
    person.queried, person.shown, person.master = True, shown.master, shown.master
    person.devices = {device.id: device for device in shown.devices}


def act(found: InboundMessage, channel: str, handle: str, heard: Heard) -> InboundMessage:
    """An act as the volunteers' desk takes it: where it was done, and what it answers."""
    answered = text(at(heard.content, "m.relates_to", "m.in_reply_to", "event_id"))
    return replace(
        found,
        address=Address(channel, handle),
        place=heard.room,
        reply_to=joined(heard.room, answered) if answered else None,
    )


def unreadable(person: Person, channel: str, room: str, event: str) -> InboundMessage | None:
    """Words of hers could not be read: she must know that they went to nobody. None for a stranger's."""
    if not person.shown:
        return None
    address = Address(channel, _BETWEEN.join((person.user, person.shown)))
    return InboundMessage(
        f"{event}/unreadable", address, InboundKind.ASIDE, choice=Aside.UNREADABLE.value, place=room
    )
