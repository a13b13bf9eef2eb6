"""`hotline doctor`: the checks of the start, each with its cure."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from bot.cli.call import DONE, REFUSED, Call, SubWords, add_format, add_word, show
from bot.matrix_settings import for_adapter, for_staff
from bot.services import documents
from bot.services.checking import Check, Level, fault, good
from bot.services.checks import has_fault, run_checks
from bot.services.premises import open_premises
from bot.settings import Settings, SettingsProblem
from bot.store.folder_lock import is_held

_MARKS = {Level.GOOD: "ok     ", Level.WARNING: "warning", Level.FAULT: "FAULT  "}


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(
        sub, "doctor", "Check everything the start checks, and tell each with its cure.", doctor
    )
    parser.add_argument(
        "--opening", action="store_true", help="also what the mode `open` asks for before it starts"
    )
    add_format(parser)


def doctor(call: Call) -> int:
    """Tell all checks; 1 when one is a fault."""
    checks = _checks(call)
    if call.words.format == "json":
        show(
            call,
            [{"check": c.name, "level": c.level.value, "found": c.found, "cure": c.cure} for c in checks],
        )
    else:
        for check in checks:
            print(f"{_MARKS[check.level]}  {check.name}: {check.found}")
            if check.cure:
                print(f"         {check.cure}")
    return REFUSED if has_fault(checks) else DONE


def _checks(call: Call) -> tuple[Check, ...]:
    try:
        settings = call.settings
    except SettingsProblem as problem:
        return tuple(fault("settings", told, "") for told in problem.complaints)
    known = good("settings", f"mode {settings.mode.value}, desk {settings.desk}")
    checks = (known, *run_checks(settings, call.now, opening=call.words.opening))
    if has_fault(checks):
        return checks
    return (*checks, *_telegram(settings, call.now), *_matrix(settings))


def _telegram(settings: Settings, now: datetime) -> Iterator[Check]:
    """The bots on Telegram, where there are any."""
    if settings.telegram_token is None and settings.telegram_staff_token is None:
        return
    from bot.services.telegram_checks import HERS, STAFF, Expected, telegram_checks  # noqa: PLC0415  adapters
    from channels.telegram.settings import TelegramSettings, UnusableSetting  # noqa: PLC0415  same

    config = documents.config_folder(settings.config_dir)
    organisation = settings.organisation or documents.network(config).organisation
    for name, token in ((HERS, settings.telegram_token), (STAFF, settings.telegram_staff_token)):
        if token is None:
            continue
        try:
            bot = TelegramSettings(
                token,
                settings.telegram_api_url,
                webhook_url=settings.telegram_webhook_url if name == HERS else None,
                webhook_secret=settings.telegram_webhook_secret or "",
                name=name,
                staff=name == STAFF,
            )
        except UnusableSetting as problem:
            yield fault(name, str(problem), "Correct the setting, then ask again.")
            continue
        expected = Expected(bot, config, organisation, is_held(settings.data_dir))
        with open_premises(settings) as premises:
            yield from telegram_checks(premises, expected, now)


def _matrix(settings: Settings) -> list[Check]:
    """The line on Matrix and the volunteers' account there, where there are any."""
    told = [for_adapter(settings)] if settings.matrix_homeserver is not None else []
    if settings.matrix_staff_user is not None:
        told.append(for_staff(settings))
    if not told:
        return []
    from bot.services.channel_checks import matrix_checks  # noqa: PLC0415  it imports the adapter

    with open_premises(settings) as premises:
        return [check for one in told for check in asyncio.run(matrix_checks(premises, one))]
