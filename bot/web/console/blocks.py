"""The page of blocks that hold: a person confirms or lifts them; whom they are about nobody can see."""

from typing import Final

from aiohttp import web

from bot.model import NETWORK_DESK
from bot.services import blocking
from bot.services.blocking import OwnBlock, UnknownBlock
from bot.services.permissions import Action, NotAllowed, Thing
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.store.store import Work
from bot.web.console import words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, Right, fields
from bot.web.console.pages import Pages

VIEW: Final[Right] = (Action.VIEW, Thing.BLOCK)
EDIT: Final[Right] = (Action.EDIT, Thing.BLOCK)
DAYS: Final = (2, 7, 14)


class BlocksPage:
    """Handlers of the page."""

    def __init__(self, doors: ConsoleDoors, pages: Pages) -> None:
        self._doors = doors
        self._pages = pages

    def doors(self) -> list[Door]:
        """Its routes."""
        return [
            Door("GET", "/blocks", self.page, VIEW),
            Door("POST", "/blocks/{block}/lift", self.lift, EDIT),
            Door("POST", "/blocks/{block}/confirm", self.confirm, EDIT),
        ]

    @property
    def _now(self) -> int:
        return to_moment(self._doors.clock.now())

    async def page(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Every block that holds where this person may see them."""
        return await self._page(visit, done=words.DONE.get(request.query.get("done", ""), ""))

    async def _page(self, visit: Visit, *, done: str = "", refused: str = "") -> web.StreamResponse:
        house, now, person = self._doors.house, self._now, visit.person.id
        known = sorted({NETWORK_DESK, house.desk, *house.library.desks})
        desks = visit.rights.desks(*VIEW, known)
        blocks = await self._doors.store.read(lambda c: blocking.standing(c, house, desks, now, person))
        status = 409 if refused else 200
        return self._pages.page(
            "blocks.html", visit, status, blocks=blocks, done=done, refused=refused, days=DAYS, here="blocks"
        )

    async def lift(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """End a block at once."""
        house, now, block = self._doors.house, self._now, request.match_info["block"]
        return await self._act(
            visit, lambda c: blocking.lift(c, house, block, visit.person.id, now), "lifted"
        )

    async def confirm(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Let a block hold for longer than a day."""
        house, now, block = self._doors.house, self._now, request.match_info["block"]
        chosen = (await fields(request)).get("days", "")
        days = int(chosen) if chosen in {str(number) for number in DAYS} else blocking.CONFIRMED_DAYS
        person = visit.person.id
        return await self._act(
            visit, lambda c: blocking.confirm(c, house, block, person, now, days), "confirmed"
        )

    async def _act(self, visit: Visit, work: Work[object], done: str) -> web.StreamResponse:
        try:
            await self._doors.store.write(work)
        except UnknownBlock:
            return await self._page(visit, refused=words.REFUSAL["UNKNOWN_BLOCK"])
        except OwnBlock:
            return await self._page(visit, refused=words.REFUSAL["OWN_BLOCK"])
        except NotAllowed:
            return await self._page(visit, refused=words.REFUSAL["NOT_ALLOWED"])
        raise web.HTTPSeeOther(f"/blocks?done={done}")
