"""`hotline channels`: how the ways in stand, the bot's neutral profile, a new token, a new device."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bot.cli import channels_matrix, channels_telegram
from bot.cli.call import DONE, REFUSED, Call, Refused, SubWords, add_format, add_word, add_words, show


def add(sub: SubWords) -> None:
    """Add the words."""
    words = add_words(add_word(sub, "channels", "How the ways in stand; profile, token and device."))
    add_format(
        add_word(
            words,
            "status",
            "Each way in: who we are there, the fingerprint of our keys, what is wrong. Changes nothing; 1 "
            "when one of them cannot be asked.",
            tell,
        )
    )
    profile = add_word(
        words,
        "profile",
        "Give the Telegram bot its neutral name, texts and commands in every language.",
        channels_telegram.dress,
    )
    profile.add_argument("--check", action="store_true", help="only check the texts; 1 when one is refused")
    replace = add_word(
        words,
        "replace-token",
        "Put a new Telegram token in the place of the old one, after trying it.",
        channels_telegram.replace_token,
    )
    replace.add_argument("--from", dest="source", type=Path, metavar="FILE", help="default: standard input")
    replace.add_argument("--staff", action="store_true", help="of the volunteers' bot")
    replace.add_argument("--another-bot", action="store_true", help="the token may be that of another bot")
    device = add_word(
        words,
        "replace-device",
        "Make a new Matrix device at the next start, where the keys of the old one are gone. What was "
        "written to the old one and not yet read cannot be read any more.",
        channels_matrix.replace_device,
    )
    device.add_argument("--staff", action="store_true", help="of the volunteers' account")


def tell(call: Call) -> int:
    """Tell how each way in stands; one that cannot be asked does not hide the others."""
    settings, asked, facts = call.settings, channels_telegram.asked, channels_telegram.facts
    rows = list(_rows("web", {"address": settings.public_url or "this machine only"}))
    wrong = False
    for name, field in (("telegram", channels_telegram.HERS), ("telegram-staff", channels_telegram.STAFF)):
        if getattr(settings, field) is not None:
            told, failed = _tried(lambda f=field: asked(settings, facts, f))
            rows += _rows(name, told)
            wrong |= failed
    for account in channels_matrix.accounts(call):
        told, failed = _tried(lambda a=account: channels_matrix.facts(call, a))
        rows += _rows(account.name, told)
        wrong |= failed
    show(call, rows)
    return REFUSED if wrong else DONE


def _rows(channel: str, facts: Mapping[str, object]) -> Iterator[dict[str, object]]:
    for fact, value in facts.items():
        yield {"channel": channel, "fact": fact, "value": value}


def _tried(question: Callable[[], Mapping[str, object]]) -> tuple[Mapping[str, object], bool]:
    try:
        return question(), False
    except Refused as refusal:
        return {"trouble": str(refusal)}, True
