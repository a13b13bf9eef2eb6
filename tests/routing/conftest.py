"""A town for each test, on one database or on each."""

from tests.services.conftest import either_town, quick_folder, town

__all__ = ["either_town", "quick_folder", "town"]
