"""The pages of people: who belongs to the hotline; invite, vouch, train, roles, shut out and let in."""

from collections.abc import Callable
from datetime import date
from typing import Final

from aiohttp import web

from bot.model import NETWORK_DESK, Role
from bot.services import admitting, leaves, people, person_acts, signing
from bot.services.admitting import CannotVouch
from bot.services.messenger import addresses
from bot.services.messenger.surfaces import NAME_OF
from bot.services.people import AliasTaken, Person, UnknownPerson
from bot.services.permissions import Action, NotAllowed, Thing
from bot.services.person_acts import GIVEN_HERE, CannotBeDone
from bot.services.profile import NotAProfile
from bot.services.qualifying import UnknownModule
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.store.store import Work
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, Right, fields
from bot.web.console.pages import Pages
from bot.web.console.proving import NotProven, Proving

VIEW: Final[Right] = (Action.VIEW, Thing.PERSON)
TOLD: Final = (
    CannotVouch, AliasTaken, UnknownPerson, CannotBeDone, NotAProfile, UnknownModule, NotProven,
    signing.NotProven,
)  # fmt: skip
"""What is refused with a sentence of its own."""
NOT_YOURS: Final = "Your roles do not allow that. Nothing was changed."
DONE: Final = {
    "suspended": "She is shut out, at once. Her chats are being passed on, her shifts hold no hours.",
    "lifted": "She may sign in again.",
    "trained": "Noted.",
    "untrained": "It counts no more.",
    "granted": "The role is given; it holds at once.",
    "taken": "The role is taken back; it holds at once.",
    "vouched": "You vouch for her.",
    "unlinked": "That messenger is hers no more: nothing goes there, and what stands there is removed.",
}
STATES: Final = {
    "active": "active",
    "invited": "invited, not in yet",
    "suspended": "shut out",
    "left": "has left",
}
Form = dict[str, str]
Make = Callable[[Visit, Form, str], Work[object]]


