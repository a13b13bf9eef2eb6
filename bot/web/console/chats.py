"""The chat pane: reading one's own chat, and every act a volunteer can do in it.

What was being written comes back with every refusal. A form sent twice by a double click acts once.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson
from aiohttp import web

from bot.services import audit, blocking, desk, giving, panes
from bot.services.desk import DeskRefusal, Flagged
from bot.services.giving import Cards
from bot.services.panes import NotYours, Pane
from bot.services.permissions import Action, NotAllowed, Thing, demand
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.store.store import Work
from bot.web.console import words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, Right, fields
from bot.web.console.now import tagged
from bot.web.console.once import Once, Refused
from bot.web.console.pages import Pages
from handoff.model import Outcome

log = logging.getLogger(__name__)

VIEW: Final[Right] = (Action.VIEW, Thing.LIVE_CHAT)
EDIT: Final[Right] = (Action.EDIT, Thing.LIVE_CHAT)
CLOSE: Final[Right] = (Action.CLOSE, Thing.LIVE_CHAT)
CALL: Final[Right] = (Action.EDIT, Thing.CALL)
APART: Final[Right] = (Action.EDIT, Thing.PAIR)
NOTE: Final[Right] = (Action.EDIT, Thing.NOTE)
MOST_READ: Final = 4_000
NOTHING: Final = Refused("")
Act = Callable[[str, int, int], Work[object]]
"""(hand-off, claim version, now) → the work to do in a transaction."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What an act needs, and the verb it is audited under; "" for what belongs to the chat itself."""

    right: Right
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was being written when the page was sent, to be given back: to her, and for colleagues."""

    reply: str = ""
    note: str = ""


class Chats:
    """Handlers of the pane."""

    def __init__(self, doors: ConsoleDoors, pages: Pages) -> None:
        self._doors = doors
        self._pages = pages
        self._once = Once()
        self._read: OrderedDict[str, None] = OrderedDict()

    def doors(self) -> list[Door]:
        """Its routes."""
        chat = "/chats/{handoff}"
        return [
            Door("GET", chat, self.page, VIEW),
            Door("GET", f"{chat}/lines", self.lines, VIEW, still=True),
            Door("POST", f"{chat}/reply", self.reply, EDIT),
            Door("POST", f"{chat}/note", self.note, NOTE),
            Door("POST", f"{chat}/check", self.check, EDIT),
            Door("POST", f"{chat}/call", self.call, CALL),
            Door("GET", f"{chat}/someone-else", self.confirm, EDIT),
            Door("POST", f"{chat}/someone-else", self.someone_else, EDIT),
            Door("POST", f"{chat}/pass-on", self.pass_on, EDIT),
            Door("POST", f"{chat}/apart", self.apart, APART),
            Door("POST", f"{chat}/close", self.close, CLOSE),
            Door("POST", f"{chat}/left", self.acknowledge, VIEW),
        ]

    @property
    def _now(self) -> int:
        return to_moment(self._doors.clock.now())

    # --- reading ----------------------------------------------------------------------------------------
    async def _pane(self, request: web.Request, visit: Visit) -> Pane | None:
        handoff, house, now = request.match_info["handoff"], self._doors.house, self._now
        try:
            pane = await self._doors.store.read(lambda c: panes.pane(c, house, handoff, visit.person.id, now))
        except (NotYours, NotAllowed):
            return None
        await self._audit_reading(visit, pane)
        return pane

    async def _audit_reading(self, visit: Visit, pane: Pane) -> None:
        """One entry for each browser and claim, before anything is shown (B-120)."""
        opened = f"{visit.mark.hex()} {pane.handoff} {pane.version}"
        if opened in self._read:
            return
        vault, person, now = self._doors.house.vault, visit.person.id, self._now
        await self._doors.store.write(lambda c: audit.record(c, vault, person, "read", pane.handoff, (), now))
        self._read[opened] = None
        while len(self._read) > MOST_READ:
            self._read.popitem(last=False)

    async def page(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The pane of a chat one holds."""
        return await self.show(request, visit, done=request.query.get("done", ""))

    async def show(
        self,
        request: web.Request,
        visit: Visit,
        refused: Refused = NOTHING,
        draft: Draft | None = None,
        *,
        of_note: bool = False,
        done: str = "",
        found: Cards | None = None,
    ) -> web.StreamResponse:
        """The pane, with what was being written still in its place; `found` are numbers to choose from."""
        pane, draft = await self._pane(request, visit), draft or Draft()
        if pane is None:
            told = refused.told or words.REFUSAL["NOT_YOURS"]
            return self._pages.page("not_yours.html", visit, 404, why=told, draft=draft)
        return self._pages.page(
            "chat.html",
            visit,
            409 if refused.told else 200,
            pane=pane,
            refused=refused,
            of_note=of_note,
            draft=draft,
            done=words.DONE.get(done, ""),
            found=found,
            answers=giving.ready_answers(self._doors.house, pane.facts.language),
            regions=self._pages.regions(),
            once=self._doors.house.identifiers.token(12),
        )

    async def lines(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The changing parts of the pane, for its script; 304 while nothing changed, 410 once it is gone."""
        pane = await self._pane(request, visit)
        if pane is None:
            return web.Response(status=410)
        body = orjson.dumps(
            {
                "html": self._pages.render("chat_parts.html", visit, pane=pane),
                "hers": [line.id for line in pane.lines if line.whose == "her"],
                "left": pane.left,
            }
        )
        return tagged(request, body)

    # --- acting -----------------------------------------------------------------------------------------
    async def reply(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Words to her."""
        form, house, person = await fields(request), self._doors.house, visit.person.id
        text, note, anyway = form.get("text", ""), form.get("draft", ""), form.get("anyway") == "1"

        def send(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: desk.write(c, house, handoff, person, version, text, now, anyway=anyway)

        refused = await self.act(request, visit, Deed(EDIT), send)
        if refused is not None:
            return await self.show(request, visit, refused, Draft(text, note))
        return await self.done(request, visit, "", Draft("", note))

    async def note(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """A note for whoever holds the chat; never for her."""
        form, house, person = await fields(request), self._doors.house, visit.person.id
        text, reply, anyway = form.get("text", ""), form.get("draft", ""), form.get("anyway") == "1"

        def keep(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: desk.note(c, house, handoff, person, version, text, now, anyway=anyway)

        refused = await self.act(request, visit, Deed(NOTE), keep)
        if refused is not None:
            return await self.show(request, visit, refused, Draft(reply, text), of_note=True)
        return await self.done(request, visit, "noted", Draft(reply))

    async def check(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Check it is her: one neutral question goes out. The reply being written comes along and stays."""
        form, house, person = await fields(request), self._doors.house, visit.person.id
        draft = Draft(form.get("text", ""), form.get("draft", ""))

        def ask(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: desk.check_it_is_her(c, house, handoff, person, version, now)

        refused = await self.act(request, visit, Deed(EDIT, "check"), ask)
        if refused is not None:
            return await self.show(request, visit, refused, draft)
        return await self.done(request, visit, "checked", draft)

    async def call(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """A supervisor is called; the chat goes on, and the reply being written stays."""
        form, house, person = await fields(request), self._doors.house, visit.person.id
        draft = Draft(form.get("text", ""), form.get("draft", ""))

        def ask(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: desk.call_supervisor(c, house, handoff, person, version, now)

        refused = await self.act(request, visit, Deed(CALL), ask)
        if refused is not None:
            return await self.show(request, visit, refused, draft)
        return await self.done(request, visit, "called", draft)

    async def done(self, request: web.Request, visit: Visit, done: str, draft: Draft) -> web.StreamResponse:
        """To the pane again: by redirect, unless something half-written has to stay on the page."""
        if draft.reply or draft.note:
            return await self.show(request, visit, draft=draft, done=done)
        told = f"?done={done}" if done else ""
        raise web.HTTPSeeOther(f"/chats/{request.match_info['handoff']}{told}")

    async def confirm(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Before everything is covered: what will happen, with nothing of the chat on the page."""
        pane = await self._pane(request, visit)
        if pane is None or pane.left:
            return await self.show(request, visit)
        once = self._doors.house.identifiers.token(12)
        return self._pages.page("someone_else.html", visit, pane=pane, once=once)

    async def someone_else(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Someone else holds the phone: cover and end."""
        after: list[tuple[str, str, str]] = []

        def cover(handoff: str, version: int, now: int) -> Work[object]:
            house, person = self._doors.house, visit.person.id
            return lambda c: after.extend(desk.someone_else(c, house, handoff, person, version, now))

        refused = await self.act(request, visit, Deed(EDIT, "cover"), cover)
        if refused is None:
            self._doors.follow(tuple(after))
        return await self._left(request, visit, refused, "covered")

    async def pass_on(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Back to the head of the queue, with an honest line to her."""

        def give(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: desk.pass_on(c, self._doors.house, handoff, visit.person.id, version, now)

        return await self.leave(request, visit, Deed(EDIT, "pass_on"), give, "passed-on")

    async def apart(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She knows her, or must not meet her: passed on, and never offered to her again."""

        def part(handoff: str, version: int, now: int) -> Work[object]:
            house, person = self._doors.house, visit.person.id
            return lambda c: desk.never_again(c, house, handoff, person, version, now)

        return await self.leave(request, visit, Deed(APART), part, "apart")

    async def close(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """End the chat with a coded outcome."""
        form, house, person = await fields(request), self._doors.house, visit.person.id
        chosen = form.get("outcome", "")
        if chosen not in words.OUTCOME:
            refused = Refused(words.REFUSAL["UNKNOWN_OUTCOME"])
            return await self.show(request, visit, refused, Draft(form.get("draft", "")))
        outcome = Outcome(chosen)

        def end(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: desk.close(c, house, handoff, person, version, outcome, now)

        def end_and_ask(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: blocking.close_and_ask(c, house, handoff, person, version, now)

        if form.get("block") != "1":
            return await self.leave(request, visit, Deed(CLOSE, "close"), end, "closed")
        if outcome is not Outcome.MISUSE:
            refused = Refused(words.REFUSAL["BLOCK_NEEDS_MISUSE"])
            return await self.show(request, visit, refused, Draft(form.get("draft", "")))
        return await self.leave(request, visit, Deed(CLOSE, "block"), end_and_ask, "blocked")

    async def acknowledge(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She had to leave, and the volunteer has seen it."""

        def seen(handoff: str, _version: int, _now: int) -> Work[object]:
            return lambda c: desk.acknowledge_left(c, handoff, visit.person.id)

        return await self.leave(request, visit, Deed(VIEW), seen, "left")

    async def leave(
        self, request: web.Request, visit: Visit, deed: Deed, act: Act, done: str
    ) -> web.StreamResponse:
        """An act after which the chat is no longer with this volunteer."""
        return await self._left(request, visit, await self.act(request, visit, deed, act), done)

    async def _left(
        self, request: web.Request, visit: Visit, refused: Refused | None, done: str
    ) -> web.StreamResponse:
        if refused is not None:
            draft = Draft((await fields(request)).get("draft", ""))
            return await self.show(request, visit, refused, draft)
        raise web.HTTPSeeOther(f"/?done={done}")

    async def act(self, request: web.Request, visit: Visit, deed: Deed, act: Act) -> Refused | None:
        """Do it once, in one transaction with the check of the right; None when it was done."""
        form, handoff, now = await fields(request), request.match_info["handoff"], self._now
        claim, number = form.get("claim", ""), form.get("once", "")
        if not (claim.isascii() and claim.isdigit() and len(claim) < 10):
            return Refused(words.REFUSAL["NOT_YOURS"])
        whole = self._whole(handoff, visit.person.id, deed, act(handoff, int(claim), now), now)
        if not number:
            return await self._carry_out(whole)
        return await self._once.act(f"{visit.mark.hex()} {number}", lambda: self._carry_out(whole))

    def _whole(self, handoff: str, person: str, deed: Deed, doing: Work[object], now: int) -> Work[object]:
        """The check of the right, the act, and its entry in the audit, as one piece of work."""
        vault = self._doors.house.vault
        return lambda c: (
            demand(c, person, *deed.right, panes.desk_of(c, handoff)),
            doing(c),
            audit.record(c, vault, person, deed.verb, handoff, (), now) if deed.verb else None,
        )

    async def _carry_out(self, work: Work[object]) -> Refused | None:
        try:
            await self._doors.store.write(work)
        except Flagged as flagged:
            return Refused(words.REFUSAL["FLAGGED"], flagged.flags)
        except DeskRefusal as refused:
            return Refused(words.told(refused.code, words.REFUSAL))
        except NotYours:
            return Refused(words.REFUSAL["NOT_YOURS"])
        except NotAllowed:
            return Refused(words.REFUSAL["NOT_ALLOWED"])
        except Exception as failure:  # whatever it was, the text goes back to the one who wrote it
            log.error("console act failed", exc_info=failure)  # noqa: TRY400  the text is not logged
            return Refused(words.REFUSAL["FAILED"])
        self._doors.wakes.after_write()
        return None
