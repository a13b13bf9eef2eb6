"""The whole way, locked from end to end: her client is of another make, service and homeserver are real."""

from pathlib import Path

from bot.services.premises import open_premises
from bot.store import own_rows, tables as t
from tests.forensics.marks import traces
from tests.matrix.line import homeserver, new_name, woman
from tests.matrix.peers import Peers
from tests.matrix.service import Service, Woman, service


def remembered(made: Service) -> bytes:
    """What the line remembers of people, opened."""
    with open_premises(made.program.settings) as premises, premises.read() as connection:
        rows = own_rows.load(connection, premises.vault, "matrix")
    return b"\n".join((row.owner.encode() + b" " + (row.body or b"")) for row in rows)


def on_the_server(room: str) -> int:
    """Events of a room that still hold something."""
    query = (
        "SELECT count(*) FROM event_json JOIN events USING (event_id) LEFT JOIN redactions"
        " ON redactions.redacts = events.event_id"
        " WHERE events.room_id = ? AND events.type = 'm.room.encrypted' AND redactions.redacts IS NULL"
    )
    return homeserver().rows(query, room)[0][0]


async def test_from_the_first_word_to_a_volunteer_and_to_hide(tmp_path: Path, peers: Peers) -> None:
    """She writes, is guided, talks with a volunteer, hides: no word of it lies open anywhere, at any time."""
    server = homeserver()
    ann = await woman(peers, name="Heckenschere", sign=True, strict=True)
    async with service(tmp_path / "hotline", server) as made:
        her = await Woman.comes(ann, made.user)
        await her.to_a_person()
        chat = await made.accepts()
        await her.hears("You are now writing with Maple")
        chat.writes("Zwiebelfisch-eins, what would help?")
        await her.hears("Zwiebelfisch-eins, what would help?")
        shown = await ann.reads(her.room, "Zwiebelfisch-eins, what would help?")
        assert shown[0]["html"].startswith("<strong>Maple</strong>")
        await her.writes("Zwiebelfisch-zwei is what I say")
        await chat.hears("Zwiebelfisch-zwei is what I say")

        # A client that trusts signed devices only shows no warning at any line of ours.
        assert [s for s in await ann("shields", room=her.room) if s["colour"]] == []
        said = [text[:40] for text in her.read if len(text) >= 12]
        marks = ["Zwiebelfisch-eins", "Zwiebelfisch-zwei", *said]
        assert len(marks) >= 7
        assert traces(server.folder, marks) == []
        assert traces(server.folder, [ann.user]), "the search finds what does lie there"
        # Our own folder does not even know who she is, or where.
        names = [ann.user, "Heckenschere", her.room, her.room[1:20], *marks]
        assert traces(tmp_path, names) == []
        assert {n for n in (ann.user, her.room) if n.encode() in remembered(made)} == {ann.user, her.room}

        await her.writes("hide")
        await until_left(her)
        assert [line["text"] for line in await ann.screen(her.room) if not line["gone"]] == []
        assert on_the_server(her.room) == 0
        assert her.room.encode() not in remembered(made)
        assert [row.stage for row in made.rows(t.conversation)] == ["closed"]

        # She comes back in a new room, and is met as whoever opens the chat afresh.
        again = await Woman.comes(ann, made.user)
        await again.writes("stop it all")
        await again.hears("Is now a good time")
        await again.writes("stop")
        await until_left(again)
        assert ann.user.encode() not in remembered(made)
        assert made.rows(t.contact) == []
        assert await made.program.stop() == 0
    assert traces(tmp_path, names) == []


async def until_left(her: Woman) -> None:
    """The line has gone out of her room."""
    for _ in range(400):
        if await her.peer("membership", room=her.room, user=her.line) == "leave":
            return
        await her.peer("wait", milliseconds=50)
    raise AssertionError("the line is still in her room")


async def test_she_writes_in_romanian_and_edits_and_takes_back(tmp_path: Path, peers: Peers) -> None:
    """A digit edited into a word, a word taken back: what the volunteer reads follows."""
    ann = await woman(peers, name=new_name("ro"))
    async with service(tmp_path, homeserver()) as made:
        her = await Woman.comes(ann, made.user)
        await her.to_a_person()
        chat = await made.accepts()
        await her.hears("You are now writing with")
        first = await her.writes("first form")
        second = await her.writes("not meant")
        await chat.hears("not meant")
        await ann("edit", room=her.room, event=first, text="second form")
        await ann("redact", room=her.room, event=second)
        await chat.hears("second form")
        await chat.hears("")
        assert [text for text in chat.reads() if text in {"first form", "second form", "not meant"}] == [
            "second form"
        ]
