"""The page of one's own: the messengers that are linked, a code for another one, and taking one away."""

from aiohttp import web

from bot.services.messenger import addresses
from bot.services.messenger.surfaces import NAME_OF
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.web.console import words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, fields
from bot.web.console.pages import Pages


class MePage:
    """Handlers of the page."""

    def __init__(self, doors: ConsoleDoors, pages: Pages) -> None:
        self._doors = doors
        self._pages = pages

    def doors(self) -> list[Door]:
        """Its routes; everybody has a page of her own."""
        return [
            Door("GET", "/me", self.page, None),
            Door("POST", "/me/code", self.code, None),
            Door("POST", "/me/unlink", self.unlink, None),
        ]

    @property
    def _now(self) -> int:
        return to_moment(self._doors.clock.now())

    async def page(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """What is linked."""
        return await self._page(visit, done=request.query.get("done", ""))

    async def _page(self, visit: Visit, *, code: str = "", done: str = "") -> web.StreamResponse:
        linked = await self._doors.store.read(lambda c: addresses.linked(c, visit.person.id))
        return self._pages.page(
            "me.html",
            visit,
            linked=linked,
            names=NAME_OF,
            messengers=[NAME_OF[name] for name in self._doors.house.staff_channels if name in NAME_OF],
            code=code,
            done=words.DONE.get(done, ""),
        )

    async def code(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """A fresh code, shown once on this page; it is on no other and in no address."""
        house, now = self._doors.house, self._now
        code = await self._doors.store.write(lambda c: addresses.new_code(c, house, visit.person.id, now))
        return await self._page(visit, code=code)

    async def unlink(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Take a messenger away: nothing more goes there, and what stands there is removed."""
        address, house, now = (await fields(request)).get("address", ""), self._doors.house, self._now
        await self._doors.store.write(lambda c: addresses.unlink(c, house, visit.person.id, address, now))
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther("/me?done=unlinked")
