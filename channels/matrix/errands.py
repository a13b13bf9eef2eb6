"""What is done beside the sync, once a batch is stored: invitations, and rooms that are none to talk in.

Each errand stands alone: what fails is tried again, and holds up no other. Nothing is written to anybody but
the two fixed lines of `words`, in answer to an act of the last two minutes (PR4).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from channels.matrix import administration, making, words
from channels.matrix.bookmarks import Bookmark
from channels.matrix.failures import Refusal, Trouble
from channels.matrix.hearing import Gathered
from channels.matrix.leaving import Leaving
from channels.matrix.policy import Answer, Doorkeeper, Invitation, Verdict
from channels.matrix.station import Station
from channels.matrix.syncing import Findings
from channels.matrix.translate import CHANNEL
from channels.matrix.upkeep import Upkeep
from channels.matrix.wire import part
from channels.message import Address, Aside, InboundKind, InboundMessage

_log = logging.getLogger(__name__)
PAUSE: Final = 2.0  # seconds between rounds while something is left to do
IDLE: Final = 600.0  # seconds when nothing is
AT_ONCE: Final = 8
FRESH: Final = timedelta(minutes=2)
MOST_INVITATIONS: Final = 5_000
TRIES: Final = 5  # of joining a room that refuses us
TIDY_EVERY: Final = timedelta(hours=1)
CHAT_AT_MOST: Final = timedelta(hours=48)  # its room is closed by the host long before


@dataclass(slots=True)
class Errands:
    """What is to be done, and doing it."""

    station: Station
    leaving: Leaving
    upkeep: Upkeep
    doorkeeper: Doorkeeper
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    _invited: dict[str, Invitation] = field(default_factory=dict[str, Invitation])
    _again: list[tuple[float, Invitation]] = field(default_factory=list[tuple[float, Invitation]])
    _refused: dict[str, int] = field(default_factory=dict[str, int])
    _verdicts: dict[str, tuple[Verdict, float]] = field(default_factory=dict[str, tuple[Verdict, float]])
    _wanted: list[tuple[str, datetime]] = field(default_factory=list[tuple[str, datetime]])
    _to_leave: list[str] = field(default_factory=list[str])
    _tidied: datetime | None = None
    _strangers: set[str] = field(default_factory=set[str])

    def note(self, gathered: Gathered, found: Findings) -> None:
        """A batch is stored: this is what it left to do."""
        for room in found.over:
            self.station.forget_room(room)
            self._invited.pop(room, None)
            self._refused.pop(room, None)
        for room, invitation in found.invited.items():
            if len(self._invited) < MOST_INVITATIONS:
                self._invited[room] = invitation
        self._verdicts.update(found.verdicts)
        self.upkeep.requests += found.requests[:AT_ONCE]
        self._wanted += gathered.rooms_wanted
        self._to_leave += gathered.moved_from
        self.bell.set()

    async def run(self) -> None:
        """Until cancelled. Raises `Refusal` if the homeserver does not know our token any more."""
        while True:
            left = await self.once()
            try:
                async with asyncio.timeout(PAUSE if left else IDLE):
                    await self.bell.wait()
            except TimeoutError:
                pass
            self.bell.clear()

    async def once(self) -> bool:
        """One round; True if something is left to do."""
        left = False
        for errand in (
            self.upkeep.query, self.upkeep.stock, self.upkeep.mend, self.upkeep.answer_requests,
            self.upkeep.ask_for_keys, self._look_at_invitations, self._look_at_rooms, self._make_rooms,
            self._leave_rooms, self._tidy,
        ):  # fmt: skip
            left |= await self._try(errand)
        await self._try(self._save)
        return left

    async def _try(self, errand: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await errand()
        except Refusal as refused:
            if refused.is_token:
                raise
            _log.warning("an errand was refused", extra={"error": str(refused)})
        except Trouble as trouble:
            _log.info("an errand failed for now", extra={"error": type(trouble).__name__})
        except Exception as error:  # noqa: BLE001  one errand must not hold up the others
            _log.error("an errand failed", exc_info=error)
        return True

    async def _save(self) -> bool:
        await self.station.ledger.save()
        return False

    # --- rooms --------------------------------------------------------------------------------------------
    async def _look_at_invitations(self) -> bool:
        """Join where somebody asks us in, as fast as is allowed."""
        clock = asyncio.get_running_loop().time
        now = clock()
        chosen = [invitation for due, invitation in self._again if due <= now]
        self._again = [(due, invitation) for due, invitation in self._again if due > now]
        for room, invitation in list(self._invited.items()):
            answer = self.doorkeeper.answer(invitation, clock())
            if answer is Answer.LATER:
                continue
            del self._invited[room]
            if answer is Answer.JOIN:
                chosen.append(invitation)
            else:
                await self._ignore_refusal(self.leaving.leave(room, empty=False))
        if chosen:
            gate = asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(*(self._join(gate, invitation) for invitation in chosen))
        return bool(self._invited or self._again)

    async def _join(self, gate: asyncio.Semaphore, invitation: Invitation) -> None:
        station, user = self.station, invitation.sender
        async with gate:
            station.people.keep(station.people.meet(user))
            station.machine.users_for_key_query.add(user)
            try:
                await self._make_way(user)
                await station.client.post(f"/join/{part(invitation.room)}", {})
                self._refused.pop(invitation.room, None)
            except Refusal as refused:
                if refused.may_pass:
                    self._invited[invitation.room] = invitation
                elif refused.status == 403:
                    self._try_again(invitation)
                if refused.is_token:
                    raise
                _log.info("a room could not be joined", extra={"error": str(refused)})
            except Trouble:
                self._invited[invitation.room] = invitation  # it is looked at again
            self.bell.set()

    def _try_again(self, invitation: Invitation) -> None:
        """Her homeserver may tell us of an invitation before it knows of it itself: then it refuses us."""
        room = invitation.room
        tries = self._refused.pop(room, 0) + 1
        if tries < TRIES:
            self._refused[room] = tries
            due = asyncio.get_running_loop().time() + PAUSE * tries / 2
            self._again.append((due, invitation))

    async def _make_way(self, user: str) -> None:
        """Of one person's rooms the one that was silent longest gives way to a new one."""
        rooms = self.station.chat_rooms
        mine = [mark for mark in self.station.bookmarks.of_user(user) if mark.room not in rooms]
        for mark in mine[: max(0, len(mine) - self.station.settings.rooms_per_person + 1)]:
            await self.leaving.leave(mark.room, empty=False)

    async def _look_at_rooms(self) -> bool:
        """Lock rooms, or say plainly why we cannot talk there, and go."""
        for room, (verdict, last) in list(self._verdicts.items()):
            del self._verdicts[room]
            try:
                await self._look_at_room(room, verdict, last)
            except Trouble as trouble:
                if isinstance(trouble, Refusal) and not trouble.may_pass:
                    _log.info("a room could not be dealt with", extra={"error": str(trouble)})
                    continue
                self._verdicts[room] = (verdict, last)
                raise
        return False

    async def _look_at_room(self, room: str, verdict: Verdict, last: float) -> None:
        fresh = self.station.now().timestamp() - last < FRESH.total_seconds()
        if verdict is Verdict.LOCK:
            await making.lock(self.station.client, room)
        elif verdict in {Verdict.TELL_LOCK, Verdict.TELL_ALONE}:
            if fresh:  # else her next act is the moment
                await self._tell(room, "lock" if verdict is Verdict.TELL_LOCK else "alone")
                await self.leaving.leave(room, empty=False)
        elif verdict is Verdict.LEAVE:
            await self.leaving.leave(room)

    async def _tell(self, room: str, which: str) -> None:
        view = self.station.rooms.get(room)
        person = self.station.people.of(view.partner) if view is not None and view.partner else None
        spoken = (
            (person.language,) if person is not None and person.language else self.station.settings.languages
        )
        content = {"msgtype": "m.notice", "body": words.told(which, spoken)}
        await self.station.client.put(
            f"/rooms/{part(room)}/send/m.room.message/{part(f'{which}-{room}')}", content
        )

    async def _make_rooms(self) -> bool:
        """She asked for a room that can be emptied: it is made, and she is told in the old one."""
        while self._wanted:
            old, asked_at = self._wanted[0]
            mark = self.station.bookmarks.of(old)
            if mark is not None:
                await self._make_room(mark, asked_at)
            del self._wanted[0]
        return False

    async def _make_room(self, old: Bookmark, asked_at: datetime) -> None:
        station, user = self.station, old.user
        away = user.partition(":")[2] != station.settings.server
        room = await making.make_room(station.client, [user], federated=away, direct=True)
        seen = station.now().timestamp()
        station.remember(Bookmark(room, user, seen=seen, locked=True, ours=True, instead_of=old.room))
        self.upkeep.gathered.messages.append(
            InboundMessage(
                f"{room}/made",
                Address(CHANNEL, user),
                InboundKind.ASIDE,
                choice=Aside.ROOM_MADE.value,
                sent_at=asked_at,
            )
        )
        station.bell.set()

    async def _leave_rooms(self) -> bool:
        """Rooms that were replaced are emptied and left."""
        while self._to_leave:
            await self._ignore_refusal(self.leaving.leave(self._to_leave[0]))
            del self._to_leave[0]
        return False

    async def _tidy(self) -> bool:
        """Rooms nobody wrote in for long are left; of people without a room nothing is kept."""
        station, now = self.station, self.station.now()
        if not station.ready.is_set() or (self._tidied is not None and now - self._tidied < TIDY_EVERY):
            return False
        self._tidied = now
        end = self.leaving.close if station.settings.staff else self.leaving.leave
        for room in self._outlived(now):
            await self._ignore_refusal(end(room))
        await self._purge(now)
        strangers = station.strangers() - {invitation.sender for invitation in self._invited.values()}
        for user in (
            strangers & self._strangers
        ):  # twice in a row: her first key may come before her invitation
            station.forget(user)
        self._strangers = strangers
        return False

    async def _purge(self, now: datetime) -> None:
        """A day after a chat was closed its history goes from our homeserver; not if she has come back."""
        station = self.station
        due = (now - station.settings.purge_after).timestamp()
        for mark in station.bookmarks.all():
            if not mark.over or mark.over > due:
                continue
            if mark.at <= mark.over:
                await administration.purge_history(station, mark.room, mark.last)
            mark.over = 0.0
            station.remember(mark)

    def _outlived(self, now: datetime) -> list[str]:
        """Rooms nobody wrote in for long; of volunteers only those of chats that are long over."""
        station = self.station
        if station.settings.staff:
            over = (now - CHAT_AT_MOST).timestamp()
            return [one.room for one in station.chat_rooms.all() if one.made_at < over]
        silent = now.timestamp() - station.settings.silent_for.total_seconds()
        return [mark.room for mark in station.bookmarks.all() if max(mark.at, mark.seen) < silent]

    async def _ignore_refusal(self, doing: Awaitable[Any]) -> None:
        try:
            await doing
        except Refusal as refused:
            if refused.may_pass:
                raise
            _log.info("a room could not be left", extra={"error": str(refused)})
