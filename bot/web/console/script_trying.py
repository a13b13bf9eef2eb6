"""The page where a text is tried out: a made-up woman, an hour, a line that is open, empty or closed.

Nothing is kept: the replies travel with the page, and each answer plays them anew.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.services import documents
from bot.services.documents import ScriptSource, UnusableFile
from bot.services.revisions import UnknownRevision
from bot.services.sign_in import Visit
from bot.services.simulating import ROTAS, Setting, rehearse
from bot.web.console import script_words
from bot.web.console.doors import ConsoleDoors
from bot.web.console.gate import Door, fields
from bot.web.console.scripts import VIEW, ScriptPages
from handoff.desks import Desk
from triage.reading import read_script
from triage.reading_texts import CHANNELS
from triage.simulator import UnreadableReply

MOST_REPLIES: Final = 200
LONGEST_REPLY: Final = 1_000
NOT_PLAYABLE: Final = "This draft has errors and cannot be tried out yet. Mend them first."
SHOWN: Final = {
    "request_handoff": ("urgency",),
    "raise_urgency": ("urgency",),
    "remembered": ("key", "code"),
    "share_resources": ("need", "region"),
    "safety_answer": ("answer",),
}
"""What is told of an effect beside its name."""
_CHOICE: Final = re.compile(r"\[(\d)\] (.*)")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing in the rehearsal: `who` is "her", "guide", "clock" or "happens"."""

    who: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried out, as the form says it; a field that makes no sense falls back to the desk's own."""

    language: str
    region: str
    channel: str
    at: str
    rota: str
    as_of: str


class ScriptTrying:
    """Handlers of the page."""

    def __init__(self, doors: ConsoleDoors, scripts: ScriptPages) -> None:
        self._doors = doors
        self._scripts = scripts

    def doors(self) -> list[Door]:
        """Its routes."""
        path = "/scripts/{number}/try"
        return [Door("GET", path, self.page, VIEW), Door("POST", path, self.play, VIEW)]

    async def page(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Choose what is simulated."""
        return await self._played(request, visit, {}, [])

    async def play(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """One reply more, or one less, or from the beginning."""
        form = await fields(request)
        replies = [line for line in form.get("replies", "").splitlines() if line][:MOST_REPLIES]
        act, reply = form.get("act", ""), form.get("reply", "").strip()[:LONGEST_REPLY]
        if form.get("tap"):
            replies.append(f"#{form['tap'][:1]}")
        elif act == "say" and reply:
            replies.append(" ".join(reply.splitlines()))
        elif act == "back":
            replies = replies[:-1]
        elif act == "anew":
            replies = []
        elif act in {name for name, _ in script_words.ACTS}:
            replies.append(act)
        return await self._played(request, visit, form, replies)

    async def _played(
        self, request: web.Request, visit: Visit, form: dict[str, str], replies: list[str]
    ) -> web.StreamResponse:
        try:
            bench = await self._scripts.bench(visit, request.match_info["number"])
        except UnknownRevision:
            return self._scripts.not_there(visit)
        house, config = self._doors.house, self._scripts.sheets.config
        desk = await asyncio.to_thread(documents.desk, config, house.desk)
        trial = self._trial(form, bench.source, desk)
        lines: list[str] = []
        refused = ""
        if form:
            try:
                lines = await asyncio.to_thread(self._transcript, bench.source, trial, desk, replies)
            except UnreadableReply as error:
                refused = (
                    f"“{error.line}”: a line that begins with @, ! or # is a mark. Write it another way."
                )
                replies = replies[: error.number - 1]
                lines = await asyncio.to_thread(self._transcript, bench.source, trial, desk, replies)
            except (UnusableFile, ValueError) as error:
                refused = str(error)
        said, choices = _told(lines)
        return self._scripts.page(
            "script_try.html",
            visit,
            one=bench.revision,
            trial=trial,
            languages=tuple(bench.source.texts),
            regions=desk.regions,
            channels=CHANNELS,
            rotas=ROTAS,
            begun=bool(form),
            replies="\n".join(replies),
            full=len(replies) >= MOST_REPLIES,
            said=said,
            choices=choices,
            refused=refused,
        )

    def _trial(self, form: dict[str, str], source: ScriptSource, desk: Desk) -> Trial:
        now = self._doors.clock.now().astimezone(ZoneInfo(desk.zone))
        tags = tuple(source.texts)
        return Trial(
            language=_one_of(form.get("language"), tags, tags[0] if tags else ""),
            region=_one_of(form.get("region"), desk.regions, desk.default_country),
            channel=_one_of(form.get("channel"), CHANNELS, CHANNELS[0]),
            at=form["at"] if _moment(form.get("at", "")) else f"{now:%Y-%m-%dT%H:%M}",
            rota=_one_of(form.get("rota"), ROTAS, ROTAS[0]),
            as_of=form["as_of"] if _day(form.get("as_of", "")) else "",
        )

    def _transcript(self, source: ScriptSource, trial: Trial, desk: Desk, replies: list[str]) -> list[str]:
        script, _ = read_script(source.document, source.texts)
        if script is None:
            raise ValueError(NOT_PLAYABLE)
        at = _moment(trial.at) or self._doors.clock.now()
        setting = Setting(
            channel=trial.channel,
            desk=desk,
            rota=trial.rota,
            zone=desk.zone,
            country=trial.region,
            resources_as_of=_day(trial.as_of),
            organisation=self._doors.house.organisation,
        )
        now = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(desk.zone))
        config = self._scripts.sheets.config
        return list(rehearse(script, replies, setting, config, now=now, language=trial.language))


def _told(lines: list[str]) -> tuple[list[Said], list[tuple[str, str]]]:
    """The transcript for the eye, and what she may tap now."""
    said: list[Said] = []
    choices: list[tuple[str, str]] = []
    fresh = False
    for line in lines:
        mark, _, text = line.partition(" ")
        if (choice := _CHOICE.match(line)) is not None:
            choices = [*choices, (choice[1], choice[2])] if fresh else [(choice[1], choice[2])]
            fresh = True
            continue
        fresh = False
        if mark == "<":
            _join(said, text)
        elif mark == ">":
            said.append(_hers(text, choices))
        elif mark == "~":
            said.append(Said("clock", f"{text.removeprefix('+')} later"))
        else:
            said.extend(_happens(text))
    return said, choices


def _join(said: list[Said], text: str) -> None:
    """Lines of one message stand together."""
    if said and said[-1].who == "guide":
        said[-1] = Said("guide", f"{said[-1].text}\n{text}")
    else:
        said.append(Said("guide", text))


def _hers(text: str, choices: list[tuple[str, str]]) -> Said:
    label = next((name for digit, name in choices if text == f"#{digit}"), "")
    if label:
        return Said("her", label, "taps")
    known = dict(script_words.ACTS)
    return Said("happens", known[text]) if text in known else Said("her", text, "writes")


def _happens(text: str) -> Iterator[Said]:
    name, _, rest = text.partition(" ")
    told = script_words.EFFECT.get(name)
    if told is None:
        yield Said("happens", text)
        return
    given = dict(part.split("=", 1) for part in rest.split() if "=" in part)
    shown = [given[key] for key in SHOWN.get(name, ()) if given.get(key, "-") != "-"]
    yield Said("happens", told, " ".join(shown) if "=" in rest else rest)


def _one_of(typed: str | None, known: tuple[str, ...], otherwise: str) -> str:
    return typed if typed in known else otherwise


def _moment(typed: str) -> datetime | None:
    try:
        return datetime.fromisoformat(typed)
    except ValueError:
        return None


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
