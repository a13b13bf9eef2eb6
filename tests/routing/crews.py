"""Who is on duty in the tests of routing: rotas made of names, people with what they bring."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.model import Role
from bot.services import desk, leaves, people
from bot.services.library import Library
from bot.store import tables as t
from handoff.staffing import Staffing
from tests.services.walks import in_the_queue, taps
from tests.shipped import board_of
from tests.town import Chat, Town

DAYS = "[mon, tue, wed, thu, fri, sat, sun]"
ALWAYS = "{{who: {who}, tier: {tier}, days: " + DAYS + ", from: '00:00', to: '00:00'}}"


def plan(town: Town, **tiers: str) -> None:
    """Everybody named here is on duty day and night, in the tier named; who is new is invited and ready."""
    for alias, tier in tiers.items():
        if not any(person.profile.alias == alias for person in everybody(town)):
            role = Role.SUPERVISOR if tier == "supervisor" else Role.VOLUNTEER
            town.add_person(alias, role)
    shifts = "\n".join(f"  - {ALWAYS.format(who=who, tier=tier)}" for who, tier in tiers.items())
    rota(town, f"zone: Europe/Bucharest\nshifts:\n{shifts}\n")


def rota(town: Town, text: str) -> None:
    """This rota holds at the demo desk."""
    changed(town, boards={"demo": board_of(text)})


def staffing(town: Town, change: Mapping[str, Any]) -> None:
    """The desk's documents say something else from now on."""
    before: Staffing = town.house.library.staffing_of("demo")
    changed(town, staffing={"demo": replace(before, **change)})


def changed(town: Town, **values: Any) -> None:
    library: Library = town.house.library
    town.library = town.house.library = replace(library, **values)


def everybody(town: Town) -> list[people.Person]:
    return town.read(lambda c: people.everyone(c, town.house))


def profile(town: Town, alias: str, **values: Any) -> None:
    """Something else is known of her from now on."""

    def work(connection: Connection) -> None:
        person = people.find(connection, town.house, alias)
        people.save_profile(connection, town.house, person.id, replace(person.profile, **values))

    town.write(work)


def away(town: Town, alias: str, since: datetime) -> None:
    """She is on leave for a day from then on."""
    person, until = town.person_id(alias), since + timedelta(days=1)
    town.write(lambda c: leaves.take(c, town.house, person, since, until, "program", town.now))


def asked(town: Town, handoff: str | None = None, state: str = "pending") -> list[str]:
    """Who has an offer in this state, in the order of the aliases."""
    names = {person.id: person.profile.alias for person in everybody(town)}
    where = [t.offer.c.state == state] + ([t.offer.c.handoff == handoff] if handoff else [])
    return sorted(names[row.person] for row in town.rows(t.offer, *where))


async def queued(town: Town, handle: str, channel: str = "telegram") -> str:
    """Somebody more waits; returns her hand-off."""
    before = {row.id for row in town.waiting()}
    await in_the_queue(town, handle, channel)
    (new,) = [row.id for row in town.waiting() if row.id not in before]
    return new


async def many_queued(town: Town, number: int, channel: str = "telegram") -> list[str]:
    """So many women more wait, each of whom taps when all have been answered; their hand-offs."""
    women = [town.woman(f"w{place}", channel) for place in range(number)]
    for woman in women:
        woman.arrives()
    await town.settle()
    for label in ("Yes", "No", "Talk to a person", "Yes"):
        for woman in women:
            taps(woman, label)
        await town.settle()
    handoffs = [row.id for row in town.waiting()]
    assert len(handoffs) == number
    return handoffs


def refused(town: Town, alias: str, handoff: str) -> str:
    """The code with which an accept is refused."""
    try:
        town.accept(alias, handoff)
    except desk.DeskRefusal as refusal:
        return refusal.code
    return ""


def active(town: Town, alias: str) -> int:
    """How many chats she holds."""
    person = town.person_id(alias)
    return len(town.rows(t.handoff, t.handoff.c.state == "active", t.handoff.c.person == person))


def talk(town: Town, alias: str, handoff: str) -> Chat:
    """She accepts and says hello."""
    chat = town.accept(alias, handoff)
    chat.writes("Hello, I am here.")
    return chat
