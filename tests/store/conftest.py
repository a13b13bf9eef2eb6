"""Every store test runs on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.store.engine import open_engine
from bot.store.migrate import upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hotline.db"
    return request.getfixturevalue("fresh_postgres")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A migrated database."""
    opened = open_engine(url)
    upgrade(opened)
    yield opened
    opened.dispose()
