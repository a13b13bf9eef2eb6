"""Work that exactly one process does: begun when the lead is taken, ended when it is lost (design §6)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.store.crew import LeadLost, Term

log = logging.getLogger(__name__)
LOOK = 0.1  # seconds; a lead can end by nothing but the time that passes


class Crew(Protocol):
    """This process among the others, or alone: `bot.store.membership`."""

    @property
    def id(self) -> str:
        """The member's id, "" where one serves alone."""
        ...

    def term_of(self, lead: str) -> Term | None:
        """The term in which this process has the lead at this moment, None if it has not, or is not sure."""
        ...

    def want(self, lead: str) -> None:
        """From now on take this lead whenever it is free."""
        ...


async def while_held(crew: Crew, lead: str, work: Callable[[Term], Awaitable[None]]) -> None:
    """Do `work` whenever this process has the lead, until cancelled; it is cancelled when the lead is lost.

    What `work` raises is raised, but for the loss of the lead itself.
    """
    while True:
        term = await _taken(crew, lead)
        if not term.member:
            await work(term)
            return
        doing = asyncio.ensure_future(work(term))
        try:
            while not doing.done() and crew.term_of(lead) == term:
                await asyncio.wait({doing}, timeout=LOOK)
        finally:
            doing.cancel()
            await asyncio.wait({doing})
        _raise_but_the_loss(doing)
        log.warning("a lead has ended", extra={"state": lead.replace(" ", "_")})


async def _taken(crew: Crew, lead: str) -> Term:
    while True:
        term = crew.term_of(lead)
        if term is not None:
            return term
        await asyncio.sleep(LOOK)


def _raise_but_the_loss(doing: "asyncio.Future[None]") -> None:
    failure = None if doing.cancelled() else doing.exception()
    if failure is not None and not _is_loss(failure):
        raise failure


def _is_loss(failure: BaseException) -> bool:
    inner: tuple[BaseException, ...] = getattr(failure, "exceptions", ())
    return all(_is_loss(one) for one in inner) if inner else isinstance(failure, LeadLost)
