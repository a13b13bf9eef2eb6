"""A volunteer on Matrix, with a client of another make: offered, accepted, written with, closed, gone."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.services.premises import open_premises
from bot.store import own_rows, staff_tables as s, tables as t
from tests.faults.page import Page
from tests.forensics.marks import traces
from tests.matrix.line import homeserver, new_name, woman
from tests.matrix.peers import Peers
from tests.matrix.service import Colleague, Service, Woman, service, staff_environment
from tests.matrix.synapse import Account

STEPS = ("hello.yes", "safe_check.no", "notice3.person", "consent.yes")


class Visitor:
    """A woman on the web page."""

    def __init__(self, made: Service) -> None:
        self.page = Page(made.program.origin, "198.51.100.7")
        self._living = asyncio.create_task(self.page.live())

    async def to_a_person(self) -> None:
        for token in STEPS:
            await self.sees(lambda t=token: any(t in line.tokens for line in self.page.of_the_guide), token)
            self.page.act(kind="choice", choice=token)

    async def sees(self, is_there: Callable[[], bool], what: str, within: float = 20.0) -> None:
        try:
            async with asyncio.timeout(within):
                while not is_there():
                    await self.page.changes()
        except TimeoutError:
            raise AssertionError(f"{what}: {[line.text for line in self.page.lines]}") from None

    async def hears(self, text: str) -> None:
        await self.sees(lambda: text in self.page.of_a_person, text)

    async def goes(self) -> None:
        self.page.leave()
        self._living.cancel()
        await asyncio.gather(self._living, return_exceptions=True)


def accounts() -> tuple[Account, Account]:
    """The volunteers' account, and the administrator of the homeserver."""
    return homeserver().register(new_name("staff")), homeserver().register(new_name("admin"), admin=True)


def events_of(room: str) -> int:
    return homeserver().rows("SELECT count(*) FROM events WHERE room_id = ?", room)[0][0]


async def is_removed(room: str) -> None:
    """Nothing of a room is left on the homeserver."""
    async with asyncio.timeout(20):
        while events_of(room):
            await asyncio.sleep(0.05)


def remembered(made: Service) -> bytes:
    """What the volunteers' account remembers, opened."""
    with open_premises(made.program.settings) as premises, premises.read() as connection:
        rows = own_rows.load(connection, premises.vault, "matrix-staff")
    return b"\n".join((row.owner.encode() + b" " + (row.body or b"")) for row in rows)


async def test_a_volunteer_on_matrix_talks_with_a_woman_on_the_web(tmp_path: Path, peers: Peers) -> None:
    """Mixed: she taps on a page, the volunteer types numbers; no word of it lies open anywhere."""
    staff, admin = accounts()
    maple_peer = await woman(peers, name="Ahornblatt", sign=True, strict=True)
    more = staff_environment(tmp_path / "c", homeserver(), staff, admin)
    async with service(tmp_path / "hotline", homeserver(), **more) as made:
        maple = await Colleague.comes(made, maple_peer, staff.user)
        ann = Visitor(made)
        await ann.to_a_person()
        room = await maple.accepts()
        facts = await maple_peer("facts", room=room)
        assert facts["create"]["m.federate"] is False
        assert (facts["name"], facts["topic"]) == (None, None)
        head = await maple.told("!5 Close", room)
        assert "!1 Check it is her" in head

        ann.page.act(kind="text", text="Zwiebelfisch-drei is what I say")
        await maple.told("She: Zwiebelfisch-drei is what I say", room)
        await maple.types("Zwiebelfisch-vier, what would help?", room)
        await ann.hears("Zwiebelfisch-vier, what would help?")
        await maple.types("nobody reads this", maple.lobby)
        await maple.told("Nothing was sent")
        marks = ["Zwiebelfisch-drei", "Zwiebelfisch-vier", "nobody reads this"]
        assert traces(homeserver().folder, marks) == []
        assert traces(tmp_path / "hotline", [*marks, maple_peer.user, room, "Ahornblatt"]) == []
        assert {m for m in (maple_peer.user, room) if m.encode() in remembered(made)} == {
            maple_peer.user,
            room,
        }

        await maple.types("!close", room)
        await maple.told("How did it end?", room)
        await maple.types("!1", room)
        await maple.is_out()
        await is_removed(room)
        await maple.told("is over here")
        assert room.encode() not in remembered(made)
        assert made.rows(s.staff_chat) == []
        assert [row.state for row in made.rows(t.handoff)] == ["closed"]
        assert "nobody reads this" not in ann.page.of_a_person
        await ann.goes()
        assert await made.program.stop() == 0
    assert traces(tmp_path / "hotline", marks) == []


@pytest.mark.long
async def test_both_on_matrix_and_she_hides(tmp_path: Path, peers: Peers) -> None:
    """Two rooms that share nobody; what is written in one comes into the other a moment later."""
    staff, admin = accounts()
    ann_peer = await woman(peers, name=new_name("ann"))
    maple_peer = await woman(peers, name=new_name("maple"), sign=True)
    more = staff_environment(tmp_path / "c", homeserver(), staff, admin)
    async with service(tmp_path / "hotline", homeserver(), **more) as made:
        maple = await Colleague.comes(made, maple_peer, staff.user)
        her = await Woman.comes(ann_peer, made.user)
        await her.to_a_person()
        room = await maple.accepts()
        await her.hears("You are now writing with Maple")
        said = await her.writes("can you read me?")
        await maple.told("She: can you read me?", room)
        await maple.types("yes, I can", room)
        await her.hears("yes, I can")
        assert members_ever(room).isdisjoint(members_ever(her.room) - {""})
        assert 1.0 <= later(said, staff.user, room) < 8.0

        await her.writes("hide")
        await maple.told("She had to leave")
        await maple.is_out()
        await is_removed(room)
        assert made.rows(s.staff_chat) == []
        assert await made.program.stop() == 0


def members_ever(room: str) -> set[str]:
    query = "SELECT DISTINCT state_key FROM events WHERE room_id = ? AND type = 'm.room.member'"
    return {row[0] for row in homeserver().rows(query, room)}


def later(event: str, sender: str, room: str) -> float:
    """Seconds between an event and the next of this sender in another room, by the homeserver's clock."""
    (began,) = homeserver().rows("SELECT origin_server_ts FROM events WHERE event_id = ?", event)[0]
    query = (
        "SELECT min(origin_server_ts) FROM events WHERE room_id = ? AND sender = ?"
        " AND type = 'm.room.encrypted' AND origin_server_ts >= ?"
    )
    return (homeserver().rows(query, room, sender, began)[0][0] - began) / 1000


async def test_a_stranger_gets_one_neutral_line_and_nothing_of_hers_is_kept(
    tmp_path: Path, peers: Peers
) -> None:
    staff, admin = accounts()
    eve = await woman(peers, name=new_name("eve"))
    more = staff_environment(tmp_path / "c", homeserver(), staff, admin)
    async with service(tmp_path / "hotline", homeserver(), **more) as made:
        room = await eve.opens(staff.user)
        await eve.says(room, "Zwiebelfisch-sechs, is anybody there?")
        found = await eve("reads", room=room, part="112", **{"from": staff.user})
        assert len(found) == 1
        assert made.rows(s.staff_address) == [] and made.rows(s.staff_post) == []
        assert traces(tmp_path / "hotline", ["Zwiebelfisch-sechs", eve.user]) == []
