"""The gate before every page: no sign-in, no right or no token of the form, no page (PR12).

Every route is one row of a table that says what it needs, so that none can be forgotten open.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.services import sign_in
from bot.services.permissions import Action, Thing
from bot.services.sign_in import Visit
from bot.store.moments import to_moment
from bot.web import guards
from bot.web.console.doors import ConsoleDoors
from bot.web.console.pages import Pages

log = logging.getLogger(__name__)

Signed = Callable[[web.Request, Visit], Awaitable[web.StreamResponse]]
Right = tuple[Action, Thing]
SEEN_EVERY: Final = 60_000_000  # microseconds
MOST_KEPT: Final = 20_000  # characters of a text handed back


@dataclass(frozen=True, slots=True)
class Door:
    """One route. `needs` is a right, or None for any signed-in person; `enrolling` opens before enrolment.

    `still` marks what a page asks by itself: it does not count as a person being there.
    """

    method: str
    path: str
    handler: Signed
    needs: Right | None
    enrolling: bool = False
    still: bool = False


class Gate:
    """Lets signed-in people through to what their roles allow."""

    def __init__(self, doors: ConsoleDoors, pages: Pages) -> None:
        self._doors = doors
        self._pages = pages

    def route(self, door: Door) -> web.RouteDef:
        """The route with its gate before it."""

        async def pass_gate(request: web.Request) -> web.StreamResponse:
            visit = await self.visit(request)
            if visit is None:
                return await self._not_signed_in(request, door)
            if not visit.enrolled and not door.enrolling:
                raise web.HTTPSeeOther("/enrol")
            if door.needs is not None and not visit.rights.anywhere(*door.needs):
                return self._pages.page(
                    "note.html", visit, 403, note="NOT_ALLOWED", text=await _text(request)
                )
            if door.method == "POST":
                form = await fields(request)
                if not guards.form_token_fits(visit.form_key, form.get("form", "")):
                    return self._pages.page(
                        "note.html", visit, 403, note="STALE_FORM", text=await _text(request)
                    )
            await self._note_seen(request, visit, door)
            return await door.handler(request, visit)

        return web.RouteDef(door.method, door.path, pass_gate, {})

    async def visit(self, request: web.Request) -> Visit | None:
        """Who is signed in at this browser, None for nobody."""
        token = guards.token_in(request, self._doors.url)
        if not token or len(token) > 100:
            return None
        now = to_moment(self._doors.clock.now())
        return await self._doors.store.read(lambda c: sign_in.visit_of(c, self._doors.house, token, now))

    async def _note_seen(self, request: web.Request, visit: Visit, door: Door) -> None:
        # A page that looks for news by itself says whether somebody touched it since.
        alone = door.still or "still" in request.query
        if alone and request.headers.get("X-Here") != "1":
            return
        now = to_moment(self._doors.clock.now())
        if now - visit.seen_at >= SEEN_EVERY:
            await self._doors.store.write(lambda c: sign_in.note_seen(c, visit.mark, now))

    async def _not_signed_in(self, request: web.Request, door: Door) -> web.StreamResponse:
        if door.still:
            return web.Response(status=401)
        if request.method == "POST":
            return self._pages.page("locked.html", status=401, text=await _text(request))
        raise web.HTTPSeeOther(f"/sign-in?to={quote(request.path, safe='/')}")


async def fields(request: web.Request) -> dict[str, str]:
    """The fields of a form; empty for anything that is not one. Read once, then remembered."""
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    try:
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except (UnicodeError, LookupError, ValueError):
        return {}


async def _text(request: web.Request) -> str:
    """What she was writing, to be handed back: a refusal never loses it."""
    return (await fields(request)).get("text", "")[:MOST_KEPT] if request.method == "POST" else ""


def safe_target(path: str) -> str:
    """Where to go after signing in: a page of ours, never another site."""
    plain = (
        path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    )
    return path if plain and "\\" not in path else "/"


def guarding(doors: ConsoleDoors, pages: Pages) -> Middleware:
    """The middleware before all else: our host, our own forms, and headers on every answer."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        response: web.StreamResponse
        if not guards.host_is_ours(request, doors.url):
            response = pages.page("note.html", status=421, note="WRONG_HOST", text="")
        elif request.method not in {"GET", "HEAD"} and not guards.sent_by_us(request):
            response = pages.page("note.html", status=403, note="NOT_OURS", text="")
        else:
            try:
                response = await handler(request)
            except web.HTTPRedirection as moved:
                response = web.Response(status=moved.status, headers={"Location": moved.headers["Location"]})
            except web.HTTPException as refused:
                note = f"HTTP_{refused.status}"
                response = pages.page("note.html", status=refused.status, note=note, text="")
            except Exception as failure:  # the page says so; nothing of the form is logged
                log.error("console page failed", exc_info=failure)  # noqa: TRY400  no message text
                response = pages.page("note.html", status=500, note="FAILED", text="")
        for name, value in guards.HEADERS.items():
            response.headers[name] = value
        return response

    return guard
