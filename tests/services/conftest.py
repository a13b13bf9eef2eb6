"""A town for each test; tests of the store-facing core run on both databases."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.town import Town, make_town

CHANNELS = ("web", "telegram", "matrix")


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: these tests commit often, and nothing is to survive them."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def town(quick_folder: Path) -> Iterator[Town]:
    """All three channels on SQLite."""
    town = make_town(quick_folder, names=CHANNELS)
    yield town
    town.closes()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_town(quick_folder: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    """The same town on each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")
    town = make_town(quick_folder, url, names=CHANNELS)
    yield town
    town.closes()
