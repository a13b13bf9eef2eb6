"""Two pages before an act: a shift with who could have it, and a plan with what it changes for whom."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from bot.services import covering, rota_plans, rota_telling
from bot.services.permissions import NotAllowed
from bot.services.rota_plans import NoRota, NothingPlanned, PlanMoved, StandsInTheWay
from bot.services.shift_checks import Planned
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.web.console import rota_words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, fields
from bot.web.console.pages import Pages
from bot.web.console.rota import EDIT, NotThere, RotaPages
from bot.web.console.rota_acts import NOT_YOURS
from handoff.rota.questions import whole_duties
from handoff.rota.zones import zone_named
from handoff.shifts import Wanted, allowed

MOST_AGAINST: Final = 20


class RotaPlan:
    """Handlers of the two pages."""

    def __init__(self, doors: ConsoleDoors, pages: Pages, rota: RotaPages) -> None:
        self._doors = doors
        self._pages = pages
        self._rota = rota

    def doors(self) -> list[Door]:
        """Its routes."""
        return [
            Door("GET", "/rota/{desk}/shift", self.shift, EDIT),
            Door("GET", "/rota/{desk}/plan", self.plan, EDIT),
            Door("POST", "/rota/{desk}/publish", self.publish, EDIT),
        ]

    async def shift(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """One person's part of a shift: give it to somebody, take it away, cancel or move the whole."""
        house, now = self._doors.house, self._doors.clock.now()
        try:
            desk = self._rota.desk_of(request, visit, EDIT)
            start = datetime.fromisoformat(request.query.get("start", ""))
        except (NotThere, ValueError):
            return self._rota.not_there(visit)
        if start.tzinfo is None:
            return self._rota.not_there(visit)
        plan = await self._doors.store.read(lambda c: rota_plans.plan_of(c, house, desk, now))
        name, who = request.query.get("shift", ""), request.query.get("who", "")
        everybody = replace(plan.after(now).rota, answering=None)
        duties = whole_duties(everybody, start, start + timedelta.resolution)
        duty = next((one for one in duties if (one.instance, one.volunteer) == (name, who)), None)
        if duty is None or duty.end <= now:
            return self._rota.not_there(visit)
        wanted = Wanted(duty.tier, max(duty.start, now), duty.end)
        order, against = await self._doors.store.read(
            lambda c: covering.who_could(c, house, desk, wanted, duty.volunteer, to_moment(now))
        )
        return self._pages.page(
            "rota_shift.html",
            visit,
            here="rota",
            desk=desk,
            duty=duty,
            zone=zone_named(plan.before.rota.zone),
            week=request.query.get("week", "")[:10],
            order=order,
            against=against,
            tell=rota_telling,
            rota=rota_words,
            now_at=now,
        )

    async def plan(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """What is prepared, for whom it changes what, and what speaks against it."""
        return await self._plan(request, visit, "")

    async def publish(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Let it act, exactly as it was shown."""
        house, now, person = self._doors.house, self._doors.clock.now(), visit.person.id
        form = await fields(request)
        try:
            desk = self._rota.desk_of(request, visit, EDIT)
            seen = form.get("seen", "")
            await self._doors.store.write(lambda c: rota_plans.publish(c, house, desk, person, now, seen))
        except NotThere:
            return self._rota.not_there(visit)
        except StandsInTheWay:
            return await self._plan(request, visit, "Limits are broken that nobody has lifted, see below.")
        except (PlanMoved, NothingPlanned, NoRota) as refused:
            return await self._plan(request, visit, str(refused))
        except NotAllowed:
            return await self._plan(request, visit, NOT_YOURS)
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther(f"/rota/{desk}?done=published")

    async def _plan(self, request: web.Request, visit: Visit, refused: str) -> web.StreamResponse:
        house, now = self._doors.house, self._doors.clock.now()
        try:
            desk = self._rota.desk_of(request, visit, EDIT)
        except NotThere:
            return self._rota.not_there(visit)

        plan, looked = await self._doors.store.read(lambda c: rota_plans.looked_at(c, house, desk, now))
        return self._pages.page(
            "rota_plan.html",
            visit,
            409 if refused else 200,
            here="rota",
            desk=desk,
            plan=plan,
            looked=looked,
            zone=zone_named(plan.before.rota.zone),
            against=against_told(looked.against),
            tell=rota_telling,
            refused=refused,
        )


def against_told(planned: tuple[Planned, ...]) -> list[tuple[Planned, bool]]:
    """What speaks against a plan, what forbids it first; a page shows so many."""
    marked = [(one, not allowed(one.objections)) for one in planned]
    return sorted(marked, key=lambda each: not each[1])[:MOST_AGAINST]
