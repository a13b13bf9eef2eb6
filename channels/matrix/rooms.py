"""What is known of a room, from its state: who is in it, whether it is locked, what we may do there. Pure."""

from dataclasses import dataclass, field
from typing import Any, Final

from channels.matrix.reading import Table, at, listing, number, table, text

MEGOLM: Final = "m.megolm.v1.aes-sha2"
ON_ITS_WAY: Final = 60_000  # milliseconds
REDACT: Final = 50  # Matrix's own default
_STATE: Final = 50
_CREATORS_ABOVE_ALL: Final = 12  # from this room version on, creators stand above every level


@dataclass(slots=True)
class RoomView:
    """One room we are in.

    Attributes:
        id: its id.
        me: our own user id.
        locked: end-to-end encryption is on, in the form we speak. Never off again once it was on.
        locked_at: when we switched it on ourselves, milliseconds of the homeserver's clock, 0 if we did not.
        members, invited: who is in it, who is asked in, as far as known.
        whole: `members` and `invited` are all there are.
        crowded: there are more than two of us, whoever they are.
        expected: how many are asked in, as last counted by the homeserver: it need not name them.
        join_rule: "invite" for a private room.
        kind: "" for a room to talk in; "m.space" and others are none.
        creator: who made it; creators: who stands above every level with her.
        version: of the room.
        levels: content of m.room.power_levels.
    """

    id: str
    me: str
    locked: bool = False
    locked_at: int = 0
    strange_lock: bool = False
    members: set[str] = field(default_factory=set[str])
    invited: set[str] = field(default_factory=set[str])
    whole: bool = False
    crowded: bool = False
    expected: int = 0
    join_rule: str = "invite"
    kind: str = ""
    creator: str = ""
    creators: frozenset[str] = frozenset()
    version: int = 1
    levels: Table = field(default_factory=dict[str, Any])

    @property
    def partner(self) -> str | None:
        """The one person we are with; None while that is not known, and where there are none or several."""
        others = self.members - {self.me}
        return next(iter(others)) if self.whole and len(others) == 1 else None

    @property
    def others(self) -> int:
        """How many people beside us are in it or asked in."""
        return len((self.members | self.invited) - {self.me})

    def may_redact(self) -> bool:
        """Whether we may take back what others wrote."""
        return self._mine() >= number(self.levels.get("redact"), REDACT)

    def may_lock(self) -> bool:
        """Whether we may switch encryption on."""
        default = number(self.levels.get("state_default"), _STATE) if self.levels else 0
        return self._mine() >= number(at(self.levels, "events", "m.room.encryption"), default)

    def take(self, event: Table) -> None:
        """Follow one state event; what is no state event, or not understood, changes nothing."""
        content, key = table(event.get("content")), event.get("state_key")
        kind = text(event.get("type"))
        if kind == "m.room.member" and isinstance(key, str):
            self._member(key, text(content.get("membership")))
        elif key != "":
            return
        elif kind == "m.room.encryption":
            self._lock(event, content)
        elif kind == "m.room.power_levels":
            self.levels = content
        elif kind == "m.room.join_rules":
            self.join_rule = text(content.get("join_rule")) or "invite"
        elif kind == "m.room.create":
            self._created(event, content)

    def take_summary(self, summary: Table) -> None:
        """Follow the counts of a sync: with them, members that were left out are noticed."""
        joined = number(summary.get("m.joined_member_count"), -1)
        invited = number(summary.get("m.invited_member_count"), -1)
        if joined < 0 and invited < 0:
            return
        heroes = [name for name in listing(summary.get("m.heroes")) if isinstance(name, str)]
        if joined >= 0:
            self.crowded = joined + max(invited, 0) > 2
            self.expected = max(invited, 0)
        if joined == 2 and invited <= 0 and len(heroes) == 1:
            self.members, self.invited = {self.me, heroes[0]}, set()
        counted = (len(self.members), len(self.invited))
        self.whole = counted == (joined if joined >= 0 else counted[0], max(invited, 0))

    def forget_members(self) -> None:
        """A part of the room's story is missing: who is in it must be asked."""
        self.whole = False

    def take_members(self, members: set[str]) -> None:
        """Everyone who is in it, as just asked."""
        self.members, self.whole, self.crowded = set(members), True, False

    def _member(self, user: str, membership: str) -> None:
        self.members.discard(user)
        self.invited.discard(user)
        if membership == "join":
            self.members.add(user)
        elif membership == "invite":
            self.invited.add(user)

    def was_open(self, event: Table) -> bool:
        """Whether an event may have been written before its writer knew of the lock that we put on."""
        if not self.locked:
            return True
        return number(event.get("origin_server_ts")) < self.locked_at + ON_ITS_WAY

    def _lock(self, event: Table, content: Table) -> None:
        if not self.locked and content.get("algorithm") == MEGOLM and event.get("sender") == self.me:
            self.locked_at = number(event.get("origin_server_ts"))
        self.locked = self.locked or content.get("algorithm") == MEGOLM
        self.strange_lock = not self.locked

    def _created(self, event: Table, content: Table) -> None:
        version = text(content.get("room_version"))
        self.version = int(version) if version.isdecimal() and len(version) < 4 else 1
        self.kind = text(content.get("type"))
        more = [name for name in listing(content.get("additional_creators")) if isinstance(name, str)]
        self.creator = text(event.get("sender"))
        self.creators = frozenset({self.creator, *more})

    def _mine(self) -> int:
        if self.me in self.creators and (self.version >= _CREATORS_ABOVE_ALL or not self.levels):
            return 1_000_000
        users = table(self.levels.get("users"))
        return number(users.get(self.me), number(self.levels.get("users_default")))
