"""One answer of the homeserver becomes one batch: keys first, then every room, nothing skipped (PR1).

nio's own loop moves its token before anything was done with what came, ends at the first malformed message,
and passes over what a busy room left out. Here the token is the batch's cursor: the host stores it together
with the acts and with the keys that were needed to read them, or none of the three.
"""

import logging
from dataclasses import dataclass, field
from typing import Final

from nio import RoomKeyRequest

from channels.matrix import backfill, making
from channels.matrix.bookmarks import Bookmark
from channels.matrix.failures import Refusal
from channels.matrix.filters import STATE, WORDS
from channels.matrix.hearing import Gathered, Hearing
from channels.matrix.policy import Invitation, Verdict, judge, read_invitation
from channels.matrix.reading import Table, at, listing, number, table, tables, text
from channels.matrix.rooms import RoomView
from channels.matrix.station import Station
from channels.matrix.translate import CHANNEL, sent_at
from channels.message import Address, Left

_log = logging.getLogger(__name__)
_MEMBER: Final = "m.room.member"
MOST_ASKED: Final = 20  # of a larger room it is enough to know that it is none


@dataclass(slots=True)
class Findings:
    """What has to be done once the batch is stored.

    Attributes:
        invited: rooms somebody asked us into.
        verdicts: what the rooms we do not talk in are to us, and when somebody last acted there.
        requests: devices that ask for a key we gave them.
        over: rooms we are in no more.
    """

    invited: dict[str, Invitation] = field(default_factory=dict[str, Invitation])
    verdicts: dict[str, tuple[Verdict, float]] = field(default_factory=dict[str, tuple[Verdict, float]])
    requests: list[RoomKeyRequest] = field(default_factory=list[RoomKeyRequest])
    over: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Syncing:
    """Reads answers of the homeserver."""

    station: Station
    hearing: Hearing

    async def take(self, answer: Table) -> tuple[Gathered, Findings]:
        """Everything one answer holds. Raises what `Client.ask` raises, and then nothing was taken in."""
        rooms = table(answer.get("rooms"))
        joined = {room: table(plain) for room, plain in table(rooms.get("join")).items()}
        # All that must be asked is asked first: what follows cannot fail half-way.
        gathered, found = Gathered(), Findings()
        earlier = {room: await self._earlier(room, plain, gathered) for room, plain in joined.items()}
        members = {room: await self._members(room, plain) for room, plain in joined.items()}
        station = self.station
        station.stock.take(answer)
        for room, plain in table(rooms.get("invite")).items():
            events = table(at(plain, "invite_state")).get("events")
            found.invited[room] = read_invitation(room, station.me, events)
        self._keys(answer, found)
        for room, plain in joined.items():
            try:
                self._room(room, plain, (earlier[room], members[room]), gathered, found)
            except Exception as error:  # noqa: BLE001  no room may hold up the others
                gathered.poison += 1
                _log.error("a room could not be read", extra={"error": type(error).__name__})
        for room, plain in table(rooms.get("leave")).items():
            self._over(room, table(plain), gathered, found)
        self.hearing.try_again(gathered)
        station.machine.came.clear()
        return gathered, found

    def _keys(self, answer: Table, found: Findings) -> None:
        """What came to our device, and whose devices changed."""
        machine = self.station.machine
        for plain in listing(at(answer, "to_device", "events")):
            event = machine.take_to_device(plain)
            if isinstance(event, RoomKeyRequest):
                found.requests.append(event)
        for user in listing(at(answer, "device_lists", "changed")):
            if isinstance(user, str) and self.station.people.of(user) is not None:
                machine.users_for_key_query.add(user)

    def _room(
        self,
        room: str,
        plain: Table,
        asked: tuple[list[Table] | None, set[str] | None],
        gathered: Gathered,
        found: Findings,
    ) -> None:
        station = self.station
        mark = station.bookmarks.of(room)
        view = station.rooms.get(room) or _view(station, room, mark)
        earlier, members = asked
        if earlier is not None:
            view.forget_members()
        events = tables(at(plain, "timeline", "events"))
        state = [(event, True) for event in tables(at(plain, "state", "events"))]
        story = [(event, False) for event in earlier or ()] + state + [(event, False) for event in events]
        heard = _follow(view, story, _beginning(story, station.me) if mark is None else 0)
        view.take_summary(table(plain.get("summary")))
        if members is not None:
            view.take_members(members)
        station.rooms[room] = view
        acts = [event for event, is_state in story if not is_state and event.get("sender") != station.me]
        self._listen(view, heard, gathered)
        self._judge(view, acts, gathered, found)
        self._remember(view, next((text(event.get("event_id")) for event in reversed(events)), ""))

    def _listen(self, view: RoomView, heard: list[tuple[Table, bool]], gathered: Gathered) -> None:
        """Hear the one person the room is with."""
        station, partner = self.station, view.partner
        hers = [(event, open_room) for event, open_room in heard if event.get("sender") == partner]
        if partner is None or not hers or judge(view) not in {Verdict.TALK, Verdict.LOCK}:
            return
        if station.people.of(partner) is None:
            station.people.keep(station.people.meet(partner))
            station.machine.users_for_key_query.add(partner)
        for event, open_room in hers:
            self._hear(view, event, gathered, open_room=open_room)

    def _judge(self, view: RoomView, acts: list[Table], gathered: Gathered, found: Findings) -> None:
        """What a room is to us that we do not talk in, and when somebody last acted there."""
        verdict, now = judge(view), self.station.now()
        mark = self.station.bookmarks.of(view.id)
        waits_for_her = view.creator == view.me and (mark is None or (mark.ours and not mark.at))
        if verdict is Verdict.TALK or (verdict is Verdict.LEAVE and waits_for_her):
            return
        if view.id in self.station.chat_rooms:
            return  # the host closes it, whether she is in it or not
        last = max((sent_at(event, now).timestamp() for event in acts), default=0.0)
        found.verdicts[view.id] = (verdict, last)
        if verdict is Verdict.LEAVE and mark is not None:
            self._she_left(view.id, mark, gathered)

    def _hear(self, view: RoomView, event: Table, gathered: Gathered, *, open_room: bool) -> None:
        try:
            self.hearing.hear(view, event, gathered, open_room=open_room)
        except Exception as error:  # noqa: BLE001  one event in a form nobody thought of must not hold up a room
            gathered.poison += 1
            _log.warning("an event could not be read", extra={"error": type(error).__name__})

    async def _earlier(self, room: str, plain: Table, gathered: Gathered) -> list[Table] | None:
        """What the sync left out of a room, None where it left out nothing."""
        timeline, mark = table(plain.get("timeline")), self.station.bookmarks.of(room)
        before = text(timeline.get("prev_batch"))
        if timeline.get("limited") is not True or not before:
            return None
        try:
            known = mark.last if mark is not None else ""
            return await backfill.missing(self.station.client, room, before, known, self.station.me)
        except backfill.TooFar as far:
            gathered.poison += 1
            _log.error("a gap in a room is too long to be filled")
            return far.found
        except Refusal as refused:
            if refused.may_pass:
                raise
            gathered.poison += 1
            return []

    async def _members(self, room: str, plain: Table) -> set[str] | None:
        """Who is in a room, where neither the sync nor what we know of it tells."""
        view, summary = self.station.rooms.get(room), table(plain.get("summary"))
        mark = self.station.bookmarks.of(room)
        count = number(summary.get("m.joined_member_count"), -1)
        told = count == 2 and len(listing(summary.get("m.heroes"))) == 1
        known = view.whole if view is not None else mark is not None
        known = known and at(plain, "timeline", "limited") is not True
        if told or count > MOST_ASKED or known:
            return None
        try:
            return await making.members(self.station.client, room)
        except Refusal as refused:
            if refused.may_pass:
                raise
            return None

    def _remember(self, view: RoomView, newest: str) -> None:
        """How far the room was read; with the batch."""
        mark = self.station.bookmarks.of(view.id)
        if mark is None and view.partner is not None:
            mark = Bookmark(view.id, view.partner, seen=self.station.now().timestamp())
        if mark is not None and ((newest and mark.last != newest) or view.locked != mark.locked):
            mark.last, mark.locked = newest or mark.last, view.locked
            self.station.remember(mark)

    def _over(self, room: str, plain: Table, gathered: Gathered, found: Findings) -> None:
        """We are in a room no more: sent out of it, or we left it ourselves."""
        story = [*tables(at(plain, "state", "events")), *tables(at(plain, "timeline", "events"))]
        by = next(
            (
                text(event.get("sender"))
                for event in reversed(story)
                if event.get("type") == _MEMBER and event.get("state_key") == self.station.me
            ),
            self.station.me,
        )
        mark = self.station.bookmarks.of(room)
        if by != self.station.me and mark is not None:
            self._she_left(room, mark, gathered)
        found.over.append(room)

    def _she_left(self, room: str, mark: Bookmark, gathered: Gathered) -> None:
        """Who goes out of the room she writes in closes the chat, as by the exit of a page."""
        person = self.station.people.of(mark.user)
        if person is not None and person.room == room and not self.station.settings.staff:
            gathered.left.append(Left(Address(CHANNEL, mark.user), f"{room}/{mark.last}/left"))


def _view(station: Station, room: str, mark: Bookmark | None) -> RoomView:
    """A room as it was left: who is in it has not changed, or the sync tells that it has."""
    view = RoomView(room, station.me)
    if mark is not None:
        view.take_members({station.me, mark.user})
        view.locked = mark.locked
    return view


def _follow(view: RoomView, story: list[tuple[Table, bool]], begin: int) -> list[tuple[Table, bool]]:
    """Let the room's state follow its story; words from `begin` on, and whether the room was open then."""
    words: list[tuple[Table, bool]] = []
    for place, (event, _) in enumerate(story):
        kind = text(event.get("type"))
        if kind in STATE and "state_key" in event:
            view.take(event)
        elif kind in WORDS and place >= begin:
            words.append((event, view.was_open(event)))
    return words


def _beginning(story: list[tuple[Table, bool]], me: str) -> int:
    """Where our part of a new room begins: at our last invitation; words before it were not for us."""
    places = [
        place for place, (event, is_state) in enumerate(story) if not is_state and backfill.begins(event, me)
    ]
    return places[-1] if places else 0
