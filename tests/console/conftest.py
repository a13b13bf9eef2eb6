"""A console in demo mode, where a one-time link is all it takes to sign in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.console.office import Office, open_office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


@pytest.fixture
async def strict_office(tmp_path: Path) -> AsyncIterator[Office]:
    """The same in trial mode: passwords and codes."""
    async with open_office(tmp_path, mode="trial") as opened:
        yield opened
