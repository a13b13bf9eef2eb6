"""`hotline canary`: writes to the line as anybody would, and calls when no answer comes."""

import argparse
import asyncio
from typing import Final

from bot.canary.calling import Ways
from bot.canary.flying import Visit, once, raise_call, watch_all
from bot.canary.visit import WebVisit
from bot.canary.watching import News
from bot.cli.call import DONE, REFUSED, Call, Refused, SubWords, add_word
from bot.settings import Settings

EVERY: Final = 600.0
PATIENCE: Final = 120.0

DESCRIPTION: Final = """\
Write to the line every ten minutes as anybody would, and call when no answer came for two minutes.

A process apart, best on another machine: a machine that is down calls nobody. It needs only
HOTLINE_PUBLIC_URL and a way to call (HOTLINE_CANARY_WEBHOOK; or HOTLINE_CANARY_MAIL_SERVER with _FROM and
_TO); no database, no key. The service cannot tell it from anybody else. It never asks for a person, so
nobody is rung and nobody waits behind it; each round ends with `stop`, which erases its conversation and
its contact record. The call says that a machine wants to be looked at, and nothing of a hotline. It is
repeated each hour while the silence lasts, and called off once when an answer comes. Which channel is silent
stands in the canary's log.
"""


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(
        sub, "canary", "Write to the line as anybody would, and call when no answer comes.", canary
    )
    parser.description = DESCRIPTION
    parser.add_argument("--once", action="store_true", help="one round; 1 when no answer came")
    parser.add_argument("--try-call", action="store_true", help="call once, as a trial, and end")
    parser.add_argument(
        "--every", type=_seconds, default=EVERY, metavar="SECONDS", help="between rounds (default 600)"
    )
    parser.add_argument(
        "--patience", type=_seconds, default=PATIENCE, metavar="SECONDS", help="what silence is (default 120)"
    )
    parser.set_defaults(serves=True)


def canary(call: Call) -> int:
    """Watch until SIGTERM or Ctrl-C; with `--once` one round."""
    settings, words = call.settings, call.words
    ways = Ways(
        settings.canary_webhook,
        settings.canary_mail_server,
        settings.canary_mail_from,
        settings.canary_mail_to,
    )
    if not ways.any and not words.once:
        raise Refused(
            "Nobody would be called. Set HOTLINE_CANARY_WEBHOOK, or HOTLINE_CANARY_MAIL_SERVER with "
            "HOTLINE_CANARY_MAIL_FROM and HOTLINE_CANARY_MAIL_TO; `--once` needs neither."
        )
    if words.try_call:
        return DONE if asyncio.run(raise_call(ways, News.TRIAL)) else REFUSED
    base = settings.public_url or f"http://{settings.public_bind.shown}"
    visits: dict[str, Visit] = {"web": WebVisit(base, words.patience)}
    print(f"Web chat: watched at {base}.", flush=True)
    for line in _not_watched(settings):
        print(line, flush=True)
    if words.once:
        return _one_round(visits, ways)
    asyncio.run(watch_all(visits, ways, words.every))
    return DONE


def _one_round(visits: dict[str, Visit], ways: Ways) -> int:
    rounds = asyncio.run(once(visits, ways))
    for channel, came in rounds.items():
        if came.whole:
            print(f"{channel}: answered within {came.seconds:.1f} s, and erased.")
        else:
            print(f"{channel}: silent for {came.seconds:.0f} s; waited to be {came.waited_for.value}.")
    return DONE if all(each.whole for each in rounds.values()) else REFUSED


def _not_watched(settings: Settings) -> list[str]:
    """What no canary writes to, said plainly: silence there is noticed by nobody but `/readyz`."""
    told = ["Telegram: not watched. A bot cannot write to a bot; `/readyz` tells what the Bot API says."]
    if settings.telegram_token is None:
        told = ["Telegram: not watched, and not set up here."]
    matrix = "Matrix: not watched. This version has no canary for it; `/readyz` tells what its loop knows."
    return [*told, matrix if settings.matrix_homeserver else "Matrix: not watched, and not set up here."]


def _seconds(typed: str) -> float:
    try:
        seconds = float(typed)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("give seconds, from 1 to 86400, such as 600")
    return seconds
