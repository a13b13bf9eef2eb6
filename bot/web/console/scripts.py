"""The pages where texts are read: all of them, one revision, and what changes between two."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Final

from aiohttp import web

from bot.model import NETWORK_DESK
from bot.services import revisions, workbench
from bot.services.comparing import Change
from bot.services.permissions import Action, Thing
from bot.services.revisions import UnknownRevision
from bot.services.sheets import Sheet, SheetStep
from bot.services.sign_in import Visit
from bot.services.workbench import Bench
from bot.web.console import script_words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, Right
from bot.web.console.pages import Pages
from bot.web.console.script_sheets import Findings, Sheets, findings_of

VIEW: Final[Right] = (Action.VIEW, Thing.SCRIPT)
EDIT: Final[Right] = (Action.EDIT, Thing.SCRIPT)
SHOWN: Final = ("all", "findings", "changed")
LONGEST_QUERY: Final = 100


@dataclass(frozen=True, slots=True)
class Read:
    """One revision as a page shows it."""

    bench: Bench
    findings: Findings


class ScriptPages:
    """Handlers of the reading pages, and what the others need of them."""

    def __init__(self, doors: ConsoleDoors, pages: Pages) -> None:
        self._doors = doors
        self._pages = pages
        self.sheets = Sheets(doors)

    def doors(self) -> list[Door]:
        """Its routes."""
        return [
            Door("GET", "/scripts", self.list_all, VIEW),
            Door("GET", "/scripts/{number}", self.revision, VIEW),
            Door("GET", "/scripts/{number}/compare", self.compare, VIEW),
        ]

    # --- reading ----------------------------------------------------------------------------------------
    async def bench(self, visit: Visit, number: str, right: Right = VIEW) -> Bench:
        """One revision, for somebody who has the right at its desk. Raises `UnknownRevision`."""
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise UnknownRevision
        doors, person = self._doors, visit.person.id
        now, config = doors.clock.now(), self.sheets.config
        found = await doors.store.read(
            lambda c: workbench.bench(c, doors.house, int(number), person, config, now)
        )
        desk = found.revision.desk
        # Whoever reads texts at a desk reads those of every desk: they are what her own women meet.
        of_all = right == VIEW and desk == NETWORK_DESK and visit.rights.anywhere(*VIEW)
        if not of_all and not visit.rights.may(*right, desk):
            raise UnknownRevision
        return found

    async def read(self, visit: Visit, number: str, right: Right = VIEW) -> Read:
        """The same with what the linter finds. Raises `UnknownRevision`."""
        bench = await self.bench(visit, number, right)
        verdict = await self.sheets.verdict(bench.source)
        sheet = await self.sheets.laid(bench.source)
        return Read(bench, findings_of(verdict, sheet, bench.source))

    def page(self, name: str, visit: Visit, status: int = 200, **values: object) -> web.Response:
        """A page about texts."""
        return self._pages.page(
            name,
            visit,
            status,
            by_step=by_step,
            at="texts",
            texts=script_words,
            demo=self._doors.house.mode == "demo",
            **values,
        )

    def not_there(self, visit: Visit) -> web.Response:
        """There is no such text, or it is another desk's: both look the same."""
        return self.page("script_gone.html", visit, 404)

    def may(self, visit: Visit, bench: Bench) -> dict[str, bool]:
        """What this person may do at the revision's desk, by verb."""
        desk = bench.revision.desk
        return {
            action.value: visit.rights.may(action, Thing.SCRIPT, desk)
            for action in (Action.EDIT, Action.SIGN, Action.PUBLISH, Action.WITHDRAW)
        }

    # --- pages ------------------------------------------------------------------------------------------
    async def list_all(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Every desk's texts."""
        house = self._doors.house
        known = await self._doors.store.read(workbench.desks)
        mine = tuple(desk for desk in known if desk == NETWORK_DESK or visit.rights.may(*VIEW, desk))
        shelves = await self._doors.store.read(lambda c: workbench.shelves(c, house, mine))
        return self.page(
            "scripts.html",
            visit,
            shelves=shelves,
            may_edit={desk: visit.rights.may(*EDIT, desk) for desk in mine},
            done=script_words.DONE.get(request.query.get("done", ""), ""),
            refused=house.library.refused,
        )

    async def revision(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """One revision: where it stands, what is next, and every text beside what the rules say."""
        try:
            read = await self.read(visit, request.match_info["number"])
        except UnknownRevision:
            return self.not_there(visit)
        bench = read.bench
        sheet = await self.sheets.laid(bench.source)
        changed: set[str] = set()
        if bench.against_source is not None:
            changed = {one.step for one in await self.sheets.changes(bench.against_source, bench.source)}
        shown = request.query.get("show", "all")
        shown = shown if shown in SHOWN else "all"
        query = request.query.get("find", "")[:LONGEST_QUERY].strip()
        steps = [
            step
            for step in sheet.steps
            if (shown != "findings" or read.findings.of_step(step.id))
            and (shown != "changed" or step.id in changed)
            and (not query or _holds(sheet, step, query))
        ]
        return self.page(
            "script.html",
            visit,
            bench=bench,
            one=bench.revision,
            sheet=sheet,
            steps=steps,
            written_keys=partial(_written_keys, sheet),
            findings=read.findings,
            changed=changed,
            shown=shown,
            query=query,
            may=self.may(visit, bench),
            done=script_words.DONE.get(request.query.get("done", ""), ""),
        )

    async def compare(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """What changes from another revision to this one, in words."""
        try:
            bench = await self.bench(visit, request.match_info["number"])
            before = request.query.get("with", "")
            other = await self.bench(visit, before) if before else None
        except UnknownRevision:
            return self.not_there(visit)
        old = other.source if other else bench.against_source
        number = other.revision.id if other else bench.against.id if bench.against else None
        house, desk = self._doors.house, bench.revision.desk
        known = await self._doors.store.read(lambda c: revisions.revisions(c, house.vault, desk))
        return self.page(
            "script_compare.html",
            visit,
            one=bench.revision,
            number=number,
            known=[one for one in known if one.id != bench.revision.id][::-1],
            changes=await self.sheets.changes(old, bench.source) if old is not None else (),
            sheet=await self.sheets.laid(bench.source),
        )


def by_step(changes: Iterable[Change]) -> list[tuple[str, list[Change]]]:
    """Changes step by step, in the order they come."""
    return [(step, list(some)) for step, some in groupby(changes, key=lambda one: one.step)]


def _written_keys(sheet: Sheet, step: SheetStep) -> list[str]:
    """The texts a step has; of those it can do without, the ones that are written in any language."""
    return [
        key
        for key in step.keys
        if key not in step.optional or any(sheet.texts[tag].get(key) for tag in sheet.languages)
    ]


def _holds(sheet: Sheet, step: SheetStep, query: str) -> bool:
    wanted = query.casefold()
    said = (by_key.get(key, "") for by_key in sheet.texts.values() for key in step.keys)
    return wanted in step.id.casefold() or any(wanted in text.casefold() for text in said)
