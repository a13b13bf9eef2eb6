"""The shipped resource files, read once: they are some hundred kilobytes."""

from datetime import date

import pytest

from bot.services.resources import ResourceFiles, read_folder, shipped


@pytest.fixture(scope="session")
def shipped_files() -> ResourceFiles:
    return read_folder(shipped(), date(2026, 7, 1))
