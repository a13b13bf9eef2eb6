"""Whoever writes to the staff's messenger and is not linked: one neutral line, and nothing is kept.

It may be a woman who found the wrong address: the line names the emergency number and promises nothing.
Answers to strangers are not stored; they go out at once or not at all.
"""

import re
from typing import Final

from bot.services.house import House
from bot.services.messenger.words import SOURCE, words_in
from bot.store.moments import from_moment
from channels.message import InboundKind, InboundMessage
from handoff.commands import MARKS
from triage.directory_lines import emergency_line

_CODE: Final = "[2-9A-HJ-NP-Z]{4}-?[2-9A-HJ-NP-Z]{4}"
_BARE: Final = re.compile(_CODE, re.IGNORECASE)
_NAMED: Final = re.compile(rf"[{re.escape(''.join(MARKS))}]\s*(?:link|start)\s+({_CODE})", re.IGNORECASE)
SAY: Final = "say"
"""What follows the commit: (SAY, handle, text)."""


def code_in(message: InboundMessage, *, bare: bool) -> str | None:
    """The link code in a message: `!link ABCD-EFGH`, and the code alone where `bare`."""
    if message.kind is not InboundKind.TEXT:
        return None
    text = message.text.strip()
    named = _NAMED.fullmatch(text)
    if named is not None:
        return named[1]
    return text if bare and _BARE.fullmatch(text) else None


def say(house: House, message: InboundMessage, key: str, now: int) -> tuple[str, str, str]:
    """One of the staff's words for someone who is not linked, in her messenger's language if we speak it."""
    tag = (message.language or SOURCE).split("-")[0].casefold()
    language = tag if tag in house.library.staff else SOURCE
    text = words_in(house, language)(key)
    if "{emergency}" in text:
        text = text.format(emergency=_emergency(house, language, now))
    return (SAY, message.address.handle, text)


def _emergency(house: House, language: str, now: int) -> str:
    library = house.library
    desk = library.desks.get(house.desk)
    return emergency_line(
        library.directory,
        region=None,
        desk_country=desk.default_country if desk else None,
        names=library.region_names.get(language, {}),
        now=from_moment(now),
        mode=house.mode,
    )
