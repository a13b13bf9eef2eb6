"""A hotline made once, and copied for every test that needs one."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.services import first_start
from bot.settings import load_settings
from tests.cli.house import environ_of, small_config


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small configuration and a hotline begun on it."""
    folder = tmp_path_factory.mktemp("hotline")
    small_config(folder)
    first_start.begin(load_settings(environ_of(folder), folder), datetime.now(UTC))
    return folder


@pytest.fixture
def house(made_once: Path, tmp_path: Path) -> Path:
    """A folder of this test's own, with a hotline in it."""
    folder = tmp_path / "house"
    shutil.copytree(made_once, folder)
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with a small configuration and nothing else."""
    folder = tmp_path / "empty"
    folder.mkdir()
    small_config(folder)
    return folder
