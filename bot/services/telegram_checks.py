"""What `hotline doctor` tells of Telegram: tokens, webhook, faces, topics, how far it was read, what waits.

The network is asked and nothing is changed. Nothing told here is about anybody, or what a person wrote.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select

from bot.services import overdue, profiles
from bot.services.checking import Check, fault, good, warning
from bot.services.documents import Folder
from bot.services.entries import Purpose
from bot.services.premises import Premises
from bot.store import staff_tables as s, tables as t
from bot.store.cursors import load_cursor
from bot.store.moments import from_moment
from channels.message import DeliveryState
from channels.telegram.asking import NotAnswered, ask_once
from channels.telegram.cursor import read_cursor
from channels.telegram.profile import Profile
from channels.telegram.settings import TelegramSettings
from channels.telegram.standing import Standing, ask_standing

HERS: Final = "telegram"
STAFF: Final = "telegram-staff"
READ_LATE: Final = timedelta(minutes=2)  # a poll is answered within half a minute
LOST_SOON: Final = timedelta(hours=20)  # the network keeps what waits for a day
WAITS_LONG: Final = timedelta(minutes=5)
_WAITING: Final = (
    DeliveryState.PENDING.value, DeliveryState.SENDING.value, DeliveryState.FAILED_FOR_NOW.value,
)  # fmt: skip
_DRESS: Final = "Run `hotline channels profile`."
_STOLEN: Final = (
    "Whoever set it holds the token: revoke it at BotFather, then `hotline channels replace-token`"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """How a bot should stand.

    Attributes:
        bot: its settings.
        config: where the texts lie that it should show.
        organisation: a name it must not show.
        serving: a service runs, and should have it in hand.
    """

    bot: TelegramSettings
    config: Folder
    organisation: str
    serving: bool


def telegram_checks(premises: Premises, expected: Expected, now: datetime) -> Iterator[Check]:
    """Every check of one bot."""
    name = expected.bot.name
    texts, _ = profiles.read_profiles(expected.config)
    languages = ("",) if expected.bot.staff else ("", *(one.language for one in texts))
    try:
        standing = ask_once(expected.bot, lambda wire: ask_standing(wire, languages))
    except NotAnswered as failure:
        yield _silence(name, failure)
    else:
        yield good(name, f"the token is good: @{standing.username}")
        yield from _staff(standing, expected) if expected.bot.staff else _hers(standing, expected)
    with premises.read() as connection:
        yield from _reading(connection, premises, expected, now)
        yield from _unsent(connection, name, now)


def _silence(name: str, failure: NotAnswered) -> Check:
    if failure.refused:
        staff = " --staff" if name == STAFF else ""
        return fault(
            name,
            "the network refuses the token: it was revoked, or the bot is banned",
            f"Put a new one in its place with `hotline channels replace-token{staff}`; for a banned bot, "
            "that of the spare bot.",
        )
    return warning(
        name,
        "the network was not reached",
        "Look at the network of this machine and at HOTLINE_TELEGRAM_API_URL, then ask again.",
    )


def _hers(standing: Standing, expected: Expected) -> Iterator[Check]:
    yield _webhook(standing, expected.bot.webhook_url or "", HERS, serving=expected.serving)
    if standing.webhook and standing.deaf_to:
        yield warning(
            HERS,
            f"the network was told not to bring: {', '.join(standing.deaf_to)}",
            "Restart the service: it says at its start what it wants.",
        )
    if standing.failed_at is not None and standing.waits:
        yield warning(
            HERS,
            "something waits at the network that could not be brought",
            "Is the webhook's address reached from outside, by HTTPS, and does its front hand it on?",
        )
    yield from _face(standing, expected)
    if standing.joins_groups:
        yield warning(
            HERS, "the bot may be added to groups; it leaves them", "At BotFather: /setjoingroups, Disable."
        )


def _staff(standing: Standing, expected: Expected) -> Iterator[Check]:
    yield _webhook(standing, "", STAFF, serving=expected.serving)
    yield from _face(standing, expected)
    if standing.topics:
        yield good(STAFF, "topics are on: each chat has one of its own")
    else:
        yield good(STAFF, "no topics: volunteers answer by replying, one chat at a time")


def _webhook(standing: Standing, ours: str, name: str, *, serving: bool) -> Check:
    if standing.webhook == ours:
        return good(name, "the webhook is ours" if ours else "no webhook is set: it is fetched")
    if not serving:
        found = "the webhook is not as the settings have it"
        return warning(name, found, f"The service sets it right at its start. Was it not you? {_STOLEN}.")
    if not standing.webhook:
        return fault(
            name, "the webhook was taken away", f"The service sets it again within a minute. {_STOLEN}."
        )
    return fault(name, "the webhook leads somewhere else than the settings say", f"{_STOLEN}.")


def _face(standing: Standing, expected: Expected) -> Iterator[Check]:
    """What whoever sees a phone may read of the bot: neutral, and as the configuration has it (B-023)."""
    name, reveals = expected.bot.name, profiles.revealing(expected.config, expected.organisation)
    texts, _ = profiles.read_profiles(expected.config)
    known = tuple(one.language for one in texts)
    loud = [
        language or "all other languages"
        for language, shown in standing.shown.items()
        if any(reveals(text, (language,) if language else known) for text in _shown(shown))
    ]
    if loud:
        cure = _DRESS if name == HERS else "Set a neutral name and description at BotFather."
        yield fault(name, f"the bot's texts say too much to whoever sees the phone: {', '.join(loud)}", cure)
    if reveals(standing.username.replace("_", " "), known):
        yield fault(
            name,
            "the bot's username says too much to whoever sees the phone",
            "It cannot be changed: make another bot, and `hotline channels replace-token --another-bot`.",
        )
    wanted = {one.language: one for one in texts}
    ground = wanted.get("en") or next(iter(texts), None)
    other = [
        language or "all other languages"
        for language, shown in standing.shown.items()
        if name == HERS and (want := wanted.get(language, ground)) is not None and _differs(shown, want)
    ]
    if other:
        yield warning(name, f"the bot's texts are not those of the configuration: {', '.join(other)}", _DRESS)
    elif not loud:
        yield good(name, "what everybody sees of the bot is neutral")


def _shown(shown: Profile) -> Iterable[str]:
    about = (f"{name} {what}" for name, what in shown.commands.items())
    return (shown.name, shown.short_description, shown.description, *about)


def _differs(shown: Profile, wanted: profiles.ProfileText) -> bool:
    return (shown.name, shown.short_description, shown.description, dict(shown.commands)) != (
        wanted.name, wanted.short_description, wanted.description, dict(wanted.commands),
    )  # fmt: skip


def _reading(
    connection: Connection, premises: Premises, expected: Expected, now: datetime
) -> Iterator[Check]:
    """How long ago the network last had nothing older for us."""
    name = expected.bot.name
    stored = load_cursor(connection, premises.vault, name)
    cursor = read_cursor(stored, int(expected.bot.token.partition(":")[0]))
    if cursor is None:
        told = "was read with another bot's token before" if stored else "nothing was read yet"
        yield good(name, told)
        return
    age = now - cursor.drained_at
    if age > LOST_SOON and not expected.serving:
        yield warning(
            name,
            f"it was last read {_long(age)} ago",
            "What waits at the network longer than a day is lost: start the service.",
        )
    elif age > READ_LATE and expected.serving and expected.bot.webhook_url is None:
        yield fault(
            name,
            f"the service runs and has read nothing for {_long(age)}",
            "`/readyz` says what keeps it; look at the network of this machine.",
        )
    else:
        yield good(name, f"read {_long(age)} ago" if age > READ_LATE else "read just now")


def _unsent(connection: Connection, name: str, now: datetime) -> Iterator[Check]:
    """The oldest line that should have gone out, and what should have gone from phones."""
    oldest: Any
    if name == HERS:
        row = t.outbox.c
        query = select(func.min(row.due_at)).where(
            row.channel == name, row.state.in_(_WAITING), row.purpose != Purpose.DELETION.value
        )
    else:
        row = s.staff_post.c
        query = select(func.min(row.posted_at)).where(row.channel == name, row.state.in_(_WAITING))
    oldest = connection.execute(query).scalar()
    age = now - from_moment(oldest) if oldest is not None else timedelta()
    cure = (
        "If the service runs, `/readyz` and the log lines of this channel say why; else start it. What is "
        "too late for her window is kept for her next act."
    )
    if age > WAITS_LONG:
        yield warning(name, f"the oldest unsent line has waited for {_long(age)}", cure)
    elif any(told.startswith(f"channel {name}:") for told in overdue.unsent(connection, now)):
        yield warning(name, "lines do not get through; they are tried again", cure)
    else:
        yield good(name, "nothing unsent is old")
    if name == HERS and overdue.late_deletions(connection):
        yield fault(
            name,
            "deletions: some lines are older than 36 hours and still stand on phones",
            "Act at once: after 48 hours the network refuses. Is it reached, and does the service run?",
        )


def _long(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
