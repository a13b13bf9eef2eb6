"""What another process tells is done here as if it had happened here (design §6; PR5)."""

import asyncio
from collections.abc import Callable

from bot.store.notices import Notice, Word
from bot.workers.aftermath import Aftermath
from bot.workers.correspondents import Correspondents
from bot.workers.wakes import Wakes
from channels.message import Address

GiveUp = Callable[[Address, bool], None]
"""(address, newer): give up her page; `newer` if she opened another one elsewhere."""


class Ear:
    """Carries out notices, on the event loop."""

    def __init__(
        self,
        wakes: Wakes,
        aftermath: Aftermath,
        correspondents: Correspondents,
        give_up: GiveUp,
        open_address: Callable[[str], Address | None],
        end: Callable[[], None],
    ) -> None:
        self._wakes = wakes
        self._aftermath = aftermath
        self._correspondents = correspondents
        self._give_up = give_up
        self._open_address = open_address
        self._end = end
        self.changed = asyncio.Event()

    def hear(self, notice: Notice) -> None:
        """Do what follows from one notice."""
        match notice.word:
            case Word.OUTBOX:
                self._wakes.outbox.set()
            case Word.CHANGED:
                self.changed.set()
            case Word.HIDDEN:
                self._aftermath.follow((("hidden", notice.conversation, ""),))
            case Word.FORGET | Word.LEAVE:
                self._forget(notice)
            case Word.ERASED:
                self._erased(notice)
            case Word.MOVED | Word.ELSEWHERE:
                address = self._correspondents.forget(notice.conversation)
                if address is not None:
                    self._give_up(address, notice.word is Word.MOVED)
            case Word.END:
                self._end()
            case Word.CREW:
                pass

    def _erased(self, notice: Notice) -> None:
        address = self._open_address(notice.conversation)
        if address is not None:
            self._aftermath.follow((("erased", address.channel, address.handle),))

    def _forget(self, notice: Notice) -> None:
        """Sends on their way are stopped, then the page is told to leave, as after a `hide` of our own."""
        after = [("hidden", notice.conversation, "")]
        address = self._correspondents.forget(notice.conversation)
        if address is not None:
            after.append((notice.word.value, address.channel, address.handle))
        self._aftermath.follow(tuple(after))
