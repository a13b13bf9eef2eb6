"""A scenario on the real services: intake, turns, deadlines, outbox and database, a network in memory.

Lines are those of `hotline simulate`, and more. As the hotline: `!accept Maple`, `!write words`, `!pass_on`,
`!close talked`, `!decline Maple`, `!away Maple`, `!back Maple`. As she: `!open`, and `!screen` to see what is
left. Besides: `!offline`, `!online` for the network, `!restart` for the machine, `!busy` for other women who
take the volunteers first.
"""

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.services import desk
from bot.store import tables as t
from channels.message import Choice, DeliveryState, OutboundKind, OutboundMessage, Receipt, Speaker
from handoff.model import Outcome
from tests.fakes.channel import Person
from tests.services.walks import in_a_chat, taps
from tests.town import Chat, Town

_CLOCK = re.compile(r"@\+(\d+)([smhd])\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_QUEUE = ("waiting", "active", "passing", "parked", "left", "closed")


@dataclass
class Stage:
    """One woman, the volunteers, and what can be seen of both."""

    town: Town
    channel: str
    chats: dict[str, Chat] = field(default_factory=dict[str, Chat])
    _sent: int = 0
    _alerts: int = 0
    _queue: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    _offers: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    _held: int = 0
    _refused: str = ""

    @property
    def her(self) -> Person:
        return self.town.woman("ann", self.channel)

    async def play(self, lines: Iterable[str]) -> AsyncIterator[str]:
        """The transcript of `lines`."""
        for line in lines:
            if not line.strip() or line.startswith("//"):
                continue
            if clock := _CLOCK.match(line):
                yield f"~ {line.removeprefix('@')}"
                await self.town.passes(**{_UNITS[clock[2]]: int(clock[1])})
            elif line == "!screen":
                for shown in self.her.screen:
                    yield f"= {_flat(shown.text)}"
                yield f"= ({len(self.her.screen)} lines on her screen)"
                continue
            elif line.startswith("!"):
                yield f"* {line.removeprefix('!')}"
                await self._staff(*line.removeprefix("!").split(" ", 1))
                if self._refused:
                    yield f"* refused: {self._refused}"
                    self._refused = ""
            else:
                yield f"> {line}"
                self._acts(line)
            await self.town.settle()
            for shown in self._news():
                yield shown

    def _acts(self, line: str) -> None:
        if line.startswith("#") and line[1:].isdigit():
            taps(self.her, self._token(line[1:]))
        else:
            self.her.types(line)

    def _token(self, digit: str) -> str:
        offered = next(shown.choices for shown in reversed(self.her.screen) if shown.choices)
        return next(one.token for place, one in enumerate(offered, 1) if (one.digit or str(place)) == digit)

    async def _staff(self, word: str, rest: str = "") -> None:
        town = self.town
        match word:
            case "accept":
                mine = [row.id for row in town.waiting() if row.channel == self.channel]
                self.chats["ann"] = town.accept(rest or "Maple", mine[-1])
            case "write":
                try:
                    self.chats["ann"].writes(rest)
                except desk.DeskRefusal as refused:
                    self._refused = str(refused)
            case "pass_on":
                self.chats["ann"].passes_on()
            case "close":
                self.chats["ann"].closes(Outcome(rest or "talked"))
            case "decline":
                person = town.person_id(rest)
                row = town.waiting()[0].id
                town.write(lambda c: desk.decline(c, row, person, town.now))
            case "away":
                town.set_ready(rest, ready=False)
            case "back":
                town.set_ready(rest, ready=True)
            case "open":
                self.her.arrives()
            case "offline":
                refused = Receipt(DeliveryState.FAILED_FOR_NOW, "unreachable")
                town.channels[self.channel].answer = lambda _message: refused
            case "online":
                town.channels[self.channel].answer = lambda _message: None
            case "restart":
                town.restarts()
            case "busy":
                for handle, alias in (("bea", "Maple"), ("cara", "Juniper")):
                    await in_a_chat(town, handle, self.channel, with_whom=alias)
            case _:
                raise ValueError(word)

    def _news(self) -> Iterable[str]:
        sent = self.town.channels[self.channel].sent
        mine = [message for message in sent[self._sent :] if message.address == self.her.address]
        self._sent = len(sent)
        removed = {"ours": 0, "hers": 0}
        for message in mine:
            if message.kind is OutboundKind.DELETE:
                removed["hers" if str(message.target).startswith("ann.") else "ours"] += 1
            else:
                yield from _told(message)
        if any(removed.values()):
            yield f"* removed ours={removed['ours']} hers={removed['hers']}"
        yield from self._of_queue()
        for kind, _ in self.town.alerts[self._alerts :]:
            yield f"* alert {kind}"
        self._alerts = len(self.town.alerts)
        held = len(self.town.rows(t.outbox, t.outbox.c.state == "held"))
        if held != self._held:
            yield f"* held {held}"
        self._held = held

    def _of_queue(self) -> Iterable[str]:
        stands = {row.id: (row.state, row.urgency or "-") for row in self.town.rows(t.handoff)}
        for handoff, (state, urgency) in sorted(stands.items()):
            if self._queue.get(handoff) != (state, urgency):
                yield f"* queue {state} urgency={urgency}"
        self._queue = stands
        aliases = {self.town.person_id(alias): alias for alias in ("Maple", "Juniper", "Alder")}
        rows = self.town.rows(t.offer, t.offer.c.state == "pending")
        offers = {(row.handoff, aliases[row.person]) for row in rows}
        if fresh := sorted(alias for handoff, alias in offers - self._offers):
            yield f"* offered to {', '.join(fresh)}"
        self._offers = offers


def _told(message: OutboundMessage) -> Iterable[str]:
    who = f"{message.speaker_name}: " if message.speaker is Speaker.PERSON else ""
    mark = "< (in place of the last) " if message.kind is OutboundKind.EDIT else "< "
    lines = message.text.splitlines() or [""]
    yield f"{mark}{who}{lines[0]}"
    yield from (f"< {line}" for line in lines[1:])
    yield from (f"[{choice.digit or place}] {choice.label}" for place, choice in _numbered(message.choices))


def _numbered(choices: tuple[Choice, ...]) -> Iterable[tuple[int, Choice]]:
    return enumerate(choices, start=1)


def _flat(text: str) -> str:
    return " / ".join(text.splitlines())


def since_noon(town: Town, hours: float) -> None:
    """Move the town's clock before anything has happened."""
    town.clock.at += timedelta(hours=hours)
