"""A console in demo mode, where a one-time link is all it takes to sign in."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.console.office import Office, open_office
from tests.console.tabs import Opens, open_tabs
from tests.console.texts import Texts, open_texts


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: nothing in it is to survive the test."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


@pytest.fixture
async def office(quick_folder: Path) -> AsyncIterator[Office]:
    async with open_office(quick_folder) as opened:
        yield opened


@pytest.fixture
async def strict_office(quick_folder: Path) -> AsyncIterator[Office]:
    """The same in trial mode: passwords and codes."""
    async with open_office(quick_folder, mode="trial") as opened:
        yield opened


@pytest.fixture
async def texts(quick_folder: Path) -> AsyncIterator[Texts]:
    """In the mode `trial`: people have passwords."""
    async with open_texts(quick_folder, "trial") as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
async def either_texts(quick_folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Texts]:
    """The same on each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")
    async with open_texts(quick_folder, "trial", url) as opened:
        yield opened


@pytest.fixture
async def opens(office: Office, chromium: Path, chromium_flags: list[str]) -> AsyncIterator[Opens]:
    """Tabs of a real browser in which somebody is signed in at the test's office."""
    async with open_tabs(office, chromium, chromium_flags) as opened:
        yield opened
