"""The published library: scripts, words, signals, resources, desks and rotas, read-only.

Built from the database at start and after each change, and swapped as a whole: a turn sees one library.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from bot.services.plain_yaml import read_plain
from handoff.accountability import Accountability
from handoff.desks import Desk
from handoff.duty_codes import codes_on_duty
from handoff.model import Duty, Tier
from handoff.rota.coverage import Stands, everybody_stands
from handoff.rota.pattern import Rota
from handoff.rota.questions import LOOK_AROUND, next_change, next_opening, on_duty
from handoff.rota.resolve import NOBODY_ELSE, final_duty
from handoff.staffing import DEFAULT_STAFFING, Staffing
from handoff.standing import Standings
from triage.directory import Directory
from triage.global_words import GlobalWords
from triage.model import Script
from triage.run import Surroundings
from triage.signals import Signals

NOBODY: tuple[Duty, ...] = ()
A_DAY = timedelta(days=1)
MOST_EDGES = 200  # of the rota that are looked at for a next opening


class NothingPublished(Exception):
    """A desk has no published script; `hotline scripts publish` is what is missing."""


@cache
def _shipped_words(language: str) -> dict[str, str]:
    """The guide's own words as they come with the program, for scripts that do not bring all of them."""
    folder = files("config") / "scripts"
    file = folder / f"default.{language}.yaml"
    chosen = file if file.is_file() else folder / "default.en.yaml"
    plain: Any = read_plain(chosen.read_text(encoding="utf-8"))
    return plain


@dataclass(frozen=True, slots=True)
class StaffWords:
    """One language of the staff's messengers.

    Attributes:
        told: name → text; placeholders in braces.
        typed: name of a command → words that may be typed for it.
    """

    told: Mapping[str, str]
    typed: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "StaffWords":
        """Words as they stand in `words/staff.<language>.yaml`."""
        typed = plain["typed"]
        return cls(
            {str(name): str(text) for name, text in plain.items() if name != "typed"},
            {str(name): tuple(str(word) for word in words) for name, words in typed.items()},
        )


