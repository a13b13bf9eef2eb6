"""What another process tells is done here; it names conversations, and we know the addresses (PR5, PR6)."""

import asyncio

import pytest

from bot.observability.metrics import Metrics
from bot.store.notices import Notice, Word
from bot.workers import correspondents
from bot.workers.aftermath import Aftermath
from bot.workers.correspondents import Correspondents
from bot.workers.ear import Ear
from bot.workers.wakes import Wakes
from channels.message import Address
from tests.fakes.channel import WEB, FakeChannel

ANN = Address("web", "ann")
SEALED = {"sealed-ann": ANN}


class Page(FakeChannel):
    """A channel that keeps something of its own about an address."""

    def __init__(self) -> None:
        super().__init__("web", WEB)
        self.erased_handles: list[str] = []

    def erased(self, handle: str) -> None:
        self.erased_handles.append(handle)


class Listener:
    """An ear, and everything that can come of what it hears."""

    def __init__(self) -> None:
        self.page = Page()
        self.wakes = Wakes()
        self.outbox = self.wakes.outbox.ear()
        self.known = Correspondents()
        self.given_up: list[tuple[Address, bool]] = []
        self.overtaken: list[str] = []
        self.ends = 0
        aftermath = Aftermath({"web": self.page}, Metrics())
        aftermath.on_hide(self._overtake)
        self.aftermath = aftermath
        self.ear = Ear(self.wakes, aftermath, self.known, self._give_up, SEALED.get, self._end)

    def _overtake(self, conversation: str) -> None:
        self.overtaken.append(conversation)

    def _give_up(self, address: Address, newer: bool) -> None:
        self.given_up.append((address, newer))

    def _end(self) -> None:
        self.ends += 1

    def hear(self, word: Word, conversation: str = "") -> None:
        self.ear.hear(Notice("other", word, conversation))


@pytest.mark.parametrize("word", [Word.FORGET, Word.LEAVE])
async def test_a_hide_elsewhere_stops_what_is_sent_here_and_tells_her_page(word: Word) -> None:
    here = Listener()
    here.known.note({"c1": ANN})
    here.hear(word, "c1")
    assert here.overtaken == ["c1"], "in the same breath"
    await here.aftermath.close()
    assert here.page.forgotten == [(ANN, word is Word.FORGET)]
    assert here.known.of("c1") is None, "and she is forgotten here"


async def test_of_a_conversation_never_heard_of_only_sends_are_stopped() -> None:
    here = Listener()
    here.hear(Word.FORGET, "c9")
    here.hear(Word.MOVED, "c9")
    await here.aftermath.close()
    assert (here.overtaken, here.page.forgotten, here.given_up) == (["c9"], [], [])


@pytest.mark.parametrize(("word", "newer"), [(Word.MOVED, True), (Word.ELSEWHERE, False)])
async def test_her_page_that_is_elsewhere_now_is_given_up_once(word: Word, newer: bool) -> None:
    here = Listener()
    here.known.note({"c1": ANN})
    here.hear(word, "c1")
    here.hear(word, "c1")
    assert here.given_up == [(ANN, newer)]


async def test_what_is_erased_elsewhere_is_forgotten_here_though_nobody_was_heard_of() -> None:
    here = Listener()
    here.hear(Word.ERASED, "sealed-ann")
    here.hear(Word.ERASED, "sealed with another ring")
    await here.aftermath.close()
    assert here.page.erased_handles == ["ann"]


async def test_bells_ring_for_what_was_written_elsewhere() -> None:
    here = Listener()
    here.hear(Word.CREW)
    assert not (here.outbox.is_set() or here.ear.changed.is_set())
    here.hear(Word.OUTBOX)
    assert here.outbox.is_set()
    assert not here.ear.changed.is_set()
    here.hear(Word.CHANGED)
    assert here.ear.changed.is_set()
    assert here.ends == 0
    here.hear(Word.END)
    assert here.ends == 1


def test_the_longest_unheard_of_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correspondents, "MOST", 2)
    known = Correspondents()
    known.note({"c1": ANN, "c2": ANN})
    known.note({"c1": ANN})
    known.note({"c3": ANN})
    assert (known.of("c1"), known.of("c2"), known.of("c3")) == (ANN, None, ANN)


async def test_nothing_is_left_running() -> None:
    here = Listener()
    here.hear(Word.HIDDEN, "c1")
    await here.aftermath.close()
    assert here.overtaken == ["c1"]
    assert asyncio.all_tasks() == {asyncio.current_task()}
