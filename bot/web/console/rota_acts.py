"""What a coordinator does on the pages of the rota: prepare, publish, undo, close, leave; one form each."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from aiohttp import web

from bot.services import closures, leaves, people, rota_plans
from bot.services.closures import NotAClosure
from bot.services.leaves import NotALeave
from bot.services.people import UnknownPerson
from bot.services.permissions import NotAllowed
from bot.services.rota_plans import NoRota, NotForHer, NothingPlanned, PlanMoved
from bot.services.rota_week import answers_at
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.store.store import Work
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, fields
from bot.web.console.rota import EDIT, NotThere, RotaPages
from bot.web.console.rota_reading import NotTyped, day_in, moment_in, span_in, tier_in, weeks_in
from handoff.rota.changes import Act, Add, CancelInstance, MoveInstance, Remove, Replace, Stretch
from handoff.rota.planning import UnknownChange
from handoff.rota.zones import Zone, zone_named

TOLD: Final = (
    NotTyped, NotAClosure, NotALeave, NoRota, NotForHer, NothingPlanned, PlanMoved, UnknownChange,
    UnknownPerson,
)  # fmt: skip
"""What is refused with a sentence of its own."""
NOT_YOURS: Final = "Your roles do not allow that at this desk. Nothing was changed."
Form = dict[str, str]
Make = Callable[[Form, Zone], Awaitable[Work[object]]]
"""Reads a form into what is to be done in one transaction."""


class RotaActs:
    """Handlers of the forms; each leads back to the week it was sent from."""

    def __init__(self, doors: ConsoleDoors, pages: RotaPages) -> None:
        self._doors = doors
        self._pages = pages

    def doors(self) -> list[Door]:
        """Its routes."""
        one = "/rota/{desk}"
        return [
            Door("POST", f"{one}/add", self.add, EDIT),
            Door("POST", f"{one}/replace", self.replace, EDIT),
            Door("POST", f"{one}/remove", self.remove, EDIT),
            Door("POST", f"{one}/cancel", self.cancel, EDIT),
            Door("POST", f"{one}/move", self.move, EDIT),
            Door("POST", f"{one}/discard", self.discard, EDIT),
            Door("POST", f"{one}/undo", self.undo, EDIT),
            Door("POST", f"{one}/close", self.close, EDIT),
            Door("POST", f"{one}/reopen", self.reopen, EDIT),
            Door("POST", f"{one}/leave", self.leave, EDIT),
            Door("POST", f"{one}/back", self.back, EDIT),
        ]

    # --- drafts -----------------------------------------------------------------------------------------
    async def add(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Somebody is on besides, once or for some weeks."""

        def acts(form: Form, zone: Zone) -> list[Act]:
            day, tier = day_in(form, "day"), tier_in(form)
            spans = [span_in(form, zone, day + timedelta(days=7 * n)) for n in range(weeks_in(form))]
            return [Add(_who(form), *span, tier) for span in spans]

        return await self._prepare(request, visit, acts)

    async def replace(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Somebody else is on instead, for all of a shift or a part."""
        return await self._prepare(
            request, visit, lambda form, zone: [Replace(_stretch(form, zone), _word(form, "by"))]
        )

    async def remove(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She is not on, for all of a shift or a part."""
        return await self._prepare(request, visit, lambda form, zone: [Remove(_stretch(form, zone))])

    async def cancel(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The whole shift does not take place."""
        return await self._prepare(request, visit, lambda form, _zone: [CancelInstance(_word(form, "shift"))])

    async def move(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The whole shift takes place at another time."""

        def acts(form: Form, zone: Zone) -> list[Act]:
            return [MoveInstance(_word(form, "shift"), *span_in(form, zone, day_in(form, "day")))]

        return await self._prepare(request, visit, acts)

    async def discard(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """One draft, or all of them, go."""
        desk, now, person = request.match_info["desk"], self._doors.clock.now(), visit.person.id
        typed = (await fields(request)).get("seq", "")
        seq = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None

        async def make(_form: Form, _zone: Zone) -> Work[object]:
            return lambda c: rota_plans.discard(c, self._doors.house, desk, person, now, seq)

        return await self._do(request, visit, make, "discarded")

    async def undo(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The plan published last acts no more."""
        desk, now, person = request.match_info["desk"], self._doors.clock.now(), visit.person.id

        async def make(form: Form, _zone: Zone) -> Work[object]:
            plan = form.get("plan", "")
            return lambda c: rota_plans.undo(c, self._doors.house, desk, person, now, plan)

        return await self._do(request, visit, make, "undone")

    # --- at once ----------------------------------------------------------------------------------------
    async def close(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The desk is closed until a moment."""
        desk, now, person = request.match_info["desk"], self._doors.clock.now(), visit.person.id

        async def make(form: Form, zone: Zone) -> Work[object]:
            until = moment_in(form, "until", zone)
            since = moment_in(form, "since", zone) if form.get("since") else None
            return lambda c: closures.close(c, self._doors.house, desk, until, person, now, since)

        return await self._do(request, visit, make, "closed")

    async def reopen(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """It is open again."""
        desk, now, person = request.match_info["desk"], self._doors.clock.now(), visit.person.id

        async def make(form: Form, _zone: Zone) -> Work[object]:
            typed = form.get("seq", "")
            seq = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
            return lambda c: closures.reopen(c, self._doors.house, desk, person, now, seq)

        return await self._do(request, visit, make, "reopened")

    async def leave(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She is away for some days, at every desk."""
        house, now, by = self._doors.house, to_moment(self._doors.clock.now()), visit.person.id

        async def make(form: Form, zone: Zone) -> Work[object]:
            since = zone.midnight(day_in(form, "from"))
            until = zone.midnight(day_in(form, "to") + timedelta(days=1))
            person = await self._person(request, _who(form))
            return lambda c: leaves.take(c, house, person, since, until, by, now)

        return await self._do(request, visit, make, "leave")

    async def back(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Her leave ends."""
        house, at, by = self._doors.house, self._doors.clock.now(), visit.person.id

        async def make(form: Form, _zone: Zone) -> Work[object]:
            person = await self._person(request, _who(form))
            return lambda c: leaves.end(c, house, person, by, at, to_moment(at))

        return await self._do(request, visit, make, "back")

    # --- what all have in common ------------------------------------------------------------------------
    async def _person(self, request: web.Request, alias: str) -> str:
        house = self._doors.house
        found = await self._doors.store.read(lambda c: people.find(c, house, alias))
        if not answers_at(found, request.match_info["desk"]):
            raise NotTyped(f"{alias} has no role at this desk.")
        return found.id

    async def _prepare(
        self, request: web.Request, visit: Visit, acts: Callable[[Form, Zone], list[Act]]
    ) -> web.StreamResponse:
        desk, now, person = request.match_info["desk"], self._doors.clock.now(), visit.person.id

        async def make(form: Form, zone: Zone) -> Work[object]:
            made = acts(form, zone)
            for act in made:
                _must_lie_ahead(act, now)
            return lambda c: rota_plans.prepare(c, self._doors.house, desk, made, person, now)

        return await self._do(request, visit, make, "prepared")

    async def _do(self, request: web.Request, visit: Visit, make: Make, done: str) -> web.StreamResponse:
        """One act in one transaction; whatever stands in the way is told on the page of the week."""
        form = await fields(request)
        try:
            desk = self._pages.desk_of(request, visit, EDIT)
        except NotThere:
            return self._pages.not_there(visit)
        zone = zone_named(self._doors.house.library.boards[desk].rota.zone)
        try:
            await self._doors.store.write(await make(form, zone))
        except TOLD as refused:
            return await self._pages.show(request, visit, refused=str(refused), typed=form)
        except NotAllowed:
            return await self._pages.show(request, visit, refused=NOT_YOURS, typed=form)
        self._doors.wakes.after_write()
        week = quote(form.get("week", "")[:10])
        raise web.HTTPSeeOther(f"/rota/{desk}?week={week}&done={done}")


def _who(form: Form) -> str:
    return _word(form, "who")


def _word(form: Form, name: str) -> str:
    value = form.get(name, "").strip()
    if not value or len(value) > 200:
        raise NotTyped("Something is missing in this form. Nothing was changed.")
    return value


def _stretch(form: Form, zone: Zone) -> Stretch:
    """The whole shift, or the part from then to then."""
    shift = _word(form, "shift")
    if not form.get("part"):
        return Stretch(_who(form), instance=shift)
    start, end = moment_in(form, "since", zone), moment_in(form, "until", zone)
    if end <= start:
        raise NotTyped("The part ends after it begins.")
    return Stretch(_who(form), start, end, shift)


def _must_lie_ahead(act: Act, now: datetime) -> None:
    """What is over cannot be planned: say so at once, not at publishing."""
    if isinstance(act, Add | MoveInstance) and act.end <= now:
        raise NotTyped("This time is over. What has been stays as it was.")
