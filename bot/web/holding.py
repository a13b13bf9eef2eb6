"""The public page "what we hold": what is kept, how long, and who answers for it (B-113, design §7).

Plain and neutral: it names no matter, sets no cookie, runs no script. Whoever opens it stands in no queue and
is noted nowhere.
"""

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.services.house import House
from bot.services.library import Library
from bot.services.speech import RETENTION
from bot.web.guards import HEADERS
from triage.language import choose_language
from triage.model import GlobalAction
from triage.rendering import fill

PATH: Final = "/what-we-hold"
SHEET: Final = "/what-we-hold.css"
LONGEST_TAG: Final = 35
RIGHT_TO_LEFT: Final = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


class HoldPage:
    """The page. `exit_url` is the everyday page its way out leads to."""

    def __init__(self, house: House, exit_url: str) -> None:
        self._house = house
        self._exit_url = exit_url
        self._sheet = files("bot.web").joinpath("pages", "hold.css").read_text(encoding="utf-8")
        self._templates = Environment(
            loader=PackageLoader("bot.web", "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> list[web.RouteDef]:
        """What the host mounts at its public listener."""
        return [web.get(PATH, self.page), web.get(SHEET, self.sheet)]

    async def sheet(self, _request: web.Request) -> web.Response:
        """Its style."""
        return web.Response(text=self._sheet, content_type="text/css", headers=HEADERS)

    async def page(self, request: web.Request) -> web.Response:
        """The page in the language asked for, else in the browser's, else in the desk's first."""
        library = self._house.library
        offered = self._languages(library)
        if not offered:
            raise web.HTTPNotFound
        asked = request.query.get("language", "")[:LONGEST_TAG]
        accepted = [part.partition(";")[0].strip() for part in _accepted(request).split(",")]
        language = choose_language(offered, asked, *accepted)
        body = self.render(language, offered)
        return web.Response(text=body, content_type="text/html", headers=HEADERS)

    def _languages(self, library: Library) -> tuple[str, ...]:
        """Languages that are offered to women and have words for this page, the desk's own first."""
        desk = library.desks.get(self._house.desk)
        live = library.live.get(self._house.desk, library.live.get("network"))
        published = library.scripts[live].languages if live is not None else ()
        order = (*(desk.languages if desk else ()), *published)
        return tuple(dict.fromkeys(tag for tag in order if tag in published and tag in library.hold))

    def render(self, language: str, offered: tuple[str, ...]) -> str:
        """The page as HTML."""
        house, library = self._house, self._house.library
        values = self._values(library, language)
        words = {key: fill(text, values)[0] for key, text in library.hold[language].items()}
        own = library.words(language)
        desk, one = library.desks.get(house.desk), library.accountable.get(house.desk)
        danger = own(f"word.rescue_{desk.rescue_policy.value.replace('-', '_')}") if desk else ""
        return self._templates.get_template("hold.html").render(
            words=words,
            language=language,
            direction="rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr",
            others=[(tag, library.words(tag)("word.language_name")) for tag in offered if tag != language],
            exit_url=self._exit_url,
            mode=house.mode,
            passing=language in library.passing,
            danger=fill(danger, values)[0],
            asked=one.legal_requests.get(language, "") if one else "",
            accountable=one is not None,
            path=PATH,
            sheet=SHEET,
        )

    def _values(self, library: Library, language: str) -> Mapping[str, str]:
        one, until = library.accountable.get(self._house.desk), library.passing.get(language)
        return {
            "org": self._house.organisation,
            "retention": RETENTION.get(language.partition("-")[0], "24 h"),
            "stop": library.globals.first(GlobalAction.STOP, language),
            "controller": one.controller if one else "",
            "contact": one.contact if one else "",
            "decided_by": one.decided_by if one else "",
            "day": f"{one.assessed_on:%Y-%m-%d}" if one else "",
            "until": f"{until:%Y-%m-%d}" if until else "",
        }


def _accepted(request: web.Request) -> str:
    return request.headers.get("Accept-Language", "")[:400]