@dataclass(slots=True)
class DutyBoard:
    """Who is on duty at a desk, asked of `final_duty` once per change of the rota (PR11).

    `others` are the rotas of desks that may help out, by desk. `standings` takes out whom the rota plans
    and whose training has lapsed; leave is the rota's own.
    """

    rota: Rota
    others: Mapping[str, Rota] = field(default_factory=lambda: NOBODY_ELSE)
    standings: Standings = field(default_factory=Standings)
    _until: datetime | None = None
    _since: datetime | None = None
    _duties: tuple[Duty, ...] = NOBODY
    _codes: frozenset[str] = frozenset()
    _codes_for: Desk | None = None

    def at(self, moment: datetime) -> tuple[Duty, ...]:
        """The duties that hold at `moment`."""
        if self._since is None or not self._since <= moment or self._until is None or moment >= self._until:
            self._duties = self.there_at(moment)
            self._since = moment
            # A rota without a change, day and night, is still looked at anew: a duty's end moves on.
            self._until = min(self._next_edge(moment) or moment + A_DAY, moment + A_DAY)
            self._codes_for = None
        return self._duties

    def codes_at(self, moment: datetime, desk: Desk) -> frozenset[str]:
        """What is on duty at `moment`, as a script may ask for it under the rules of `desk`."""
        duties = self.at(moment)
        if self._codes_for is not desk:
            self._codes, self._codes_for = codes_on_duty(desk, self.rota, duties, moment), desk
        return self._codes

    def there_at(self, moment: datetime) -> tuple[Duty, ...]:
        """The same for a moment nobody asks about again: nothing is remembered."""
        return self.standings.stand(self.planned_at(moment), moment)

    def planned_at(self, moment: datetime) -> tuple[Duty, ...]:
        """Everyone the rota names at `moment`, whether she stands or not.

        A duty is told from and to 14 days away at the most: no decision of the moment looks further, and a
        rota in which somebody is on without end is not worked out for years each time.
        """
        return on_duty(self.rota, moment, self.others, LOOK_AROUND)

    def planned_between(self, since: datetime, until: datetime) -> tuple[Duty, ...]:
        """Everyone the rota names as primary between the two, whether she stands or not."""
        duties = final_duty(self.rota, since, until, self.others)
        return tuple(duty for duty in duties if duty.tier is Tier.PRIMARY)

    def answered_between(
        self, since: datetime, until: datetime, serves: Callable[[Duty], bool]
    ) -> list[tuple[datetime, datetime]]:
        """When somebody who `serves` is on as primary and stands, joined where she meets the next."""
        spans: list[tuple[datetime, datetime]] = []
        standing = self.standings.stand_between
        for begins, ends in sorted(
            span for duty in self.planned_between(since, until) if serves(duty) for span in standing(duty)
        ):
            if spans and begins <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], ends))
            else:
                spans.append((begins, ends))
        return spans

    def open_at(self, moment: datetime) -> bool:
        """The desk's hours: at least one primary volunteer is on."""
        return any(duty.tier is Tier.PRIMARY for duty in self.at(moment))

    def next_opening(self, moment: datetime) -> datetime | None:
        """When the hours open next, None if nothing is planned."""
        for _ in range(MOST_EDGES):
            opens = next_opening(self.rota, moment, self.others)
            if opens is None or self._answered_at(opens):
                return opens
            # Whom the rota plans then does not stand: the next moment somebody comes or goes.
            later = self._next_edge(opens)
            if later is None:
                return None
            moment = later
        return None

    def next_arrival(self, moment: datetime) -> datetime | None:
        """When the rota next brings somebody who is not on duty at `moment`, None if it brings nobody."""
        here = {duty.volunteer for duty in self.at(moment)}
        edge = moment
        for _ in range(MOST_EDGES):
            later = self._next_edge(edge)
            if later is None:
                return None
            edge = later
            if {duty.volunteer for duty in self.there_at(edge)} - here:
                return edge
        return None

    def _next_edge(self, moment: datetime) -> datetime | None:
        """The next moment after `moment` when somebody comes or goes."""
        return next_change(self.rota, moment, self.others)

    def _answered_at(self, moment: datetime) -> bool:
        return any(duty.tier is Tier.PRIMARY for duty in self.there_at(moment))


