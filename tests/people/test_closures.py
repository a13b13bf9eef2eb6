"""A desk closed until a moment: hours and waits follow, honestly to her; and it opens again."""

from datetime import datetime, timedelta

import pytest

from bot.model import Role
from bot.services import closures, rotas
from bot.services.closures import NotAClosure
from bot.services.messenger import addresses
from bot.services.messenger.surfaces import TELEGRAM
from bot.services.permissions import NotAllowed
from bot.store import staff_tables as s
from channels.message import Address
from handoff.rota.coverage import gaps
from tests.people.rota_town import day_and_night, reads_anew, takes_in
from tests.services.walks import in_a_chat, in_the_queue, lines_of
from tests.town import Town

HOUR = timedelta(hours=1)


@pytest.fixture
def line(town: Town) -> Town:
    """Open day and night; noon is 12:00 in Bucharest."""
    takes_in(town, day_and_night("Maple", "primary"), day_and_night("Alder", "supervisor"))
    town.add_person("Rowan", Role.COORDINATOR)
    return town


def close(town: Town, until: datetime, since: datetime | None = None, by: str = "Rowan") -> None:
    person, now = town.person_id(by), town.clock.now()
    town.write(lambda c: closures.close(c, town.house, "demo", until, person, now, since))
    reads_anew(town)


def reopen(town: Town, seq: int | None = None) -> None:
    person, now = town.person_id("Rowan"), town.clock.now()
    town.write(lambda c: closures.reopen(c, town.house, "demo", person, now, seq))
    reads_anew(town)


def standing(town: Town) -> list[tuple[datetime, datetime]]:
    now = town.clock.now()
    rota = town.read(lambda c: rotas.answered(c, town.house.vault, now))["demo"].rota
    return [(one.since, one.until) for one in closures.standing(rota, now)]


async def test_hours_follow_and_nobody_is_missing_while_it_is_closed(line: Town) -> None:
    now = line.clock.now()
    close(line, now + 20 * HOUR)
    board = line.house.library.boards["demo"]
    assert not board.open_at(now)
    assert board.next_opening(now) == now + 20 * HOUR
    assert board.open_at(now + 20 * HOUR)
    assert gaps(board.rota, now, now + 48 * HOUR) == ()
    line.clock.move(hours=2)
    reopen(line)
    board = line.house.library.boards["demo"]
    assert board.open_at(line.clock.now())
    assert [board.open_at(now + n * HOUR) for n in (0, 1)] == [False, False]  # it was closed then
    assert standing(line) == []


async def test_closing_anew_says_when_it_opens_and_a_day_ahead_is_a_closure_of_its_own(line: Town) -> None:
    now = line.clock.now()
    close(line, now + 20 * HOUR)
    close(line, now + 5 * HOUR)
    close(line, now + 72 * HOUR, now + 48 * HOUR)
    assert standing(line) == [(now, now + 5 * HOUR), (now + 48 * HOUR, now + 72 * HOUR)]
    reopen(line)
    assert standing(line) == [(now + 48 * HOUR, now + 72 * HOUR)]
    with pytest.raises(NotAClosure):
        reopen(line)
    rota = line.house.library.boards["demo"].rota
    reopen(line, closures.standing(rota, now)[0].seq)
    assert standing(line) == []


async def test_who_waits_is_told_when_it_opens_again_and_who_comes_meets_a_closed_line(line: Town) -> None:
    line.set_ready("Maple", ready=False)
    ann = line.woman("ann", "telegram")
    await in_the_queue(line, "ann", "telegram")
    assert "Thursday" not in lines_of(ann)
    tomorrow = line.clock.now().replace(hour=6) + timedelta(days=1)  # 08:00 there
    close(line, tomorrow)
    await line.passes(seconds=10)
    assert "08:00" in lines_of(ann), lines_of(ann)
    assert line.waiting() == []
    reopen(line)
    assert line.house.library.boards["demo"].open_at(line.clock.now())


async def test_whoever_would_have_been_on_duty_is_told_once(line: Town) -> None:
    for alias in ("Maple", "Juniper"):
        person = line.person_id(alias)
        code = line.write(lambda c, p=person: addresses.new_code(c, line.house, p, line.now))
        phone = Address(TELEGRAM, f"phone of {alias}")
        line.write(lambda c, p=phone, k=code: addresses.link(c, line.house, p, k, line.now))
    close(line, line.clock.now() + 20 * HOUR)
    (notice,) = line.rows(s.staff_post, s.staff_post.c.subject.like("rota:demo:close:%"))
    (owner,) = line.rows(s.staff_address, s.staff_address.c.id == notice.address)
    assert owner.person == line.person_id("Maple")
    reopen(line)
    assert len(line.rows(s.staff_post, s.staff_post.c.subject.like("rota:demo:reopen:%"))) == 1


async def test_a_chat_that_is_open_goes_on(line: Town) -> None:
    ann, chat = await in_a_chat(line, "ann", "telegram")
    close(line, line.clock.now() + 20 * HOUR)
    ann.types("are you still there?")
    await line.passes(seconds=10)
    assert line.handoff(chat.handoff).state == "active"


@pytest.mark.parametrize("hours", [-1, 0, 24 * 93])
async def test_a_time_that_makes_no_sense_is_refused(line: Town, hours: int) -> None:
    with pytest.raises(NotAClosure):
        close(line, line.clock.now() + hours * HOUR)


@pytest.mark.parametrize("alias", ["Maple", "Alder"])
async def test_only_who_plans_may_close(line: Town, alias: str) -> None:
    with pytest.raises(NotAllowed):
        close(line, line.clock.now() + HOUR, by=alias)
