"""The hotline around a simulated conversation: surroundings, resources and placeholders, straight from files.

Nothing is opened and nothing is kept: no keys, no database, no channel.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.services import documents
from bot.services.callbacks import CANNOT_BE_RUNG, asks_for_one, offers_of
from bot.services.documents import Folder, UnusableFile
from bot.services.library import DutyBoard
from bot.services.resources import names, read_folder
from bot.services.speech import RETENTION, audience
from handoff.callbacks import AHEAD, MOST, hours_to_offer
from handoff.desks import Desk
from handoff.duty_codes import everybody
from handoff.rota.reading import read_rota
from triage.directory import Directory, Found, find
from triage.directory_lines import emergency_line, lines, open_line
from triage.effects import RequestHandoff, ShareResources
from triage.global_words import GlobalWords
from triage.language import local_time
from triage.model import Script
from triage.notices import said_beside
from triage.rendering import fill
from triage.run import HandoffNews, Run, Surroundings
from triage.signals import Signals
from triage.simulator import Host, simulate

ROTAS: Final = ("on", "none", "closed")
"""In place of the desk's own rota: people on duty; hours open and nobody there; hours closed."""

OPENS_IN: Final = timedelta(hours=8)
"""When a line that is only played as closed opens again."""

MODE: Final = "trial"
FLAGGED: Final = frozenset({"U0", "U1"})


@dataclass(frozen=True, slots=True)
class Setting:
    """What is simulated around her.

    Attributes:
        channel: "web", "telegram" or "matrix".
        desk: whose rules, rota, regions and clock hold.
        rota: one of `ROTAS`; None for the desk's own rota at the simulated moment.
        zone: IANA zone of the clock she is told.
        country: whose numbers are shown while she has chosen no region.
        resources_as_of: the day resources are judged on, None for the simulated one.
        organisation: name told in the notice.
    """

    channel: str
    desk: Desk
    rota: str | None
    zone: str
    country: str
    resources_as_of: date | None
    organisation: str


def rehearse(
    script: Script,
    replies: Iterable[str],
    setting: Setting,
    config: Folder,
    *,
    now: datetime,
    language: str | None,
) -> Iterator[str]:
    """The transcript of `replies`. Raises `UnreadableReply` and `UnusableFile` before its first line."""
    house = _Rehearsal(script, setting, config, now)
    host = Host(
        surroundings=house.surroundings,
        resources=house.resources,
        request=house.request,
        waiting=house.waiting,
        values=house.values,
        beside=house.beside,
        listen=house.listen,
    )
    return simulate(script, replies, host, now=now, language=language)


def desk_of(config: Folder, name: str) -> Desk:
    """The desk whose country and clock are taken where none are named."""
    return documents.desk(config, name)


