from collections.abc import AsyncIterator

import pytest

from tests.telegram.rig import Rig, rig


@pytest.fixture
async def side() -> AsyncIterator[Rig]:
    async with rig() as opened:
        yield opened
