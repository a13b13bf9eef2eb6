"""A double on a port of its own, a bot, and a phone."""

from collections.abc import AsyncIterator

import pytest

from tests.botapi.phone import Phone
from tests.botapi.server import Double


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    double = Double()
    await double.start()
    yield double
    await double.stop()


@pytest.fixture
def phone(double: Double) -> Phone:
    return double.phone(double.world.add_bot(), "Ann", language="en")
