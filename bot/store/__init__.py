"""The database: tables, migrations, one writer thread, and the statements the services ask for.

The only home of SQLAlchemy and Alembic. Everything here is synchronous and runs inside a transaction
that `bot.store.store.Store` opened in its writer thread; nothing awaits the database per message.
"""
