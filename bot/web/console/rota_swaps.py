"""The page of swaps and cover: what waits for a yes, what was decided, for whom others are being asked."""

from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from bot.services import cover_calls, on_behalf, rota_telling, swap_checks, swaps
from bot.services.on_behalf import NotHers
from bot.services.people import UnknownPerson
from bot.services.permissions import NotAllowed
from bot.services.sign_in import Visit
from bot.services.swap_checks import SwapRefused
from bot.store.moments import to_moment
from bot.store.store import Work
from bot.web.console import rota_words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, fields
from bot.web.console.pages import Pages
from bot.web.console.rota import EDIT, NotThere, RotaPages
from bot.web.console.rota_acts import NOT_YOURS
from handoff.rota.zones import Zone, zone_named

MOST_DECIDED: Final = 20


class RotaSwaps:
    """Handlers of the page; the services ask once more whether a swap may be."""

    def __init__(self, doors: ConsoleDoors, pages: Pages, rota: RotaPages) -> None:
        self._doors = doors
        self._pages = pages
        self._rota = rota

    def doors(self) -> list[Door]:
        """Its routes."""
        one = "/rota/{desk}/swaps/{swap}"
        return [
            Door("GET", "/rota/{desk}/swaps", self.page, EDIT),
            Door("POST", f"{one}/approve", self.approve, EDIT),
            Door("POST", f"{one}/refuse", self.refuse, EDIT),
            Door("POST", f"{one}/undo", self.undo, EDIT),
            Door("POST", "/rota/{desk}/cover", self.ask, EDIT),
            Door("POST", "/rota/{desk}/cover/{swap}/withdraw", self.withdraw, EDIT),
        ]

    @property
    def _now(self) -> int:
        return to_moment(self._doors.clock.now())

    async def page(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """What waits, and what was decided."""
        return await self._page(request, visit, done=rota_words.DONE.get(request.query.get("done", ""), ""))

    async def _page(
        self, request: web.Request, visit: Visit, *, done: str = "", refused: str = ""
    ) -> web.StreamResponse:
        house, now, person = self._doors.house, self._now, visit.person.id
        try:
            desk = self._rota.desk_of(request, visit, EDIT)
        except NotThere:
            return self._rota.not_there(visit)
        waiting = await self._doors.store.read(lambda c: swap_checks.to_approve(c, house, person, now))
        covers = await self._doors.store.read(lambda c: cover_calls.may_see(c, house, person))
        decided = await self._doors.store.read(lambda c: swap_checks.history(c, house, desk, person))
        return self._pages.page(
            "rota_swaps.html",
            visit,
            409 if refused else 200,
            here="rota",
            desk=desk,
            waiting=[one for one in waiting if one.swap.desk == desk],
            decided=decided[:MOST_DECIDED],
            covers=[one for one in covers if one.desk == desk],
            zone=self._zone(desk),
            tell=rota_telling,
            rota=rota_words,
            done=done,
            refused=refused,
        )

    def _zone(self, desk: str) -> Zone:
        return zone_named(self._doors.house.library.boards[desk].rota.zone)

    async def approve(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """It holds from now on."""
        return await self._do(request, visit, swaps.approve, "approved")

    async def refuse(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The first one keeps her shift."""
        return await self._do(request, visit, swaps.refuse, "rejected")

    async def undo(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """What is still to come is as it was before."""
        return await self._do(request, visit, swaps.undo, "undone")

    async def ask(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Others are asked, in waves, to step in for her."""
        form = await fields(request)
        who, shift, ill = form.get("who", ""), form.get("shift", ""), form.get("ill") == "yes"

        def act(*given: Any) -> object:
            connection, house, _, person, now = given
            desk = request.match_info["desk"]
            return on_behalf.ask_around(connection, house, desk, who, shift, person, now, ill=ill)

        return await self._do(request, visit, act, "asked")

    async def withdraw(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She comes after all."""
        return await self._do(request, visit, cover_calls.withdraw, "withdrawn")

    async def _do(
        self, request: web.Request, visit: Visit, act: Callable[..., object], done: str
    ) -> web.StreamResponse:
        house, now, person = self._doors.house, self._now, visit.person.id
        swap = request.match_info.get("swap", "")
        try:
            desk = self._rota.desk_of(request, visit, EDIT)
            work: Work[object] = lambda c: act(c, house, swap, person, now)  # noqa: E731
            await self._doors.store.write(work)
        except NotThere:
            return self._rota.not_there(visit)
        except SwapRefused as refused:
            return await self._page(request, visit, refused=self._told(request, refused))
        except (NotHers, UnknownPerson) as refused:
            return await self._page(request, visit, refused=str(refused))
        except NotAllowed:
            return await self._page(request, visit, refused=NOT_YOURS)
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther(f"/rota/{desk}/swaps?done={done}")

    def _told(self, request: web.Request, refused: SwapRefused) -> str:
        zone = self._zone(request.match_info["desk"])
        reasons = "; ".join(rota_telling.objection_told(one, zone) for one in refused.objections)
        return f"This swap cannot be: {reasons or 'it is not what it was any more'}. Nothing was changed."
