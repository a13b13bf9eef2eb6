"""Bureaus for the tests of the volunteers' messengers."""

from pathlib import Path

import pytest

from tests.staff.bureau import Bureau, open_bureau


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """A second bot without topics, words allowed."""
    return open_bureau(tmp_path)


@pytest.fixture(params=["telegram-staff", "telegram-staff+topics", "matrix-staff"])
def any_bureau(tmp_path: Path, request: pytest.FixtureRequest) -> Bureau:
    """Every kind of messenger, words allowed."""
    return open_bureau(tmp_path, request.param)
