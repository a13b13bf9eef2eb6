"""What somebody did in a room becomes acts of hers, if it was she: trust, arrival, what is ours to answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from channels.matrix import translate, trust, volunteers
from channels.matrix.bookmarks import Bookmark
from channels.matrix.machine import Closed, Opened
from channels.matrix.people import Device, Person
from channels.matrix.reading import Table, at, table, text
from channels.matrix.rooms import RoomView
from channels.matrix.station import Station
from channels.matrix.translate import CHANNEL, Heard
from channels.matrix.trust import Claim
from channels.matrix.unreadable import TOLD_AGAIN, Kept, Unreadable
from channels.matrix.words import says_mine, says_new_room
from channels.message import Address, Aside, InboundKind, InboundMessage, Left

LOCKED: Final = "m.room.encrypted"


@dataclass(slots=True)
class Gathered:
    """What one look at the homeserver brought, for one batch.

    `rooms_wanted` are rooms she asked us to make: the old room, and when she asked.
    """

    messages: list[InboundMessage] = field(default_factory=list[InboundMessage])
    left: list[Left] = field(default_factory=list[Left])
    poison: int = 0
    rooms_wanted: list[tuple[str, datetime]] = field(default_factory=list[tuple[str, datetime]])
    moved_from: list[str] = field(default_factory=list[str])

    @property
    def is_empty(self) -> bool:
        """Nothing for the host."""
        return not (self.messages or self.left or self.poison)


@dataclass(slots=True)
class Hearing:
    """Listens to the people we talk with."""

    station: Station
    unreadable: Unreadable

    def hear(self, view: RoomView, event: Table, gathered: Gathered, *, open_room: bool) -> None:
        """One event of the person a room is with. `open_room`: it was written before the room was locked."""
        now = self.station.now()
        kind, sent_at = text(event.get("type")), translate.sent_at(event, now)
        staff = self.station.settings.staff
        if kind == LOCKED:
            self._locked(view, event, sent_at, gathered)
        elif staff and (kind == "m.room.redaction" or open_room):
            pass  # what a volunteer takes back stays said; in the open she says nothing
        elif kind == "m.room.redaction":
            heard = self._heard(view.id, event, sent_at)
            gathered.messages += translate.redactions(heard, translate.redacted_by(event))
        elif open_room:
            heard = self._heard(view.id, event, sent_at)
            self._acts(view.id, heard, translate.acts(heard), gathered)
        elif kind in {"m.room.message", "m.sticker"} and text(at(event, "content", "msgtype")) != "m.notice":
            # In a locked room a word in the clear may be anybody's: it is not believed, and she is told.
            gathered.poison += 1
            self._tell_unreadable(
                view.id, text(event.get("sender")), text(event.get("event_id")), sent_at, gathered
            )

    def try_again(self, gathered: Gathered) -> None:
        """Whatever waited and can be read now is taken in; what waited for a day is let go."""
        now = self.station.now()
        for kept in self.unreadable.all():
            if kept.room not in self.station.rooms:
                continue
            opened = self.station.machine.open(kept.event, kept.room)
            if isinstance(opened, Opened) and self._is_hers(kept.sender, opened):
                self.unreadable.drop(kept)
                self._opened(kept.room, kept.event, opened, kept.sent_at, gathered)
            elif opened is Closed.REPEATED or opened is Closed.NEVER:
                self.unreadable.drop(kept)
        for kept in self.unreadable.outdated(now):
            self.unreadable.drop(kept)
            self.station.lost += 1

    def tell_waiting(self, gathered: Gathered, due: list[Kept]) -> None:
        """One neutral line to whoever wrote what cannot be read."""
        for kept in due:
            self._tell_unreadable(kept.room, kept.sender, kept.id, kept.sent_at, gathered)

    def ask_about_device(self, person: Person, gathered: Gathered) -> None:
        """A device turned up in the middle of a chat: she is asked, in answer to her last act."""
        names = ",".join(sorted(device.id for device in person.devices.values() if device.asked))
        acted_at = datetime.fromtimestamp(person.last_act, self.station.now().tzinfo)
        gathered.messages.append(
            _aside(person.user, Aside.NEW_DEVICE, f"{person.user}/{names}/{int(person.last_act)}", acted_at)
        )

    # ----------------------------------------------------------------------------------------------------

    def _locked(self, view: RoomView, event: Table, sent_at: datetime, gathered: Gathered) -> None:
        sender = text(event.get("sender"))
        opened = self.station.machine.open(event, view.id)
        if isinstance(opened, Opened) and self._is_hers(sender, opened):
            self._opened(view.id, event, opened, sent_at, gathered)
        elif isinstance(opened, Opened) or opened is Closed.NO_KEY:
            # A device we do not know may be new: its owner is asked about, and the message waits (hole 10).
            self.station.machine.users_for_key_query.add(sender)
            self.station.lost += self.unreadable.keep(view.id, event, sent_at, self.station.now())
        elif opened is Closed.NEVER:
            gathered.poison += 1

    def _is_hers(self, sender: str, opened: Opened) -> bool:
        """Only what was locked with a key of one of her own devices is believed to be hers (hole 10)."""
        person = self.station.people.of(sender)
        return person is not None and person.device_of(opened.curve25519, opened.ed25519) is not None

    def _opened(self, room: str, event: Table, opened: Opened, sent_at: datetime, gathered: Gathered) -> None:
        station = self.station
        person = station.people.meet(text(event.get("sender")))
        device = person.device_of(opened.curve25519, opened.ed25519)
        if device is None:
            return
        station.machine.accept(opened)
        heard = Heard(room, opened.event, person.user, sent_at, opened.kind, opened.content)
        found = translate.acts(heard)
        if not found:
            return
        if station.settings.staff:
            self._volunteer(person, device, heard, found, gathered)
            return
        claims_it = len(found) == 1 and says_mine(found[0].text)
        claim = trust.wrote(person, device, station.now(), says_mine=claims_it)
        match claim:
            case Claim.YES:
                found = [_aside(person.user, Aside.GOING_ON, heard.event, sent_at, heard)]
            case Claim.ANEW:
                found = [_arrived(person.user, heard.event, sent_at)]
            case Claim.ASK:
                found.append(_aside(person.user, Aside.NEW_DEVICE, f"{heard.event}/device", sent_at))
            case Claim.NOTHING | Claim.KNOWN:
                pass
        person.told_unreadable = 0.0
        self._acts(room, heard, found, gathered)

    def _volunteer(
        self, person: Person, device: Device, heard: Heard, found: list[InboundMessage], gathered: Gathered
    ) -> None:
        """Pass on what a volunteer did, as whoever her device is."""
        station = self.station
        handle, channel = volunteers.handle_of(person, device), station.settings.name
        gathered.messages += [volunteers.act(one, channel, handle, heard) for one in found]
        person.last_act = max(person.last_act, heard.at.timestamp())
        person.told_unreadable = 0.0
        if heard.room not in station.chat_rooms:
            person.room = heard.room
        station.people.keep(person, with_batch=True)

    def _acts(self, room: str, heard: Heard, found: list[InboundMessage], gathered: Gathered) -> None:
        """Note where and when she acted, and pass it on."""
        if not found:
            return
        station = self.station
        person = station.people.meet(heard.sender)
        mark = station.bookmarks.of(room) or Bookmark(room, heard.sender, seen=station.now().timestamp())
        if len(found) == 1 and mark.offered and says_new_room(found[0].text):
            gathered.rooms_wanted.append((room, heard.at))
            found = []
        elif (
            person.room not in {"", room}
            and not mark.at
            and not mark.instead_of
            and person.mid_chat(heard.at)
        ):
            # Another chat in the middle of one: whoever looks there must not see how it goes on.
            gathered.messages.append(_arrived(person.user, heard.event, heard.at))
        if mark.instead_of:
            gathered.moved_from.append(mark.instead_of)
            mark.instead_of = ""
        gathered.messages += found
        file = text(heard.content.get("url")) or text(table(heard.content.get("file")).get("url"))
        if file.startswith("mxc://"):
            mark.files[heard.event] = file
        person.room = room
        person.last_act = max(person.last_act, heard.at.timestamp())
        mark.at = max(mark.at, heard.at.timestamp())
        station.people.keep(person, with_batch=True)
        self._offer_room(mark, heard, gathered)
        station.remember(mark)

    def _offer_room(self, mark: Bookmark, heard: Heard, gathered: Gathered) -> None:
        view = self.station.rooms.get(mark.room)
        if mark.offered or mark.ours or view is None or view.may_redact() or not view.whole:
            return
        mark.offered = True
        gathered.messages.append(_aside(mark.user, Aside.ROOM_OFFER, f"{mark.room}/offer", heard.at))

    def _tell_unreadable(
        self, room: str, user: str, event: str, sent_at: datetime, gathered: Gathered
    ) -> None:
        person, now = self.station.people.meet(user), self.station.now()
        if now.timestamp() - person.told_unreadable < TOLD_AGAIN.total_seconds():
            return
        person.told_unreadable = now.timestamp()
        if self.station.settings.staff:
            told = volunteers.unreadable(person, self.station.settings.name, room, event)
            gathered.messages += [told] if told is not None else []
        else:
            person.room = person.room or room
            gathered.messages.append(_aside(user, Aside.UNREADABLE, f"{event}/unreadable", sent_at))
        self.station.people.keep(person, with_batch=True)

    def _heard(self, room: str, event: Table, sent_at: datetime) -> Heard:
        return Heard(
            room,
            text(event.get("event_id")),
            text(event.get("sender")),
            sent_at,
            text(event.get("type")),
            table(event.get("content")),
        )


def _aside(
    user: str, aside: Aside, name: str, sent_at: datetime, heard: Heard | None = None
) -> InboundMessage:
    """Something the guide is asked to say. What she wrote to us itself stands on her screen, and can go."""
    remote = None if heard is None else translate.joined(heard.room, heard.event)
    return InboundMessage(
        name, Address(CHANNEL, user), InboundKind.ASIDE, choice=aside.value, remote_id=remote, sent_at=sent_at
    )


def _arrived(user: str, event: str, sent_at: datetime) -> InboundMessage:
    return InboundMessage(f"{event}/arrived", Address(CHANNEL, user), InboundKind.ARRIVED, sent_at=sent_at)
