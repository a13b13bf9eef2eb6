"""Alembic's entry: runs migrations on the connection that `bot.store.migrate` hands over."""

from alembic import context

from bot.store.every_table import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
