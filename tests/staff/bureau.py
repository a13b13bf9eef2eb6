"""A town whose volunteers have a messenger: its loops played by hand, one step after the other."""

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import update

from bot.services.messenger import addresses
from bot.services.staff import mirror, outgoing
from bot.services.staff.intake import take_staff_batch
from bot.services.staff.strangers import SAY
from bot.store import staff_tables as s, tables as t
from handoff.desks import StaffSurface, TextDecision
from tests.fakes.channel import Person
from tests.fakes.messenger import FakeMessenger, Phone
from tests.services.walks import in_the_queue
from tests.town import Town, make_town

SURFACES = {"telegram-staff": StaffSurface.TELEGRAM, "matrix-staff": StaffSurface.MATRIX}


@dataclass
class Bureau:
    """The town, the messenger, and what was said to strangers."""

    town: Town
    network: FakeMessenger
    said: list[tuple[str, str]]
    _taken: int = 0

    # --- loops ----------------------------------------------------------------------------------------
    async def settle(self) -> None:
        """Play everything until nothing moves any more."""
        for _ in range(200):
            await self.town.settle()
            if not (await self.takes() | await self.sends()):
                return
        raise AssertionError("the bureau does not come to rest")

    async def takes(self) -> bool:
        """What the phones brought."""
        updates = self.network.updates[self._taken :]
        if not updates:
            return False
        self.take(updates)
        self._taken += len(updates)
        return True

    def take(self, updates: list) -> None:  # type: ignore[type-arg]
        town = self.town
        after = town.write(lambda c: take_staff_batch(c, town.house, self.network.batch(updates), town.now))
        self.said += [(handle, text) for kind, handle, text in after if kind == SAY]
        town.after.extend(what for what in after if what[0] != SAY)

    async def sends(self) -> bool:
        """One claim, put on the wire and recorded."""
        town, name = self.town, self.network.name
        claimed = town.write(lambda c: outgoing.record_and_claim(c, town.house, name, [], town.now))
        results = [(one, await self.network.send(one.message)) for one in claimed]
        town.write(lambda c: outgoing.record(c, town.house, results, town.now))
        return bool(claimed)

    async def passes(self, **by: float) -> None:
        """Time goes by, both sides awake every minute."""
        minutes = by.get("minutes", 0) + by.get("hours", 0) * 60
        while minutes > 0:
            step = min(1.0, minutes)
            minutes -= step
            await self.town.passes(minutes=step)
            await self.settle()
        town, name = self.town, self.network.name
        town.write(lambda c: mirror.sweep(c, town.house, name, town.now))
        await self.settle()

    # --- people ---------------------------------------------------------------------------------------
    def code(self, alias: str) -> str:
        town, person = self.town, self.town.person_id(alias)
        return town.write(lambda c: addresses.new_code(c, town.house, person, town.now))

    async def links(self, alias: str, handle: str = "") -> Phone:
        """A volunteer links her phone as she would: by the code of her console."""
        phone = self.network.phone(handle or alias.lower())
        phone.types(f"/start {self.code(alias)}")
        await self.settle()
        return phone

    async def waits(self, handle: str = "ann") -> Person:
        """A woman asks for a person, and the offers go out."""
        woman = await in_the_queue(self.town, handle)
        await self.settle()
        return woman

    async def talking(self, alias: str = "Maple", handle: str = "ann") -> tuple[Phone, Person]:
        """Linked, offered, accepted on the phone."""
        phone = await self.links(alias)
        woman = await self.waits(handle)
        phone.taps("Accept")
        await self.settle()
        return phone, woman

    async def says(self, woman: Person, text: str) -> None:
        woman.types(text)
        await self.settle()

    def rows(self, *where: object) -> list[object]:
        return self.town.rows(s.staff_post, *where)


def open_bureau(
    folder: Path,
    table: str = "telegram-staff",
    *,
    text: bool = True,
    url: str | None = None,
    hers: str = "web",
) -> Bureau:
    """Everybody is active; words may stand on the messenger if `text`; women write on the channel `hers`."""
    town = make_town(folder, url, (hers,))
    network = FakeMessenger(table)
    town.house.staff_channels = {network.name: network.capabilities}
    town.house.console_url = "https://console.example.org"
    decision = TextDecision("the board", town.clock.now().date()) if text else None
    desk = replace(town.library.desks["demo"], staff_surface=SURFACES[network.name], staff_text=decision)
    town.house.library = replace(town.library, desks={"demo": desk})
    with town.engine.begin() as connection:
        connection.execute(update(t.person).values(state="active"))
    return Bureau(town, network, [])
