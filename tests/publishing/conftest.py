"""A press for each test, on both databases."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.house import small_config
from tests.publishing.press import Press


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small configuration, made once."""
    folder = tmp_path_factory.mktemp("small")
    small_config(folder)
    return folder / "config"


@pytest.fixture
def own_folder(small: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder of this test's own with the configuration in it, in memory where there is one."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        shutil.copytree(small, Path(folder) / "config")
        yield Path(folder)


@pytest.fixture
def press(own_folder: Path) -> Iterator[Press]:
    """On SQLite."""
    opened = Press(own_folder, f"sqlite:///{own_folder}/hotline.db")
    yield opened
    opened.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_press(own_folder: Path, request: pytest.FixtureRequest) -> Iterator[Press]:
    """On each database."""
    sqlite = f"sqlite:///{own_folder}/hotline.db"
    opened = Press(
        own_folder, sqlite if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")
    )
    yield opened
    opened.engine.dispose()
