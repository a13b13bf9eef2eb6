"""`hotline channels` against the double: how the bot stands, its neutral profile, a new token."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import pytest

from bot.services import documents, profiles
from tests.botapi.accounts import BotAccount
from tests.botapi.server import Double
from tests.cli.house import environ_of, program

SHIPPED = files("config")


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    double = Double()
    await double.start()
    yield double
    await double.stop()


@pytest.fixture
def bot(double: Double) -> BotAccount:
    return double.world.add_bot()


async def channels(
    folder: Path, double: Double, bot: BotAccount, *words: str, typed: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    (folder / "token").write_text(f"{bot.token}\n") if not (folder / "token").exists() else None
    environ = environ_of(
        folder,
        HOTLINE_TELEGRAM_TOKEN_FILE=str(folder / "token"),
        HOTLINE_TELEGRAM_API_URL=double.url,
        **more,
    )
    told = await asyncio.to_thread(program, folder, "channels", *words, typed=typed, environ=environ)
    assert bot.token.partition(":")[2] not in told.stdout + told.stderr
    return told


async def test_status_tells_how_the_bot_stands_and_changes_nothing(
    empty: Path, double: Double, bot: BotAccount
) -> None:
    double.phone(bot).starts()
    told = await channels(empty, double, bot, "status", "--format", "json")
    assert told.returncode == 0, told.stderr
    rows = json.loads(told.stdout)
    assert {row["fact"]: row["value"] for row in rows if row["channel"] == "telegram"} == {
        "bot": f"@{bot.username}", "name": "Notes", "may_join_groups": True, "topics_in_private_chats": False,
        "webhook": None, "waiting": 1, "last_error": None,
    }  # fmt: skip
    assert set(double.world.calls) == {"getMe", "getWebhookInfo"}


async def test_the_profile_is_set_in_every_language_once(
    empty: Path, double: Double, bot: BotAccount
) -> None:
    first = await channels(empty, double, bot, "profile")
    assert first.returncode == 0, first.stderr
    shown = bot.profile
    assert shown.names == {"ro": "Notițe"}  # for all others it has its name already
    assert set(shown.descriptions) == set(shown.short_descriptions) == {"", "ro"}  # English is all others'
    commands = [one["command"] for one in shown.commands["default", "ro"]]
    assert commands == list(profiles.COMMANDS)
    assert shown.menus == {0: {"type": "commands"}}
    double.world.calls.clear()
    again = await channels(empty, double, bot, "profile")
    assert again.stdout == "Everything was set already.\n"
    assert [call for call in double.world.calls if call.startswith("set")] == []
    assert double.world.strange == set()


async def test_a_profile_that_says_too_much_is_refused_before_anything_is_changed(
    empty: Path, double: Double, bot: BotAccount
) -> None:
    file = empty / "config/telegram/profile.en.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"Information and notes."', '"Help against domestic violence."'))
    told = await channels(empty, double, bot, "profile")
    assert told.returncode == 1
    assert "profile.en.yaml: D-20 error" in told.stderr
    assert double.world.calls.total() == 0
    checked = await asyncio.to_thread(program, empty, "scripts", "lint", "config")
    assert checked.returncode == 1
    assert "short_description" in checked.stdout


async def test_a_new_token_is_tried_before_it_takes_the_place_of_the_old_one(
    empty: Path, double: Double, bot: BotAccount
) -> None:
    place = empty / "token"
    old = bot.token
    refused = await channels(empty, double, bot, "replace-token", typed=f"{old[:-3]}xyz\n")
    assert refused.returncode == 1
    assert "Unauthorized" in refused.stderr
    same = await channels(empty, double, bot, "replace-token", typed=f"{old}\n")
    assert "token in use" in same.stderr
    fresh = f"{bot.id}:{'B' * 35}"
    bot.token, double.world.bots[fresh] = fresh, bot
    del double.world.bots[old]
    told = await channels(empty, double, bot, "replace-token", typed=f"{fresh}\n")
    assert told.returncode == 0, told.stderr
    assert "Restart the service" in told.stdout
    assert place.read_text() == f"{fresh}\n"
    assert place.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in empty.iterdir() if "new" in file.name] == []


async def test_the_token_of_another_bot_is_taken_only_when_asked_for(
    empty: Path, double: Double, bot: BotAccount
) -> None:
    spare = double.world.add_bot()
    told = await channels(empty, double, bot, "replace-token", typed=f"{spare.token}\n")
    assert told.returncode == 1
    assert "another bot" in told.stderr
    told = await channels(empty, double, bot, "replace-token", "--another-bot", typed=f"{spare.token}\n")
    assert told.returncode == 0, told.stderr
    assert "channels profile" in told.stdout


async def test_the_volunteers_bot_has_a_token_of_its_own(
    empty: Path, double: Double, bot: BotAccount
) -> None:
    second = double.world.add_bot(topics=True)
    (empty / "staff").write_text(second.token)
    environ = environ_of(
        empty, HOTLINE_TELEGRAM_STAFF_TOKEN_FILE=str(empty / "staff"), HOTLINE_TELEGRAM_API_URL=double.url
    )
    told = await asyncio.to_thread(program, empty, "channels", "status", "--format", "json", environ=environ)
    rows = {
        row["fact"]: row["value"] for row in json.loads(told.stdout) if row["channel"] == "telegram-staff"
    }
    assert (rows["bot"], rows["topics_in_private_chats"]) == (f"@{second.username}", True)
    third = double.world.add_bot()
    (empty / "fresh").write_text(third.token)
    words = ("channels", "replace-token", "--staff", "--from", str(empty / "fresh"))
    refused = await asyncio.to_thread(program, empty, *words, environ=environ)
    assert "link themselves anew" in refused.stderr
    told = await asyncio.to_thread(program, empty, *words, "--another-bot", environ=environ)
    assert told.returncode == 0, told.stderr
    assert (empty / "staff").read_text().strip() == third.token
    del bot


async def test_without_a_token_and_without_a_network_it_says_so(
    empty: Path, double: Double, bot: BotAccount
) -> None:
    told = await asyncio.to_thread(program, empty, "channels", "status")
    assert told.returncode == 0
    assert "telegram" not in told.stdout  # only the page: nothing else is set
    told = await asyncio.to_thread(program, empty, "channels", "profile")
    assert (told.returncode, "HOTLINE_TELEGRAM_TOKEN is not set" in told.stderr) == (1, True)
    await double.stop()
    told = await channels(empty, double, bot, "status")
    assert told.returncode == 1
    assert "no connection" in told.stdout.casefold()
    environ = environ_of(empty, HOTLINE_TELEGRAM_TOKEN=bot.token)
    told = await asyncio.to_thread(program, empty, "channels", "replace-token", environ=environ)
    assert "HOTLINE_TELEGRAM_TOKEN_FILE" in told.stderr


FAULTS = {
    "name: [": "spec",
    "just words": "spec",
    "name: X": "spec",
    "nick": "spec",
    "dance": "spec",
    "shout": "spec",
    "long": "spec",
    "org": "D-20",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_of_a_profile_is_told(fault: str, tmp_path: Path) -> None:
    config = tmp_path / "config"
    for part in ("telegram", "words", "network"):
        shutil.copytree(Path(str(SHIPPED)) / part, config / part)
    file = config / "telegram/profile.en.yaml"
    text = file.read_text(encoding="utf-8")
    changed = {
        "nick": f"{text}nick: x\n",
        "dance": text.replace("  menu:", "  dance: 'x'\n  menu:"),
        "shout": text.replace("  menu:", "  MENU:"),
        "long": text.replace('name: "Notes"', f'name: "{"n" * 65}"'),
        "org": text.replace('"Information and notes."', '"Notes of Rosehip House."'),
    }
    file.write_text(changed.get(fault, fault), encoding="utf-8")
    issues = profiles.lint_profiles(documents.config_folder(config), "Rosehip House")
    assert {issue.rule for issue in issues} == {FAULTS[fault]}
    assert {issue.file for issue in issues} == {"profile.en.yaml"}


def test_the_shipped_profile_is_faultless_in_every_language_of_the_shipped_script() -> None:
    assert profiles.lint_profiles(SHIPPED, "Hearthline demo") == ()
    texts, _ = profiles.read_profiles(SHIPPED)
    assert {one.language for one in texts} == {"en", "ro"}
