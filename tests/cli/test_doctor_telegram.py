"""`hotline doctor` and Telegram, against the double: each trouble with its cure, and nothing of anybody."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.services import documents
from bot.services.checking import Check, Level
from bot.services.premises import open_premises
from bot.services.telegram_checks import Expected, telegram_checks
from bot.settings import load_settings
from bot.store import tables as t
from bot.store.cursors import save_cursor
from bot.store.moments import to_moment
from channels.telegram.cursor import Cursor
from channels.telegram.settings import TelegramSettings
from channels.telegram.wire import Wire
from tests.botapi.accounts import BotAccount
from tests.botapi.server import Double
from tests.cli.house import environ_of, program

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Examined:
    """A hotline with a bot, and what the doctor says of it."""

    folder: Path
    double: Double
    bot: BotAccount
    staff: BotAccount | None = None
    webhook: str = ""

    def environ(self) -> dict[str, str]:
        more = {"HOTLINE_TELEGRAM_TOKEN": self.bot.token, "HOTLINE_TELEGRAM_API_URL": self.double.url}
        if self.staff is not None:
            more["HOTLINE_TELEGRAM_STAFF_TOKEN"] = self.staff.token
        if self.webhook:
            more |= {
                "HOTLINE_TELEGRAM_WEBHOOK_URL": self.webhook,
                "HOTLINE_TELEGRAM_WEBHOOK_SECRET": "s" * 32,
            }
        return environ_of(self.folder, **more)

    async def checks(self, *, serving: bool = False) -> list[Check]:
        settings = load_settings(self.environ(), self.folder)
        config = documents.config_folder(settings.config_dir)
        hers = TelegramSettings(
            self.bot.token, self.double.url, self.webhook or None, "s" * 32 if self.webhook else ""
        )
        bots = [Expected(hers, config, "Rosehip House", serving)]
        if self.staff is not None:
            theirs = TelegramSettings(self.staff.token, self.double.url, name="telegram-staff", staff=True)
            bots.append(Expected(theirs, config, "Rosehip House", serving))

        def look() -> list[Check]:
            with open_premises(settings) as premises:
                return [one for bot in bots for one in telegram_checks(premises, bot, NOW)]

        found = await asyncio.to_thread(look)
        told = " ".join(f"{check.found} {check.cure}" for check in found)
        for bot in (self.bot, self.staff):
            assert bot is None or bot.token.partition(":")[2] not in told
        return found

    def writes(self, work: Callable[[Any, Any], object]) -> None:
        settings = load_settings(self.environ(), self.folder)
        with open_premises(settings) as premises, premises.write() as connection:
            work(connection, premises)


@pytest.fixture
async def it(house: Path) -> AsyncIterator[Examined]:
    double = Double()
    await double.start()
    bot = double.world.add_bot()
    bot.joins_groups = False
    yield Examined(house, double, bot)
    assert double.world.strange == set()
    assert not any(call.startswith(("set", "delete", "send")) for call in double.world.calls)
    await double.stop()


def wrong(checks: list[Check], name: str = "telegram") -> list[tuple[Level, str]]:
    return [
        (c.level, f"{c.found} → {c.cure}") for c in checks if c.name == name and c.level is not Level.GOOD
    ]


async def test_a_bot_that_was_dressed_and_is_fetched_is_well(house: Path) -> None:
    double = Double()
    await double.start()
    bot = double.world.add_bot()
    bot.joins_groups = False
    it = Examined(house, double, bot)
    dressed = await asyncio.to_thread(program, house, "channels", "profile", environ=it.environ())
    assert dressed.returncode == 0, dressed.stderr
    told = await asyncio.to_thread(program, house, "doctor", "--format", "json", environ=it.environ())
    rows = [row for row in json.loads(told.stdout) if row["check"] == "telegram"]
    assert [row["check"] for row in rows if row["level"] != "good"] == []
    assert {row["found"] for row in rows} == {
        f"the token is good: @{bot.username}",
        "no webhook is set: it is fetched",
        "what everybody sees of the bot is neutral",
        "nothing was read yet",
        "nothing unsent is old",
    }
    await double.stop()


async def test_without_a_bot_nothing_is_told_of_telegram(house: Path) -> None:
    told = await asyncio.to_thread(program, house, "doctor")
    assert "telegram" not in told.stdout


async def test_a_refused_token_is_a_fault_and_an_unreached_network_is_not(it: Examined) -> None:
    it.bot.revoked = True
    ((level, told),) = wrong(await it.checks())
    assert level is Level.FAULT
    assert "hotline channels replace-token`" in told
    it.bot.revoked = False
    await it.double.stop()
    ((level, told),) = wrong(await it.checks())
    assert (level, "not reached" in told) == (Level.WARNING, True)


async def test_a_refused_token_of_the_volunteers_bot_has_its_own_cure(it: Examined) -> None:
    it.staff = it.double.world.add_bot()
    it.staff.revoked = True
    ((level, told),) = wrong(await it.checks(), "telegram-staff")
    assert level is Level.FAULT
    assert "replace-token --staff" in told


@pytest.mark.parametrize("serving", [True, False])
@pytest.mark.parametrize("set_to", ["https://thief.example.org/hook", ""])
async def test_a_webhook_that_is_not_ours_is_told(it: Examined, set_to: str, serving: bool) -> None:
    it.webhook = "" if set_to else "https://chat.example.org/telegram/updates"
    it.double.world.webhooks[it.bot.id].url = set_to
    found = [one for one in wrong(await it.checks(serving=serving)) if "webhook" in one[1]]
    ((level, told),) = found
    assert level is (Level.FAULT if serving else Level.WARNING)
    assert "replace-token" in told
    assert "thief" not in told


async def test_a_webhook_of_ours_that_is_deaf_or_not_reached_is_told(it: Examined) -> None:
    it.webhook = "https://chat.example.org/telegram/updates"
    hook = it.double.world.webhooks[it.bot.id]
    hook.url = it.webhook
    it.double.world.updates[it.bot.id].allowed = frozenset({"message", "callback_query", "my_chat_member"})
    hook.last_error, hook.last_error_at = "Connection refused to someone", NOW.timestamp()
    it.double.phone(it.bot).starts()
    told = [text for _, text in wrong(await it.checks())]
    assert any(text.startswith("the network was told not to bring: edited_message") for text in told)
    assert any(text.startswith("something waits at the network that could not be brought") for text in told)
    assert "someone" not in " ".join(told)


async def test_what_says_too_much_to_whoever_sees_the_phone_is_a_fault(it: Examined) -> None:
    it.bot.profile.descriptions["ro"] = "Ajutor împotriva violenței domestice."
    faults = [text for level, text in wrong(await it.checks()) if level is Level.FAULT]
    assert len(faults) == 1
    assert faults[0].startswith("the bot's texts say too much to whoever sees the phone: ro")
    assert "hotline channels profile" in faults[0]
    assert "domestic" not in faults[0]
    it.bot.username = "domestic_violence_help_bot"
    faults = [text for level, text in wrong(await it.checks()) if level is Level.FAULT]
    assert len(faults) == 2
    assert "make another bot" in faults[1]


async def test_other_texts_than_ours_and_a_way_into_groups_are_told(it: Examined) -> None:
    it.bot.joins_groups = True
    told = [text for _, text in wrong(await it.checks())]
    assert any(text.startswith("the bot's texts are not those of the configuration") for text in told)
    assert any("/setjoingroups" in text for text in told)


@pytest.mark.parametrize("topics", [True, False])
async def test_the_volunteers_bot_tells_of_topics_and_must_be_fetched(it: Examined, topics: bool) -> None:
    it.staff = it.double.world.add_bot(topics=topics)
    it.double.world.webhooks[it.staff.id].url = "https://thief.example.org/hook"
    checks = await it.checks(serving=True)
    ((level, told),) = wrong(checks, "telegram-staff")
    assert (level, "webhook" in told) == (Level.FAULT, True)
    found = {check.found for check in checks if check.name == "telegram-staff"}
    assert ("topics are on: each chat has one of its own" in found) is topics
    it.staff.name = "Violence hotline"
    faults = [text for _, text in wrong(await it.checks(), "telegram-staff") if "say too much" in text]
    (told,) = faults
    assert told.startswith("the bot's texts say too much to whoever sees the phone: all other languages")
    assert "BotFather" in told


@pytest.mark.parametrize(
    ("age", "serving", "found"),
    [
        (timedelta(seconds=30), True, None),
        (timedelta(minutes=7), True, "the service runs and has read nothing for 7 minutes"),
        (timedelta(hours=3), False, None),
        (timedelta(hours=21), False, "it was last read 21 hours ago"),
    ],
)
async def test_how_long_ago_the_network_was_read_is_told(
    it: Examined, age: timedelta, serving: bool, found: str | None
) -> None:
    cursor = Cursor(it.bot.id, 100_000_001, NOW - age, NOW - age).stored()
    it.writes(lambda c, premises: save_cursor(c, premises.vault, "telegram", cursor))
    told = [text for _, text in wrong(await it.checks(serving=serving)) if " read " in text]
    assert [text.partition(" →")[0] for text in told] == ([found] if found else [])


@pytest.mark.parametrize(
    ("state", "attempts", "found"),
    [
        ("pending", 0, "the oldest unsent line has waited for 17 minutes"),
        ("held", 2, None),
        ("failed_for_now", 5, "lines do not get through; they are tried again"),
    ],
)
async def test_how_long_the_oldest_unsent_line_has_waited_is_told(
    it: Examined, state: str, attempts: int, found: str | None
) -> None:
    due = NOW - timedelta(minutes=17) if state != "failed_for_now" else NOW + timedelta(seconds=40)
    row = {
        "id": "e1", "conversation": "c1", "channel": "telegram", "sequence": 1, "kind": "new",
        "purpose": "answer", "state": state, "not_after": None, "due_at": to_moment(due),
        "attempts": attempts,
    }  # fmt: skip
    it.writes(lambda c, _: c.execute(insert(t.outbox).values(row)))
    told = [text for _, text in wrong(await it.checks()) if " line" in text]
    assert [text.partition(" →")[0] for text in told] == ([found] if found else [])


async def test_late_deletions_are_a_fault(it: Examined) -> None:
    row = {"id": "d1", "kind": "erase_conversation", "subject": "c1", "at": to_moment(NOW), "version": 1}
    it.writes(lambda c, _: c.execute(insert(t.due).values(row)))
    told = [text for level, text in wrong(await it.checks()) if level is Level.FAULT]
    assert len(told) == 1
    assert told[0].startswith("deletions: some lines are older than 36 hours")


async def test_asking_takes_no_message_away(it: Examined) -> None:
    it.double.phone(it.bot).starts()
    await it.checks()
    wire = Wire(it.bot.token, it.double.url)
    assert len(await wire.ask("getUpdates")) == 1
    await wire.hang_up()
