"""The page of one's own shifts: coming, late, ill, swaps, stepping in, the calendar, language, zone and PIN.

The same services, and the same words for what is not possible, as on the volunteers' messengers.
"""

from collections.abc import Callable
from datetime import date

from aiohttp import web

from bot.services import (
    check_in,
    cover_calls,
    day_page,
    feeds,
    own_day,
    swaps,
)
from bot.services.check_in import BadPin
from bot.services.desk import DeskRefusal
from bot.services.messenger.words import SOURCE, code_told, words_in
from bot.services.permissions import Action, NotAllowed, Thing
from bot.services.profile import NotAProfile
from bot.services.sign_in import Visit
from bot.services.staff.day_acts import FEED_PATH
from bot.services.swap_checks import SwapRefused
from bot.services.swaps import Offered
from bot.store.moments import to_moment
from bot.store.store import Work
from bot.web.console import shift_words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, fields
from bot.web.console.pages import Pages
from handoff.commands import TABLE, Where as Lists

LISTED = (Lists.LOBBY, Lists.DAY, Lists.OFFER, Lists.CHAT, Lists.MORE, Lists.PASSING, Lists.GUEST)


class OwnShifts:
    """Handlers of the page and of what is done on it; each leads back to it."""

    def __init__(self, doors: ConsoleDoors, pages: Pages) -> None:
        self._doors = doors
        self._pages = pages

    def doors(self) -> list[Door]:
        """Its routes."""
        own = (Action.EDIT, Thing.DUTY)
        return [
            Door("GET", "/shifts", self.page, own),
            Door("POST", "/shifts/check-in", self.comes, own),
            Door("POST", "/shifts/late", self.late, own),
            Door("POST", "/shifts/ill", self.ill, own),
            Door("POST", "/shifts/offer", self.offer, own),
            Door("POST", "/shifts/offer-range", self.offer_range, own),
            Door("POST", "/shifts/swaps/{swap}", self.swap, own),
            Door("POST", "/shifts/cover/{cover}", self.cover, own),
            Door("POST", "/shifts/calendar", self.calendar, own),
            Door("POST", "/shifts/own", self.own, own),
        ]

    @property
    def _now(self) -> int:
        return to_moment(self._doors.clock.now())

    async def page(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The page itself."""
        return await self._page(visit, done=shift_words.DAY_DONE.get(request.query.get("done", ""), ""))

    async def comes(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """She is here: she has shown who she is when she signed in."""
        house, person, now = self._doors.house, visit.person.id, self._now
        return await self._do(visit, lambda c: check_in.check_in(c, house, person, now), "here")

    async def late(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She comes so many minutes later."""
        minutes = (await fields(request)).get("minutes", "")
        if not minutes.isdigit():
            return await self._page(visit, refused=shift_words.NO_MINUTES, status=400)
        house, person, now = self._doors.house, visit.person.id, self._now
        return await self._do(visit, lambda c: own_day.late(c, house, person, int(minutes), now), "late")

    async def ill(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She cannot have one of her shifts."""
        form, house, person, now = await fields(request), self._doors.house, visit.person.id, self._now
        which = {"desk": form.get("desk", ""), "instance": form.get("instance", "")}
        told: list[own_day.Ill] = []
        return await self._do(
            visit,
            lambda c: told.append(own_day.ill(c, house, person, now, **which)),
            lambda: "ill-free" if told[-1].free else "ill",
        )

    async def offer(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Give one shift away, to everybody who may have it or to one person."""
        form, house, person, now = await fields(request), self._doors.house, visit.person.id, self._now
        if not form.get("desk") or not form.get("instance"):
            told = words_in(house, SOURCE)("staff.rota_NOT_YOURS")
            return await self._page(visit, refused=told, status=400)
        to = (form["to"],) if form.get("to") else ()
        offered = Offered(person, form.get("desk", ""), form.get("instance", ""), to)
        return await self._do(visit, lambda c: swaps.offer(c, house, offered, person, now), "offered")

    async def offer_range(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Give away every shift that begins on one of these days, both included, on her own clock."""
        form, house, person, now = await fields(request), self._doors.house, visit.person.id, self._now
        try:
            first, last = date.fromisoformat(form.get("first", "")), date.fromisoformat(form.get("last", ""))
        except ValueError:
            return await self._page(visit, refused=shift_words.NO_DAYS, status=400)
        to = (form["to"],) if form.get("to") else ()
        return await self._do(
            visit, lambda c: own_day.offer_days(c, house, person, first, last, to, now), "offered"
        )

    async def swap(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Take a swap, with or without a shift in return; withdraw an offer; let go of one."""
        form, house, person, now = await fields(request), self._doors.house, visit.person.id, self._now
        swap, act = request.match_info["swap"], form.get("act", "")
        if act == "withdraw":
            return await self._do(visit, lambda c: swaps.withdraw(c, house, swap, person, now), "withdrawn")
        if act == "let_go":
            return await self._do(visit, lambda c: swaps.let_go(c, house, swap, person, now), "let-go")
        back = form.get("in_return", "")
        taken: list[str] = []
        return await self._do(
            visit,
            lambda c: taken.append(swaps.take(c, house, swap, person, person, now, in_return=back).value),
            lambda: taken[-1],
        )

    async def cover(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She steps in, or not this time."""
        house, person, now = self._doors.house, visit.person.id, self._now
        cover, yes = request.match_info["cover"], (await fields(request)).get("act") == "yes"
        if not yes:
            return await self._do(visit, lambda c: cover_calls.say_no(c, house, cover, person, now), "no")
        return await self._do(
            visit, lambda c: cover_calls.say_yes(c, house, cover, person, person, now), "yes"
        )

    async def calendar(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """A new calendar link, shown once; or all of them ended."""
        house, person, at = self._doors.house, visit.person.id, self._doors.clock.now()
        if (await fields(request)).get("act") == "end":
            return await self._do(visit, lambda c: feeds.revoke(c, person), "no-calendar")
        token = await self._doors.store.write(lambda c: feeds.make_link(c, house, person, None, at))
        return await self._page(visit, link=house.public_url + FEED_PATH.replace("{token}", token))

    async def own(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Her language on messengers, her zone, her PIN; an empty field leaves a thing as it is."""
        form, house, person, now = await fields(request), self._doors.house, visit.person.id, self._now
        own = own_day.Own(form.get("reads", ""), form.get("zone", ""), form.get("pin", ""))
        try:
            return await self._do(visit, lambda c: own_day.keep_own(c, house, person, own, now), "own")
        except NotAProfile:
            return await self._page(visit, refused=shift_words.NO_ZONE, status=400)
        except BadPin:
            return await self._page(visit, refused=shift_words.BAD_PIN, status=400)

    async def _page(
        self, visit: Visit, *, done: str = "", refused: str = "", link: str = "", status: int = 200
    ) -> web.StreamResponse:
        house, now = self._doors.house, self._now
        seen = await self._doors.store.read(lambda c: day_page.day_of(c, house, visit.person.id, now))
        words = words_in(house, SOURCE)
        commands = {
            "!" + command.word.replace("_", "-"): words(f"staff.{command.word}")
            for where in LISTED
            for command in TABLE
            if command.where is where
        }
        return self._pages.page(
            "own_shifts.html", visit, status, day=seen, done=done, refused=refused, link=link,
            commands=commands, languages=tuple(house.library.staff), here="shifts",
            shift_words=shift_words, reads=visit.person.profile.reads, has_pin=bool(visit.person.profile.pin),
        )  # fmt: skip

    async def _do(
        self, visit: Visit, work: Work[object], done: str | Callable[[], str]
    ) -> web.StreamResponse:
        """One act in one transaction; a refusal is told on the page, in the words of the messengers."""
        words = words_in(self._doors.house, SOURCE)
        try:
            await self._doors.store.write(work)
        except (SwapRefused, DeskRefusal) as refused:
            return await self._page(visit, refused=code_told(words, "rota", refused.code), status=409)
        except NotAllowed:
            return await self._page(visit, refused=words("staff.rota_NOT_ALLOWED"), status=403)
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther(f"/shifts?done={done if isinstance(done, str) else done()}")
