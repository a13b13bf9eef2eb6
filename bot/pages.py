"""The web chat with what this hotline puts into it: its words, its number, its key."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

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


def open_pages(
    settings: Settings, vault: Vault, clock: Clock, library: Library, live: Callable[[], Library]
) -> WebChat:
    """The pages, not yet served. `live` is the library as it is then: words change while we serve."""

    def is_urgent(text: str) -> bool:
        return live().globals.recognise_urgent(text) is not None

    def is_waiting(text: str) -> bool:
        return live().globals.recognise(text, live().languages) is GlobalAction.WAIT

    told = replace(_web_settings(settings, library, clock.now()), urgent=is_urgent, waits=is_waiting)
    sign_key = vault.organisation_index("web-handle", "key")
    return WebChat(told, clock.now, Identifiers().token, sign_key)


def _web_settings(settings: Settings, library: Library, now: datetime) -> WebChatSettings:
    desk = library.desks[settings.desk]
    busy: dict[str, str] = {}
    for language in library.languages:
        number = emergency_line(
            library.directory,
            region=None,
            desk_country=desk.default_country,
            names=library.region_names.get(language, {}),
            now=now,
            mode=settings.mode.value,
        )
        busy[language], _ = fill(library.words(language)("word.busy"), {"emergency": number})
    return WebChatSettings(
        public_url=settings.public_url,
        exit_url=settings.exit_url,
        title=settings.page_title,
        trusted_proxies=settings.trusted_proxies,
        busy=busy,
    )
