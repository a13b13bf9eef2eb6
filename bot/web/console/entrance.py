"""Ways in and out: one-time link, password with code, enrolment, sign-out.

Looking at a link uses nothing up: link previews and mail scanners look too. Only its button does.
"""

import asyncio
import io
from typing import Final
from urllib.parse import quote

import segno
from aiohttp import web

from bot.services import people, sign_in
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.web import guards
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, Gate, fields, safe_target
from bot.web.console.pages import Pages
from bot.web.console.throttle import Throttle

LONGEST_FIELD: Final = 200
HASHING_AT_ONCE: Final = 2  # each takes 46 MiB


class Entrance:
    """Handlers of the pages around signing in."""

    def __init__(self, doors: ConsoleDoors, pages: Pages, gate: Gate) -> None:
        self._doors = doors
        self._pages = pages
        self._gate = gate
        self._throttle = Throttle()
        self._hashing = asyncio.Semaphore(HASHING_AT_ONCE)

    def open_routes(self) -> list[web.RouteDef]:
        """Routes anyone may ask for."""
        return [
            web.get("/enter", self.ask_halves),
            web.post("/enter", self.join_halves),
            web.get("/enter/{token}", self.look_at_link),
            web.post("/enter/{token}", self.use_link),
            web.get("/sign-in", self.ask),
            web.post("/sign-in", self.check),
        ]

    def doors(self) -> list[Door]:
        """Routes for those who are signed in."""
        return [
            Door("GET", "/enrol", self.enrolment, None, enrolling=True),
            Door("POST", "/enrol", self.enrol, None, enrolling=True),
            Door("GET", "/enrol/code.svg", self.code_picture, None, enrolling=True),
            Door("POST", "/sign-out", self.sign_out, None, enrolling=True),
            Door("POST", "/sign-out-everywhere", self.sign_out_everywhere, None, enrolling=True),
        ]

    @property
    def _now(self) -> int:
        return to_moment(self._doors.clock.now())

    # --- one-time link ----------------------------------------------------------------------------------
    async def look_at_link(self, request: web.Request) -> web.StreamResponse:
        """A page with a button; nothing is used up, and nobody is named."""
        token = request.match_info["token"][:LONGEST_FIELD]
        opens = await self._doors.store.read(lambda c: sign_in.link_opens(c, token, self._now))
        return self._pages.page("enter.html", status=200 if opens else 410, opens=opens, link=token)

    async def use_link(self, request: web.Request) -> web.StreamResponse:
        """The button: the link is spent, this browser is signed in."""
        token = request.match_info["token"][:LONGEST_FIELD]
        house, now = self._doors.house, self._now
        visit = await self._doors.store.write(lambda c: sign_in.enter(c, house, token, now))
        if visit is None:
            return self._pages.page("enter.html", status=410, opens=False, link=token)
        return await self._signed_in(request, visit, "/")

    async def ask_halves(self, _request: web.Request) -> web.StreamResponse:
        """Where the two halves of a reset are put together."""
        return self._pages.page("halves.html")

    async def join_halves(self, request: web.Request) -> web.StreamResponse:
        """To the link that both halves make; whether it opens is told there."""
        form = await fields(request)
        first, second = (form.get(name, "")[:LONGEST_FIELD] for name in ("first", "second"))
        raise web.HTTPSeeOther(f"/enter/{quote(sign_in.joined(first, second), safe='')}")

    # --- password and code ------------------------------------------------------------------------------
    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The sign-in page."""
        return self._pages.page("sign_in.html", failed="", target=safe_target(request.query.get("to", "/")))

    async def check(self, request: web.Request) -> web.StreamResponse:
        """One answer for every way it can fail, after the same work."""
        form = await fields(request)
        alias, password, code = (form.get(name, "")[:LONGEST_FIELD] for name in ("alias", "password", "code"))
        target = safe_target(form.get("to", "/"))
        house, store, now = self._doors.house, self._doors.store, self._doors.clock.now()
        index = people.alias_index(house, alias)
        if not self._throttle.allow(index, now):
            return self._pages.page("sign_in.html", status=429, failed="often", target=target)
        claimed = await store.read(lambda c: sign_in.claim(c, house, alias))
        async with self._hashing:
            right = await asyncio.to_thread(sign_in.proven, claimed, password, code, now)
        token = None
        if right:
            token = await store.write(lambda c: sign_in.begin_proven(c, house, claimed, code, now))
        if token is None:
            return self._pages.page("sign_in.html", status=403, failed="wrong", target=target)
        self._throttle.clear(index)
        return await self._signed_in(request, token, target)

    async def _signed_in(self, request: web.Request, token: str, target: str) -> web.StreamResponse:
        # A browser that was signed in before is not left with two.
        before = await self._gate.visit(request)
        if before is not None:
            await self._doors.store.write(lambda c: sign_in.end_visit(c, before.mark))
        response = web.Response(status=303, headers={"Location": target})
        guards.give_cookie(response, request, self._doors.url, token)
        self._doors.wakes.after_write()
        return response

    # --- enrolment --------------------------------------------------------------------------------------
    async def enrolment(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """Set a password and the app for one-time codes, at first sign-in."""
        return self._enrolment(visit, "", 200)

    def _enrolment(self, visit: Visit, failed: str, status: int) -> web.StreamResponse:
        if visit.enrolled:
            raise web.HTTPSeeOther("/")
        secret = visit.person.profile.totp or ""
        spaced = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
        return self._pages.page("enrol.html", visit, status, failed=failed, secret=spaced)

    async def code_picture(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """The QR code, black on white whatever the page's colours are; gone once enrolment is done."""
        uri = sign_in.enrolment_uri(visit)
        if not uri:
            raise web.HTTPNotFound
        drawn = io.BytesIO()
        segno.make(uri, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff", dark="#000")
        return web.Response(body=drawn.getvalue(), content_type="image/svg+xml")

    async def enrol(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Password and a first code; then the console opens."""
        form = await fields(request)
        password, again = form.get("password", ""), form.get("again", "")
        if password != again:
            return self._enrolment(visit, "differ", 422)
        if len(password) > LONGEST_FIELD:
            return self._enrolment(visit, "long", 422)
        index = people.alias_index(self._doors.house, visit.person.profile.alias)
        now = self._doors.clock.now()
        if not self._throttle.allow(index, now):
            return self._enrolment(visit, "often", 429)
        try:
            async with self._hashing:
                hashed = await asyncio.to_thread(sign_in.new_password, password)
            await self._doors.store.write(
                lambda c: sign_in.finish_enrolment(
                    c, self._doors.house, visit.person.id, hashed, form.get("code", "")[:LONGEST_FIELD], now
                )
            )
        except sign_in.PasswordTooShort:
            return self._enrolment(visit, "short", 422)
        except sign_in.WrongCode:
            return self._enrolment(visit, "code", 422)
        self._throttle.clear(index)
        raise web.HTTPSeeOther("/")

    # --- out --------------------------------------------------------------------------------------------
    async def sign_out(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """This browser is signed out."""
        await self._doors.store.write(lambda c: sign_in.sign_out(c, visit))
        return self._out(request)

    async def sign_out_everywhere(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Every browser of this person is signed out."""
        await self._doors.store.write(lambda c: sign_in.sign_out_everywhere(c, visit.person.id))
        return self._out(request)

    def _out(self, request: web.Request) -> web.StreamResponse:
        self._doors.wakes.after_write()
        response = self._pages.page("signed_out.html")
        guards.take_cookie(response, request, self._doors.url)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
