"""A folder in memory."""

from tests.services.conftest import quick_folder

__all__ = ["quick_folder"]