class PeoplePages:
    """Handlers of the pages."""

    def __init__(self, doors: ConsoleDoors, pages: Pages) -> None:
        self._doors = doors
        self._pages = pages
        self._proving = Proving(doors)

    def doors(self) -> list[Door]:
        """Its routes."""
        one = "/people/{person}"
        verify, suspend = (Action.VERIFY, Thing.PERSON), (Action.SUSPEND, Thing.PERSON)
        invite, grant = (Action.INVITE, Thing.PERSON), (Action.GRANT, Thing.PERSON)
        return [
            Door("GET", "/people", self.everyone, VIEW),
            Door("POST", "/people", self.invite, invite),
            Door("GET", one, self.one, VIEW),
            Door("POST", f"{one}/link", self.link, invite),
            Door("POST", f"{one}/vouch", self.vouch, (Action.VOUCH, Thing.PERSON)),
            Door("POST", f"{one}/train", self.train, verify),
            Door("POST", f"{one}/untrain", self.untrain, verify),
            Door("POST", f"{one}/grant", self.grant, grant),
            Door("POST", f"{one}/unlink", self.unlink, (Action.EDIT, Thing.PERSON)),
            Door("POST", f"{one}/suspend", self.suspend, suspend),
            Door("POST", f"{one}/lift", self.lift, suspend),
        ]

    @property
    def _now(self) -> int:
        return to_moment(self._doors.clock.now())

    # --- reading ----------------------------------------------------------------------------------------
    async def everyone(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Everybody she may see, by alias."""
        return await self._list(visit, typed={}, done=DONE.get(request.query.get("done", ""), ""))

    async def _list(
        self,
        visit: Visit,
        *,
        typed: Form,
        done: str = "",
        refused: str = "",
        link: tuple[str, str] = ("", ""),
    ) -> web.StreamResponse:
        house = self._doors.house
        known = await self._doors.store.read(lambda c: people.everyone(c, house))
        mine = [one for one in known if person_acts.may(visit.rights, Action.VIEW, one)]
        return self._pages.page(
            "people.html",
            visit,
            409 if refused else 200,
            here="people",
            people=[one for one in mine if one.state != "left"],
            gone=[one for one in mine if one.state == "left"],
            states=STATES,
            today=self._doors.clock.now().date(),
            desks=visit.rights.desks(Action.INVITE, Thing.PERSON, self._desks()),
            given=GIVEN_HERE,
            typed=typed,
            done=done,
            refused=refused,
            link=link,
        )

    async def one(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Everything a coordinator needs to know of one person."""
        return await self._one(request, visit, done=DONE.get(request.query.get("done", ""), ""))

    async def _one(
        self, request: web.Request, visit: Visit, *, done: str = "", refused: str = "", link: str = ""
    ) -> web.StreamResponse:
        house, person = self._doors.house, request.match_info["person"]

        try:
            known = await self._doors.store.read(lambda c: people.get(c, house, person))
        except UnknownPerson:
            return self._not_there(visit)
        if not person_acts.may(visit.rights, Action.VIEW, known):
            return self._not_there(visit)
        alias = known.profile.alias
        missing = await self._doors.store.read(lambda c: admitting.still_needed(c, house, person))
        away = await self._doors.store.read(lambda c: leaves.of(c, house, alias))
        linked = await self._doors.store.read(lambda c: addresses.linked(c, person))
        now = self._doors.clock.now()
        return self._pages.page(
            "person.html",
            visit,
            409 if refused else 200,
            here="people",
            one=known,
            linked=linked,
            messengers=NAME_OF,
            states=STATES,
            vouchers_missing=missing if known.state == "invited" else 0,
            away=[(to_moment(start), to_moment(end)) for start, end in away if end > now],
            completions=known.profile.completions,
            modules=house.library.staffing_of(house.desk).training.modules,
            today=now.date(),
            may=self._may(visit, known),
            desks=visit.rights.desks(Action.GRANT, Thing.PERSON, self._desks()),
            given=GIVEN_HERE,
            demo=house.mode == "demo",
            done=done,
            refused=refused,
            link=link,
        )

    def _may(self, visit: Visit, known: Person) -> dict[str, bool]:
        """What she may do to this person, by verb."""
        verbs = (Action.EDIT, Action.INVITE, Action.SUSPEND, Action.GRANT, Action.VOUCH, Action.VERIFY)
        may = {verb.value: person_acts.may(visit.rights, verb, known) for verb in verbs}
        return may | {"self": known.id == visit.person.id}

    def _desks(self) -> list[str]:
        library = self._doors.house.library
        return sorted({NETWORK_DESK, *library.desks, *library.boards})

    def _not_there(self, visit: Visit) -> web.Response:
        return self._pages.page("person_gone.html", visit, 404, here="people")

    # --- acts -------------------------------------------------------------------------------------------
    async def invite(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Somebody more; her link is shown once, on this page and nowhere else."""
        form, house, now, by = await fields(request), self._doors.house, self._now, visit.person.id
        alias, languages = form.get("alias", ""), form.get("languages", "en").split(",")
        desk = form.get("desk", "")
        if desk not in self._desks():
            return await self._list(visit, typed=form, refused=NOT_YOURS)
        try:
            role = Role(form.get("role", ""))
            token = await self._doors.store.write(
                lambda c: person_acts.invite(c, house, by, alias, role, desk, languages, now)
            )
        except TOLD as refused:
            return await self._list(visit, typed=form, refused=str(refused))
        except (NotAllowed, ValueError):
            return await self._list(visit, typed=form, refused=NOT_YOURS)
        self._doors.wakes.after_write()
        return await self._list(visit, typed={}, link=(alias.strip(), self._address(request, token)))

    async def link(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Her link ran out, or was lost on the way."""
        house, now, by = self._doors.house, self._now, visit.person.id
        person = request.match_info["person"]
        try:
            token = await self._doors.store.write(lambda c: person_acts.link_again(c, house, by, person, now))
        except TOLD as refused:
            return await self._one(request, visit, refused=str(refused))
        except NotAllowed:
            return await self._one(request, visit, refused=NOT_YOURS)
        return await self._one(request, visit, link=self._address(request, token))

    def _address(self, request: web.Request, token: str) -> str:
        base = self._doors.url or f"{request.scheme}://{request.host}"
        return f"{base}/enter/{token}"

    async def vouch(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She knows her and stands for her: password and code once more."""
        house, now, by = self._doors.house, self._now, visit.person.id
        person = request.match_info["person"]
        try:
            proof = await self._proving.proof(visit, await fields(request))
        except NotProven as refused:
            return await self._one(request, visit, refused=str(refused))

        def make(_visit: Visit, _form: Form, _person: str) -> Work[object]:
            return lambda c: (
                signing.spend(c, house, proof, self._doors.clock.now()),
                admitting.vouch(c, house, person, by, now),
            )

        return await self._do(request, visit, make, "vouched")

    async def train(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """She passed a module, on a day."""
        house, now = self._doors.house, self._now

        def make(visit: Visit, form: Form, person: str) -> Work[object]:
            try:
                on = date.fromisoformat(form.get("on", ""))
            except ValueError:
                raise CannotBeDone("Say the day she passed it, such as 2026-11-20.") from None
            if on > self._doors.clock.now().date():
                raise CannotBeDone("This day has not come yet.")
            module = form.get("module", "")
            return lambda c: person_acts.train(c, house, visit.person.id, person, module, on, now)

        return await self._do(request, visit, make, "trained")

    async def untrain(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """It was noted wrongly, or is withdrawn."""
        house, now = self._doors.house, self._now

        def make(visit: Visit, form: Form, person: str) -> Work[object]:
            module = form.get("module", "")
            return lambda c: person_acts.untrain(c, house, visit.person.id, person, module, now)

        return await self._do(request, visit, make, "untrained")

    async def grant(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """A role at a desk, given or taken back."""
        house, now = self._doors.house, self._now
        back = (await fields(request)).get("act") == "back"

        def make(visit: Visit, form: Form, person: str) -> Work[object]:
            desk, by = form.get("desk", ""), visit.person.id
            if form.get("role") not in {role.value for role in GIVEN_HERE} or desk not in self._desks():
                raise CannotBeDone("Choose a role and a desk of the list.")
            role = Role(form["role"])
            return lambda c: person_acts.give_role(c, house, by, person, role, desk, now, back=back)

        return await self._do(request, visit, make, "taken" if back else "granted")

    async def unlink(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """A messenger of hers is taken away."""
        house, now = self._doors.house, self._now

        def make(visit: Visit, form: Form, person: str) -> Work[object]:
            address = form.get("address", "")
            return lambda c: person_acts.unlink(c, house, visit.person.id, person, address, now)

        return await self._do(request, visit, make, "unlinked")

    async def suspend(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Shut her out."""
        house, now = self._doors.house, self._now

        def make(visit: Visit, _form: Form, person: str) -> Work[object]:
            return lambda c: person_acts.suspend(c, house, visit.person.id, person, now)

        return await self._do(request, visit, make, "suspended")

    async def lift(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Let her in again."""
        house, now = self._doors.house, self._now

        def make(visit: Visit, _form: Form, person: str) -> Work[object]:
            return lambda c: person_acts.lift(c, house, visit.person.id, person, now)

        return await self._do(request, visit, make, "lifted")

    async def _do(self, request: web.Request, visit: Visit, make: Make, done: str) -> web.StreamResponse:
        person = request.match_info["person"]
        try:
            await self._doors.store.write(make(visit, await fields(request), person))
        except UnknownPerson:
            return self._not_there(visit)
        except TOLD as refused:
            return await self._one(request, visit, refused=str(refused))
        except NotAllowed:
            return await self._one(request, visit, refused=NOT_YOURS)
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther(f"/people/{person}?done={done}")
