"""Settings and commands of the account volunteers write with on Matrix."""

import json
import subprocess
from pathlib import Path

import pytest

from bot.matrix_settings import for_staff
from bot.settings import SettingsProblem, load_settings
from tests.cli.house import environ_of, hotline

LINE = {
    "HOTLINE_MATRIX_HOMESERVER": "https://matrix.example.org",
    "HOTLINE_MATRIX_USER": "@line:example.org",
    "HOTLINE_MATRIX_PASSWORD": "sesame-line",
    "HOTLINE_MATRIX_ADMIN_TOKEN": "sesame-admin",
}
STAFF = {"HOTLINE_MATRIX_STAFF_USER": "@desk:example.org", "HOTLINE_MATRIX_STAFF_PASSWORD": "sesame-desk"}


def test_beside_the_line_two_settings_are_enough(tmp_path: Path) -> None:
    settings = load_settings({**LINE, **STAFF}, tmp_path)
    told = for_staff(settings)
    assert (told.homeserver, told.user, told.name) == (
        "https://matrix.example.org", "@desk:example.org", "matrix-staff"
    )  # fmt: skip
    assert told.admin_token == "sesame-admin"
    assert told.lets_in("@maple:example.org") and not told.lets_in("@maple:elsewhere.org")
    assert "sesame" not in repr(settings) + repr(told)


def test_on_another_homeserver_it_has_no_administrator_of_the_lines(tmp_path: Path) -> None:
    other = {"HOTLINE_MATRIX_STAFF_HOMESERVER": "https://inside.example.org"}
    assert for_staff(load_settings({**LINE, **STAFF, **other}, tmp_path)).admin_token == ""
    alone = load_settings({**STAFF, **other}, tmp_path)
    assert alone.matrix_homeserver is None and for_staff(alone).homeserver == "https://inside.example.org"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"HOTLINE_MATRIX_STAFF_PASSWORD": "x"}, "HOTLINE_MATRIX_STAFF_USER is not set"),
        (STAFF, "HOTLINE_MATRIX_STAFF_HOMESERVER: not set"),
        ({**LINE, **STAFF, "HOTLINE_MATRIX_STAFF_USER": "@line:example.org"}, "make a second account"),
        ({**LINE, "HOTLINE_MATRIX_STAFF_USER": "@desk:example.org"}, "HOTLINE_MATRIX_STAFF_PASSWORD: give"),
        (
            {**LINE, **STAFF, "HOTLINE_MATRIX_STAFF_USER": "desk"},
            "HOTLINE_MATRIX_STAFF_USER: give the whole id",
        ),
        (
            {**LINE, **STAFF, "HOTLINE_MATRIX_STAFF_HOMESERVER": "http://matrix.example.org"},
            "HOTLINE_MATRIX_STAFF_HOMESERVER: it must begin with https://",
        ),
        (
            {**LINE, **STAFF, "HOTLINE_MATRIX_STAFF_DEVICE_ID": "ABC"},
            "HOTLINE_MATRIX_STAFF_DEVICE_ID: an access token and the device id",
        ),
    ],
    ids=[
        "no user",
        "no homeserver",
        "the line's own",
        "no password",
        "half an id",
        "in clear",
        "half a token",
    ],
)
def test_what_cannot_work_is_said_with_its_cure(given: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem) as raised:
        load_settings(given, tmp_path)
    (told,) = raised.value.complaints
    assert words in told


def test_commands_tell_of_both_accounts_and_replace_the_device_of_one(house: Path) -> None:
    told = told_by(house, "status", "--format", "json", **LINE, **STAFF)
    rows = {(row["channel"], row["fact"]): row["value"] for row in json.loads(told.stdout)}
    assert rows["matrix", "account"] == "@line:example.org"
    assert rows["matrix-staff", "account"] == "@desk:example.org"
    refused = told_by(house, "replace-device", "--staff", **LINE)
    assert refused.returncode == 1
    assert "HOTLINE_MATRIX_STAFF_USER is not set" in refused.stderr
    done = told_by(house, "replace-device", "--staff", **LINE, **STAFF)
    assert (done.returncode, "next start makes a new device" in done.stdout) == (0, True)


def told_by(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return hotline(folder, "channels", *words, environ=environ_of(folder, **more))
