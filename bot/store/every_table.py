"""The module that knows every table: for whoever makes, compares or drops them all."""

from bot.store import people_tables, rota_tables, staff_tables
from bot.store.tables import metadata

__all__ = ["metadata", "people_tables", "rota_tables", "staff_tables"]
