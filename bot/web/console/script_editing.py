"""The page where one step's texts are changed: every language side by side, each beside its findings."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.services import editing
from bot.services.editing import DraftMoved, NotEditable, UnknownText
from bot.services.permissions import NotAllowed
from bot.services.revisions import UnknownRevision
from bot.services.rewriting import CannotRewrite
from bot.services.sheets import Sheet, SheetStep
from bot.services.sign_in import Visit
from bot.web.console import script_words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, fields
from bot.web.console.scripts import EDIT, ScriptPages

FIELD: Final = "text:"
Written = dict[tuple[str, str], str]
"""(language, key) → what stands in its field."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody saved the same texts meanwhile. `theirs`: what she wrote, where both changed one text."""

    by: str
    theirs: Written


class ScriptEditing:
    """Handlers of the page."""

    def __init__(self, doors: ConsoleDoors, scripts: ScriptPages) -> None:
        self._doors = doors
        self._scripts = scripts

    def doors(self) -> list[Door]:
        """Its routes."""
        step = "/scripts/{number}/steps/{step}"
        return [Door("GET", step, self.page, EDIT), Door("POST", step, self.save, EDIT)]

    async def page(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """The texts of one step."""
        done = script_words.DONE.get(request.query.get("done", ""), "")
        return await self._page(visit, request.match_info["number"], request.match_info["step"], done=done)

    async def _page(
        self,
        visit: Visit,
        number: str,
        name: str,
        *,
        written: Written | None = None,
        clash: Clash | None = None,
        refused: str = "",
        done: str = "",
    ) -> web.StreamResponse:
        try:
            read = await self._scripts.read(visit, number, EDIT)
        except UnknownRevision:
            return self._scripts.not_there(visit)
        sheet = await self._scripts.sheets.laid(read.bench.source)
        step = sheet.step(name)
        if step is None:
            return self._scripts.not_there(visit)
        ids = [one.id for one in sheet.steps]
        place = ids.index(name)
        return self._scripts.page(
            "script_step.html",
            visit,
            409 if refused or clash else 200,
            one=read.bench.revision,
            bench=read.bench,
            sheet=sheet,
            step=step,
            findings=read.findings,
            written=(_standing(sheet, step) | (written or {})),
            clash=clash,
            refused=refused,
            done=done,
            before=ids[place - 1] if place else None,
            after=ids[place + 1] if place + 1 < len(ids) else None,
        )

    async def save(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Keep what was written as a new draft; what somebody else saved meanwhile is shown, never lost."""
        number, name = request.match_info["number"], request.match_info["step"]
        written = _written(await fields(request))
        house, person, now = self._doors.house, visit.person.id, self._doors.clock.now()
        try:
            bench = await self._scripts.bench(visit, number, EDIT)
            source = bench.source
            base = await self._doors.store.read(lambda c: editing.base_source(c, house, source))
            fresh = await asyncio.to_thread(editing.rewritten, source, base, written)
            saved = await self._doors.store.write(
                lambda c: editing.save(c, house, person, bench.revision.id, fresh, now)
            )
        except DraftMoved as moved:
            return await self._clash(visit, number, moved.newest.id, name, written)
        except UnknownRevision:
            return self._scripts.not_there(visit)
        except NotAllowed:
            told = script_words.REFUSED["NotAllowed"]
            return await self._page(visit, number, name, written=written, refused=told)
        except (NotEditable, UnknownText, CannotRewrite) as refused:
            return await self._page(visit, number, name, written=written, refused=str(refused))
        self._doors.wakes.after_write()
        told = "saved" if saved.changed else "same"
        raise web.HTTPSeeOther(f"/scripts/{saved.revision.id}/steps/{name}?done={told}")

    async def _clash(
        self, visit: Visit, number: str, newest: int, name: str, written: Written
    ) -> web.StreamResponse:
        """Lay what she wrote over the newer draft: only a text that both changed needs her to look."""
        base = await self._scripts.bench(visit, number, EDIT)
        now = await self._scripts.bench(visit, str(newest), EDIT)
        was = await self._scripts.sheets.laid(base.source)
        is_ = await self._scripts.sheets.laid(now.source)
        mine: Written = {}
        theirs: Written = {}
        for (tag, key), text in written.items():
            before, after = was.texts.get(tag, {}).get(key, ""), is_.texts.get(tag, {}).get(key, "")
            typed = text.replace("\r\n", "\n").strip()
            if typed in (before, after):
                continue  # she left it as it was, or both wrote the same
            mine[tag, key] = typed
            if after != before:
                theirs[tag, key] = after
        if not mine:
            raise web.HTTPSeeOther(f"/scripts/{newest}/steps/{name}?done=saved")
        clash = Clash(now.listed.by, theirs)
        return await self._page(visit, str(newest), name, written=mine, clash=clash)


def _written(form: dict[str, str]) -> Written:
    found: Written = {}
    for name, text in form.items():
        if name.startswith(FIELD):
            language, _, key = name.removeprefix(FIELD).partition(":")
            found[language, key] = text
    return found


def _standing(sheet: Sheet, step: SheetStep) -> Written:
    return {(tag, key): sheet.texts[tag].get(key, "") for tag in sheet.languages for key in step.keys}
