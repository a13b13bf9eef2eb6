"""The hotline around a simulated conversation: surroundings, resources and placeholders, straight from files.

Nothing is opened and nothing is kept: no keys, no database, no channel.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bot.services import documents
from bot.services.documents import Folder, UnusableFile
from bot.services.resources import names, read_folder
from bot.services.speech import RETENTION
from handoff.desks import Desk
from triage.directory import Directory, Found, find
from triage.directory_lines import emergency_line, lines, open_line
from triage.effects import RequestHandoff, ShareResources
from triage.global_words import GlobalWords
from triage.language import local_time
from triage.model import Script
from triage.run import HandoffNews, Surroundings
from triage.signals import Signals
from triage.simulator import Host, simulate

ROTAS: Final = ("on", "none", "closed")
"""People on duty; hours open and nobody there; hours closed."""

OPENS_IN: Final = timedelta(hours=8)
"""When a closed line opens again here: some hours later, whatever the rota says."""

_AT_ONCE: Final = {"on": None, "none": HandoffNews.NOBODY, "closed": HandoffNews.OUT_OF_HOURS}


@dataclass(frozen=True, slots=True)
class Setting:
    """What is simulated around her.

    Attributes:
        channel: "web", "telegram" or "matrix".
        rota: one of `ROTAS`.
        zone: IANA zone of the clock she is told.
        country: whose numbers are shown while she has chosen no region.
        resources_as_of: the day resources are judged on, None for the simulated one.
        organisation: name told in the notice.
    """

    channel: str
    rota: str
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
        values=house.values,
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

    def surroundings(self, at: datetime) -> Surroundings:
        """The facts of a moment; the clock changes none of them here."""
        del at
        on = self._setting.rota == "on"
        return Surroundings(
            channel=self._setting.channel,
            regions=self._directory.regions,
            region_names=self._names,
            open_now=self._setting.rota != "closed",
            on_duty=frozenset({"volunteer", "supervisor"}) if on else frozenset(),
            grid=self._grid,
            words=self._words,
        )

    def resources(self, effect: ShareResources, language: str, now: datetime) -> Sequence[str]:
        """The lines she would be sent."""
        found: Found = find(
            self._directory,
            region=effect.region,
            need=effect.need,
            language=language,
            now=self._judged(now),
            mode="trial",
            desk_country=self._setting.country,
        )
        listed = self._names.get(language, {})
        return [lines(hit, language, lambda key: self._said(key, language), listed) for hit in found.rows]

    def request(self, effect: RequestHandoff, now: datetime) -> HandoffNews | None:
        """What becomes of a request at once; None: she waits for `!accept` and the like."""
        del effect, now
        return _AT_ONCE[self._setting.rota]

    def values(self, language: str, now: datetime) -> Mapping[str, str]:
        """What the host's placeholders stand for."""
        opens = (now + OPENS_IN).replace(minute=0, second=0, microsecond=0)
        emergency = emergency_line(
            self._directory,
            region=None,
            desk_country=self._setting.country,
            names=self._names.get(language, {}),
            now=self._judged(now),
            mode="trial",
        )
        return {
            "org": self._setting.organisation,
            "alias": "Willow",
            "emergency": emergency,
            "open_line": self._open_line(language, now) or emergency,
            "next_opening": ", ".join(
                (local_time(opens, self._setting.zone, language), self._said("word.local_time", language))
            ),
            "retention": RETENTION.get(language.partition("-")[0], "24 h"),
        }

    def listen(self, text: str, language: str) -> Sequence[str]:
        """The signals in what she wrote."""
        return self._signals.find(text, (language, "en"))

    def _open_line(self, language: str, now: datetime) -> str:
        found = find(
            self._directory,
            region=None,
            need="domestic_violence",
            language=language,
            now=self._judged(now),
            mode="trial",
            desk_country=self._setting.country,
        )
        return open_line(found, lambda key: self._said(key, language), self._names.get(language, {}))

    def _judged(self, now: datetime) -> datetime:
        as_of = self._setting.resources_as_of
        return now if as_of is None else datetime.combine(as_of, now.timetz())

    def _said(self, key: str, language: str) -> str:
        source = self._script.texts[self._script.languages[0]]
        entry = self._script.texts.get(language, source).get(key) or source.get(key)
        return entry.text if entry is not None else ""


def _directory(config: Folder, today: date) -> Directory:
    found = read_folder(config / "resources", today)
    if not found.rows:
        raise UnusableFile("resources: there is none that could be sent; `hotline resources lint` says why")
    return Directory.of(found.resources)
