"""Alembic migrations; each tested with data before and after."""
