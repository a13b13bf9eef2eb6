"""The page of a desk's week: who is on, who is missing, what is prepared; for whoever may see the rota."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from aiohttp import web

from bot.services import public_holidays, rota_plans, rota_telling, rota_week, swap_checks
from bot.services.permissions import Action, Thing
from bot.services.rota_plans import NoRota
from bot.services.rota_week import Week
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.web.console import rota_words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, Right
from bot.web.console.pages import Pages
from handoff.rota.heatmap import Cell, heatmap
from handoff.rota.planning import horizon

VIEW: Final[Right] = (Action.VIEW, Thing.ROTA)
EDIT: Final[Right] = (Action.EDIT, Thing.ROTA)
TIERS: Final = ("primary", "backup", "supervisor", "shadow")
FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
"""Days beyond these are nobody's week, and have weeks around them that no calendar holds."""
HOLIDAYS_AHEAD: Final = timedelta(days=60)
NOTHING_TYPED: Final[dict[str, str]] = {}


class NotThere(LookupError):
    """No such desk or shift, or it is another desk's: both look the same."""


class RotaPages:
    """Handlers of the reading pages, and what the acts need of them."""

    def __init__(self, doors: ConsoleDoors, pages: Pages) -> None:
        self._doors = doors
        self._pages = pages

    def doors(self) -> list[Door]:
        """Its routes."""
        return [
            Door("GET", "/rota", self.first, VIEW),
            Door("GET", "/rota/{desk}", self.week, VIEW),
            Door("GET", "/rota/{desk}/day/{day}", self.day, EDIT),
        ]

    async def first(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """The week of the desk of the settings, or of the first she may see."""
        mine = self.desks(visit)
        if not mine:
            return self.not_there(visit)
        own = self._doors.house.desk
        raise web.HTTPSeeOther(f"/rota/{own if own in mine else mine[0]}")

    async def week(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """One week."""
        done = rota_words.DONE.get(request.query.get("done", ""), "")
        return await self.show(request, visit, done=done)

    async def day(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """One day in half hours: needed, there, missing, and what is weakest."""
        house, now = self._doors.house, self._doors.clock.now()
        day = _day(request.match_info["day"])
        try:
            desk = self.desk_of(request, visit, EDIT)
            plan = await self._doors.store.read(lambda c: rota_plans.plan_of(c, house, desk, now))
        except (NotThere, NoRota):
            return self.not_there(visit)
        if day is None:
            return self.not_there(visit)
        known, stands = plan.before, house.library.stands(desk)
        cells = heatmap(
            known.rota, day, known.others, published_until=horizon(known.rota, now), stands=stands
        )
        return self._pages.page(
            "rota_day.html",
            visit,
            here="rota",
            desk=desk,
            day=day,
            before=day - timedelta(days=1),
            after=day + timedelta(days=1),
            zone=known.rota.zone,
            cells=alike(cells),
            tell=rota_telling,
        )

    def desks(self, visit: Visit) -> tuple[str, ...]:
        """Desks with a rota that she may see."""
        return visit.rights.desks(*VIEW, sorted(self._doors.house.library.boards))

    def desk_of(self, request: web.Request, visit: Visit, right: Right = VIEW) -> str:
        """The desk a page is about. Raises NotThere where she has no such right at it."""
        desk = request.match_info["desk"]
        if desk not in self._doors.house.library.boards or not visit.rights.may(*right, desk):
            raise NotThere
        return desk

    async def read(self, desk: str, monday: date | None, *, planning: bool) -> Week:
        """A desk's week; this one where none is named. Raises NotThere."""
        house, now = self._doors.house, self._doors.clock.now()
        day = monday or now.date()
        try:
            return await self._doors.store.read(
                lambda c: rota_week.week_of(c, house, desk, day, now, planning=planning)
            )
        except NoRota:
            raise NotThere from None

    async def show(
        self,
        request: web.Request,
        visit: Visit,
        *,
        done: str = "",
        refused: str = "",
        typed: dict[str, str] = NOTHING_TYPED,
    ) -> web.StreamResponse:
        """The page of a week, after an act or without."""
        try:
            desk = self.desk_of(request, visit)
            may_edit = visit.rights.may(*EDIT, desk)
            day = _day(request.query.get("week", "") or typed.get("week", ""))
            week = await self.read(desk, day, planning=may_edit)
        except NotThere:
            return self.not_there(visit)
        now = self._doors.clock.now()
        document = self._doors.house.library.desks.get(desk)
        regions = document.regions if document is not None else ()
        today = week.zone.wall(now).date()
        return self._pages.page(
            "rota_week.html",
            visit,
            409 if refused else 200,
            here="rota",
            week=week,
            desks=self.desks(visit),
            tiers=[
                tier for tier in TIERS if tier != "shadow" or any(day.entries.get(tier) for day in week.days)
            ],
            today=today,
            holidays=public_holidays.between(regions, week.monday, week.monday + timedelta(days=6)),
            coming=public_holidays.between(regions, today + timedelta(days=1), today + HOLIDAYS_AHEAD),
            unlisted=public_holidays.without_list(regions),
            days=timedelta,
            before=week.monday - timedelta(days=7),
            after=week.monday + timedelta(days=7),
            may_edit=may_edit,
            swaps=await self._swaps(visit, desk) if may_edit else 0,
            opens=rota_words.openings(week.zone, now),
            shut_now=[one for one in week.closures if one.since <= now],
            tell=rota_telling,
            rota=rota_words,
            now_at=now,
            done=done,
            refused=refused,
            typed=typed,
        )

    async def _swaps(self, visit: Visit, desk: str) -> int:
        """How many swaps wait for her yes."""
        house, now, person = self._doors.house, to_moment(self._doors.clock.now()), visit.person.id
        waiting = await self._doors.store.read(lambda c: swap_checks.to_approve(c, house, person, now))
        return sum(one.swap.desk == desk for one in waiting)

    def not_there(self, visit: Visit) -> web.Response:
        """There is no such rota, or it is not hers to see."""
        return self._pages.page("rota_gone.html", visit, 404, here="rota")


def alike(cells: Iterable[Cell]) -> list[tuple[str, str, Cell]]:
    """Cells that follow each other and tell the same, as one: from when to when, and what they tell."""
    found: list[tuple[str, str, Cell]] = []
    before = ""
    for cell in (*cells, None):
        label = "24:00" if cell is None else cell.label
        if found and before:
            found[-1] = (found[-1][0], label, found[-1][2])
        if cell is None:
            break
        before = label
        if not found or _facts(found[-1][2]) != _facts(cell):
            found.append((label, label, cell))
    return found


def _facts(cell: Cell) -> tuple[object, ...]:
    return cell.required, cell.confirmed, cell.tentative, cell.missing, cell.weakest


def _day(text: str) -> date | None:
    """The day of a query, None for one that is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None
