"""Calendar links over HTTP: secret, revocable, the same until something changes."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest
from aiohttp import ClientSession, web
from icalendar import Calendar
from sqlalchemy import select, update

from bot.services import feeds, people
from bot.services.feeds import NoSharedFeed
from bot.store import rota_tables as r, tables as t
from bot.store.store import Store
from bot.web import feeds as feed_pages
from handoff.rota.changes import Change, Replace, Stretch
from tests.shipped import board_of
from tests.town import Town

ROTA = """\
zone: Europe/Bucharest
publish_days: 20
shared_feed: {shared}
shifts:
  - {{id: night, who: Maple, tier: primary, days: [fri], from: '20:00', to: '02:00'}}
  - {{id: day, who: Juniper, tier: primary, days: [sat], from: '08:00', to: '12:00'}}
"""


class Line:
    """A calendar program at the public listener."""

    def __init__(self, town: Town, base: str, client: ClientSession) -> None:
        self.town = town
        self.base = base
        self.client = client

    async def fetch(self, token: str, **headers: str) -> tuple[int, str, Mapping[str, str]]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.get(f"{self.base}/c/{token}.ics", headers=told) as answer:
            return answer.status, await answer.text(), answer.headers.copy()

    def link(self, alias: str, desk: str | None = None) -> str:
        town, person = self.town, self.town.person_id(alias)
        return town.write(lambda c: feeds.make_link(c, town.house, person, desk, town.clock.now()))

    def plan(self, *changes: Change, shared: bool = False) -> None:
        board = board_of(ROTA.format(shared=str(shared).lower()))
        board.rota = replace(board.rota, changes=changes)
        self.town.house.library = replace(self.town.house.library, boards={"demo": board})


@pytest.fixture
async def line(town: Town) -> AsyncIterator[Line]:
    with Store(town.engine) as store:
        app = web.Application()
        app.add_routes(feed_pages.feed_routes(store, town.house, town.clock))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with ClientSession() as client:
            found = Line(town, f"http://127.0.0.1:{runner.addresses[0][1]}", client)
            town.write(lambda c: c.execute(update(t.person).values(state="active")))
            found.plan()
            yield found
        await runner.cleanup()


def events(text: str) -> list[tuple[str, str, str]]:
    found = [
        (f"{each['DTSTART'].dt:%m-%d %H:%M}", str(each["SUMMARY"]), str(each["STATUS"]))
        for each in Calendar.from_ical(text).walk("VEVENT")
    ]
    return sorted(found)


async def test_a_volunteer_sees_her_own_published_shifts_as_busy(line: Line) -> None:
    status, text, headers = await line.fetch(line.link("Maple"))
    assert status == 200
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Cache-Control"] == "private, no-cache"
    found = events(text)
    # Noon is 18 November: 30 days back, and 20 whole days ahead.
    days = ("10-30", "11-06", "11-13", "11-20", "11-27", "12-04")
    assert [each[0] for each in found] == ["10-23 17:00", *(f"{day} 18:00" for day in days)]
    assert {each[1:] for each in found} == {("Busy", "CONFIRMED")}
    assert "Maple" not in text
    assert "Juniper" not in text


async def test_an_unchanged_calendar_is_not_sent_again(line: Line) -> None:
    token = line.link("Maple")
    _, text, headers = await line.fetch(token)
    again = await line.fetch(token, If_None_Match=headers["ETag"])
    assert again[0] == 304
    assert again[1] == ""
    assert again[2]["ETag"] == headers["ETag"]
    line.town.clock.move(hours=5)
    assert (await line.fetch(token, If_None_Match=f'W/"x", {headers["ETag"]}'))[0] == 304
    assert (await line.fetch(token, If_None_Match='"other"'))[1] == text


async def test_a_shift_that_is_gone_is_told_as_cancelled_and_lies_sealed(line: Line) -> None:
    token = line.link("Maple")
    _, before, headers = await line.fetch(token)
    line.plan(Change(1, Replace(Stretch("Maple", instance="night/2026-11-20"), "Juniper")))
    status, text, _ = await line.fetch(token, If_None_Match=headers["ETag"])
    assert status == 200
    assert ("11-20 18:00", "Busy", "CANCELLED") in events(text)
    assert len(events(text)) == len(events(before))
    other = events((await line.fetch(line.link("Juniper")))[1])
    assert ("11-20 18:00", "Busy", "CONFIRMED") in other
    line.town.clock.move(days=61)
    assert all(each[2] == "CONFIRMED" for each in events((await line.fetch(token))[1]))
    person = line.town.person_id("Maple")
    (row,) = line.town.write(lambda c: c.execute(select(r.feed).where(r.feed.c.person == person)).all())
    assert token.encode() not in row.token_hash
    assert b"Busy" not in row.told_sealed


async def test_unknown_revoked_and_shut_out_look_the_same(line: Line) -> None:
    maple, juniper = line.link("Maple"), line.link("Juniper")
    renewed = line.link("Juniper")
    person = line.town.person_id("Maple")
    assert (await line.fetch(maple))[0] == 200
    assert line.town.write(lambda c: feeds.revoke(c, person)) == 1
    answers = [await line.fetch(token) for token in (maple, juniper, "x" * 43, "short", "..%2f..%2fetc")]
    assert {answer[:2] for answer in answers} == {(404, answers[0][1])}
    assert (await line.fetch(renewed))[0] == 200
    person = line.town.person_id("Juniper")
    line.town.write(lambda c: people.suspend(c, person))
    assert (await line.fetch(renewed))[0] == 404


async def test_a_role_taken_back_ends_the_calendar(line: Line) -> None:
    token = line.link("Maple")
    person = line.town.person_id("Maple")
    line.town.write(lambda c: c.execute(t.role_grant.delete().where(t.role_grant.c.person == person)))
    assert (await line.fetch(token))[0] == 404


async def test_everybodys_shifts_are_shown_under_aliases_only_where_the_rota_allows_it(line: Line) -> None:
    with pytest.raises(NoSharedFeed, match="shared_feed: true"):
        line.link("Alder", "demo")
    line.plan(shared=True)
    token = line.link("Alder", "demo")
    _, text, _ = await line.fetch(token)
    assert {each[1] for each in events(text)} == {"Maple", "Juniper"}
    line.plan(shared=False)
    assert (await line.fetch(token))[0] == 404


async def test_a_head_request_tells_the_same_without_the_text(line: Line) -> None:
    token = line.link("Maple")
    _, _, headers = await line.fetch(token)
    async with line.client.head(f"{line.base}/c/{token}.ics") as answer:
        assert (answer.status, answer.headers["ETag"]) == (200, headers["ETag"])
        assert await answer.read() == b""


async def test_more_calendars_than_there_is_room_for_are_asked_to_come_later(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_pages, "WAITING", 0)
    status, _, headers = await line.fetch(line.link("Maple"))
    assert (status, headers["Retry-After"]) == (503, "300")


async def test_two_programs_at_once_are_told_the_same(line: Line) -> None:
    token = line.link("Maple")
    first, second = await line.fetch(token), await line.fetch(token)
    assert first[1] == second[1]
    line.town.clock.move(hours=1)
    now = line.town.clock.now()
    stale = line.town.write(lambda c: feeds.look(c, line.town.house, token, now))
    assert stale is not None
    assert stale.kept is None
    line.plan(Change(1, Replace(Stretch("Maple", instance="night/2026-11-20"), "Juniper")))
    one = line.town.write(lambda c: feeds.look(c, line.town.house, token, now))
    assert one is not None
    line.town.write(lambda c: feeds.keep(c, token, one))
    line.town.write(lambda c: feeds.keep(c, token, replace(one, kept=b"overwritten")))
    assert (await line.fetch(token))[1] == one.text
