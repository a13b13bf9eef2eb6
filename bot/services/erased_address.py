"""Other processes learn that all about an address is erased: one of them may hold it in memory (PR7).

They tell each other ids of conversations and never addresses; but her conversation may be long gone by then.
So the address goes sealed: whoever has the key ring opens it, and nobody else.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from bot.services.house import House
from bot.store.notices import Word
from bot.store.writes import Writes
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.errors import Unopenable
from channels.message import Address

_PLACE: Final = Place("notice", "erased", "")


def tell_erased(house: House, writes: Writes, address: Address) -> None:
    """After the commit the channel forgets an address, here and at whichever process serves it."""
    writes.after.append(("erased", address.channel, address.handle))
    caps = house.channels.get(address.channel)
    if house.member and caps is not None and not caps.many_listen:
        plain = f"{address.channel} {address.handle}".encode()
        sealed = urlsafe_b64encode(seal(house.vault.organisation, _PLACE, plain)).decode()
        writes.elsewhere.append((Word.ERASED, sealed))


def erased_address(house: House, told: str) -> Address | None:
    """The address in a notice, None when it cannot be opened."""
    try:
        plain = open_sealed(house.vault.organisation, _PLACE, urlsafe_b64decode(told)).decode()
    except (Unopenable, ValueError):
        return None
    channel, _, handle = plain.partition(" ")
    return Address(channel, handle)
