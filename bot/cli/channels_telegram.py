"""The words of `hotline channels` that concern Telegram: a neutral profile for the bot, and a new token."""

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from bot.cli.call import DONE, Call, Refused
from bot.services import documents, profiles
from bot.settings import Settings, secret_file
from channels.telegram.asking import NotAnswered, ask_once
from channels.telegram.profile import Profile, set_menu, set_profile
from channels.telegram.settings import TelegramSettings, UnusableSetting
from channels.telegram.wire import Wire

_NO_TOKEN: Final = "There is no Telegram here: HOTLINE_TELEGRAM_TOKEN is not set."  # noqa: S105  no secret

HERS: Final = "telegram_token"
"""The setting of the bot women write to."""
STAFF: Final = "telegram_staff_token"
"""The setting of the volunteers' bot."""
_TAKEN: Final = "With --another-bot it is taken all the same."
_ANOTHER: Final = {
    HERS: "Women who have the old bot in their chats are not reached by it, and must learn its address from "
    f"your page. {_TAKEN}",
    STAFF: f"Volunteers must open a chat with it and link themselves anew. {_TAKEN}",
}


def dress(call: Call) -> int:
    """Set what differs."""
    settings = call.settings
    config = documents.config_folder(settings.config_dir)
    organisation = settings.organisation or documents.network(config).organisation
    if issues := profiles.lint_profiles(config, organisation):
        for issue in issues:
            print(issue, file=sys.stderr)
        raise Refused(f"{len(issues)} errors in {profiles.FOLDER}/: nothing was changed.")
    texts, _ = profiles.read_profiles(config)
    if not texts:
        raise Refused(f"There is no {profiles.FOLDER}/profile.<language>.yaml in the configuration.")
    if call.words.check:
        print(f"{len(texts)} languages, nothing to complain of.")
        return DONE

    async def put(wire: Wire) -> list[str]:
        # Languages nobody wrote texts for read the English ones, or the first.
        ground = next((one for one in texts if one.language == "en"), texts[0])
        done: list[str] = []
        for language, one in (("", ground), *((one.language, one) for one in texts)):
            wanted = Profile(one.name, one.short_description, one.description, one.commands)
            whose = language or "all other languages"
            done += [f"{whose}: {field}" for field in await set_profile(wire, language, wanted)]
        if await set_menu(wire):
            done.append("menu button")
        return done

    changed = asked(settings, put)
    print("\n".join(f"set  {what}" for what in changed) or "Everything was set already.")
    return DONE


def replace_token(call: Call) -> int:
    """Try the new token, then write it where the old one lies."""
    settings = call.settings
    field = STAFF if call.words.staff else HERS
    in_use: str | None = getattr(settings, field)
    setting = f"HOTLINE_{field.upper()}"
    if in_use is None:
        raise Refused(_NO_TOKEN if field == HERS else f"Volunteers have no bot here: {setting} is not set.")
    place = secret_file(call.environ, call.cwd, field)
    if place is None:
        raise Refused(
            "The token stands in the settings themselves. Replace it there, or better name a file in "
            f"{setting}_FILE, then restart the service."
        )
    source: Path | None = call.words.source
    fresh = (source.read_text(encoding="utf-8") if source else sys.stdin.readline()).strip()
    if fresh == in_use:
        raise Refused("This is the token in use. BotFather makes a new one with /revoke.")
    before = in_use.partition(":")[0]
    if fresh.partition(":")[0] != before and not call.words.another_bot:
        raise Refused(f"This token belongs to another bot. {_ANOTHER[field]}")
    told = asked(settings.model_copy(update={field: fresh}), facts, field)
    _write(place, fresh)
    print(f"The token of {told['bot']} lies in {place}. Restart the service: it reads it at its start.")
    if fresh.partition(":")[0] != before and field == HERS:
        print("Another bot: `hotline channels profile` gives it its texts.")
    return DONE


def _write(place: Path, token: str) -> None:
    beside = place.with_name(f".{place.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        os.write(descriptor, f"{token}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    beside.replace(place)


async def facts(wire: Wire) -> dict[str, Any]:
    """How the bot stands."""
    me: dict[str, Any] = await wire.ask("getMe")
    hook: dict[str, Any] = await wire.ask("getWebhookInfo")
    return {
        "bot": f"@{me.get('username')}",
        "name": me.get("first_name"),
        "may_join_groups": bool(me.get("can_join_groups")),
        "topics_in_private_chats": bool(me.get("has_topics_enabled")),
        "webhook": hook.get("url") or None,
        "waiting": hook.get("pending_update_count"),
        "last_error": hook.get("last_error_message"),
    }


def asked(settings: Settings, question: Callable[[Wire], Awaitable[Any]], field: str = HERS) -> Any:
    """Ask the network; its refusals become sentences for whoever typed the command."""
    token: str | None = getattr(settings, field)
    if token is None:
        raise Refused(_NO_TOKEN)
    try:
        told = TelegramSettings(token, settings.telegram_api_url)
    except UnusableSetting as fault:
        raise Refused(f"Telegram cannot be used: {fault}.") from None
    try:
        return ask_once(told, question)
    except NotAnswered as failure:
        raise Refused(f"Telegram says no: {failure}.") from None
