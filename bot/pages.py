"""The web chat with what this hotline puts into it: its words, its number, its key."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.identifiers import Identifiers
from bot.services.library import Library
from bot.settings import Settings
from bot.vault.vault import Vault
from channels.webchat.channel import WebChat
from channels.webchat.settings import WebChatSettings
from triage.directory_lines import emergency_line
from triage.model import GlobalAction
from triage.rendering import fill

LOOKED_UP_EVERY = timedelta(minutes=1)  # in a flood a text is asked for thousands of times in a minute


def open_pages(settings: Settings, vault: Vault, clock: Clock, live: Callable[[], Library]) -> WebChat:
    """The pages, not yet served. `live` is the library as it is then: words and numbers change."""

    def is_urgent(text: str) -> bool:
        return live().globals.recognise_urgent(text) is not None

    def is_waiting(text: str) -> bool:
        return live().globals.recognise(text, live().languages) is GlobalAction.WAIT

    told = WebChatSettings(
        public_url=settings.public_url,
        exit_url=settings.exit_url,
        title=settings.page_title,
        trusted_proxies=settings.trusted_proxies,
        busy=_Told("word.busy", settings.desk, settings.mode.value, clock.now, live),
        unstored=_Told("word.unstored", settings.desk, settings.mode.value, clock.now, live),
        urgent=is_urgent,
        waits=is_waiting,
    )
    sign_key = vault.organisation_index("web-handle", "key")
    return WebChat(told, clock.now, Identifiers().token, sign_key)


@dataclass
class _Told(Mapping[str, str]):
    """Language → what a page is told by itself, with the emergency number that may be sent now (PR13).

    A number that was withdrawn or has run out is gone at the next look: with the library it was in, or a
    minute later.
    """

    key: str
    desk: str
    mode: str
    now: Callable[[], datetime]
    live: Callable[[], Library]
    _of: Library | None = None
    _until: datetime | None = None
    _told: dict[str, str] = field(default_factory=dict[str, str])

    def __getitem__(self, language: str) -> str:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        """The text in one of the languages the guide speaks; KeyError for any other, and without a number."""
        library, now = self.live(), self.now()
        if self._of is not library or self._until is None or not now < self._until <= now + LOOKED_UP_EVERY:
            self._of, self._until, self._told = library, now + LOOKED_UP_EVERY, {}
        if language not in self._told:
            self._told[language] = self._text(library, language, now)
        return self._told[language]

    def __iter__(self) -> Iterator[str]:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        """The languages the guide speaks."""
        return iter(self.live().languages)

    def __len__(self) -> int:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        """How many languages the guide speaks."""
        return len(self.live().languages)

    def _text(self, library: Library, language: str, now: datetime) -> str:
        if language not in library.languages:
            raise KeyError(language)
        number = emergency_line(
            library.directory,
            region=None,
            desk_country=library.desks[self.desk].default_country,
            names=library.region_names.get(language, {}),
            now=now,
            mode=self.mode,
        )
        if not number:
            raise KeyError(language)  # the page's own words promise no number
        text, _ = fill(library.words(language)(self.key), {"emergency": number})
        return text
