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
from bot.store import tables as t
from bot.store.moments import to_moment
from channels.message import OutboundKind, Speaker
from tests.fakes.channel import TABLES, FakeChannel, Person
from tests.services.book import BookedTown
from tests.town import Chat, Clock, CountedIdentifiers, make_town

WOMEN = {"ann": "telegram", "bea": "web", "cara": "telegram"}
VOLUNTEERS = ("Maple", "Juniper")
ALONE, OBSERVED = timedelta(minutes=10), timedelta(minutes=2)
SILENT, WAIT_HERE = timedelta(minutes=15), timedelta(minutes=30)
SLACK = timedelta(seconds=16)  # a step of the clock too small to be noticed
NEVER = timedelta(days=-1)
SAYS = (
    "hello", "I do not know what to do", "he will kill me", "my neck hurts where he pressed", "1", "2", "9",
    "help now", "person", "menu", "more", "show", "wait here", "guide only", "language", "back", "🙏",
    "x" * 3000, "<b>bold</b>\u202e gnp.exe", "=1+1\r\nBcc: x", "hide", "ascunde", "stop",
)  # fmt: skip
HIDES_BY_DIGIT = "9"  # where a line offers it
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
    heard: int = 0  # number of the newest text of a volunteer that left for her


class Watched(RuleBasedStateMachine):
    """See the module."""

    @initialize()
    def opens(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="life-", dir=template()))
        shutil.copytree(template() / "first", self.folder / "town")
        channels = {name: FakeChannel(name, TABLES[name]) for name in ("web", "telegram")}
        self.town = BookedTown(
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
        self.texts = self.words = 0  # numbered, so that each can be told from all others
        self.may_repeat: Counter[str] = Counter()
        self.copy: Path | None = None
        self.withdrawn_then: dict[str, int] = {}

    def teardown(self) -> None:
        """Every life ends at rest: what was lost or left waiting on the way is seen here at the latest."""
        if not hasattr(self, "town"):
            return
        try:
            self.comes_to_rest()
            self.play(self.town.passes(minutes=12))
            self.comes_to_rest()
        finally:
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
            self.in_the_order_written(her, int(number), message.entry_id)
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

    def in_the_order_written(self, her: Her, number: int, entry: str) -> None:
        """A volunteer's words reach her in the order they were written; where a page sorts, it is asked."""
        if her.person.channel.capabilities.replays:
            return
        again = her.delivered[entry] > 0
        assert again or number > her.heard, "a volunteer's words out of order"
        her.heard = max(number, her.heard)

    def acts(self, her: Her, token: str) -> None:
        """She did something; what follows from it for the model."""
        her.gone = token in LEAVING
        if her.gone:
            self.withdraws(her)
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

    def withdraws(self, her: Her) -> None:
        """What she did until now may be left unread."""
        address = her.person.address
        self.town.book.lets_go(address.handle, len(her.person.channel._updates) - 1)

    def settle(self) -> None:
        self.play(self.town.settle())

    def comes_to_rest(self) -> None:
        """Nothing is under way any more: each act has its row and its answer, and nobody is forgotten."""
        self.settle()
        town = self.town
        town.book.is_balanced(town)
        town.book.nobody_waits_unseen(town)
        waiting = {row.id for row in town.waiting()}
        steps = {row.subject: row.at for row in town.rows(t.due, t.due.c.kind == "queue_step")}
        assert waiting <= set(steps)
        soon = to_moment(town.clock.now() + timedelta(seconds=75))
        assert all(steps[handoff] <= soon for handoff in waiting)
        assert town.rows(t.outbox, t.outbox.c.state == "sending") == []
        for row in town.rows(t.conversation, t.conversation.c.stage == "closed"):
            assert (row.contact, row.new_until or 0, row.last_act_at or 0) == (None, 0, 0)
        open_talks = {r.id for r in town.rows(t.conversation, t.conversation.c.stage != "closed")}
        for row in town.rows(t.handoff, t.handoff.c.state.in_(["active", "waiting"])):
            assert row.conversation in open_talks, "a hand-off outlived its conversation"
        for her in self.her.values():
            self.reads_them_in_order(her)

    def reads_them_in_order(self, her: Her) -> None:
        """A page that is offered a line twice shows it once, and each in its place."""
        if not her.person.channel.capabilities.replays:
            return
        lines = [line for line in her.person.screen if line.speaker is Speaker.PERSON]
        numbers = [int(line.text.partition("|")[0]) for line in lines]
        assert numbers == sorted(set(numbers)), f"a volunteer's words out of order, or twice: {numbers}"

    # --- her side -------------------------------------------------------------------------------------
