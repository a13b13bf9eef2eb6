"""The pages where a text is signed, published, taken back: each says beforehand what it does.

Signing, and publishing what nobody has signed, ask for password and code once more: a browser that somebody
left open must not be enough. Taking back asks only to be sure: it must work at once.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from bot.services import editing, overlaying, publishing, revisions, signing, taking_back, vouching
from bot.services.documents import UnusableFile
from bot.services.judging import HasErrors
from bot.services.overlaying import NoOverlay
from bot.services.permissions import Action, NotAllowed, Thing
from bot.services.publishing import LiveMoved, NotPublishable, NotSigned
from bot.services.revisions import UnknownRevision
from bot.services.rewriting import CannotRewrite
from bot.services.sign_in import Visit
from bot.services.signing import NotSignable, OtherContent, SignedAlready
from bot.services.taking_back import NothingToReturnTo
from bot.services.vouching import NotNative, UnknownLanguage
from bot.services.workbench import Bench
from bot.web.console import script_words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, Right, fields
from bot.web.console.proving import NotProven, Proving
from bot.web.console.scripts import EDIT, ScriptPages

log = logging.getLogger(__name__)
SIGN: Final[Right] = (Action.SIGN, Thing.SCRIPT)
PUBLISH: Final[Right] = (Action.PUBLISH, Thing.SCRIPT)
WITHDRAW: Final[Right] = (Action.WITHDRAW, Thing.SCRIPT)
TOLD: Final = (
    NotProven, signing.NotProven, NotSignable, OtherContent, SignedAlready, NotNative, UnknownLanguage,
    NotPublishable, NotSigned, NothingToReturnTo, NoOverlay, UnusableFile, CannotRewrite, editing.NotEditable,
)  # fmt: skip
"""What is refused with a sentence of its own."""
Form = dict[str, str]
Act = Callable[[Visit, Bench, Form], Awaitable[str]]
"""Does something to a revision; returns where to go."""
Show = Callable[[Visit, Bench, str], Awaitable[web.StreamResponse]]
"""The page an act is done from, with what stood in its way."""


class ScriptActs:
    """Handlers of the pages."""

    def __init__(self, doors: ConsoleDoors, scripts: ScriptPages) -> None:
        self._doors = doors
        self._scripts = scripts
        self._proving = Proving(doors)

    def doors(self) -> list[Door]:
        """Its routes."""
        one, desk = "/scripts/{number}", "/scripts/desks/{desk}"
        return [
            Door("GET", f"{one}/sign", self.ask_to_sign, SIGN),
            Door("POST", f"{one}/sign", self.sign, SIGN),
            Door("POST", f"{one}/unsign", self.unsign, SIGN),
            Door("GET", f"{one}/languages/{{tag}}", self.ask_to_vouch, SIGN),
            Door("POST", f"{one}/languages/{{tag}}", self.vouch, SIGN),
            Door("GET", f"{one}/publish", self.ask_to_publish, PUBLISH),
            Door("POST", f"{one}/publish", self.publish, PUBLISH),
            Door("GET", f"{one}/take-back", self.ask_to_take_back, WITHDRAW),
            Door("POST", f"{one}/take-back", self.take_back, WITHDRAW),
            Door("GET", f"{one}/recall", self.ask_to_recall, WITHDRAW),
            Door("POST", f"{one}/recall", self.recall, WITHDRAW),
            Door("POST", f"{one}/discard", self.discard, EDIT),
            Door("POST", f"{desk}/begin", self.begin, EDIT),
            Door("POST", f"{desk}/merge", self.merge, EDIT),
        ]

    # --- signing ----------------------------------------------------------------------------------------
    async def ask_to_sign(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """What is signed, and what a signature means."""
        return await self._look(request, visit, SIGN, self._sign_page)

    async def _sign_page(self, visit: Visit, bench: Bench, refused: str) -> web.StreamResponse:
        verdict = await self._scripts.sheets.verdict(bench.source)
        return self._asking("script_sign.html", visit, bench, refused, errors=len(verdict.errors))

    async def sign(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Sign exactly what the page showed."""
        return await self._do(request, visit, SIGN, self._sign, self._sign_page)

    async def _sign(self, visit: Visit, bench: Bench, form: Form) -> str:
        house, number, now = self._doors.house, bench.revision.id, self._doors.clock.now()
        verdict = await self._scripts.sheets.fresh_verdict(bench.source)
        verdict.demand_clean(number, bench.digest)
        proof = await self._proving.proof(visit, form)
        content = form.get("content", "")
        await self._doors.store.write(lambda c: signing.sign(c, house, proof, number, content, now))
        return f"/scripts/{number}?done=signed"

    async def unsign(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Take one's own signature under a draft back."""

        async def act(visit: Visit, bench: Bench, _form: Form) -> str:
            house, number, now = self._doors.house, bench.revision.id, self._doors.clock.now()
            await self._doors.store.write(lambda c: signing.take_back(c, house, visit.person.id, number, now))
            return f"/scripts/{number}?done=unsigned"

        return await self._do(request, visit, SIGN, act, self._sign_page)

    async def ask_to_vouch(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """What vouching for a language means, with the lists that go with its texts."""
        return await self._look(request, visit, SIGN, self._vouch_page_of(request))

    def _vouch_page_of(self, request: web.Request) -> Show:
        tag = request.match_info["tag"]

        async def show(visit: Visit, bench: Bench, refused: str) -> web.StreamResponse:
            if tag not in bench.vouched:
                return self._scripts.not_there(visit)
            lists = self._scripts.sheets.config / "signals" / f"{tag}.yaml"
            return self._asking(
                "script_language.html",
                visit,
                bench,
                refused,
                tag=tag,
                stands=bench.vouched[tag],
                signals=lists.read_text(encoding="utf-8") if lists.is_file() else "",
                words_of_page=self._doors.house.library.hold.get(tag, {}),
                native=tag in visit.person.profile.languages,
            )

        return show

    async def vouch(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Sign a language, or let it pass for thirty days."""
        tag = request.match_info["tag"]

        async def act(visit: Visit, bench: Bench, form: Form) -> str:
            house, number, now = self._doors.house, bench.revision.id, self._doors.clock.now()
            config, exception = self._scripts.sheets.config, form.get("as") == "exception"
            proof = await self._proving.proof(visit, form)
            await self._doors.store.write(
                lambda c: vouching.vouch(c, house, proof, number, tag, config, now, exception=exception)
            )
            return f"/scripts/{number}?done=vouched"

        return await self._do(request, visit, SIGN, act, self._vouch_page_of(request))

    # --- publishing -------------------------------------------------------------------------------------
    async def ask_to_publish(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """What women will meet, and what changes for them."""
        return await self._look(request, visit, PUBLISH, self._publish_page)

    async def _publish_page(self, visit: Visit, bench: Bench, refused: str) -> web.StreamResponse:
        verdict = await self._scripts.sheets.verdict(bench.source)
        changes = ()
        if bench.against_source is not None:
            changes = await self._scripts.sheets.changes(bench.against_source, bench.source)
        over, live = bench.revision.origin.over, bench.live
        return self._asking(
            "script_publish.html",
            visit,
            bench,
            refused,
            errors=len(verdict.errors),
            warnings=len(verdict.issues) - len(verdict.errors),
            changes=changes,
            sheet=await self._scripts.sheets.laid(bench.source),
            moved=live is not None and over is not None and live.id != over,
        )

    async def publish(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Make it live; unsigned only by somebody who proves who she is, and never in `open`."""
        return await self._do(request, visit, PUBLISH, self._publish, self._publish_page)

    async def _publish(self, visit: Visit, bench: Bench, form: Form) -> str:
        house, number, now = self._doors.house, bench.revision.id, self._doors.clock.now()
        verdict = await self._scripts.sheets.fresh_verdict(bench.source)
        over = form.get("replacing", "")
        replacing = int(over) if over.isascii() and over.isdigit() and len(over) < 10 else None
        proof = None
        if not bench.listed.standing.signed:
            proof = await self._proving.proof(visit, form)
        person = visit.person.id
        await self._doors.store.write(
            lambda c: publishing.publish(
                c, house, person, number, verdict, now, replacing=replacing, proof=proof
            )
        )
        return f"/scripts/{number}?done=published"

    # --- taking back ------------------------------------------------------------------------------------
    async def ask_to_take_back(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Two ways back, and what each does."""
        return await self._look(request, visit, WITHDRAW, self._back_page)

    async def _back_page(self, visit: Visit, bench: Bench, refused: str) -> web.StreamResponse:
        before = await self._before(bench, harmful=False)
        return self._asking("script_take_back.html", visit, bench, refused, before=before)

    async def _before(self, bench: Bench, *, harmful: bool) -> revisions.Revision | None:
        house, one = self._doors.house, bench.revision
        return await self._doors.store.read(lambda c: taking_back.earlier(c, house, one, harmful=harmful))

    async def take_back(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Go back to the text before."""

        async def act(visit: Visit, bench: Bench, _form: Form) -> str:
            house, person, now = self._doors.house, visit.person.id, self._doors.clock.now()
            number, desk = bench.revision.id, bench.revision.desk
            await self._doors.store.write(
                lambda c: taking_back.roll_back(c, house, person, desk, now, only=number)
            )
            return "/scripts?done=back"

        return await self._do(request, visit, WITHDRAW, act, self._back_page)

    async def ask_to_recall(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """What recalling does, before it is done."""
        return await self._look(request, visit, WITHDRAW, self._recall_page)

    async def _recall_page(self, visit: Visit, bench: Bench, refused: str) -> web.StreamResponse:
        before = await self._before(bench, harmful=True)
        return self._asking("script_recall.html", visit, bench, refused, before=before)

    async def recall(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Take it back as harmful."""

        async def act(visit: Visit, bench: Bench, _form: Form) -> str:
            house, person, now = self._doors.house, visit.person.id, self._doors.clock.now()
            number = bench.revision.id
            await self._doors.store.write(lambda c: taking_back.recall(c, house, person, number, now))
            return "/scripts?done=recalled"

        return await self._do(request, visit, WITHDRAW, act, self._recall_page)

    async def discard(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Put a draft aside."""

        async def act(visit: Visit, bench: Bench, _form: Form) -> str:
            house, person, now = self._doors.house, visit.person.id, self._doors.clock.now()
            number = bench.revision.id
            await self._doors.store.write(lambda c: taking_back.discard(c, house, person, number, now))
            return "/scripts?done=discarded"

        return await self._do(request, visit, EDIT, act, self._refused_page)

    # --- desks ------------------------------------------------------------------------------------------
    async def begin(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """A desk begins to say some things in its own way."""
        return await self._draft_of(request, visit, editing.begin_overlay, "begun")

    async def merge(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Lay a desk's changes over the network's newest text."""
        return await self._draft_of(request, visit, overlaying.merge_anew, "merged")

    async def _draft_of(
        self,
        request: web.Request,
        visit: Visit,
        make: Callable[..., revisions.Revision],
        done: str,
    ) -> web.StreamResponse:
        house, person, now = self._doors.house, visit.person.id, self._doors.clock.now()
        desk = request.match_info["desk"]
        if not visit.rights.may(*EDIT, desk):
            return self._scripts.not_there(visit)
        try:
            draft = await self._doors.store.write(lambda c: make(c, house, person, desk, now))
        except TOLD as refused:
            return self._scripts.page("script_refused.html", visit, 409, refused=str(refused))
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther(f"/scripts/{draft.id}?done={done}")

    # --- what all have in common ------------------------------------------------------------------------
    async def _look(self, request: web.Request, visit: Visit, right: Right, show: Show) -> web.StreamResponse:
        try:
            bench = await self._scripts.bench(visit, request.match_info["number"], right)
        except UnknownRevision:
            return self._scripts.not_there(visit)
        return await show(visit, bench, "")

    async def _do(
        self, request: web.Request, visit: Visit, right: Right, act: Act, show: Show
    ) -> web.StreamResponse:
        """Do it and go on; whatever stands in the way is told on the page it was done from."""
        try:
            bench = await self._scripts.bench(visit, request.match_info["number"], right)
        except UnknownRevision:
            return self._scripts.not_there(visit)
        try:
            place = await act(visit, bench, await fields(request))
        except HasErrors:
            return await show(visit, bench, script_words.REFUSED["NO_ERRORS_FIRST"])
        except NotAllowed:
            return await show(visit, bench, script_words.REFUSED["NotAllowed"])
        except LiveMoved as moved:
            fresh = await self._scripts.bench(visit, request.match_info["number"], right)
            told = f"Revision {moved.live} went live meanwhile. Look at what changes now, then decide."
            return await show(visit, fresh, told)
        except TOLD as refused:
            return await show(visit, bench, str(refused))
        self._doors.wakes.after_write()
        raise web.HTTPSeeOther(place)

    async def _refused_page(self, visit: Visit, _bench: Bench, refused: str) -> web.StreamResponse:
        return self._scripts.page("script_refused.html", visit, 409, refused=refused)

    def _asking(
        self, name: str, visit: Visit, bench: Bench, refused: str, **values: object
    ) -> web.StreamResponse:
        return self._scripts.page(
            name,
            visit,
            409 if refused else 200,
            bench=bench,
            one=bench.revision,
            refused=refused,
            may=self._scripts.may(visit, bench),
            open_mode=self._doors.house.mode == publishing.OPEN,
            **values,
        )
