"""A callback from her phone: the list of what is due, and one tap that sends the line."""

from pathlib import Path

from bot.store.callback_table import callback
from tests.people.rota_town import EVERY_DAY
from tests.routing.crews import rota
from tests.services.test_callbacks import HOURS, PING, pings, promised, with_a_callback
from tests.staff.bureau import open_bureau
from tests.staff.test_day import says

ROTA = f"""
zone: Europe/Bucharest
shifts:
  - {{who: Maple, tier: primary, {EVERY_DAY}, from: '18:00', to: '20:00'}}
  - {{who: Alder, tier: supervisor, {EVERY_DAY}, from: '00:00', to: '00:00'}}
"""


async def test_whoever_is_on_duty_writes_the_one_line_from_her_phone(tmp_path: Path) -> None:
    bureau = open_bureau(tmp_path, hers="telegram")
    town = bureau.town
    with_a_callback(town)
    rota(town, ROTA)
    ann = await promised(town)
    maple, juniper = await bureau.links("Maple"), await bureau.links("Juniper")
    assert HOURS.startswith("Wednesday 18:00")

    assert await says(bureau, maple, "!callbacks") == "No callback is due now."
    six = town.clock.at.replace(hour=16, minute=5)
    await town.passes(seconds=(six - town.clock.at).total_seconds())
    await bureau.settle()
    assert await says(bureau, juniper, "!call-back") == "No callback is due now."  # she is not on duty
    assert "You are ready for her when you tap it" in await says(bureau, maple, "!call-back")
    assert pings(ann) == 0
    maple.taps("2026-11-18 18:00 – 20:00")
    await bureau.settle()
    assert maple.texts()[-1] == "The line goes out now. If she answers, you are asked."
    assert ann.texts()[-1] == PING
    maple.taps("2026-11-18 18:00 – 20:00")  # a second tap on the same list
    await bureau.settle()
    await town.passes(minutes=10)
    assert pings(ann) == 1
    assert [row.state for row in town.rows(callback)] == ["rung"]
