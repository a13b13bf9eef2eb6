"""The module that knows every table: for whoever makes, compares or drops them all."""

from bot.store import block_table, callback_table, day_tables, people_tables, rota_tables, staff_tables
from bot.store.tables import metadata

__all__ = [
    "block_table",
    "callback_table",
    "day_tables",
    "metadata",
    "people_tables",
    "rota_tables",
    "staff_tables",
]
