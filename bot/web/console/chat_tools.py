"""Beside the reply: asking her, numbers and ready answers, and a supervisor who joins or leaves.

What is half-written stays on the page with everything that does not leave it.
"""

from typing import Final

from aiohttp import web

from bot.services import audit, desk, giving, handing_over, joining, panes
from bot.services.desk import DeskRefusal
from bot.services.giving import Wanted
from bot.services.panes import NotYours
from bot.services.permissions import Action, NotAllowed, Thing, demand
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.store.store import Work
from bot.web.console import words
from bot.web.console.chats import EDIT, VIEW, Act, Chats, Deed, Draft
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, Right, fields
from bot.web.console.once import Refused
from bot.web.console.pages import Pages

JOIN: Final[Right] = (Action.JOIN, Thing.LIVE_CHAT)
LONGEST_REPLY: Final = 16_000


class ChatTools:
    """Handlers of the tools in the pane."""

    def __init__(self, doors: ConsoleDoors, pages: Pages, chats: Chats) -> None:
        self._doors = doors
        self._pages = pages
        self._chats = chats

    def doors(self) -> list[Door]:
        """Its routes."""
        chat = "/chats/{handoff}"
        return [
            Door("POST", f"{chat}/ask-over", self.ask_over, EDIT),
            Door("POST", f"{chat}/ask-stop", self.ask_stop, EDIT),
            Door("POST", f"{chat}/find", self.find, EDIT),
            Door("POST", f"{chat}/give", self.give, EDIT),
            Door("POST", f"{chat}/answers/{{answer}}/put", self.put_answer, EDIT),
            Door("POST", f"{chat}/answers/{{answer}}/send", self.send_answer, EDIT),
            Door("POST", f"{chat}/join", self.join, JOIN),
            Door("POST", f"{chat}/part", self.part, VIEW),
        ]

    # --- asking her -------------------------------------------------------------------------------------
    async def ask_over(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """May another person take over?"""
        house, person = self._doors.house, visit.person.id

        def ask(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: handing_over.ask(c, house, handoff, person, version, now)

        return await self._beside(request, visit, Deed(EDIT, "ask_pass_on"), ask, "asked-over")

    async def ask_stop(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Is this a good place to stop?"""
        house, person = self._doors.house, visit.person.id

        def ask(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: handing_over.ask_to_stop(c, house, handoff, person, version, now)

        return await self._beside(request, visit, Deed(EDIT), ask, "asked-stop")

    async def _beside(
        self, request: web.Request, visit: Visit, deed: Deed, act: Act, done: str
    ) -> web.StreamResponse:
        """An act beside the reply, which comes along in its form and stays."""
        form = await fields(request)
        draft = Draft(form.get("text", ""), form.get("draft", ""))
        refused = await self._chats.act(request, visit, deed, act)
        if refused is not None:
            return await self._chats.show(request, visit, refused, draft)
        return await self._chats.done(request, visit, done, draft)

    # --- numbers and ready answers ----------------------------------------------------------------------
    async def find(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Numbers and places for a need and a region; hers stand there already."""
        form, house = await fields(request), self._doors.house
        wanted = Wanted(form.get("need", ""), form.get("region", ""))
        handoff, now = request.match_info["handoff"], to_moment(self._doors.clock.now())
        everything, person = form.get("more") == "1", visit.person.id
        draft = Draft(form.get("text", ""), form.get("draft", ""))
        try:
            # The pane itself refuses whoever may not see this chat: nothing is looked up for her.
            await self._doors.store.read(lambda c: panes.pane(c, house, handoff, person, now))
            found = await self._doors.store.read(
                lambda c: giving.find(c, house, handoff, wanted, now, everything=everything)
            )
        except (LookupError, NotAllowed):
            return await self._chats.show(request, visit, draft=draft)
        return await self._chats.show(request, visit, draft=draft, found=found)

    async def give(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Send one of them as a card."""
        form, house, person = await fields(request), self._doors.house, visit.person.id
        resource = form.get("resource", "")
        wanted = Wanted(form.get("need", ""), form.get("region", ""))

        def send(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: giving.give(c, house, handoff, person, version, resource, wanted, now)

        return await self._beside(request, visit, Deed(EDIT), send, "given")

    async def put_answer(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Put a ready answer into the reply, to be changed there."""
        form = await fields(request)
        ready = await self._ready(request, visit)
        reply = "\n".join(part for part in (form.get("text", "").rstrip(), ready) if part)[:LONGEST_REPLY]
        return await self._chats.show(request, visit, draft=Draft(reply, form.get("draft", "")))

    async def send_answer(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Send a ready answer as it is; what was being written stays."""
        form, house, person = await fields(request), self._doors.house, visit.person.id
        ready = await self._ready(request, visit)
        draft = Draft(form.get("text", ""), form.get("draft", ""))

        def send(handoff: str, version: int, now: int) -> Work[object]:
            return lambda c: desk.write(c, house, handoff, person, version, ready, now)

        refused = await self._chats.act(request, visit, Deed(EDIT), send)
        if refused is not None and refused.flags:
            return await self._chats.show(request, visit, refused, Draft(ready, draft.note))
        if refused is not None:
            return await self._chats.show(request, visit, refused, draft)
        return await self._chats.done(request, visit, "", draft)

    async def _ready(self, request: web.Request, visit: Visit) -> str:
        """The text of the answer that is meant, in her language; "" where there is none."""
        house, handoff = self._doors.house, request.match_info["handoff"]
        now, person = to_moment(self._doors.clock.now()), visit.person.id
        try:
            pane = await self._doors.store.read(lambda c: panes.pane(c, house, handoff, person, now))
        except (NotYours, NotAllowed):
            return ""
        answers = giving.ready_answers(house, pane.facts.language)
        return answers.get(request.match_info["answer"], "")

    # --- a supervisor who joins -------------------------------------------------------------------------
    async def join(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Join a chat somebody holds; she who writes is told first."""
        house, handoff, person = self._doors.house, request.match_info["handoff"], visit.person.id
        now = to_moment(self._doors.clock.now())
        try:
            await self._doors.store.write(
                lambda c: (
                    demand(c, person, *JOIN, panes.desk_of(c, handoff)),
                    joining.join(c, house, handoff, person, now),
                    audit.record(c, house.vault, person, "join", handoff, (), now),
                )
            )
        except DeskRefusal as refused:
            told = words.told(refused.code, words.REFUSAL)
            return await self._chats.show(request, visit, Refused(told))
        except (NotYours, NotAllowed):
            return await self._chats.show(request, visit, Refused(words.REFUSAL["NOT_ALLOWED"]))
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther(f"/chats/{handoff}")

    async def part(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Leave a chat one has joined; she who writes is told."""

        def leave(handoff: str, _version: int, now: int) -> Work[object]:
            return lambda c: joining.part(c, self._doors.house, handoff, visit.person.id, now)

        return await self._chats.leave(request, visit, Deed(VIEW, "part"), leave, "parted")
