"""A desk that rings its volunteers where nothing rings: the operator is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.services.checks_published import surface_checks
from bot.settings import load_settings
from handoff.desks import StaffSurface
from tests.shipped import shipped_library

TOKEN = {"HOTLINE_TELEGRAM_STAFF_TOKEN": "7000000002:" + "A" * 35}
ACCOUNT = {
    "HOTLINE_MATRIX_STAFF_HOMESERVER": "https://matrix.example.org",
    "HOTLINE_MATRIX_STAFF_USER": "@staff:example.org",
    "HOTLINE_MATRIX_STAFF_PASSWORD": "x",
}


@pytest.mark.parametrize(
    ("surface", "more", "told"),
    [
        (StaffSurface.CONSOLE, {}, []),
        (StaffSurface.MATRIX, {}, ["the desk names Matrix, and there is no account for volunteers"]),
        (StaffSurface.MATRIX, ACCOUNT, []),
        (StaffSurface.TELEGRAM, {}, ["the desk names Telegram, and there is no bot for volunteers"]),
        (StaffSurface.TELEGRAM, TOKEN, []),
    ],
)
def test_a_surface_that_is_not_there_is_told(
    surface: StaffSurface, more: dict[str, str], told: list[str], tmp_path: Path
) -> None:
    library = shipped_library()
    library = replace(library, desks={"demo": replace(library.desks["demo"], staff_surface=surface)})
    settings = load_settings({"HOTLINE_DESK": "demo", **more}, tmp_path)
    assert [one.found for one in surface_checks(library, settings)] == told