class _Rehearsal:
    """Answers what the simulator asks."""

    def __init__(self, script: Script, setting: Setting, config: Folder, now: datetime) -> None:
        self._script = script
        self._setting = setting
        self._grid = documents.grids(config)
        self._words: GlobalWords = documents.global_words(config)
        self._signals: Signals = documents.signals(config)
        self._names = {tag: names(tag, config) for tag in script.languages}
        self._directory = _directory(config, now.date())
        self._board = _board(config, setting.desk.id, now) if setting.rota is None else None

    def surroundings(self, at: datetime) -> Surroundings:
        """The facts of a moment, as the clock has it now."""
        own = self._setting.desk.regions
        return Surroundings(
            channel=self._setting.channel,
            regions=(*own, *(code for code in self._directory.regions if code not in own)),
            region_names=self._names,
            open_now=self._open(at),
            on_duty=self._on_duty(at),
            grid=self._grid,
            words=self._words,
            callbacks=self._callbacks(at),
        )

    def _callbacks(self, at: datetime) -> tuple[tuple[str, str], ...]:
        """Hours the rota staffs; nobody's languages are known here, so each is taken for hers."""
        if self._setting.channel in CANNOT_BE_RUNG or not asks_for_one(self._script):
            return ()
        answered = [(at, at + AHEAD)] if self._setting.rota == "on" else []
        if self._board is not None:
            answered = self._board.answered_between(at, at + AHEAD, lambda _: True)
        found = hours_to_offer(answered, at, ZoneInfo(self._setting.zone))[:MOST]
        return offers_of(found, self._setting.zone, self._script.languages[0])

    def resources(self, effect: ShareResources, run: Run, now: datetime) -> Sequence[str]:
        """The lines she would be sent."""
        found = self._found(effect.need, effect.region, run, now)
        listed = self._names.get(run.language, {})
        return [
            lines(hit, run.language, lambda key: self._said(key, run.language), listed) for hit in found.rows
        ]

    def request(self, effect: RequestHandoff, now: datetime) -> HandoffNews | None:
        """What becomes of a request at once; None: she waits for `!accept` and the like."""
        del effect
        if not self._open(now):
            return HandoffNews.OUT_OF_HOURS
        return HandoffNews.NOBODY if self._setting.rota == "none" else None

    def waiting(self, run: Run, now: datetime) -> HandoffNews | None:
        """The hours may have ended while she waited; who is in danger keeps her place (B-097)."""
        ended = not self._open(now) and run.answers.get("urgency") not in FLAGGED
        return HandoffNews.OUT_OF_HOURS if ended else None

    def values(self, run: Run, now: datetime) -> Mapping[str, str]:
        """What the host's placeholders stand for."""
        language, region = run.language, run.answers.get("region")
        emergency = emergency_line(
            self._directory,
            region=region,
            desk_country=self._setting.country,
            names=self._names.get(language, {}),
            now=self._judged(now),
            mode=MODE,
        )
        found = self._found(run.answers.get("need", "domestic_violence"), region, run, now)
        names_here = self._names.get(language, {})
        return {
            "org": self._setting.organisation,
            "alias": "Willow",
            "emergency": emergency,
            "open_line": open_line(found, lambda key: self._said(key, language), names_here) or emergency,
            "next_opening": self._next_opening(language, now),
            "retention": RETENTION.get(language.partition("-")[0], "24 h"),
        }

    def beside(self, key: str, run: Run, now: datetime) -> str:
        """What the notice says of the mode and of the desk's policy in danger (B-032)."""
        said = said_beside(self._script, key, MODE, self._setting.desk.rescue_policy.value)
        return "\n".join(fill(self._said(one, run.language), self.values(run, now))[0] for one in said)

    def listen(self, text: str, language: str) -> Sequence[str]:
        """The signals in what she wrote."""
        return self._signals.find(text, (language, "en"))

    def _open(self, at: datetime) -> bool:
        if self._setting.rota is not None:
            return self._setting.rota != "closed"
        return self._board is not None and self._board.open_at(at)

    def _on_duty(self, at: datetime) -> frozenset[str]:
        desk = self._setting.desk
        if self._setting.rota is None:
            return self._board.codes_at(at, desk) if self._board is not None else frozenset()
        return everybody(desk) if self._setting.rota == "on" else frozenset()

    def _next_opening(self, language: str, now: datetime) -> str:
        opens: datetime | None = (now + OPENS_IN).replace(minute=0, second=0, microsecond=0)
        if self._setting.rota is None:
            opens = self._board.next_opening(now) if self._board is not None else None
        if opens is None:
            return self._said("word.not_known", language)
        return ", ".join(
            (local_time(opens, self._setting.zone, language), self._said("word.local_time", language))
        )

    def _found(self, need: str, region: str | None, run: Run, now: datetime) -> Found:
        return find(
            self._directory,
            region=region,
            need=need,
            language=run.language,
            now=self._judged(now),
            mode=MODE,
            desk_country=self._setting.country,
            audience=audience(run.answers, need),
        )

    def _judged(self, now: datetime) -> datetime:
        as_of = self._setting.resources_as_of
        return now if as_of is None else datetime.combine(as_of, now.timetz())

    def _said(self, key: str, language: str) -> str:
        source = self._script.texts[self._script.languages[0]]
        entry = self._script.texts.get(language, source).get(key) or source.get(key)
        return entry.text if entry is not None else ""


def _board(config: Folder, desk: str, now: datetime) -> DutyBoard | None:
    source = documents.rota_text(config, desk)
    if source is None:
        return None
    rota, complaints = read_rota(source.text, source.name, now.date())
    if rota is None:
        raise UnusableFile(documents.blocking(complaints))
    return DutyBoard(rota)


def _directory(config: Folder, today: date) -> Directory:
    found = read_folder(config / "resources", today)
    if not found.rows:
        raise UnusableFile("resources: there is none that could be sent; `hotline resources lint` says why")
    return Directory.of(found.resources)
