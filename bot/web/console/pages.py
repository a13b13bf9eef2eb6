"""Pages of the console as HTML: rendered here, escaped always, moments told in the desk's own time."""

from datetime import datetime
from functools import partial
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.model import NETWORK_DESK
from bot.services.permissions import Action, Thing
from bot.services.sign_in import Visit
from bot.store.moments import from_moment, to_moment
from bot.web import guards
from bot.web.console import words
from bot.web.console.doors import ConsoleDoors

STATIC: Final = {
    "console.css": "text/css",
    "scripts.css": "text/css",
    "rota.css": "text/css",
    "console.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
UTC_ZONE: Final = "UTC"


class Pages:
    """Renders templates of the package; every value is escaped."""

    def __init__(self, doors: ConsoleDoors) -> None:
        self._doors = doors
        self._templates = Environment(
            loader=PackageLoader("bot.web.console", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, name: str, visit: Visit | None = None, **values: object) -> str:
        """The template with its values; `ago` counts whole minutes from now."""
        now = self._doors.clock.now()
        return self._templates.get_template(name).render(
            visit=visit,
            alias=visit.person.profile.alias if visit else "",
            roles=sorted({role.value for role, _ in visit.person.grants}) if visit else [],
            token=guards.form_token(visit.form_key) if visit else "",
            mode=self._doors.house.mode,
            now=to_moment(now),
            ago=partial(minutes, now=now),
            words=words,
            may_texts=visit is not None and visit.rights.anywhere(Action.VIEW, Thing.SCRIPT),
            texts_signed=self._texts_signed(),
            at=values.pop("at", ""),
            told=words.told,
            clock=self._clock,
            day_clock=self._day_clock,
            date_clock=self._date_clock,
            country=self.country,
            has_shifts=visit is not None and visit.rights.anywhere(Action.EDIT, Thing.DUTY),
            may_rota=visit is not None and visit.rights.anywhere(Action.VIEW, Thing.ROTA),
            may_people=visit is not None and visit.rights.anywhere(Action.VIEW, Thing.PERSON),
            reviews_blocks=visit is not None and visit.rights.anywhere(Action.VIEW, Thing.BLOCK),
            **({"here": ""} | values),
        )

    def page(
        self, name: str, visit: Visit | None = None, status: int = 200, **values: object
    ) -> web.Response:
        """A rendered template as an answer."""
        body = self.render(name, visit, **values)
        return web.Response(text=body, status=status, content_type="text/html")

    def country(self, code: str | None) -> str:
        """A country's name; "not chosen" without a code."""
        if not code:
            return "not chosen"
        return self._doors.house.library.region_names.get("en", {}).get(code, code)

    def _texts_signed(self) -> bool:
        """Whether what newcomers meet was signed by two people: while it was not, every page says so."""
        house = self._doors.house
        live = house.library.live.get(house.desk, house.library.live.get(NETWORK_DESK))
        return live is None or live in house.library.signed

    def _date_clock(self, moment: int) -> str:
        """Day and time on the wall clock of the desk."""
        return f"{self._local(moment):%Y-%m-%d %H:%M}"

    def regions(self) -> list[tuple[str, str]]:
        """Places of the directory to look for help in: (code, name), the desk's own first."""
        library = self._doors.house.library
        desk = library.desks.get(self._doors.house.desk)
        own = desk.regions if desk is not None else ()
        codes = dict.fromkeys((*own, *library.directory.regions))
        return [(code, self.country(code)) for code in codes]

    def _local(self, moment: int) -> datetime:
        house = self._doors.house
        desk = house.library.desks.get(house.desk)
        return from_moment(moment).astimezone(ZoneInfo(desk.zone if desk else UTC_ZONE))

    def _clock(self, moment: int) -> str:
        """Hours and minutes on the wall clock of the desk."""
        return f"{self._local(moment):%H:%M}"

    def _day_clock(self, moment: int) -> str:
        """The same, with the day when it is not today: "Sat 00:00"."""
        then, today = self._local(moment), self._local(to_moment(self._doors.clock.now()))
        return f"{then:%H:%M}" if then.date() == today.date() else f"{then:%a %H:%M}"


def minutes(moment: int, now: datetime) -> int:
    """Whole minutes between a moment and now, never negative; for what lies ahead too."""
    return abs(to_moment(now) - moment) // 60_000_000


def static_files() -> dict[str, tuple[str, bytes]]:
    """Name → (content type, bytes) of what pages link to."""
    folder = files("bot.web.console").joinpath("static")
    return {name: (kind, folder.joinpath(name).read_bytes()) for name, kind in STATIC.items()}
