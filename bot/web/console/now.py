"""The page "Now": my chats, offers to me, the queue, and who is on duty. No words of hers are on it."""

import hashlib

import orjson
from aiohttp import web

from bot.services import audit, check_in, desk, lobby, own_shift, panes
from bot.services.desk import DeskRefusal
from bot.services.own_shift import OwnShift
from bot.services.panes import NotYours
from bot.services.permissions import Action, NotAllowed, Thing, demand
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.web.console import shift_words, words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, fields
from bot.web.console.pages import Pages


class NowPage:
    """Handlers of the first page after signing in."""

    def __init__(self, doors: ConsoleDoors, pages: Pages) -> None:
        self._doors = doors
        self._pages = pages

    def doors(self) -> list[Door]:
        """Its routes."""
        take = (Action.TAKE, Thing.LIVE_CHAT)
        return [
            Door("GET", "/", self.page, None),
            Door("GET", "/now.json", self.news, None, still=True),
            Door("POST", "/ready", self.say_ready, (Action.EDIT, Thing.DUTY)),
            Door("POST", "/queue/{handoff}/accept", self.accept, take),
            Door("POST", "/queue/{handoff}/decline", self.decline, take),
        ]

    @property
    def _now(self) -> int:
        return to_moment(self._doors.clock.now())

    async def _seen(self, visit: Visit) -> tuple[lobby.Lobby, OwnShift]:
        house, person, now = self._doors.house, visit.person.id, self._now
        return await self._doors.store.read(
            lambda c: (lobby.queue_for(c, house, person, now), own_shift.own_shift(c, house, person, now))
        )

    async def page(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The page itself."""
        done = request.query.get("done", "")
        told = words.DONE.get(done, "") or shift_words.DONE.get(done, "")
        return await self._page(visit, told, "", 200)

    async def refused(self, visit: Visit, why: str, status: int) -> web.StreamResponse:
        """The page with a reason why an act was not done."""
        return await self._page(visit, "", why, status)

    async def _page(self, visit: Visit, done: str, refused: str, status: int) -> web.StreamResponse:
        seen, shift = await self._seen(visit)
        return self._pages.page(
            "now.html", visit, status, lobby=seen, shift=shift, shift_words=shift_words, done=done,
            refused=refused,
        )  # fmt: skip

    async def news(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The changing part of the page, for its script; 304 while nothing changed."""
        seen, shift = await self._seen(visit)
        html = self._pages.render("now_parts.html", visit, lobby=seen, shift=shift, shift_words=shift_words)
        body = orjson.dumps(
            {
                "html": html,
                "offers": [offer.handoff for offer in seen.offers],
                "unanswered": [chat.handoff for chat in seen.chats if chat.hers_since or chat.left],
                "calls": [call.id for call in shift.calls if not call.on_it],
            }
        )
        return tagged(request, body)

    async def say_ready(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Ready for chats, or not."""
        ready, now = (await fields(request)).get("ready") == "yes", self._now
        person, house = visit.person.id, self._doors.house
        await self._doors.store.write(
            lambda c: check_in.say_ready_at_console(c, house, person, now, ready=ready)
        )
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther("/")

    async def accept(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Take a chat; the first one has it, everybody else is told so (PR8)."""
        handoff, house, now = request.match_info["handoff"], self._doors.house, self._now

        person = visit.person.id
        try:
            await self._doors.store.write(
                lambda c: (
                    demand(c, person, Action.TAKE, Thing.LIVE_CHAT, panes.desk_of(c, handoff)),
                    desk.accept(c, house, handoff, person, now),
                    audit.record(c, house.vault, person, "take", handoff, (), now),
                )
            )
        except NotYours:
            return await self._page(visit, "", words.REFUSAL["ALREADY_TAKEN"], 409)
        except DeskRefusal as refused:
            return await self._page(visit, "", words.told(refused.code, words.REFUSAL), 409)
        except NotAllowed:
            return await self._page(visit, "", words.REFUSAL["NOT_ALLOWED"], 403)
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther(f"/chats/{handoff}")

    async def decline(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Not this one; no reason is asked for."""
        handoff, now = request.match_info["handoff"], self._now
        await self._doors.store.write(lambda c: desk.decline(c, handoff, visit.person.id, now))
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther("/?done=declined")


def tagged(request: web.Request, body: bytes) -> web.StreamResponse:
    """JSON with a tag of its content; 304 without a body to whoever holds the same."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers={"ETag": tag})
    return web.Response(body=body, content_type="application/json", headers={"ETag": tag})
