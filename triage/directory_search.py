"""One search through the directory: what lies within reach, how it stands, in which order it is told."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from triage.directory_model import GLOBAL, UNION, Confidence, Directory, Hit, Kind, Mark, Mode, Resource
from triage.directory_needs import Audience, service_rank
from triage.directory_places import REACHES, country_of, reach
from triage.directory_standing import Standing, day_of, standing
from triage.opening_hours import is_open, next_opening

_OPEN_CODE = {True: "open", None: "hours_unknown", False: "closed"}
_MARK_RANK = {None: 0, Mark.STALE: 1, Mark.UNCHECKED: 2}
_CONFIDENCE_RANK = {Confidence.HIGH: 0, Confidence.MEDIUM: 1, Confidence.LOW: 2}


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; the arguments of `triage.directory.find`."""

    directory: Directory
    region: str | None
    need: str
    language: str
    now: datetime
    mode: Mode
    desk_country: str | None
    audience: Audience

    def within_reach(self) -> Iterator[Resource]:
        """Rows that may be offered at this place, whatever their kind."""
        country = country_of(self.region, self.desk_country)
        for place in dict.fromkeys((country, UNION, GLOBAL)):
            for row in self.directory.by_country.get(place or "", ()):
                if self.reach(row) is not None:
                    yield row

    def reach(self, row: Resource) -> int | None:
        """How near a row lies, None when it must not be offered here."""
        return reach(row, self.region, self.desk_country)

    def day_of(self, row: Resource) -> date:
        """The day it is where the row is."""
        return day_of(row, self.now)

    def standing(self, row: Resource) -> Standing:
        """How far a row can be relied on now."""
        return standing(row, self.day_of(row), self.mode)

    def hit(self, row: Resource, standing: Standing, kinds: Sequence[Kind] = (), *why: str) -> Hit:
        """A row as it may be sent now, with the codes that explain it."""
        # A page can be read at any hour.
        open_now = is_open(row.opening, self.now, row.time_zone) if _is_answered(row) else True
        near = self.reach(row)
        codes = (
            *why,
            *((REACHES[near],) if near is not None else ()),
            *(("fall_back",) if kinds and row.kind is not kinds[0] else ()),
            _OPEN_CODE[open_now],
            *(("language",) if self._reads(row) else ()),
            str(standing),
        )
        return Hit(
            resource=row,
            mark=standing.mark,
            month=row.verified_on.strftime("%Y-%m")
            if row.verified_on and standing.mark is Mark.STALE
            else None,
            open_now=open_now,
            next_opening=next_opening(row.opening, self.now, row.time_zone) if open_now is False else None,
            why=codes,
        )

    def ranked(self, hits: Iterable[Hit], kinds: Sequence[Kind] = ()) -> list[Hit]:
        """Best first: not closed, the need's own kind, known to be open, her language, near, well checked.

        Unknown hours stand by their kind: a line made for this must not vanish behind a distant one
        only because nobody wrote its hours down. They are told as not known.
        """

        def rank(hit: Hit) -> tuple[int | bool | str, ...]:
            row = hit.resource
            near = self.reach(row)
            return (
                row.needs_registration,
                hit.open_now is False,
                service_rank(row, self.need),
                kinds.index(row.kind) if row.kind in kinds else len(kinds),
                bool(row.only_for),
                bool(row.second_to),
                row.non_emergency,
                not hit.open_now,
                not self._reads(row),
                len(REACHES) if near is None else near,
                _MARK_RANK[hit.mark],
                _CONFIDENCE_RANK[row.confidence],
                row.id,
            )

        return sorted(hits, key=rank)

    def _reads(self, row: Resource) -> bool:
        primary = self.language.partition("-")[0]
        return any(tag.partition("-")[0] == primary for tag in row.languages)


def _is_answered(row: Resource) -> bool:
    """True where somebody must be there; False for what is only a page."""
    return bool(row.phone or row.writes)
