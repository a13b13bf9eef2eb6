"""A week with shifts, phones and a watchdog, for the tests of the volunteers' days."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model import Role
from bot.services import as_recorded, check_in, rota_records, shift_rows, watchdog
from bot.services.messenger import addresses
from bot.store import people_tables as p, staff_tables as s
from channels.message import Address
from handoff.model import Tier
from handoff.rota.questions import on_duty
from handoff.staffing import Care
from tests.routing.crews import rota, staffing
from tests.town import Town

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WEEK = """
zone: Europe/Bucharest
shifts:
  - {id: thu, who: Maple, tier: primary, days: [thu], from: '18:00', to: '22:00'}
  - {id: sup, who: Alder, tier: supervisor, days: [thu], from: '17:00', to: '23:00'}
"""
THU = "thu/2026-11-19"
BEGINS = datetime(2026, 11, 19, 16, tzinfo=UTC)


def planned(town: Town, text: str = WEEK) -> None:
    """The week above, everybody with a phone, nobody ready yet; a coordinator who plans."""
    town.house.mode = "trial"
    rota(town, text)
    staffing(town, {"care": Care()})
    town.house.staff_channels = {"telegram-staff": next(iter(town.house.channels.values()))}
    town.add_person("Rowan", Role.COORDINATOR)
    for alias in ("Maple", "Juniper", "Alder", "Rowan"):
        person = town.person_id(alias)
        code = town.write(lambda c, who=person: addresses.new_code(c, town.house, who, town.now))
        phone = Address("telegram-staff", alias)
        town.write(lambda c, a=phone, k=code: addresses.link(c, town.house, a, k, town.now))
        town.set_ready(alias, ready=False)


def looks(town: Town) -> None:
    """What the watchdog does every fifteen seconds, with the rota as the library then has it."""
    town.house.library = town.read(lambda c: as_recorded.as_recorded(c, town.house)).library
    town.write(lambda c: watchdog.look(c, town.house, town.now))


async def passes_to(town: Town, at: datetime) -> None:
    """Time goes by; the watchdog looks before and after."""
    looks(town)
    await town.passes(seconds=(at - town.clock.at).total_seconds())
    looks(town)
    await town.settle()


def posts(town: Town, alias: str) -> list[tuple[str, datetime, bool]]:
    """What was posted to her phone of her plan: kind, when, whether it rings."""
    person = town.person_id(alias)
    (phone,) = town.rows(s.staff_address, s.staff_address.c.person == person)
    rows = town.rows(s.staff_post, s.staff_post.c.address == phone.id, s.staff_post.c.purpose == "notice")
    told = [(row.subject.partition(":")[0], row.posted_at, row.sounding) for row in rows]
    told.sort(key=lambda one: one[1])
    return [(kind, datetime.fromtimestamp(at / 1e6, UTC), rings) for kind, at, rings in told]


def watched(town: Town, alias: str = "Maple") -> Any:
    person = town.person_id(alias)
    rows = town.read(lambda c: shift_rows.of_person(c, town.house, person))
    return rows[0] if rows else None


def missed(town: Town, alias: str = "Maple") -> list[Any]:
    """Calls because of her."""
    one = watched(town, alias)
    return town.rows(p.supervisor_call, p.supervisor_call.c.subject == one.id) if one else []


def change(town: Town, act: Any) -> None:
    town.write(lambda c: rota_records.append(c, town.house.vault, "demo", act, town.clock.now()))


def on(town: Town, at: datetime) -> set[str]:
    house = town.read(lambda c: as_recorded.as_recorded(c, town.house))
    duties = on_duty(house.library.boards["demo"].rota, at)
    return {duty.volunteer for duty in duties if duty.tier is Tier.PRIMARY}


def comes(town: Town, alias: str = "Maple") -> None:
    person = town.person_id(alias)
    town.write(lambda c: check_in.check_in(c, town.house, person, town.now))


REMINDED = [
    ("reminder", BEGINS - 24 * HOUR, False),
    ("reminder", BEGINS - HOUR, True),
    ("reminder", BEGINS - 10 * MINUTE, True),
]
