"""Bureaus for the tests of the volunteers' messengers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.staff.bureau import Bureau, open_bureau


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """A second bot without topics, words allowed."""
    return open_bureau(tmp_path)


@pytest.fixture(params=["telegram-staff", "telegram-staff+topics", "matrix-staff", "on PostgreSQL"])
def any_bureau(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bureau]:
    """Every kind of messenger, words allowed; and one on the other database."""
    if request.param == "on PostgreSQL":
        url = request.getfixturevalue("fresh_postgres")
        bureau = open_bureau(tmp_path, "telegram-staff+topics", url=url)
    else:
        bureau = open_bureau(tmp_path, request.param)
    yield bureau
    bureau.town.closes()
