"""Channels over networks of others, opened as far as the settings name them.

Their libraries are imported late: each is a good part of a start that has no use for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from bot.clock import Clock
from bot.identifiers import Identifiers
from bot.matrix_settings import for_adapter, for_staff
from bot.services.library import Library
from bot.services.messenger.surfaces import TELEGRAM as TELEGRAM_STAFF
from bot.settings import Limits, Settings
from bot.vault.vault import Vault
from channels.matrix.settings import MatrixSettings
from channels.port import Channel, OwnRows


class CannotStart(Exception):
    """Settings and documents contradict each other; the message says which, and the cure."""


@dataclass(frozen=True, slots=True)
class Messengers:
    """By name: those women write to, and those volunteers are rung on."""

    hers: dict[str, Channel]
    staff: dict[str, Channel]


async def open_messengers(
    settings: Settings, vault: Vault, library: Library, rows: Callable[[str], OwnRows], clock: Clock
) -> Messengers:
    """Everything the settings name, not yet connected; `rows` gives a channel's. Raises `CannotStart`."""
    hers: list[Channel] = []
    staff: list[Channel] = []
    if settings.telegram_token is not None:
        hers.append(open_telegram(settings, vault, clock))
    if settings.telegram_staff_token is not None:
        staff.append(await open_telegram_staff(settings, vault, clock))
    if settings.matrix_homeserver is not None:
        told = for_adapter(settings, tuple(library.languages))
        hers.append(await open_matrix(told, rows(told.name), clock))
    if settings.matrix_staff_user is not None:
        told = for_staff(settings, tuple(library.languages))
        staff.append(await open_matrix(told, rows(told.name), clock))
    return Messengers({one.name: one for one in hers}, {one.name: one for one in staff})


def open_telegram(settings: Settings, vault: Vault, clock: Clock) -> Channel:
    """The bot women write to, not yet connected. Raises `CannotStart`."""
    from channels.telegram.channel import Telegram, TelegramSettings  # noqa: PLC0415  see above
    from channels.telegram.settings import UnusableSetting  # noqa: PLC0415  see above

    try:
        told = TelegramSettings(
            settings.telegram_token or "",
            settings.telegram_api_url,
            webhook_url=settings.telegram_webhook_url,
            webhook_secret=settings.telegram_webhook_secret or "",
            limited=settings.telegram_limits is Limits.PUBLISHED,
        )
    except UnusableSetting as fault:
        raise CannotStart(f"Telegram cannot be used: {fault}.") from None
    return Telegram(told, clock.now, monotonic, vault.organisation_index("telegram-marks", "key"))


async def open_telegram_staff(settings: Settings, vault: Vault, clock: Clock) -> Channel:
    """The volunteers' bot; asks the network once whether it may make topics. Raises `CannotStart`."""
    from channels.telegram.channel import Telegram, TelegramSettings  # noqa: PLC0415  see above
    from channels.telegram.settings import UnusableSetting  # noqa: PLC0415  see above
    from channels.telegram.topics import has_topics  # noqa: PLC0415  see above
    from channels.telegram.wire import Wire  # noqa: PLC0415  see above

    token = settings.telegram_staff_token or ""
    if settings.telegram_token is not None and _bot(token) == _bot(settings.telegram_token):
        raise CannotStart(
            "HOTLINE_TELEGRAM_STAFF_TOKEN is that of the bot women write to. Volunteers need a bot of their "
            "own: make a second one with BotFather."
        )
    try:
        told = TelegramSettings(
            token,
            settings.telegram_api_url,
            limited=settings.telegram_limits is Limits.PUBLISHED,
            name=TELEGRAM_STAFF,
            staff=True,
        )
    except UnusableSetting as fault:
        raise CannotStart(f"Telegram cannot be used for volunteers: {fault}.") from None
    wire = Wire(told.token, told.api_url)
    try:
        topics = await has_topics(wire)
    finally:
        await wire.hang_up()
    key = vault.organisation_index("telegram-staff-marks", "key")
    return Telegram(told, clock.now, monotonic, key, topics=topics)


async def open_matrix(told: MatrixSettings, rows: OwnRows, clock: Clock) -> Channel:
    """One account on Matrix, not yet connected; what can be known to be wrong is said now."""
    from channels.matrix.channel import CannotEnter, MatrixChannel  # noqa: PLC0415  see above

    matrix = MatrixChannel(told, clock.now, Identifiers().token, rows)
    try:
        await matrix.prepare()
    except CannotEnter as fault:
        raise CannotStart(str(fault)) from None
    return matrix


def _bot(token: str) -> str:
    return token.partition(":")[0]
