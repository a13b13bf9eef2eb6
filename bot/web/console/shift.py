"""One's own shift on page "Now": breaks, one more, the next one, calls, debriefs; who is not asked."""

from collections.abc import Callable

from aiohttp import web

from bot.services import aftercare, audit, calling_back, calls, explaining, own_shift, pauses, pulling
from bot.services.calls import NoSuchCall
from bot.services.desk import DeskRefusal
from bot.services.pauses import Asked
from bot.services.peeking import chat_name
from bot.services.permissions import Action, NotAllowed, Thing
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.store.store import Work
from bot.web.console import shift_words, words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, fields
from bot.web.console.now import NowPage
from bot.web.console.pages import Pages


class Shift:
    """Handlers of acts on one's own shift; each leads back to the page "Now"."""

    def __init__(self, doors: ConsoleDoors, pages: Pages, now_page: NowPage) -> None:
        self._doors = doors
        self._pages = pages
        self._now_page = now_page

    def doors(self) -> list[Door]:
        """Its routes."""
        duty, take = (Action.EDIT, Thing.DUTY), (Action.TAKE, Thing.LIVE_CHAT)
        return [
            Door("POST", "/shift/break", self.pause, duty),
            Door("POST", "/shift/more", self.more, take),
            Door("POST", "/shift/next", self.following, take),
            Door("POST", "/calls/{call}/on-it", self.on_it, (Action.TAKE, Thing.CALL)),
            Door("POST", "/callbacks/{callback}/write", self.call_back, take),
            Door("POST", "/debriefs/{debrief}", self.debrief, (Action.EDIT, Thing.DEBRIEF)),
            Door("GET", "/queue/{handoff}/why", self.why, (Action.EDIT, Thing.QUEUE)),
        ]

    @property
    def _now(self) -> int:
        return to_moment(self._doors.clock.now())

    async def pause(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Ask for a break, or end it; ending also takes a wish for one back."""
        over, now, person = (await fields(request)).get("act") == "end", self._now, visit.person.id
        if over:
            return await self._do(visit, lambda c: pauses.end(c, person, now), "break-over")
        asked: list[Asked] = []
        return await self._do(
            visit,
            lambda c: asked.append(own_shift.ask_for_a_break(c, self._doors.house, person, now)),
            lambda: "break" if asked[-1].until is not None else "break-asked",
        )

    async def more(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """One chat beyond her limit, once."""
        house, now, person = self._doors.house, self._now, visit.person.id
        return await self._do(visit, lambda c: pulling.take_one_more(c, house, person, now), "one-more")

    async def following(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """Take whoever is next and may be hers."""
        house, now, person = self._doors.house, self._now, visit.person.id
        taken: list[str] = []
        try:
            await self._doors.store.write(
                lambda c: (
                    taken.append(pulling.take_next(c, house, person, now)[0]),
                    audit.record(c, house.vault, person, "take", taken[-1], (), now),
                )
            )
        except DeskRefusal as refused:
            return await self._now_page.refused(visit, words.told(refused.code, words.REFUSAL), 409)
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther(f"/chats/{taken[-1]}")

    async def on_it(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She is on it: nobody further is called."""
        call, house, now = request.match_info["call"], self._doors.house, self._now
        person = visit.person.id
        return await self._do(visit, lambda c: calls.acknowledge(c, house, call, person, now), "on-it")

    async def call_back(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She is ready for somebody who was promised a callback: the one line goes out."""
        callback, house, now = request.match_info["callback"], self._doors.house, self._now
        person = visit.person.id
        sent: list[bool] = []
        return await self._do(
            visit,
            lambda c: sent.append(calling_back.take(c, house, callback, person, now)),
            lambda: "called-back" if sent[-1] else "here-already",
        )

    async def debrief(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Somebody talked with her, or she does not want it."""
        declined = (await fields(request)).get("act") == "declined"
        debrief, house, now = request.match_info["debrief"], self._doors.house, self._now
        person = visit.person.id
        return await self._do(
            visit,
            lambda c: aftercare.debriefed(c, house, debrief, person, now, declined=declined),
            "debriefed",
        )

    async def why(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """For everyone on the rota now: why she is not asked, and how she ranked when she was."""
        handoff, house, now = request.match_info["handoff"], self._doors.house, self._now
        try:
            rows = await self._doors.store.read(
                lambda c: explaining.explain(c, house, handoff, visit.person.id, now)
            )
        except NotAllowed:
            return await self._now_page.refused(visit, words.REFUSAL["NOT_ALLOWED"], 403)
        return self._pages.page(
            "why.html", visit, rows=rows, chat=chat_name(handoff), shift_words=shift_words
        )

    async def _do(
        self, visit: Visit, work: Work[object], done: str | Callable[[], str]
    ) -> web.StreamResponse:
        """One act in one transaction; `done` is what to tell, or asks for it once it was done."""
        try:
            await self._doors.store.write(work)
        except DeskRefusal as refused:
            return await self._now_page.refused(visit, words.told(refused.code, words.REFUSAL), 409)
        except NoSuchCall:
            return await self._now_page.refused(visit, shift_words.NOT_CALLED, 409)
        except NotAllowed:
            return await self._now_page.refused(visit, words.REFUSAL["NOT_ALLOWED"], 403)
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther(f"/?done={done if isinstance(done, str) else done()}")
