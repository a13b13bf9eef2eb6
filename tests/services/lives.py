"""Who lives in the machine of random lives: three women, what they may say, and the town they begin in."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, initialize

from bot.services.departures import Departure
from channels.message import OutboundKind, Speaker
from tests.fakes.channel import TABLES, FakeChannel, Person
from tests.town import Chat, Clock, CountedIdentifiers, Town, make_town

WOMEN = {"ann": "telegram", "bea": "web", "cara": "telegram"}
VOLUNTEERS = ("Maple", "Juniper")
ALONE, OBSERVED = timedelta(minutes=10), timedelta(minutes=2)
SILENT, WAIT_HERE = timedelta(minutes=15), timedelta(minutes=30)
SLACK = timedelta(seconds=16)  # a step of the clock too small to be noticed
PATIENCE = timedelta(minutes=10) + timedelta(seconds=75)
NEVER = timedelta(days=-1)
SAYS = (
    "hello", "I do not know what to do", "he will kill me", "my neck hurts where he pressed", "1", "2", "9",
    "help now", "person", "menu", "more", "show", "wait here", "guide only", "language", "back", "🙏",
    "x" * 3000, "<b>bold</b>\u202e gnp.exe", "=1+1\r\nBcc: x", "hide", "ascunde", "stop",
)  # fmt: skip
LEAVING = {"hide", "ascunde", "stop", "!hide", "!stop"}


@cache
def template() -> Path:
    """A town made once; each life begins with a copy of its files."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="town-", dir=memory if memory.is_dir() else None))
    town = make_town(folder / "first", names=("web", "telegram"))
    town.closes()
    return folder


@dataclass
class Her:
    """What the model knows of one woman; moments are really elapsed time."""

    person: Person
    alone: bool = False
    acted: timedelta = NEVER  # her last act that is an act: what may be sent follows from it
    waits_here: timedelta = NEVER
    withdrawn: int = 0  # number of the last text that existed when she hid: no earlier one may come
    gone: bool = False  # she hid, stopped or left, and has not acted since
    alone_until: timedelta = NEVER  # the longest new-message window any of her acts has opened
    delivered: Counter[str] = field(default_factory=Counter[str])
    newest: dict[str, int] = field(default_factory=dict[str, int])


class Watched(RuleBasedStateMachine):
    """See the module."""

    @initialize()
    def opens(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="life-", dir=template()))
        shutil.copytree(template() / "first", self.folder / "town")
        channels = {name: FakeChannel(name, TABLES[name]) for name in ("web", "telegram")}
        self.town = Town(
            self.folder / "town",
            f"sqlite:///{self.folder}/town/hotline.db",
            channels,
            Clock(),
            identifiers=CountedIdentifiers(),
            ready=True,
        )
        self.town.on_wire = self.leaves
        self.her = {name: Her(channels[channel].person(name)) for name, channel in WOMEN.items()}
        self.chats: dict[str, Chat] = {}
        self.passed_on: set[tuple[str, int]] = set()
        self.silent_since: dict[str, timedelta] = {}
        self.texts = 0
        self.may_repeat: Counter[str] = Counter()
        self.copy: Path | None = None
        self.withdrawn_then: dict[str, int] = {}
        self.offered: set[str] = set()
        self.answered: Counter[str] = Counter()

    def teardown(self) -> None:
        if hasattr(self, "town"):
            self.town.closes()
            self.loop.close()
            shutil.rmtree(self.folder)

    # --- what the model watches -----------------------------------------------------------------------
    @property
    def elapsed(self) -> timedelta:
        return self.town.clock.elapsed

    def play(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def leaves(self, departure: Departure) -> None:
        """Just before the wire: may this reach her now?"""
        message = departure.message
        her = self.her[message.address.handle]
        assert message.address.channel == WOMEN[message.address.handle]
        if message.kind is OutboundKind.DELETE:
            return
        assert not her.gone, f"reached her after she hid: {message.text!r}"
        until = her.alone_until if message.kind is OutboundKind.NEW else her.acted + SILENT
        until = max(until, her.waits_here + WAIT_HERE)
        assert self.elapsed <= until + SLACK, f"outside her window: {message.kind} {message.text!r}"
        if message.speaker is Speaker.PERSON:
            number, meant, handoff, version = message.text.split("|")
            assert meant == message.address.handle, "a volunteer's words reached another woman"
            assert int(number) > her.withdrawn, "words from before she hid"
            assert (handoff, int(version)) not in self.passed_on, "words of a claim that is over"
            row = self.town.handoff(handoff)
            # A volunteer's last words outlast a close and a page that fell silent; no other claim's do.
            ended = row.state in {"closed", "left"}
            assert ended or (row.state, row.claim_version) == ("active", int(version)), "a stale claim"
        if message.kind is OutboundKind.NEW and not her.person.channel.capabilities.replays:
            newest = her.newest.get(departure.conversation, 0)
            again = her.delivered[message.entry_id] > 0
            assert again or message.sequence > newest, "out of order"
            her.newest[departure.conversation] = max(newest, message.sequence)
            her.delivered[message.entry_id] += 1
            most = 1 + self.may_repeat[message.entry_id]
            assert her.delivered[message.entry_id] <= most, f"sent twice: {message.text!r}"

    def acts(self, her: Her, token: str) -> None:
        """She did something; what follows from it for the model."""
        her.gone = token in LEAVING
        her.acted = self.elapsed
        if token == "safe_check.no":
            her.alone = True
        elif token == "(arrives)" or her.gone:
            her.alone = False
        if her.gone:
            her.waits_here, her.withdrawn = NEVER, self.texts
        elif token in {"wait here", "!wait"}:
            her.waits_here = self.elapsed
        her.alone_until = max(her.alone_until, self.elapsed + (ALONE if her.alone else OBSERVED))

    def settle(self) -> None:
        self.play(self.town.settle())

    # --- her side -------------------------------------------------------------------------------------