@dataclass(slots=True)
class Library:
    """Everything published, as one value.

    Attributes:
        scripts: by revision id; revisions that open conversations began with stay (PR10).
        live: desk → revision id newcomers get.
        recalled: revisions withdrawn as harmful.
        sensitive: language → word beginnings that must not show first (D-20).
        globals: words that work everywhere.
        signals: finds danger words; only adds help.
        directory: resources.
        desks: desk documents.
        boards: who is on duty, by desk.
        grid: phrase words by language.
        region_names: language → country code → name.
        organisation: the network's name, where the settings give none.
        staff: language → what volunteers read on a messenger.
        addresses: every address of the organisation, as told to whoever asks.
        signed: live revisions that two people have signed; of all others it is said that nobody has.
        refused: desk → revision that is published and, in the mode `open`, not offered: it is not signed.
        passing: language → until when two people let it pass in the mode `open`, unvouched for.
        stands_until: when this must be built anew though nothing was written: an exception ends.
        hold: language → words of the page "what we hold".
        accountable: desk → who answers for it by law.
        staffing: escalation, limits, care and training, by desk.
        pings: language → id → neutral line of a callback (B-019).
        answers: language → id → ready answer for a volunteer to put into her reply.
    """

    scripts: Mapping[int, Script]
    live: Mapping[str, int]
    globals: GlobalWords
    signals: Signals
    directory: Directory
    desks: Mapping[str, Desk]
    boards: Mapping[str, DutyBoard]
    grid: Mapping[str, tuple[tuple[str, ...], ...]]
    region_names: Mapping[str, Mapping[str, str]]
    recalled: frozenset[int] = frozenset()
    sensitive: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    organisation: str = ""
    staff: Mapping[str, StaffWords] = field(default_factory=dict[str, StaffWords])
    addresses: tuple[str, ...] = ()
    signed: frozenset[int] = frozenset()
    refused: Mapping[str, int] = field(default_factory=dict[str, int])
    passing: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    stands_until: datetime | None = None
    hold: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    accountable: Mapping[str, Accountability] = field(default_factory=dict[str, Accountability])
    staffing: Mapping[str, Staffing] = field(default_factory=dict[str, Staffing])
    pings: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    _words: dict[str, Callable[[str], str]] = field(default_factory=dict[str, Callable[[str], str]])
    _offered: dict[str, tuple[str, ...]] = field(init=False, default_factory=dict[str, tuple[str, ...]])

    def revision_for(self, desk: str) -> int:
        """The revision a new conversation at `desk` begins with."""
        revision = self.live.get(desk, self.live.get("network"))
        if revision is None:
            raise NothingPublished(f"no script is published for desk {desk}: run `hotline scripts publish`")
        return revision

    def script(self, desk: str, revision: int | None) -> tuple[int, Script]:
        """The script of a conversation: the revision it began with, unless that was recalled (PR10)."""
        if revision is None or revision in self.recalled or revision not in self.scripts:
            revision = self.revision_for(desk)
        return revision, self.scripts[revision]

    def or_else(self, before: "Library", desk: str) -> "Library":
        """This library; where it has nothing for the newcomers of `desk`, with what they met until now.

        In the mode `open` an exception may end, or a signature be missing, while women are writing: nobody is
        left without an answer for it. `refused` tells the operator; a recalled revision never stays.
        """
        if desk in self.live or "network" in self.live:
            return self
        last = before.live.get(desk, before.live.get("network"))
        if last is None or last in self.recalled:
            return self
        scripts = {last: before.scripts[last], **self.scripts}
        return replace(self, scripts=scripts, live={**self.live, desk: last})

    def words(self, language: str) -> Callable[[str], str]:
        """A look-up of the guide's own words (`word.…`) in `language`, else in the source language."""
        known = self._words.get(language)
        if known is None:
            script = next(iter(self.scripts.values()))
            source = script.texts[script.languages[0]]
            texts = script.texts.get(language, source)

            def look_up(key: str) -> str:
                found = texts.get(key) or source.get(key)
                return found.text if found is not None else _shipped_words(language)[key]

            known = self._words[language] = look_up
        return known

    def _regions(self, desk: str) -> tuple[str, ...]:
        """Regions to offer: the desk's own first, then everywhere the directory knows."""
        known = self._offered.get(desk)
        if known is None:
            own = self.desks[desk].regions if desk in self.desks else ()
            others = (code for code in self.directory.regions if code not in own)
            known = self._offered[desk] = (*own, *others)
        return known

    def staffing_of(self, desk: str) -> Staffing:
        """How a desk looks after who waits and who answers; the defaults where it does not say."""
        return self.staffing.get(desk, DEFAULT_STAFFING)

    @property
    def languages(self) -> tuple[str, ...]:
        """Published languages, of all scripts."""
        return tuple(dict.fromkeys(tag for script in self.scripts.values() for tag in script.languages))

    def stands(self, desk: str) -> Stands:
        """What of a duty at `desk` stands: training may lapse before it ends."""
        board = self.boards.get(desk)
        return everybody_stands if board is None else board.standings.stand_between

    def topics(self, language: str) -> tuple[str, ...]:
        """Word beginnings a lock screen should not show (D-20), for a volunteer's first 80 characters."""
        return self.sensitive.get(language, ())

    def surroundings(
        self, desk: str, channel: str, at: datetime, client_language: str | None = None
    ) -> Surroundings:
        """The facts of the moment the engine may read."""
        board = self.boards.get(desk)
        codes = board.codes_at(at, self.desks[desk]) if board and desk in self.desks else frozenset[str]()
        return Surroundings(
            channel=channel,
            regions=self._regions(desk),
            region_names=self.region_names,
            open_now=bool(board and board.open_at(at)),
            on_duty=codes,
            client_language=client_language,
            grid=self.grid,
            words=self.globals,
        )


def empty_library() -> Library:
    """A library with nothing in it, for work that needs no scripts."""
    return Library(
        scripts={}, live={}, globals=GlobalWords(), signals=Signals({}), directory=Directory(), desks={},
        boards={}, grid={}, region_names={},
    )  # fmt: skip
