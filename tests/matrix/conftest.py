"""Women with clients of their own, for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.matrix.line import people
from tests.matrix.peers import Peers


@pytest.fixture
async def peers() -> AsyncIterator[Peers]:
    async with people() as made:
        yield made
